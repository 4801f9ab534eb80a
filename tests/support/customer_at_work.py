"""A customer with the provider's program: the real agent with its real text screens; the desktop is a drawn one.

Counterpart: `tests.support.firm`, the provider's side.  What the customer reads is what `relevo agent --terminal` says.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import numpy as np

from client_agent import events as ev
from client_agent import wording
from client_agent.capture.base import Pixels
from client_agent.capture.fake import FakeCapture
from client_agent.core import AgentCore
from client_agent.desktop import Backends
from client_agent.i18n import Language, Words
from client_agent.identity import Identity
from client_agent.inject.fake import FakeInjector
from client_agent.link import Lines
from client_agent.terminal import Terminal
from client_agent.terminal_page import answers, page
from tests.client_agent.support.customer import OpenGuard, build_of
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually


class Remembering:
    """A core that keeps what came of it and what was asked of it, in order: a picture of the window needs both."""

    def __init__(self, core: ev.Core) -> None:
        self._core = core
        self.journal: list[ev.Event | ev.Command] = []

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """`events.Core`'s."""

        def heard(event: ev.Event) -> None:
            self.journal.append(event)
            listener(event)

        self._core.listen(heard)

    def do(self, command: ev.Command) -> None:
        """`events.Core`'s."""
        self.journal.append(command)
        self._core.do(command)


class CustomerAtWork:
    """`language`: what the customer reads; `desktop` and `input`: those of the session at hand."""

    def __init__(self, core: AgentCore, language: Language, desktop: FakeCapture, input: FakeInjector) -> None:
        self.language, self.desktop, self.input = language, desktop, input
        self.remembered, self._words = Remembering(core), Words(language)
        self._terminal = Terminal(self.remembered, language, time.monotonic, lambda _printed: None)

    @property
    def reads(self) -> str:
        """What stands on the customer's screen, with ordinary spaces."""
        return page(self._terminal.state, self._words, time.monotonic()).replace("\u00a0", " ")

    async def sees(self, *texts: str) -> None:
        """Wait until all that stands there."""
        try:
            await eventually(lambda: all(text in self.reads for text in texts))
        except TimeoutError:
            raise AssertionError(f"{texts} is not what the customer reads:\n{self.reads}") from None

    async def chooses(self, text: str) -> None:
        """Type the number of the answer that begins so, as soon as there is one."""
        await eventually(lambda: self._number(text))
        self._terminal.line(f"{self._number(text)}\n")

    def something_changes(self) -> None:
        """On the customer's screen: a speck."""
        self.desktop.picture[0, 0, :3] ^= 0xFF
        self.desktop.damage()

    def types(self, text: str) -> None:
        """A line of words, where one is asked for."""
        self._terminal.line(f"{text}\n")

    def _number(self, text: str) -> int:
        offered = answers(self._terminal.state, self._words, time.monotonic())
        return next((at for at, answer in enumerate(offered, 1) if answer.text.startswith(text)), 0)

    async def code(self) -> tuple[str, str]:
        """The ID and the password that the customer reads out."""
        await eventually(lambda: self._terminal.state.code is not None)
        shown = self._terminal.state.code
        assert shown is not None
        return shown.id, shown.password

    async def agrees_to_the_terms(self) -> None:
        """Accept the terms of service, which are asked for once."""
        await self.chooses(self._words("Accept and go on"))

    async def accepts(self, limit_minutes: int | None = None) -> None:
        """Say yes to the technician who asks, for mouse and keyboard too; `limit_minutes`: ask me again after that."""
        _ = self._words
        if limit_minutes is not None:
            again = wording.limit_choice(limit_minutes, _)
            await self.chooses(_("Ask me again after: {choice}", choice=again))
        await self.chooses(f"{_('Accept')}: {wording.permission('view', _)}, {wording.permission('control', _)}")
        await eventually(lambda: self._terminal.state.session)

    async def disconnects(self) -> None:
        """End the session."""
        await self.chooses(self._words("Disconnect"))
        await eventually(lambda: self._terminal.state.ended)


@asynccontextmanager
async def customer_at_work(
    broker: LiveBroker, state: Path, language: Language = "es", utc: Callable[[], datetime] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[CustomerAtWork]:  # fmt: skip
    """The program runs, and is closed at the end.  `utc`: the day's time that it believes; `clock`: its seconds."""
    desktop, input = FakeCapture(640, 400), FakeInjector()
    desktop.picture = a_desktop(640, 400)
    core = AgentCore(
        build_of(broker), Lines(broker.provider.origin), Identity.open(state),
        Backends(lambda: desktop, lambda: input), OpenGuard(), language, clock=clock,
        utc=utc or broker.services.clock.utc,
    )  # fmt: skip
    someone = CustomerAtWork(core, language, desktop, input)
    running = asyncio.create_task(core.run())
    try:
        yield someone
    finally:
        core.do(ev.Quit())
        await running


def a_desktop(width: int, height: int) -> Pixels:
    """Something to see: a background with a window and lines of text in it.  BGRX, as captures give it."""
    drawn = np.zeros((height, width, 4), np.uint8)
    drawn[..., :3] = np.linspace((150, 110, 60), (90, 60, 30), height).astype(np.uint8)[:, None]
    drawn[60:-60, 80:-80, :3], drawn[60:84, 80:-80, :3] = 245, (120, 90, 40)
    for line in range(110, height - 80, 22):
        drawn[line : line + 8, 110 : 250 + line * 7 % 260, :3] = 90
    return drawn


def picture_of_the_window(someone: CustomerAtWork, file: Path) -> None:
    """The program's window as it would be now: the same events, drawn by the real window without a display."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from client_agent.window import style
    from client_agent.window.guard import Guard
    from client_agent.window.main_window import HEIGHT, WIDTH, AgentWindow
    from client_agent.window.views.consent import WAKE_MS
    from tests.client_agent.support.scripted_core import ScriptedCore

    _app = QApplication.instance() or QApplication([])
    core = ScriptedCore()
    window = AgentWindow(core, Guard(), someone.language, time.monotonic, lambda: None, lambda: style.LIGHT)
    window.show()
    window.resize(WIDTH, HEIGHT)
    for happened in someone.remembered.journal:
        if isinstance(happened, ev.Event):
            core.emit(happened)
        else:
            window.do(happened)
    QTest.qWait(WAKE_MS + 50)
    window.grab().save(str(file))
    window.put_away()
    window.deleteLater()
