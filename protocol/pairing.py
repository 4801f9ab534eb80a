"""The pairing run: offer checked, CPace, key confirmation; then the keys of every connection of the session.

Steps 9–14 and 17 of docs/protocol.md. The console starts and confirms first; the broker carries the messages and can
use none. A run gives keys once or fails for good, whatever a step raises. Counterpart:
`operator_console/web/src/protocol/pairing.ts`; golden values: `tests/vectors/pairing.json`.
Never keeps the password: it is in the generator, and gone, before the first message is made.

    console   READY ──start──▶ AWAITING_SHARE ──answered──▶ AWAITING_TAG ──confirmed──▶ PAIRED
    agent     READY ──asked────────────────────────────────▶ AWAITING_TAG ──confirmed──▶ PAIRED
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from msgspec import Struct

from protocol import codec, control, receipt
from protocol.code import AGENT_SYMBOLS, is_symbols
from protocol.cpace import Exchange, Role, scalar
from protocol.errors import BadTransition, InvalidCode, Malformed, PairingFailed
from protocol.offer import Offer
from protocol.text import b64url, hkdf_sha512, hmac_sha512, lv, same, sha256, sha512, unb64url, wipe

KEY_BYTES = 32


class Context(Struct, frozen=True, kw_only=True):
    """Everything that both ends bind into the key (step 10). One field that differs, and there is no key."""

    version: str
    public_origin: str
    org_id: str
    session_id: str
    operator_id: str
    operator_name: str
    code_id: str
    nonce_console: str
    nonce_agent: str
    offer: bytes
    """The exact bytes, as they came."""

    def ci(self) -> bytes:
        """CPace's channel identifier."""
        return lv(
            "relevo-pair-1", self.version, self.public_origin, self.org_id, self.session_id, self.operator_id,
            self.operator_name, self.code_id, sha256(self.offer),
        )  # fmt: skip

    def sid(self) -> bytes:
        """CPace's session identifier, 16 bytes."""
        return receipt.sid(self.session_id, self.nonce_console, self.nonce_agent)


class ConsoleKnows(Struct, frozen=True, kw_only=True):
    """What the console knows of its own: its configuration, its sign-in, its request."""

    version: str
    public_origin: str
    org_id: str
    operator_id: str
    operator_name: str
    service: str
    wanted: tuple[str, ...]
    nonce_console: str

    def context(self, message: control.PairOffer) -> tuple[Context, Offer]:
        """The run's context (step 9). Raises `PairingFailed` when the offer is not what was asked for."""
        raw, offer = _read(message)
        _demand("nonce", message.nonce_console == self.nonce_console)
        _demand("organisation", offer.org_id == self.org_id)
        _demand("operator", (offer.operator_id, offer.operator_name) == (self.operator_id, self.operator_name))
        _demand("service", offer.service == self.service)
        _demand("wanted", set(offer.wanted) == set(self.wanted))
        return _context(self.version, self.public_origin, message, offer, raw), offer


class AgentKnows(Struct, frozen=True, kw_only=True):
    """What the agent knows of its own: its build, the terms that were accepted, the code that it shows."""

    version: str
    public_origin: str
    org_id: str
    terms_version: int
    terms_sha256: str
    code_id: str
    nonce_agent: str

    def context(self, message: control.PairOffer) -> tuple[Context, Offer]:
        """The run's context (step 9). Raises `PairingFailed` when the offer is not for this program and code."""
        raw, offer = _read(message)
        _demand("code", message.code_id == self.code_id)
        _demand("nonce", message.nonce_agent == self.nonce_agent)
        _demand("organisation", offer.org_id == self.org_id)
        _demand("terms", (offer.terms_version, offer.terms_sha256) == (self.terms_version, self.terms_sha256))
        return _context(self.version, self.public_origin, message, offer, raw), offer


class SessionKeys(Struct, kw_only=True):
    """What a pairing leaves at each end, for as long as the session lives; never written to a disk by an agent."""

    version: str
    session_id: str
    sid: bytes
    h_ci: bytes
    """SHA-512 of CI."""
    ya: bytes
    yb: bytes
    pk_agent: bytes
    """The agent's Ed25519 key, 32 bytes: bound into the run, so the console can hold it to its signatures."""
    resume_key: bytearray

    def __repr__(self) -> str:
        return "SessionKeys(…)"

    def psk(self, g: int) -> bytes:
        """The pre-shared key of generation `g`, 32 bytes (step 17). Raises `PairingFailed` after `erase`."""
        if not any(self.resume_key):
            raise PairingFailed("erased")
        return hkdf_sha512(self.resume_key, self.sid, lv("psk", self.session_id, str(g)), KEY_BYTES)

    def prologue(self, g: int) -> bytes:
        """What both ends of generation `g` must agree on in clear (step 17)."""
        return lv("relevo-chan-1", self.version, self.session_id, str(g), self.h_ci, self.ya, self.yb)

    def shares_sha256(self) -> bytes:
        """SHA-256(Ya ‖ Yb): names this run in the consent receipt."""
        return sha256(self.ya, self.yb)

    def erase(self) -> None:
        """Forget the key: the session can never be resumed."""
        wipe(self.resume_key)


