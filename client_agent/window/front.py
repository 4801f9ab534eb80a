"""A second agent on the computer: it asks the first one's window to come to the front, and stops.

Who is first is decided by the lock on the agent's state, not here; this only carries the request, and no data.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QLocalServer, QLocalSocket

WAIT_MS = 1_000


def name_for(state: Path) -> str:
    """The local socket's name for the agent whose state is kept in `state`: another folder is another agent."""
    return "relevo-agent-" + hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:20]


class FrontDoor(QObject):
    """Calls `knocked` when a second agent asks. Only this user's programs may."""

    def __init__(self, state: Path, knocked: Callable[[], None]) -> None:
        super().__init__()
        self._knocked = knocked
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        # Left behind by a run that was killed: the lock says that it is not another's.
        QLocalServer.removeServer(name_for(state))
        self._server.listen(name_for(state))

    def close(self) -> None:
        """Answer no more."""
        self._server.close()

    def _answer(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.disconnectFromServer()
            caller.deleteLater()
            self._knocked()


def knock(state: Path) -> bool:
    """Ask the first agent's window to come to the front. Whether there is one."""
    socket = QLocalSocket()
    socket.connectToServer(name_for(state))
    reached = socket.waitForConnected(WAIT_MS)
    if reached and socket.state() is not QLocalSocket.LocalSocketState.UnconnectedState:
        socket.waitForDisconnected(WAIT_MS)
    return reached
