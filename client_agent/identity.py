"""What outlives the program, even a kill -9: the run's key and ID, an open session, burns, ends still to be told.

One file of one person (0600), replaced whole, fsynced (`disk.py`); one lock, so that one agent runs.  Counterpart:
steps 2 and 26–28 of docs/protocol.md.  Must never hold a code, a password or a session's keys: an agent that was killed
cannot resume its session, it ends it.
"""

import asyncio
import logging
import sys
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client_agent.disk import Disk, replace
from client_agent.errors import AlreadyRunning, StateUnreadable
from protocol import control, limits
from protocol.errors import Malformed
from protocol.text import b64url, unb64url

log = logging.getLogger(__name__)

ENDED_KEPT = 200
"""Sessions remembered as ended for good."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Terms that the customer accepted (Q8)."""

    version: int
    sha256: str
    utc: str
    lang: Literal["es", "en"]


class OpenSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session that was not ended when this was written; `connected_s` is at most one heartbeat old."""

    session_id: str
    connected_s: int


class Saved(msgspec.Struct, kw_only=True):
    """The file."""

    key: str
    """Seed of the Ed25519 key, base64url."""
    id: str | None = None
    lang: Literal["es", "en"] | None = None
    terms: Terms | None = None
    burns: list[datetime] = []
    burns_seen: int = 0
    """Burns that the customer has been warned of and went on."""
    in_run: str | None = None
    """The code of a pairing run that has not ended; found at a start, it was burnt."""
    open_session: OpenSession | None = None
    ends: list[control.End] = []
    """Signed, and not acknowledged."""
    ended: list[str] = []
    suspicions: list[control.Suspicion] = []


def state_folder(environ: dict[str, str], org_id: str) -> Path:
    """Where this person's agent of that organisation keeps its file."""
    if sys.platform == "win32":
        base = Path(environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "state")
    return base / "relevo" / org_id


