"""`relevo agent --terminal`: the same screens as plain text with numbered answers, for a computer without a window.

Counterparts: `terminal_page.py` makes the text and the answers; `window/`, with which it shares the view model.
"""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from client_agent import events as ev
from client_agent import receipt_text, wording
from client_agent.i18n import LANGUAGES, Language, Words
from client_agent.terminal_page import answers, page
from client_agent.window.view_model import (
    CloseOverlay,
    Gesture,
    Overlay,
    ScreenState,
    Session,
    fits,
    update,
)
from protocol import limits
from protocol.errors import BadTransition


class Terminal:
    """Holds the state; `write` takes text to print, `line` what was typed."""

    def __init__(
        self, core: ev.Core, language: Language, clock: Callable[[], float], write: Callable[[str], None],
        guard: ev.NoWindow | None = None, receipts: Path | None = None,
    ) -> None:  # fmt: skip
        self._core, self._clock, self._write = core, clock, write
        self._guard, self._receipts = guard or ev.NoWindow(), receipts
        self._words = {name: Words(name) for name in LANGUAGES}
        self._state = ScreenState(language=language)
        self._face: ScreenState | None = None
        self._ending = False
        core.listen(self.take)
        self._print()

    @property
    def state(self) -> ScreenState:
        """What is on screen."""
        return self._state

    def take(self, event: ev.Event) -> None:
        """An event of the core. One that the view model does not know ends the session."""
        try:
            self._state = update(self._state, event)
        except BadTransition:
            if not self._ending:
                self._ending = True
                self._core.do(ev.Disconnect(at=self._clock()))
                self._ending = False
            return
        if isinstance(event, ev.Billed):
            self._keep_receipt()
        self._print()

    def _keep_receipt(self) -> None:
        ended = self._state.ended
        if self._receipts is None or ended is None or ended.agreed is None:
            return
        _, file = self._words[self._state.language], self._receipts / receipt_text.name(ended)
        try:
            self._receipts.mkdir(parents=True, exist_ok=True)
            file.write_text(receipt_text.text(ended, ended.agreed, self._state.bill), "utf-8")
        except OSError as error:
            self._write("\n" + _("It could not be saved: {reason}", reason=wording.plain(str(error), wording.NOTE)))
        else:
            self._write("\n" + _("Saved as {path}", path=file))

    def line(self, typed: str) -> None:
        """A number of the menu, or the words of a report."""
        if self._state.overlay is Overlay.REPORT:
            self._do(ev.ReportSuspicion(text=typed.strip()[: limits.LONG_TEXT]))
            return
        if self._state.overlay is Overlay.RATE and self._state.ended:
            stars, comment = typed.strip()[:1], typed.strip()[1:].strip(" :,.-")
            if stars in ("1", "2", "3", "4", "5"):
                comment = comment[: limits.LONG_TEXT]
                self._do(ev.Rate(session_id=self._state.ended.session_id, stars=int(stars), comment=comment))
            else:
                self._do(CloseOverlay())
            return
        menu = answers(self._state, self._words[self._state.language], self._clock())
        choice = typed.strip()
        if choice.isascii() and choice.isdigit() and 1 <= int(choice) <= len(menu):
            self._do(menu[int(choice) - 1].does)
        elif choice:
            self._face = None
            self._print()

    def end_of_input(self) -> None:
        """The terminal is gone: the program closes."""
        self._do(ev.Quit())

    def _do(self, what: ev.Command | Gesture) -> None:
        if not fits(self._state, what):
            return
        self._state = update(self._state, what)
        if not isinstance(what, Gesture):
            self._core.do(what)
        self._print()

    def _print(self) -> None:
        self._guard.asking(self._state.prompt_open)
        self._print_face()

    def _print_face(self) -> None:
        """Only when something else is to be read: not for each figure of the meter, nor for a minute more."""
        face = replace(self._state, session=_still(self._state.session) if self._state.session else None)
        if face == self._face:
            return
        self._face = face
        _, now = self._words[face.language], self._clock()
        menu = (f"  {number}) {answer.text}" for number, answer in enumerate(answers(face, _, now), 1))
        self._write("\n".join(("", page(self._state, _, now), *menu, "> ")))


def _still(session: Session) -> Session:
    """Without what runs by itself: of the cost, what is owed stays."""
    cost = session.cost
    owed = replace(cost, connected_s=0, rounded_minutes=0, minutes_left=None) if cost else None
    return replace(session, meter=None, cost=owed)


def run_terminal(
    make: Callable[[ev.WindowGuard], ev.RunningCore], *, language: Language, receipts: Path | None = None
) -> None:
    """Speak in this terminal until the customer closes the program.  `receipts`: a folder for each session's."""
    asyncio.run(_live_in_terminal(make, language, receipts))


async def _live_in_terminal(
    make: Callable[[ev.WindowGuard], ev.RunningCore], language: Language, receipts: Path | None
) -> None:
    loop, guard = asyncio.get_running_loop(), ev.NoWindow()
    core = make(guard)

    def write(text: str) -> None:
        print(text, end="", flush=True)

    terminal = Terminal(core, language, time.monotonic, write, guard, receipts)

    def read() -> None:
        """In a thread of its own, which ends with the program: reading a line cannot be cancelled everywhere."""
        for typed in sys.stdin:
            loop.call_soon_threadsafe(terminal.line, typed)
        loop.call_soon_threadsafe(terminal.end_of_input)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(terminal.end_of_input))
    threading.Thread(target=read, name="terminal", daemon=True).start()
    await core.run()
    print()
