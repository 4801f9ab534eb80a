"""`/ws/console`: where consoles connect, with the sign-in of a browser (cookie) or of a program (bearer)."""

from typing import assert_never

from fastapi import APIRouter, WebSocket

from broker.clock import rfc3339
from broker.errors import NotSignedIn, Refused
from broker.lines import FORBIDDEN, REFUSALS, Line, LineClosed, ended_by, failure
from broker.organisations.service import Organisation
from broker.pairing.consoles import Console
from broker.permissions import Permission, Principal, open_to
from broker.plane import Plane, plane_of
from protocol import control, limits
from protocol.codec import FROM_CONSOLE
from protocol.errors import ProtocolError

router = APIRouter()


@router.websocket("/ws/console", dependencies=[open_to("the sign-in, before the socket is accepted")])
async def console_socket(socket: WebSocket) -> None:
    """One console, for as long as it stays."""
    plane = plane_of(socket)
    line = Line(socket, FROM_CONSOLE, plane.tasks)
    try:
        principal = await plane.authenticate(socket)
        principal.require(Permission.CONNECT)
    except NotSignedIn as refused:  # accepted all the same, so that a page can read why
        await socket.accept()
        ended_by(line, refused)
        await line.finish()
        return
    except Refused as refused:
        await socket.close(FORBIDDEN, str(refused))
        return
    await socket.accept()
    console = Console(principal, line)
    plane.consoles.add(console)
    try:
        line.post(_welcome(plane, principal, await plane.organisations.get(principal.org_id)))
        await _serve(plane, console)
    except (LineClosed, ProtocolError) as end:
        ended_by(line, end)
    finally:
        plane.consoles.remove(console)
        plane.live.console_lost(console)
        await plane.pairing.console_lost(console)
        await line.finish()


async def _serve(plane: Plane, console: Console) -> None:
    while True:
        message = await console.line.receive()
        try:
            await _handle(plane, console, message)
        except REFUSALS as error:
            console.post(failure(message, error))


async def _handle(plane: Plane, console: Console, message: control.ConsoleToBroker) -> None:
    match message:
        case control.PairRequest():
            await plane.pairing.request(console, message)
        case control.CpaceA() | control.ConfirmA() | control.PairOk() | control.PairAbort():
            await plane.pairing.from_console(console, message)
        case control.ChannelDown() | control.ResumeRequest() | control.EndRequest():
            await plane.live.from_console(console, message)
        case _:
            assert_never(message)


def _welcome(plane: Plane, who: Principal, organisation: Organisation) -> control.Welcome:
    return control.Welcome(
        operator_id=who.operator_id, operator_name=who.name, role=who.role.value, org_id=who.org_id,
        org_name=who.org_name, services=organisation.services, versions=(limits.VERSION,),
        utc=rfc3339(plane.clock.utc()),
    )  # fmt: skip
