"""`/relay`: data connections, when the relay is inside this broker.  `/ws/relay`: the link of a relay of its own."""

from typing import Annotated

from fastapi import APIRouter, Query, WebSocket

from broker.errors import Refused
from broker.handover import handed
from broker.lines import FORBIDDEN, Line, LineClosed, ended_by, peer_address
from broker.operators.authentication import refuse_origin
from broker.permissions import open_to
from broker.plane import plane_of
from broker.relay.local import PATH
from broker.relay.messages import FROM_RELAY, WORKERS
from broker.relay.remote import RemoteRelay, require_credential
from protocol.errors import ProtocolError

router = APIRouter()


@router.websocket(PATH, dependencies=[open_to("a relay ticket, the first message")])
async def relay_socket(socket: WebSocket) -> None:
    """One end of one line: the connection itself goes to the relay, and this route is done with it."""
    request = handed(socket.scope)
    plane_of(socket).relay.server.take(request.take(), peer_address(socket), request.request, request.rest)


@router.websocket("/ws/relay", dependencies=[open_to("the relay's own credential")])
async def relay_link(socket: WebSocket, worker: Annotated[int, Query(ge=0, le=WORKERS)] = 0) -> None:
    """One relay, or one of its processes, for as long as its link is up."""
    plane = plane_of(socket)
    credential = plane.settings.relay_credential
    try:
        refuse_origin(socket)
        require_credential(socket, credential.get_secret_value() if credential else None)
    except Refused as refused:
        await socket.close(FORBIDDEN, str(refused))
        return
    await socket.accept()
    line = Line(socket, FROM_RELAY, plane.tasks)
    try:
        relay = RemoteRelay(line, plane.settings.relay_id, plane.settings.relay_url, worker)
        await relay.serve(plane.relays, plane.live.lines)
    except (LineClosed, ProtocolError) as end:
        ended_by(line, end)
    finally:
        await line.finish()