class State(Enum):
    """Where a run stands."""

    READY = "ready"
    AWAITING_SHARE = "awaiting the agent's share"
    AWAITING_TAG = "awaiting the other's tag"
    PAIRED = "paired"
    FAILED = "failed"


class Event(Enum):
    """What can happen to a run."""

    START = "a start"
    SHARE = "a share"
    TAG = "a tag"
    ABANDON = "being abandoned"


TRANSITIONS: dict[tuple[Role, State, Event], State] = {
    (Role.INITIATOR, State.READY, Event.START): State.AWAITING_SHARE,
    (Role.INITIATOR, State.AWAITING_SHARE, Event.SHARE): State.AWAITING_TAG,
    (Role.INITIATOR, State.AWAITING_TAG, Event.TAG): State.PAIRED,
    (Role.RESPONDER, State.READY, Event.SHARE): State.AWAITING_TAG,
    (Role.RESPONDER, State.AWAITING_TAG, Event.TAG): State.PAIRED,
    **{
        (role, state, Event.ABANDON): State.FAILED
        for role in Role
        for state in (State.READY, State.AWAITING_SHARE, State.AWAITING_TAG)
    },
}


class _Run:
    """What the two ends have in common."""

    def __init__(self, role: Role, context: Context, agent_part: str, seed: bytes) -> None:
        if not is_symbols(agent_part, AGENT_SYMBOLS):
            raise InvalidCode("The agent's part", AGENT_SYMBOLS)
        self.state = State.READY
        self._role, self._context = role, context
        self._exchange = Exchange(role, agent_part.encode(), context.ci(), context.sid(), scalar(seed))
        self._confirm_key = bytearray()
        self._transcript: tuple[bytes, ...] = ()
        self._keys: SessionKeys | None = None

    @property
    def keys(self) -> SessionKeys:
        """The session's keys. Raises `BadTransition` before the run is `PAIRED`."""
        if self.state is not State.PAIRED or self._keys is None:
            raise BadTransition("A pairing run", self.state.value, "a request for keys")
        return self._keys

    def abandon(self) -> None:
        """Too late, or the line was lost: no keys can come of this run any more."""
        with self._step(Event.ABANDON):
            self._forget()

    @contextmanager
    def _step(self, event: Event, session_id: str | None = None) -> Iterator[None]:
        """One row of the table: the next state if the block succeeds; otherwise the run has failed, for good."""
        try:
            after = TRANSITIONS.get((self._role, self.state, event))
            if after is None:
                raise BadTransition("A pairing run", self.state.value, event.value)
            if session_id not in (None, self._context.session_id):
                raise PairingFailed("other_session")
            yield
        except BaseException:
            self.state = State.FAILED
            self._forget()
            raise
        self.state = after

    def _agree(self, own_ad: bytes, peer_share: bytes, peer_ad: bytes, pk_agent: bytes) -> None:
        """Step 12: from shares to the confirmation key and the session's keys; ISK and scalar are wiped."""
        isk = self._exchange.key(own_ad, peer_share, peer_ad)
        mine, theirs = (self._exchange.share, own_ad), (peer_share, peer_ad)
        self._transcript = (*mine, *theirs) if self._role is Role.INITIATOR else (*theirs, *mine)
        sid = self._context.sid()
        self._confirm_key = bytearray(hkdf_sha512(isk, sid, b"confirm", 64))
        self._keys = SessionKeys(
            version=self._context.version, session_id=self._context.session_id, sid=sid,
            h_ci=sha512(self._context.ci()), ya=self._transcript[0], yb=self._transcript[2], pk_agent=pk_agent,
            resume_key=bytearray(hkdf_sha512(isk, sid, b"resume", KEY_BYTES)),
        )  # fmt: skip
        wipe(isk)

    def _tag(self, who: str) -> bytes:
        return hmac_sha512(self._confirm_key, lv(who, *self._transcript))

    def _check_tag(self, who: str, tag: bytes) -> None:
        if not same(self._tag(who), tag):
            raise PairingFailed("wrong_tag")

    def _forget(self) -> None:
        self._exchange.forget()
        wipe(self._confirm_key)
        if self._keys is not None:
            self._keys.erase()


