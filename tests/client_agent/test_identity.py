"""What outlives the program: key, ID, burns, ends; one agent at a time; a torn file is refused, never guessed."""

import asyncio
import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from client_agent.errors import AlreadyRunning, StateUnreadable
from client_agent.identity import Identity, state_folder
from protocol import control
from protocol.text import b64url

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SESSION = b64url(bytes(16))
END = control.End(
    session_id=SESSION, reason="customer", utc="2026-11-22T12:00:00Z", connected_s=3, sig=b64url(bytes(64))
)


def killed(identity: Identity) -> None:
    """As `kill -9` leaves it: the lock is gone, nothing was tidied."""
    identity.close(keep=True)


def test_key_and_id_survive_a_kill_but_not_a_quit(tmp_path: Path) -> None:
    first = Identity.open(tmp_path)
    first.named("123456789")
    pk = first.pk
    killed(first)
    again = Identity.open(tmp_path)
    assert (again.pk, again.id) == (pk, "123456789")
    again.close()
    other = Identity.open(tmp_path)
    assert other.pk != pk
    assert other.id is None


def test_an_end_is_kept_with_its_key_until_it_is_told(tmp_path: Path) -> None:
    first = Identity.open(tmp_path)
    first.session_open(SESSION)
    first.session_ended(SESSION, END)
    first.close()
    again = Identity.open(tmp_path)
    assert again.pk == first.pk
    assert again.ends == (END,)
    assert again.has_ended(SESSION)
    again.end_told(SESSION)
    assert not again.ends


def test_an_open_session_is_found_after_a_kill(tmp_path: Path) -> None:
    first = Identity.open(tmp_path)
    first.session_open(SESSION)
    first.session_lives(SESSION, 30)
    killed(first)
    found = Identity.open(tmp_path).open_session
    assert found is not None
    assert (found.session_id, found.connected_s) == (SESSION, 30)


def test_a_run_that_was_cut_off_by_a_kill_counts_as_a_burn(tmp_path: Path) -> None:
    first = Identity.open(tmp_path)
    first.begin_run(SESSION)
    killed(first)
    again = Identity.open(tmp_path)
    assert again.interrupted_run(NOW) == SESSION
    assert again.burns(NOW) == 1


def test_three_burns_warn_ten_are_the_last_and_a_day_forgives(tmp_path: Path) -> None:
    identity = Identity.open(tmp_path)
    for _ in range(3):
        assert not identity.must_warn(NOW)
        identity.end_run(True, NOW)
    assert identity.must_warn(NOW)
    identity.warned(NOW)
    assert not identity.must_warn(NOW)
    for _ in range(7):
        assert not identity.spent(NOW)
        identity.end_run(True, NOW)
    assert identity.spent(NOW)
    assert identity.must_warn(NOW)
    assert not identity.spent(NOW + timedelta(days=1))


def test_a_second_agent_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    first = Identity.open(tmp_path)
    with pytest.raises(AlreadyRunning):
        Identity.open(tmp_path)
    first.close()
    Identity.open(tmp_path)


def test_the_file_is_this_persons_alone(tmp_path: Path) -> None:
    Identity.open(tmp_path / "state")
    assert stat.S_IMODE((tmp_path / "state" / "state.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key":"x="}', b'{"key":7}', b"\xff"])
def test_a_torn_file_is_refused_and_not_overwritten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state.json").write_bytes(content)
    with pytest.raises(StateUnreadable):
        Identity.open(tmp_path)
    assert (tmp_path / "state.json").read_bytes() == content


def test_no_code_and_no_session_key_is_ever_in_the_file(tmp_path: Path) -> None:
    identity = Identity.open(tmp_path)
    identity.named("123456789")
    kept = json.loads((tmp_path / "state.json").read_text())
    assert set(kept) == {
        "key", "id", "lang", "terms", "burns", "burns_seen", "in_run", "open_session", "ends", "ended", "suspicions",
    }  # fmt: skip


def test_each_organisation_has_a_folder_of_its_own() -> None:
    environ = {"XDG_STATE_HOME": "/state"}
    assert state_folder(environ, "one") != state_folder(environ, "two")


async def test_a_signed_end_is_kept_beside_its_receipt(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ended = control.Ended(
        session_id=SESSION, reason="customer", connected_s=7, utc="2026-11-22T12:00:07Z", seq=5,
        head=b64url(bytes(32)), sig=b64url(bytes(64)),
    )  # fmt: skip
    identity = Identity.open(tmp_path)
    file = identity.receipt(SESSION)
    identity.keep_ended(ended)
    identity.close()
    assert not file.parent.exists(), "nobody had agreed to anything"

    identity = Identity.open(tmp_path)
    await identity.keep_receipt(SESSION, b'{"pk_agent": "k"}')
    assert json.loads(file.read_bytes()) == {"pk_agent": "k"}
    identity.keep_ended(ended)
    identity.close()
    kept = json.loads(file.read_bytes())
    assert (kept["pk_agent"], kept["ended"]["connected_s"], kept["ended"]["type"]) == ("k", 7, "ended")

    file.write_bytes(b"torn")
    identity = Identity.open(tmp_path)
    identity.keep_ended(ended)
    identity.close()
    assert file.read_bytes() == b"torn"
    assert "not written" in caplog.text


async def test_a_slow_disk_holds_up_no_heartbeat_and_keeps_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = Identity.open(tmp_path)
    identity.session_open(SESSION)
    at_work, go_on = threading.Event(), threading.Event()

    def slow(descriptor: int) -> None:
        at_work.set()
        assert go_on.wait(60)

    monkeypatch.setattr("client_agent.disk.os.fsync", slow)
    identity.session_lives(SESSION, 10)
    receipt = asyncio.create_task(identity.keep_receipt(SESSION, b"{}"))
    assert await asyncio.to_thread(at_work.wait, 60)
    assert json.loads((tmp_path / "state.json").read_bytes())["open_session"]["connected_s"] == 0
    assert not receipt.done(), "a receipt that is not on disk yet"
    threading.Timer(0.2, go_on.set).start()
    identity.session_ended(SESSION, END)  # waits: it is on disk, after the heartbeat, before anyone is told
    kept = json.loads((tmp_path / "state.json").read_bytes())
    assert (kept["open_session"], kept["ended"]) == (None, [SESSION])
    await receipt
    assert identity.receipt(SESSION).read_bytes() == b"{}"
    identity.close()
