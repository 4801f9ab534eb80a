"""`/relay`: the data connections of both ends, when the relay is inside this broker.  The ticket is the proof."""

from fastapi import APIRouter, WebSocket

from broker.permissions import open_to
from broker.plane import plane_of

router = APIRouter()


@router.websocket("/relay", dependencies=[open_to("a relay ticket, the first message")])
async def relay_socket(socket: WebSocket) -> None:
    """One end of one line."""
    await plane_of(socket).relay.server.serve(socket)
