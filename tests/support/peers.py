"""An agent and a console reduced to the protocol: no screen, no window, real sockets and real cryptography.

They do one step at a time, so that a test can leave one out, repeat it or lie.  Counterparts of the real ends:
`client_agent.link` and `operator_console.client`.
"""

import asyncio
import secrets
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from client_agent.dataconnection import DataConnection
from protocol import codec, control, limits, receipt
from protocol.code import AGENT_SYMBOLS, normalise_password, random_symbols
from protocol.codec import Reader
from protocol.pairing import AgentKnows, AgentRun, ConsoleKnows, ConsoleRun, SessionKeys
from protocol.text import b64url, sha256, unb64url
from protocol.ticket import Role
from tests.support.patience import PATIENCE

UTC = "2026-11-22T15:00:00Z"

M = TypeVar("M")
In = TypeVar("In")


@dataclass(frozen=True)
class Provider:
    """What the programs of one provider know before they connect."""

    origin: str
    org_id: str
    org_name: str
    terms_version: int
    terms_sha256: str
    service: str = "Soporte general"

    def socket(self, path: str) -> str:
        """The WebSocket address of a path of the broker's."""
        return path if "://" in path else "ws" + self.origin.removeprefix("http") + path


def nonce() -> str:
    """16 random bytes as text: an ID or a nonce."""
    return b64url(secrets.token_bytes(16))


class Hung(AssertionError):
    """The other end said nothing for too long."""


class Peer(Generic[In]):
    """One control connection from the far end.  Messages that a step does not wait for are kept in `missed`."""

    def __init__(self, socket: ClientConnection, reader: Reader[In]) -> None:
        self.socket, self._reader = socket, reader
        self.missed: list[In] = []
        self.way: dict[str, Any] = {}
        """How the socket was opened, for its lines too: TLS, an address."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.socket.close()

    async def send(self, message: control.Message) -> None:
        """One message to the broker."""
        await self.socket.send(codec.to_text(message))

    async def receive(self, wait: float = PATIENCE) -> In:
        """The broker's next message, whichever it is."""
        async with asyncio.timeout(wait):
            return self._reader.read(await self.socket.recv())

    async def expect(self, kind: type[M], wait: float = PATIENCE) -> M:
        """The next message of that kind; one that was missed before counts."""
        for at, known in enumerate(self.missed):
            if isinstance(known, kind):
                del self.missed[at]
                return known
        try:
            async with asyncio.timeout(wait):
                while True:
                    message = self._reader.read(await self.socket.recv())
                    if isinstance(message, kind):
                        return message
                    self.missed.append(message)
        except TimeoutError:
            raise Hung(f"no {kind.__name__} in {wait} s, but {self.missed}") from None

    async def closed(self, wait: float = PATIENCE) -> int:
        """Wait until the broker closes; the close code."""
        try:
            async with asyncio.timeout(wait):
                while True:
                    self.missed.append(self._reader.read(await self.socket.recv()))
        except ConnectionClosed:
            return self.socket.close_code or 0


class Line:
    """One data connection: a ticket shown, then records."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    @classmethod
    async def open(cls, provider: Provider, ticket: control.Ticket, side: Role, **options: Any) -> "Line":
        """Connect to the relay that the ticket names and show it."""
        kind = DataConnection if side == "agent" else ClientConnection
        socket = await connect(
            provider.socket(ticket.relay_url), compression=None, proxy=None, create_connection=kind, **options
        )
        await socket.send(ticket.token)
        return cls(socket)

    async def joined(self) -> None:
        """Wait for the other end, before which an agent may say nothing.  A console sees nothing of it."""
        if isinstance(self.socket, DataConnection):
            await self.socket.joined()

    async def send(self, record: bytes) -> None:
        """One record."""
        await self.joined()
        await self.socket.send(record)

    async def receive(self, wait: float = PATIENCE) -> bytes:
        """The other end's next record."""
        async with asyncio.timeout(wait):
            await self.joined()
            record = await self.socket.recv()
        assert isinstance(record, bytes)
        return record

    async def close(self) -> None:
        """Leave.  What the other end still says is nobody's any more, but for its answer to this."""
        leaving = asyncio.ensure_future(self.socket.close())
        try:
            async for _ in self.socket:
                pass
        except ConnectionClosed:
            pass
        await leaving

    async def closed(self, wait: float = PATIENCE) -> int:
        """Wait until the line is closed; the other end's close code, 1006 if nobody said one."""
        try:
            async with asyncio.timeout(wait):
                while True:
                    await self.socket.recv()
        except ConnectionClosed:
            return self.socket.close_code or 0