class ConsoleRun(_Run):
    """The console's end. After `answered` the caller must never use that password again, whatever comes (rule 1)."""

    def __init__(self, context: Context, agent_part: str, seed: bytes) -> None:
        """`agent_part`: five normalised symbols; `seed`: 64 random bytes."""
        super().__init__(Role.INITIATOR, context, agent_part, seed)
        self._ad = console_data(context.version)

    def start(self) -> control.CpaceA:
        """Step 11."""
        with self._step(Event.START):
            return control.CpaceA(
                session_id=self._context.session_id, ya=b64url(self._exchange.share), ada=b64url(self._ad)
            )

    def answered(self, message: control.CpaceB) -> control.ConfirmA:
        """Step 13. Raises `PairingFailed` for a share or data that cannot be an agent's."""
        with self._step(Event.SHARE, message.session_id):
            peer_ad = unb64url(message.adb)
            pk_agent = peer_ad[-KEY_BYTES:]
            if peer_ad != agent_data(self._context.version, pk_agent):
                raise PairingFailed("peer_data")
            self._agree(self._ad, unb64url(message.yb), peer_ad, pk_agent)
            return control.ConfirmA(session_id=message.session_id, ta=b64url(self._tag("a")))

    def confirmed(self, message: control.ConfirmB) -> control.PairOk:
        """Step 14. Raises `PairingFailed("wrong_tag")`: someone in between does not know the password; warn."""
        with self._step(Event.TAG, message.session_id):
            self._check_tag("b", unb64url(message.tb))
            wipe(self._confirm_key)
            return control.PairOk(session_id=message.session_id)


class AgentRun(_Run):
    """The agent's end. From `asked` on, a run that does not become `PAIRED` burns the code."""

    def __init__(self, context: Context, agent_part: str, pk_agent: bytes, seed: bytes) -> None:
        """`agent_part`: the five symbols shown; `pk_agent`: this run's Ed25519 key; `seed`: 64 random bytes."""
        super().__init__(Role.RESPONDER, context, agent_part, seed)
        self._pk_agent = pk_agent
        self._ad = agent_data(context.version, pk_agent)

    def asked(self, message: control.CpaceA) -> control.CpaceB:
        """Step 12. Raises `PairingFailed` for a share or data that cannot be a console's."""
        with self._step(Event.SHARE, message.session_id):
            peer_ad = unb64url(message.ada)
            if peer_ad != console_data(self._context.version):
                raise PairingFailed("peer_data")
            self._agree(self._ad, unb64url(message.ya), peer_ad, self._pk_agent)
            return control.CpaceB(session_id=message.session_id, yb=b64url(self._exchange.share), adb=b64url(self._ad))

    def confirmed(self, message: control.ConfirmA) -> control.ConfirmB:
        """Step 14. Raises `PairingFailed("wrong_tag")`: the technician, or someone in between, has another password."""
        with self._step(Event.TAG, message.session_id):
            self._check_tag("a", unb64url(message.ta))
            tag = self._tag("b")
            wipe(self._confirm_key)
            return control.ConfirmB(session_id=message.session_id, tb=b64url(tag))


def console_data(version: str) -> bytes:
    """ADa (step 11)."""
    return lv("relevo-console", version)


def agent_data(version: str, pk_agent: bytes) -> bytes:
    """ADb (step 12)."""
    return lv("relevo-agent", version, pk_agent)


def _read(message: control.PairOffer) -> tuple[bytes, Offer]:
    try:
        raw = unb64url(message.offer)
        return raw, codec.OFFER.read(raw)
    except Malformed:
        raise PairingFailed("offer_malformed") from None


def _demand(what: str, holds: bool) -> None:
    if not holds:
        raise PairingFailed(f"offer_{what}")


def _context(version: str, origin: str, message: control.PairOffer, offer: Offer, raw: bytes) -> Context:
    return Context(
        version=version, public_origin=origin, org_id=offer.org_id, session_id=message.session_id,
        operator_id=offer.operator_id, operator_name=offer.operator_name, code_id=message.code_id,
        nonce_console=message.nonce_console, nonce_agent=message.nonce_agent, offer=raw,
    )  # fmt: skip
