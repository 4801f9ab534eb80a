"""The technician's program reduced to the protocol.  The real one is `operator_console.client`."""

import secrets
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import connect

from protocol import codec, control, limits
from protocol.code import normalise_password
from protocol.pairing import ConsoleKnows, ConsoleRun, SessionKeys
from tests.support.peer import Line, Peer, Provider, nonce


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
