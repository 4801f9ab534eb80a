"""`/ws/agent`: where agents connect; their signature is the proof, and any Origin is refused (pairing rule 7).

`GET /agents` tells an organisation how many wait.
"""

from typing import Annotated

from fastapi import APIRouter, Request, WebSocket

from broker.agents.connection import AgentConnection
from broker.lines import FORBIDDEN, TOO_MANY, Line, LineClosed, ended_by, peer_address
from broker.permissions import Permission, Principal, allow, open_to
from broker.plane import plane_of
from broker.schemas import Reply
from protocol.codec import FROM_AGENT
from protocol.errors import ProtocolError

router = APIRouter()
api = APIRouter()


class Waiting(Reply):
    """How many of the organisation's agents are here and in no session."""

    waiting: int


@api.get("/agents")
async def waiting_agents(request: Request, who: Annotated[Principal, allow(Permission.SIGNED_IN)]) -> Waiting:
    """No ID and no code: only how many wait."""
    return Waiting(waiting=plane_of(request).presence.waiting(who.org_id))


@router.websocket("/ws/agent", dependencies=[open_to("the agent's signature over the challenge")])
async def agent_socket(socket: WebSocket) -> None:
    """One agent, for as long as it stays."""
    plane = plane_of(socket)
    if "origin" in socket.headers:
        await socket.close(FORBIDDEN, "no browser")
        return
    visit = plane.door.enter(peer_address(socket))
    await socket.accept()
    line = Line(socket, FROM_AGENT, plane.tasks)
    if visit is None:
        line.close(TOO_MANY, "too many connections that have not said who they are")
        await line.finish()
        return
    connection = AgentConnection(line, plane.agents, plane.sessions, plane.clock, plane.tasks)
    try:
        agent = await connection.register()
        visit.leave()
        await connection.serve(agent)
    except (LineClosed, ProtocolError) as end:
        ended_by(line, end)
    finally:
        visit.leave()
        await line.finish()
