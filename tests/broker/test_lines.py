"""A control connection that this end has closed."""

import asyncio
from typing import Any

import pytest
from starlette.websockets import WebSocket

from broker.lines import Line, LineClosed
from broker.tasks import Tasks
from protocol import control
from protocol.codec import FROM_CONSOLE, to_text
from tests.support.peer import nonce


async def test_what_comes_after_our_close_is_not_handled() -> None:
    coming: asyncio.Queue[Any] = asyncio.Queue()
    going: list[Any] = []

    async def send(event: Any) -> None:
        going.append(event)

    socket = WebSocket({"type": "websocket", "headers": [], "client": ("192.0.2.1", 1)}, coming.get, send)
    coming.put_nowait({"type": "websocket.connect"})
    await socket.accept()
    line = Line(socket, FROM_CONSOLE, Tasks())
    line.close(4401, "operator_disabled")
    text = to_text(control.EndRequest(session_id=nonce()))
    coming.put_nowait({"type": "websocket.receive", "text": text})
    with pytest.raises(LineClosed):
        await line.receive()
    await line.finish()
    assert going[-1]["code"] == 4401
