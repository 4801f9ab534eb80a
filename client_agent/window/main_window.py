"""The window: header, page, Disconnect, footer. Feeds events and clicks to the view model and draws what comes of it.

Counterpart: a `Core` (the real one is wired in `app.py`). Fails closed: an event that the view model does not know ends
the session. Must never decide anything of its own about a session: it asks the core.
"""

import logging
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from client_agent import events as ev
from client_agent import wording
from client_agent.failures import Failure
from client_agent.i18n import LANGUAGES, Language, Words
from client_agent.window import guard as guards
from client_agent.window import icons, style
from client_agent.window.focus import of_this_desktop
from client_agent.window.header import Header
from client_agent.window.overlay import THICKNESS, Bar, Border
from client_agent.window.qt_texts import QtTexts
from client_agent.window.view_model import (
    AskToClose,
    Gesture,
    OpenReport,
    Overlay,
    ScreenState,
    View,
    fits,
    update,
)
from client_agent.window.views.burns import BurnsPage
from client_agent.window.views.closing import ClosingPage
from client_agent.window.views.code import CodeCard, CodePage
from client_agent.window.views.consent import ConsentPage
from client_agent.window.views.ended import EndedPage
from client_agent.window.views.failed import FailedPage
from client_agent.window.views.limit import LimitPage
from client_agent.window.views.live import LivePage
from client_agent.window.views.page import Frame, Page
from client_agent.window.views.rating import RatingPage
from client_agent.window.views.report import ReportPage
from client_agent.window.views.starting import StartingPage
from client_agent.window.views.terms import TermsPage
from client_agent.window.widgets import Button, Look, Notice
from protocol.errors import BadTransition

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 440, 740
"""Logical pixels at first, with text of `style.BODY`; larger with larger text, as far as the screen goes."""
TICK_MS, LIFT_MS = 250, 1_000