@dataclass
class ShownCode:
    """What the customer reads out."""

    id: str
    code_id: str
    nonce_agent: str
    server_part: str
    agent_part: str

    @property
    def password(self) -> str:
        return self.server_part + self.agent_part


@dataclass
class AgentSession:
    """What an agent keeps of a session."""

    keys: SessionKeys
    offer: bytes
    terms_version: int
    terms_sha256: str
    line: Line | None = None
    g: int = 0
    granted: tuple[control.Permission, ...] = field(default=())


class AgentPeer(Peer[control.BrokerToAgent]):
    """The customer's program."""

    provider: Provider
    key: Ed25519PrivateKey

    @classmethod
    async def connect(cls, provider: Provider, key: Ed25519PrivateKey | None = None, **options: Any) -> "AgentPeer":
        """Connect, say nothing yet."""
        peer = cls(await connect(provider.socket("/ws/agent"), compression=None, proxy=None, **options), codec.TO_AGENT)
        peer.provider, peer.key, peer.way = provider, key or Ed25519PrivateKey.generate(), options
        return peer

    @property
    def pk(self) -> bytes:
        """The run's public key."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def hello(self, nonce_b: str, **changes: Any) -> control.Hello:
        """A right hello, but for `changes`, which are signed too."""
        fields: dict[str, Any] = {
            "version": limits.VERSION, "program": "peer", "platform": "test", "org_id": self.provider.org_id,
            "pk_agent": b64url(self.pk), "terms_version": self.provider.terms_version,
            "terms_sha256": self.provider.terms_sha256, "terms_accepted_utc": UTC, "lang": "es",
            "computer": "PC-DE-ANA", "user": "ana", "sig": "",
        }  # fmt: skip
        return receipt.signed(control.Hello(**fields | changes), self.key.sign, self.provider.origin, nonce_b)

    async def greet(self, **changes: Any) -> None:
        """Steps 1 and 2."""
        challenge = await self.expect(control.Challenge)
        await self.send(self.hello(challenge.nonce_b, **changes))

    async def register(self, **changes: Any) -> control.ProbeResult:
        """Steps 1 to 3."""
        await self.greet(**changes)
        return await self.be_measured()

    async def be_measured(self) -> control.ProbeResult:
        """Step 3: acknowledge what comes, send what is asked for."""
        to_send = under_way = seq = 0
        chunk = ""
        while True:
            message = await self.receive()
            match message:
                case control.Probe():
                    await self.send(control.ProbeAck(seq=message.seq))
                case control.ProbeUpload():
                    to_send, under_way = message.total_bytes // message.chunk_bytes, 0
                    chunk = b64url(secrets.token_bytes(message.chunk_bytes))
                    window = message.window
                    while under_way < window and to_send:
                        await self.send(control.Probe(seq=seq, data=chunk))
                        seq, to_send, under_way = seq + 1, to_send - 1, under_way + 1
                case control.ProbeAck():
                    if to_send:
                        await self.send(control.Probe(seq=seq, data=chunk))
                        seq, to_send = seq + 1, to_send - 1
                case control.ProbeResult():
                    return message
                case _:
                    self.missed.append(message)
                    if isinstance(message, control.RegistrationDenied):
                        raise AssertionError(message)

    async def code(self) -> ShownCode:
        """Steps 4 and 5."""
        request = control.CodeRequest(code_id=nonce(), nonce_agent=nonce())
        await self.send(request)
        issued = await self.expect(control.CodeIssued)
        assert issued.code_id == request.code_id
        agent_part = random_symbols(AGENT_SYMBOLS, secrets.randbelow)
        return ShownCode(issued.id, issued.code_id, request.nonce_agent, issued.server_part, agent_part)

    async def run(self, code: ShownCode) -> AgentSession:
        """Steps 9 to 14: the agent's part of one pairing.  Raises `PairingFailed` as the real agent would."""
        offer = await self.expect(control.PairOffer)
        knows = AgentKnows(
            version=limits.VERSION, public_origin=self.provider.origin, org_id=self.provider.org_id,
            terms_version=self.provider.terms_version, terms_sha256=self.provider.terms_sha256,
            code_id=code.code_id, nonce_agent=code.nonce_agent,
        )  # fmt: skip
        context, terms = knows.context(offer)
        run = AgentRun(context, code.agent_part, self.pk, secrets.token_bytes(64))
        await self.send(run.asked(await self.expect(control.CpaceA)))
        await self.send(run.confirmed(await self.expect(control.ConfirmA)))
        await self.send(control.PairOk(session_id=offer.session_id))
        return AgentSession(run.keys, unb64url(offer.offer), terms.terms_version, terms.terms_sha256)

    async def open_line(self, session: AgentSession) -> Line:
        """Steps 15 and 16."""
        ticket = await self.expect(control.Ticket)
        assert ticket.g > session.g
        session.g, session.line = ticket.g, await Line.open(self.provider, ticket, "agent", **self.way)
        return session.line

    def receipt(self, session: AgentSession, *granted: control.Permission, **changes: Any) -> control.Receipt:
        """Step 20's receipt, but for `changes` of the consent, which are signed too."""
        fields: dict[str, Any] = {
            "session_id": session.keys.session_id, "sid": session.keys.sid, "shares_sha256":
            session.keys.shares_sha256(), "offer_sha256": sha256(session.offer), "terms_version":
            session.terms_version, "terms_sha256": unb64url(session.terms_sha256), "granted": granted, "utc": UTC,
            "lang": "es",
        }  # fmt: skip
        body = receipt.Consent(**fields | changes).body()
        return control.Receipt(
            session_id=session.keys.session_id, granted=granted, utc=UTC, lang="es", body=b64url(body),
            sig=b64url(self.key.sign(body)),
        )  # fmt: skip

    async def consent(self, session: AgentSession, *granted: control.Permission) -> control.ReceiptAck:
        """Steps 20 and 21: the customer clicks *Accept*."""
        session.granted = granted or ("view", "control")
        await self.send(self.receipt(session, *session.granted))
        return await self.expect(control.ReceiptAck)

    def ending(self, session: AgentSession, reason: control.EndReason, connected_s: int = 1) -> control.End:
        """Step 28's signed end."""
        end = control.End(session_id=session.keys.session_id, reason=reason, utc=UTC, connected_s=connected_s, sig="")
        return receipt.signed(end, self.key.sign)

    async def end(self, session: AgentSession, reason: control.EndReason = "customer") -> control.Ended:
        """Steps 26 to 29: the customer clicks *Disconnect*."""
        session.keys.erase()
        if session.line is not None:
            await session.line.close()
        await self.send(self.ending(session, reason))
        return await self.expect(control.Ended)


