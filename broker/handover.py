"""The one public port: uvicorn's HTTP, except that some connections leave it as a whole, transport and all.

Counterparts: the routes `/relay` (`broker.relay.endpoints`) and `/ws/agent` (`broker.agents.endpoints`), which a
request reaches like any other, through the same middleware (whose address counts) and with the same declaration of who
may; `broker.relay.server` and `broker.control_socket`, which get the connections.  So all is served on one port with
the pages, nothing of ASGI stands between the relay's bytes, and a waiting agent does not hold the framework's objects.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import h11
import structlog
from starlette.types import Message, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request

from broker.agents.connection import PATH as AGENTS
from broker.relay.local import PATH as RELAY
from broker.relay.opening import answer
from protocol import limits

EXTENSION: Final = "relevo.connection"
"""Where the route finds what it takes: in the scope's extensions, ASGI's place for what a server adds."""
PATHS: Final = frozenset({RELAY, AGENTS})
"""Whose connections are handed over."""
HEAD: Final = limits.HELLO
"""Seconds from connecting, or from a further request's first byte, to the last byte of its head; and without a byte of
a body that is not whole."""

log = structlog.get_logger(__name__)


class PublicProtocol(H11Protocol):
    """uvicorn's protocol; raw data connections are handed over, and a request that never ends is not waited for."""

    _patience: asyncio.TimerHandle | None = None
    _upgraded = False
    """The request was a WebSocket's: what comes now is none."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        of_head = self.conn.their_state is h11.IDLE
        if not of_head:
            self._be_patient()
        if not self._upgraded and (of_head or self.conn.their_state is h11.SEND_BODY):
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._upgraded = True
        if self.scope["path"] not in PATHS:
            super().handle_websocket_upgrade(event)
            return
        self.connections.discard(self)
        self.transport.pause_reading()  # what comes now is the taker's
        connection = Handed(self.transport, _request(event), self.conn.trailing_data[0], self.server_state)
        task = self.loop.create_task(connection.run(self.app, self._upgrade_scope(connection)))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _upgrade_scope(self, connection: "Handed") -> Scope:
        scheme = "wss" if self.scheme == "https" else "ws"
        changed = {"type": "websocket", "scheme": scheme, "subprotocols": [], "extensions": {EXTENSION: connection}}
        return {name: value for name, value in self.scope.items() if name != "method"} | changed

    def _watch(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(HEAD, self._lose_patience)

    def _lose_patience(self) -> None:
        self._patience = None
        if self.flow.read_paused:  # it is we who do not read
            self._watch()
        else:
            self.transport.close()

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Handed:
    """A connection that its route may take; one that is not taken is answered with 403 and closed.

    `rest`: what came behind the request.  `server`: its `connections` are told to shut down when the server stops, and
    its `tasks` are waited for.
    """

    def __init__(self, transport: asyncio.Transport, request: Request, rest: bytes, server: ServerState) -> None:
        self.request, self.rest, self.server = request, rest, server
        self._transport: asyncio.Transport | None = transport

    def take(self) -> asyncio.Transport:
        """The connection, which is the caller's from now on.  Its reading is paused."""
        transport, self._transport = self._transport, None
        assert transport is not None, "it was taken already"
        return transport

    async def run(self, app: Any, scope: Scope) -> None:
        """Let the application find the route."""
        try:
            await app(scope, self._receive, self._send)
        except Exception:
            log.exception("handover_failed")
        finally:
            self._refuse()

    async def _receive(self) -> Message:
        return {"type": "websocket.connect"}

    async def _send(self, message: Message) -> None:
        self._refuse()  # there is nothing that a route could say on it but that it may not be used

    def _refuse(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None and not transport.is_closing():
            transport.write(answer(HTTPStatus.FORBIDDEN))
            transport.close()


def handed(scope: Scope) -> Handed:
    """The connection behind a request that reached its route.  Served by any other server than ours, there is none."""
    found = scope["extensions"][EXTENSION]
    assert isinstance(found, Handed)
    return found


def _request(event: h11.Request) -> Request:
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)
    return Request(
        event.target.decode("ascii"), headers, event.method.decode("ascii"), f"HTTP/{event.http_version.decode()}"
    )