class AgentWindow(QWidget):
    """The one window of the agent. `clock`: monotonic, s; `chime`: sounds when somebody asks; `colours`: of now."""

    closed = Signal()
    """The core has said `Closed`: the program may stop."""

    def __init__(
        self,
        core: ev.Core,
        guard: guards.Guard,
        language: Language,
        clock: Callable[[], float],
        chime: Callable[[], None],
        colours: Callable[[], style.Colours] = style.system_colours,
    ) -> None:
        super().__init__()
        self._core, self._guard, self._clock, self._chime = core, guard, clock, chime
        self._core_gone, self._ending, self._colours = False, False, colours
        self._look, self._qt_texts = Look(), QtTexts()
        self._focus = of_this_desktop(QGuiApplication.platformName())
        self._state = ScreenState(language=language)
        self._words = {name: Words(name) for name in LANGUAGES}
        self.setObjectName("window")
        self.setWindowIcon(icons.program_icon())
        # Before any part is made: parts measure their letters by the program's own.
        self._dress()
        self._build()
        self._border, self._bar = Border(self._look), Bar(self._look, self.disconnect_now, self.to_front)
        self._tick, self._lift = QTimer(self, interval=TICK_MS), QTimer(self, interval=LIFT_MS)
        self._tick.timeout.connect(self._ticked)
        self._tick.start()
        self._lift.timeout.connect(self._lifted)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._recolour)
        QGuiApplication.instance().focusWindowChanged.connect(lambda _window: self._look_around())  # type: ignore[union-attr]
        for widget in (self, self._bar):
            widget.installEventFilter(self)
        core.listen(self.take)
        self._draw()
        room = self.screen().availableGeometry()
        larger = max(1.0, self.font().pointSizeF() / style.BODY)
        self.resize(min(round(WIDTH * larger), room.width()), min(round(HEIGHT * larger), room.height() - 40))

    # What goes on ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> ScreenState:
        """What is on screen."""
        return self._state

    def take(self, event: ev.Event) -> None:
        """An event of the core."""
        before = self._state
        try:
            self._state = update(before, event)
        except BadTransition as error:
            log.error("%s: the session is ended", error)
            self._end_once()
            return
        if self._state.view is not before.view:
            self._notice.hide()
        self._draw()
        self._call(before)
        if isinstance(event, ev.NotServed) and self._state.view is View.CODE:
            self._announce(wording.not_served(event, self._language))
        self._close_if_closed(before)

    def _end_once(self) -> None:
        """Ending says events too: one of them out of place must not end again, without end."""
        if not self._ending:
            self._ending = True
            try:
                self._core.do(ev.Disconnect(at=self._clock()))
            finally:
                self._ending = False

    def do(self, what: ev.Command | Gesture) -> None:
        """A click. One that no longer means anything (a second one on Disconnect) has no effect."""
        if not fits(self._state, what):
            return
        self._notice.hide()
        before = self._state
        self._state = update(before, what)
        if self._core_gone:
            self._state = update(self._state, ev.Closed()) if isinstance(what, ev.Quit) else self._state
            self._close_if_closed(before)
        elif not isinstance(what, Gesture):
            self._core.do(what)
        self._draw()
        self._call(before)

    def disconnect_now(self) -> None:
        """The red button: the promise of 500 ms counts from here (Q4)."""
        self.do(ev.Disconnect(at=self._clock()))

    def core_is_gone(self, failure: Failure) -> None:
        """The core has stopped without being asked: nothing is captured any more; all that is left is to close."""
        if self._state.view is View.CLOSED:
            return
        self._core_gone = True
        self._state = ScreenState(
            language=self._state.language, provider=self._state.provider, view=View.FAILED, failure=failure
        )
        self._draw()

    def put_away(self) -> None:
        """Take every window off the screen."""
        self._tick.stop()
        self._lift.stop()
        self._border.hide()
        self._bar.close()
        self.hide()

    def _close_if_closed(self, before: ScreenState) -> None:
        if self._state.view is View.CLOSED and before.view is not View.CLOSED:
            self.put_away()
            self.closed.emit()

    def say_already_open(self) -> None:
        """A second agent was started: this one comes to the front and says so until something else is to be read."""
        self.to_front()
        _ = self._language
        self._notice.say(_("The program was already open: this is its window."), "flag", "accent")
        self._notice.show()

    def to_front(self) -> None:
        """Where the customer sees it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's. Closing asks while a technician is connected; answers no while one asks; otherwise ends the program."""
        if self._state.view is View.CLOSED:
            event.accept()
            return
        event.ignore()
        if self._state.must_ask_to_close:
            self.do(AskToClose())
        elif self._state.view is not View.CLOSING:
            if self._state.consent and self._state.view is View.CONSENT:
                self.do(ev.Refuse(session_id=self._state.consent.session_id))
            self.do(ev.Quit())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: a window of ours has moved."""
        if event.type() in _MOVES:
            self._look_around()
        return False

    # How it is drawn -------------------------------------------------------------------------------------------------

    @property
    def _language(self) -> Words:
        return self._words[self._state.language]

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._header = Header(self._look, self.do)
        column.addWidget(self._header)
        self._notice = Notice(self._look, "info")
        self._notice.hide()
        column.addWidget(self._notice)
        self._stack, self._pages, self._overlays = QStackedWidget(), dict[View, Page](), dict[Overlay, Page]()
        starting = StartingPage(self._look, self.do)
        self._pages = {
            View.TERMS: TermsPage(self._look, self.do),
            View.CODE: CodePage(self._look, self.do),
            View.CONSENT: ConsentPage(self._look, self.do),
            View.LIVE: LivePage(self._look, self.do),
            View.ENDED: EndedPage(self._look, self.do),
            View.FAILED: FailedPage(self._look, self.do),
            View.BURNS: BurnsPage(self._look, self.do),
        } | dict.fromkeys((View.STARTING, View.JOINING, View.ENDING, View.CLOSING, View.CLOSED), starting)
        report = ReportPage(self._look, self.do)
        closing = ClosingPage(self._look, self.do)
        limit, rating = LimitPage(self._look, self.do), RatingPage(self._look, self.do)
        self._overlays = {
            Overlay.RATE: rating,
            Overlay.RATED: rating,
            Overlay.REPORT: report,
            Overlay.REPORTED: report,
            Overlay.CLOSE: closing,
            Overlay.LIMIT: limit,
        }
        self._frames: dict[Page, Frame] = {}
        for page in dict.fromkeys((*self._pages.values(), *self._overlays.values())):
            self._frames[page] = Frame(page)
            self._stack.addWidget(self._frames[page])
        column.addWidget(self._stack, 1)
        self._strip = QFrame()
        self._strip.setObjectName("strip")
        strip = QHBoxLayout(self._strip)
        strip.setContentsMargins(22, 10, 22, 12)
        self._disconnect = Button(self._look, "danger", 1.25)
        self._disconnect.setMinimumHeight(56)
        self._disconnect.clicked.connect(self.disconnect_now)
        strip.addWidget(self._disconnect)
        column.addWidget(self._strip)
        self._footer = QFrame()
        self._footer.setObjectName("footer")
        row = QHBoxLayout(self._footer)
        row.setContentsMargins(14, 2, 14, 8)
        self._report = Button(self._look, "quiet", 0.95)
        self._report.clicked.connect(lambda: self.do(OpenReport()))
        row.addStretch(1)
        row.addWidget(self._report)
        row.addStretch(1)
        column.addWidget(self._footer)

    def _page(self) -> Page:
        return self._overlays.get(self._state.overlay) or self._pages[self._state.view]

    def _draw(self) -> None:
        state, _ = self._state, self._language
        self._qt_texts.speak(state.language)
        self.setWindowTitle(wording.plain(state.provider.name) or "Relevo")
        self._header.draw(state)
        if state.code is None:
            for card in self.findChildren(CodeCard):
                card.forget()
        page = self._page()
        page.draw(state, _)
        page.tick(state, _, self._clock())
        frame = self._frames[page]
        if self._stack.currentWidget() is not frame:
            frame.area.verticalScrollBar().setValue(0)
            self._stack.setCurrentWidget(frame)
            page.title.setFocus(Qt.FocusReason.OtherFocusReason)
            self._announce(". ".join(filter(None, (page.title.text(), page.under.text()))))
        self._disconnect.say(_("Disconnect"), "cross", _("End the connection at once"))
        self._strip.setVisible(state.in_session)
        self._report.say(_("Report a suspicion"), "flag")
        self._footer.setVisible(state.overlay is Overlay.NONE and state.view not in (View.BURNS, View.CLOSING))
        self._draw_desktop()
        self._look_around()

    def _draw_desktop(self) -> None:
        """Border and bar."""
        session, _ = self._state.session, self._language
        if session is None or self._state.view is not View.LIVE:
            self._border.hide()
            self._bar.hide()
            self._lift.stop()
            return
        paused = session.paused_until is not None
        colour = "warn" if paused else "danger"
        self._border.show("warn" if paused else "danger")
        name = wording.plain(session.live.operator_name, 24) or _("A technician")
        text = _("{name}: line lost", name=name) if paused else _("{name} is connected", name=name)
        now = self._clock()
        time = wording.clock((session.paused_until or 0) - now) if paused else wording.running(now - session.since, _)
        self._bar.say(text, time, _("Disconnect"), colour)
        self._bar.bring()
        if not self._lift.isActive():
            self._lifted()
            self._lift.start()

    def _lifted(self) -> None:
        self._border.lift()
        self._bar.lift()

    def _ticked(self) -> None:
        self._page().tick(self._state, self._language, self._clock())
        self._draw_desktop()
        self._look_around()

    def _look_around(self) -> None:
        self._guard.set(guards.look_around(self._state.prompt_open))

    def _call(self, before: ScreenState) -> None:
        """Bring the window to the customer when the customer is needed, or when it is over."""
        view, asked = self._state.view, self._state.asked
        if view is before.view and asked is before.asked:
            return
        handle = self.windowHandle()
        if handle is not None:
            handle.setFlag(Qt.WindowType.WindowStaysOnTopHint, asked)
        if asked:
            self._focus.remember()
            self.to_front()
            self._chime()
        elif view is View.LIVE:
            self._step_aside()
            if self._state.session and "control" in self._state.session.granted and self._has_keyboard():
                self._focus.give_back()
        elif view in (View.ENDED, View.BURNS):
            self.to_front()

    def _has_keyboard(self) -> bool:
        return QGuiApplication.focusWindow() is not None

    def _step_aside(self) -> None:
        """To the lower right: the technician works beside this window, and reaches nothing under it."""
        room, frame = self.screen().availableGeometry(), self.frameGeometry()
        self.move(
            max(room.left(), room.right() - frame.width() - THICKNESS),
            max(room.top(), room.bottom() - frame.height() - THICKNESS),
        )

    def _announce(self, text: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _recolour(self) -> None:
        self._dress()
        self._draw()

    def _dress(self) -> None:
        self._look.colours = self._colours()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            style.dress(app, self._look.colours)


_MOVES = frozenset(
    {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange}
)