@dataclass
class ConsoleSession:
    """What a console keeps of a session."""

    keys: SessionKeys
    offer: control.PairOffer
    line: Line | None = None
    g: int = 0


class Denied(Exception):
    """The broker denied the pairing."""

    def __init__(self, message: control.PairDenied) -> None:
        super().__init__(message.reason)
        self.reason = message.reason


class ConsolePeer(Peer[control.BrokerToConsole]):
    """The technician's program, signed in with a bearer token."""

    provider: Provider
    welcome: control.Welcome

    @classmethod
    async def connect(
        cls, provider: Provider, token: str, *, headers: dict[str, str] | None = None, **options: Any
    ) -> "ConsolePeer":
        """Connect and be welcomed."""
        given = {"Authorization": f"Bearer {token}"} if headers is None else headers
        socket = await connect(
            provider.socket("/ws/console"), additional_headers=given, compression=None, proxy=None, **options
        )
        peer = cls(socket, codec.TO_CONSOLE)
        peer.provider, peer.way = provider, options
        peer.welcome = await peer.expect(control.Welcome)
        return peer

    def request(self, id: str, server_part: str, **changes: Any) -> control.PairRequest:
        """A right request, but for `changes`."""
        fields: dict[str, Any] = {
            "request_id": nonce(), "id": id, "server_part": server_part, "service": self.provider.service,
            "wanted": ("view", "control"), "nonce_console": nonce(), "public_origin": self.provider.origin,
            "version": limits.VERSION,
        }  # fmt: skip
        return control.PairRequest(**fields | changes)

    async def ask(self, request: control.PairRequest) -> control.PairOffer:
        """Steps 6 to 9.  Raises `Denied`."""
        await self.send(request)
        answer = await self.expect(control.PairOffer | control.PairDenied)  # type: ignore[arg-type]
        if isinstance(answer, control.PairDenied):
            raise Denied(answer)
        assert isinstance(answer, control.PairOffer)
        return answer

    async def pair(self, id: str, password: str, **changes: Any) -> ConsoleSession:
        """Steps 6 to 14.  Raises `Denied`, `PairingFailed`."""
        parts = normalise_password(password)
        request = self.request(id, parts.server_part, **changes)
        return await self.run(request, await self.ask(request), parts.agent_part)

    async def run(self, request: control.PairRequest, offer: control.PairOffer, agent_part: str) -> ConsoleSession:
        """Steps 9 to 14: the console's part of one pairing."""
        knows = ConsoleKnows(
            version=request.version, public_origin=self.provider.origin, org_id=self.welcome.org_id,
            operator_id=self.welcome.operator_id, operator_name=self.welcome.operator_name, service=request.service,
            wanted=request.wanted, nonce_console=request.nonce_console,
        )  # fmt: skip
        context, _ = knows.context(offer)
        run = ConsoleRun(context, agent_part, secrets.token_bytes(64))
        await self.send(run.start())
        await self.send(run.answered(await self.expect(control.CpaceB)))
        await self.send(run.confirmed(await self.expect(control.ConfirmB)))
        return ConsoleSession(run.keys, offer)

    async def open_line(self, session: ConsoleSession) -> Line:
        """Steps 15 and 16."""
        ticket = await self.expect(control.Ticket)
        assert ticket.g > session.g
        session.g, session.line = ticket.g, await Line.open(self.provider, ticket, "console", **self.way)
        return session.line


