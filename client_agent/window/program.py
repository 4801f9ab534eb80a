"""Runs the window: Qt's loop as asyncio's (qasync), the core as one task in it, until the core has closed.

Counterpart: `app.py` makes the core. Whatever stops the core is told to the customer; whoever stops the program (a
signal, the desktop that goes away) is said in a sentence, after the session has been ended and the broker told.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import qasync
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from client_agent import events as ev
from client_agent.capture.base import is_wayland
from client_agent.failures import Failure, FailureKind
from client_agent.i18n import Language, Words
from client_agent.window import icons
from client_agent.window.front import FrontDoor
from client_agent.window.guard import Guard
from client_agent.window.main_window import AgentWindow
from client_agent.window.sound import Chime

log = logging.getLogger(__name__)


LAST_WORDS_S = 5.0
"""How long a core that has said `Closed`, or whose desktop is gone, may take to be done."""
TURN_S = 0.01
"""Between two turns of a loop that Qt no longer keeps running."""


MakeCore = Callable[[ev.WindowGuard], ev.RunningCore]
"""Makes the core, given what its injection must ask. Called once, in the running loop."""


def run_window(make: MakeCore, *, language: Language, state: Path) -> bool:
    """Show the window and run the core until the customer closes the program. `state`: the agent's own folder.

    False when the desktop went away under it.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        if is_wayland(dict(os.environ)) and os.environ.get("DISPLAY"):
            # As a Wayland client it would know no place of its own: no border, and no guard over itself.
            os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
        app = QApplication(sys.argv[:1])
    app.setApplicationName("relevo")
    app.setApplicationDisplayName("Relevo")
    app.setDesktopFileName("relevo-agent")
    app.setWindowIcon(icons.program_icon())
    app.setQuitOnLastWindowClosed(False)
    _ = Words(language)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        lost = asyncio.Event()
        life: asyncio.Task[None] = loop.create_task(live(make, app, lost, language=language, state=state))
        life.add_done_callback(lambda _done: loop.stop())
        loop.run_forever()
        desktop_stayed: bool = life.done()
        if not desktop_stayed:
            print(_("The desktop has gone away. The program ends."), file=sys.stderr)
            loop.call_soon(lost.set)
            _last_turns(loop, life)
        if life.done():
            life.result()
    return desktop_stayed


def _last_turns(loop: qasync.QEventLoop, life: "asyncio.Task[None]") -> None:
    """Without an X server Qt ends its loop after each turn: so it is turned by hand, until the broker has been told."""
    qInstallMessageHandler(lambda *_said: None)  # Qt would say at each turn that there is no server
    deadline = time.monotonic() + LAST_WORDS_S
    while not life.done() and time.monotonic() < deadline:
        loop.run_forever()
        time.sleep(TURN_S)


async def live(make: MakeCore, app: QApplication, lost: asyncio.Event, *, language: Language, state: Path) -> None:
    """One life of the window, in a loop that is Qt's. `lost`: there is no desktop any more."""
    _ = Words(language)
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    guard, chime = Guard(), Chime()
    core = make(guard)
    window = AgentWindow(core, guard, language, time.monotonic, chime)
    window.closed.connect(gone.set)
    door = FrontDoor(state, window.say_already_open)

    def quit_softly(*_how: object) -> None:
        loop.call_soon_threadsafe(window.do, ev.Quit())

    def told_to_stop(*_how: object) -> None:
        print(_("The program was told to stop. It ends."), file=sys.stderr)
        quit_softly()

    before = {number: signal.signal(number, told_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    # Logging out of the desktop, or shutting down.
    app.commitDataRequest.connect(quit_softly)
    window.show()
    running = asyncio.create_task(core.run(), name="core")
    closing = asyncio.create_task(gone.wait(), name="closing")
    without_desktop = asyncio.create_task(_close_unseen(lost, core, gone), name="desktop lost")
    try:
        await asyncio.wait((running, closing), return_when=asyncio.FIRST_COMPLETED)
        if not gone.is_set():
            error = running.exception()
            log.error("the core has stopped", exc_info=error)
            window.core_is_gone(Failure(kind=FailureKind.INTERNAL, detail=type(error).__name__ if error else ""))
        await closing
        await asyncio.wait((running,), timeout=LAST_WORDS_S)
    finally:
        for task in (running, closing, without_desktop):
            task.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
        door.close()
        chime.close()
        window.put_away()


async def _close_unseen(lost: asyncio.Event, core: ev.RunningCore, gone: asyncio.Event) -> None:
    """Close the core without the window, which nobody sees and nothing can draw any more."""
    await lost.wait()
    core.listen(lambda event: gone.set() if isinstance(event, ev.Closed) else None)
    core.do(ev.Quit())
