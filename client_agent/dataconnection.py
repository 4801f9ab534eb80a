"""The agent's connection to the relay: a WebSocket client until the relay joins both ends, then the console's *server*.

Section 1 of docs/protocol.md.  A relay that only copies bytes cannot mask them, and a browser takes none that are
masked: so the agent, who made the connection as a client, has the server's part in the conversation with the console.
It reads masked frames and sends unmasked ones.  Counterparts: `broker.relay`, which says `joined`, and the console,
which is a plain WebSocket client throughout.
"""

from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER

from protocol.ticket import JOINED


class TurningProtocol(ClientProtocol):
    """Turns at the relay's word, between two frames: what stands behind it, in the same packet, is masked already."""

    turned = False

    def recv_frame(self, frame: Frame) -> None:
        super().recv_frame(frame)
        if not self.turned and frame.opcode is Opcode.TEXT and frame.data == JOINED.encode():
            self.side, self.turned = SERVER, True


class DataConnection(ClientConnection):
    """For `connect(create_connection=…)`.  After `show` it is a connection to the console.

    It sends no pings of its own: between the ticket and the join nothing may be sent, and after it both ends' sealed
    pings say more.
    """

    def __init__(self, protocol: ClientProtocol, **options: Any) -> None:
        turning = TurningProtocol(protocol.uri, max_size=protocol.max_message_size, logger=protocol.logger)
        self._joined = False
        super().__init__(turning, **options | {"ping_interval": None})

    async def show(self, token: str) -> None:
        """Show the ticket and wait for the other end.  Raises `ConnectionClosed`: the code says why it did not open."""
        await self.send(token)
        await self.joined()

    async def joined(self) -> None:
        """Wait for the other end; at once if it has come.  Raises `ConnectionClosed`."""
        if not self._joined:
            while await self.recv() != JOINED:
                pass
            self._joined = True