@dataclass
class Joined:
    """Two ends in a session that counts."""

    agent: AgentPeer
    console: ConsolePeer
    a: AgentSession
    c: ConsoleSession

    @property
    def id(self) -> str:
        return self.a.keys.session_id

    @property
    def lines(self) -> tuple[Line, Line]:
        """The agent's and the console's."""
        assert self.a.line is not None
        assert self.c.line is not None
        return self.a.line, self.c.line

    async def talk(self) -> None:
        """A record each way."""
        up, down = self.lines
        await up.send(b"from the agent")
        await down.send(b"from the console")
        assert await down.receive() == b"from the agent"
        assert await up.receive() == b"from the console"


async def pair(
    agent: AgentPeer, console: ConsolePeer, code: ShownCode, **facts: Any
) -> tuple[AgentSession, ConsoleSession]:
    """Steps 6 to 14 at both ends.  `facts`: fields of the request."""
    async with asyncio.TaskGroup() as both:
        a = both.create_task(agent.run(code))
        c = both.create_task(console.pair(code.id, code.password, **facts))
    assert a.result().keys.psk(1) == c.result().keys.psk(1)
    return a.result(), c.result()


async def join(agent: AgentPeer, console: ConsolePeer, code: ShownCode | None = None, **facts: Any) -> Joined:
    """Steps 4 to 23: from a registered agent to a session that counts."""
    a, c = await pair(agent, console, code or await agent.code(), **facts)
    await agent.open_line(a)
    await console.open_line(c)
    await agent.consent(a)
    await console.expect(control.ReceiptAck)
    await agent.expect(control.Joined)
    await console.expect(control.Joined)
    return Joined(agent, console, a, c)