class Identity:
    """The file in memory.  A method that changes something has written it when it returns, and raises `StateUnreadable`
    when that fails: an agent that cannot remember its burns must not show a code.

    Methods that say *soon* do not wait for the disk, nor fail; what is written after them has what they changed.
    """

    def __init__(self, folder: Path, saved: Saved, lock: IO[bytes]) -> None:
        self._folder, self._saved, self._lock = folder, saved, lock
        self._disk = Disk()
        self._use_key()

    @classmethod
    def open(cls, folder: Path) -> "Identity":
        """Take the lock and read the file, or begin one.  Raises `AlreadyRunning` or `StateUnreadable`."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = (folder / "lock").open("ab")
        except OSError as error:
            raise StateUnreadable(str(folder), str(error)) from error
        if not _locked(lock):
            lock.close()
            raise AlreadyRunning
        file = folder / "state.json"
        try:
            saved = msgspec.json.decode(file.read_bytes(), type=Saved)
            Ed25519PrivateKey.from_private_bytes(unb64url(saved.key))
        except FileNotFoundError:
            saved = Saved(key=_new_key())
        except (OSError, ValueError, msgspec.MsgspecError, Malformed) as error:
            lock.close()
            raise StateUnreadable(str(file), str(error)) from error
        identity = cls(folder, saved, lock)
        identity._write()
        return identity

    def close(self, keep: bool = False) -> None:
        """Let go of the lock.  The run is over: its key and ID go too, unless an end is still to be told."""
        if not keep and not self._saved.ends and self._saved.open_session is None:
            self._saved.key, self._saved.id = _new_key(), None
            with suppress(StateUnreadable):
                self._write()
        self._disk.close()
        self._lock.close()

    # Who this run is -------------------------------------------------------------------------------------------------

    def _use_key(self) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(unb64url(self._saved.key))
        self.pk = self._private.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """Ed25519 by this run's key."""
        return self._private.sign(data)

    @property
    def id(self) -> str | None:
        """The ID that this run shows or showed last."""
        return self._saved.id

    def named(self, id: str) -> None:
        """The broker gave this run an ID."""
        self._saved.id = id
        self._write()

    # The customer ----------------------------------------------------------------------------------------------------

    @property
    def terms(self) -> Terms | None:
        """What was accepted last."""
        return self._saved.terms

    def accept(self, terms: Terms) -> None:
        """The customer accepted."""
        self._saved.terms = terms
        self._write()

    @property
    def lang(self) -> Literal["es", "en"] | None:
        """The language that the customer chose; None for the system's."""
        return self._saved.lang

    def speak(self, lang: Literal["es", "en"]) -> None:
        """The customer chose a language.  Soon."""
        self._saved.lang = lang
        self._write_soon()

    # Burns (pairing rule 1) ------------------------------------------------------------------------------------------

    def begin_run(self, code_id: str) -> None:
        """From here on the run ends in a key or counts as a burn, whatever happens to this program."""
        self._saved.in_run = code_id
        self._write()

    def end_run(self, burnt: bool, now: datetime) -> None:
        """The run is over."""
        self._saved.in_run = None
        if burnt:
            self._saved.burns.append(now)
        self._write()

    def interrupted_run(self, now: datetime) -> str | None:
        """At a start: the code of a run that was cut off, which is counted as burnt."""
        code_id = self._saved.in_run
        if code_id is not None:
            self.end_run(True, now)
        return code_id

    def burns(self, now: datetime) -> int:
        """Burns within a day.  A clock set back does not make them fewer."""
        kept = [at for at in self._saved.burns if now - at < timedelta(days=1)]
        if len(kept) != len(self._saved.burns):
            self._saved.burns, self._saved.burns_seen = kept, min(self._saved.burns_seen, len(kept))
            self._write()
        return len(kept)

    def must_warn(self, now: datetime) -> bool:
        """Whether the customer has to be warned before another code is shown."""
        burns = self.burns(now)
        return burns >= limits.BURNS_BEFORE_WARNING and burns > self._saved.burns_seen

    def spent(self, now: datetime) -> bool:
        """Whether no code may be shown today any more."""
        return self.burns(now) >= limits.BURNS_PER_DAY

    def warned(self, now: datetime) -> None:
        """The customer has read the warning and wants a code."""
        self._saved.burns_seen = self.burns(now)
        self._write()

    # Sessions --------------------------------------------------------------------------------------------------------

    @property
    def open_session(self) -> OpenSession | None:
        """A session that has begun and not ended."""
        return self._saved.open_session

    def session_open(self, session_id: str) -> None:
        """It has begun."""
        self._saved.open_session = OpenSession(session_id=session_id, connected_s=0)
        self._write()

    def session_lives(self, session_id: str, connected_s: int) -> None:
        """A heartbeat of the session that is open.  Soon."""
        self._saved.open_session = OpenSession(session_id=session_id, connected_s=connected_s)
        self._write_soon()

    def session_ended(self, session_id: str, end: control.End | None) -> None:
        """It is over for good.  `end`, if there is one, is kept until it is acknowledged."""
        self._saved.open_session = None
        self._saved.ended = [*self._saved.ended, session_id][-ENDED_KEPT:]
        if end is not None:
            self._saved.ends.append(end)
        self._write()

    def has_ended(self, session_id: str) -> bool:
        """Whether that session may never come back."""
        return session_id in self._saved.ended

    @property
    def last_session(self) -> str | None:
        """The one that ended last."""
        return self._saved.ended[-1] if self._saved.ended else None

    @property
    def ends(self) -> tuple[control.End, ...]:
        """Ends that the broker has not acknowledged."""
        return tuple(self._saved.ends)

    def end_told(self, session_id: str) -> None:
        """The broker has it.  Soon."""
        kept = [end for end in self._saved.ends if end.session_id != session_id]
        if len(kept) != len(self._saved.ends):
            self._saved.ends = kept
            self._write_soon()

    @property
    def suspicions(self) -> tuple[control.Suspicion, ...]:
        """Reports that the broker has not acknowledged."""
        return tuple(self._saved.suspicions)

    def suspect(self, report: control.Suspicion) -> None:
        """Keep a report until it is acknowledged.  Soon."""
        self._saved.suspicions.append(report)
        self._write_soon()

    def suspicion_told(self, report_id: str) -> bool:
        """The broker has it; whether it was one of ours.  Soon."""
        kept = [report for report in self._saved.suspicions if report.report_id != report_id]
        found = len(kept) != len(self._saved.suspicions)
        if found:
            self._saved.suspicions = kept
            self._write_soon()
        return found

    def receipt(self, session_id: str) -> Path:
        """The file with the consent to that session and what the broker signed of it, if there was one."""
        return self._folder / "receipts" / f"{session_id}.json"

    async def keep_receipt(self, session_id: str, content: bytes) -> None:
        """The consent and its countersignature, for the customer: on disk when this returns."""
        file = self.receipt(session_id)
        try:
            await asyncio.shield(asyncio.wrap_future(self._disk.write(file, content)))
        except OSError as error:
            raise StateUnreadable(str(file), str(error)) from error

    def keep_ended(self, message: control.Ended) -> None:
        """The broker's signed end, beside the receipt of its session: a log that is cut later is found by it.  Soon."""
        file = self.receipt(message.session_id)
        self._disk.do(lambda: _add_ended(file, message)).add_done_callback(_told)

    def _write(self) -> None:
        file = self._folder / "state.json"
        try:
            self._disk.write(file, msgspec.json.encode(self._saved)).result()
        except OSError as error:
            raise StateUnreadable(str(file), str(error)) from error

    def _write_soon(self) -> None:
        writing = self._disk.write(self._folder / "state.json", msgspec.json.encode(self._saved))
        writing.add_done_callback(_told)


def _add_ended(file: Path, message: control.Ended) -> None:
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except FileNotFoundError:  # nobody agreed to anything in that session
        return
    kept["ended"] = message
    replace(file, msgspec.json.format(msgspec.json.encode(kept), indent=2))


def _told(written: Future[None]) -> None:
    """In the disk's thread: the program goes on without what could not be written, but not in silence."""
    if not written.cancelled() and (error := written.exception()) is not None:
        log.error("not written: %s", error)


def _new_key() -> str:
    return b64url(Ed25519PrivateKey.generate().private_bytes_raw())


def _locked(file: IO[bytes]) -> bool:
    """Lock a file for as long as it is open; the system lets go of it even after a kill."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def utc_text(now: datetime) -> str:
    """RFC 3339, milliseconds, in UTC."""
    return now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
