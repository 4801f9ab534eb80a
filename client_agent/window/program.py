"""Runs the window: Qt's loop as asyncio's (qasync), the core as one task in it, until the core has closed.

Counterpart: `app.py` makes the core. Whatever stops the core is told to the customer.
"""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from client_agent import events as ev
from client_agent.failures import Failure, FailureKind
from client_agent.i18n import Language
from client_agent.window import icons
from client_agent.window.front import FrontDoor
from client_agent.window.guard import Guard
from client_agent.window.main_window import AgentWindow
from client_agent.window.sound import Chime

log = logging.getLogger(__name__)


LAST_WORDS_S = 5.0
"""How long a core that has said `Closed` may take to be done."""


MakeCore = Callable[[ev.WindowGuard], ev.RunningCore]
"""Makes the core, given what its injection must ask. Called once, in the running loop."""


def run_window(make: MakeCore, *, language: Language, state: Path) -> None:
    """Show the window and run the core until the customer closes the program. `state`: the agent's own folder."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("relevo")
    app.setApplicationDisplayName("Relevo")
    app.setDesktopFileName("relevo-agent")
    app.setWindowIcon(icons.program_icon())
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(live(make, app, language=language, state=state))


async def live(make: MakeCore, app: QApplication, *, language: Language, state: Path) -> None:
    """One life of the window, in a loop that is Qt's."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    guard, chime = Guard(), Chime()
    core = make(guard)
    window = AgentWindow(core, guard, language, time.monotonic, chime)
    window.closed.connect(gone.set)
    door = FrontDoor(state, window.say_already_open)

    def quit_softly(*_: object) -> None:
        loop.call_soon_threadsafe(window.do, ev.Quit())

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, quit_softly)
    # Logging out of the desktop, or shutting down.
    app.commitDataRequest.connect(quit_softly)
    window.show()
    running = asyncio.create_task(core.run(), name="core")
    closing = asyncio.create_task(gone.wait(), name="closing")
    try:
        await asyncio.wait((running, closing), return_when=asyncio.FIRST_COMPLETED)
        if not gone.is_set():
            error = running.exception()
            log.error("the core has stopped", exc_info=error)
            window.core_is_gone(Failure(kind=FailureKind.INTERNAL, detail=type(error).__name__ if error else ""))
        await closing
        await asyncio.wait((running,), timeout=LAST_WORDS_S)
    finally:
        running.cancel()
        closing.cancel()
        door.close()
        chime.close()
        window.put_away()
