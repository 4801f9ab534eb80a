"""`/ws/agent`: where agents connect; their signature is the proof, and any Origin is refused (pairing rule 7).

`GET /agents` tells an organisation how many wait.
"""

from contextvars import Context
from typing import Annotated

from fastapi import APIRouter, Request, WebSocket

from broker.agents.connection import PATH, AgentConnection
from broker.control_socket import ControlSocket
from broker.handover import handed
from broker.lines import FORBIDDEN, TOO_MANY, Line, LineClosed, ended_by
from broker.permissions import Permission, Principal, allow, open_to
from broker.plane import Plane, plane_of
from broker.schemas import Reply
from broker.server import SOCKET_MESSAGE
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


@router.websocket(PATH, dependencies=[open_to("the agent's signature over the challenge")])
async def agent_socket(socket: WebSocket) -> None:
    """One agent: its connection leaves the web framework, of which nothing is kept while it waits."""
    if "origin" in socket.headers:
        await socket.close(FORBIDDEN, "no browser")
        return
    plane, arrived = plane_of(socket), handed(socket.scope)
    taken = ControlSocket(socket.client, SOCKET_MESSAGE, arrived.server.connections)

    def begin() -> None:
        if taken.begin(arrived.take(), arrived.request, arrived.rest):
            serving = plane.tasks.start(_serve(plane, taken), "agent")
            arrived.server.tasks.add(serving)
            serving.add_done_callback(arrived.server.tasks.discard)

    Context().run(begin)  # in that of this request its remains would stay


async def _serve(plane: Plane, socket: ControlSocket) -> None:
    """One agent, for as long as it stays."""
    line = Line(socket, FROM_AGENT, plane.tasks)
    visit = plane.door.enter(line.address)
    try:
        if visit is None:
            line.close(TOO_MANY, "too many connections that have not said who they are")
            return
        connection = AgentConnection(line, plane.agents, plane.sessions, plane.clock, plane.tasks)
        agent = await connection.register()
        visit.leave()
        await connection.serve(agent)
    except (LineClosed, ProtocolError) as end:
        ended_by(line, end)
    finally:
        if visit is not None:
            visit.leave()
        await line.finish()
        socket.leave()
