"""Close although a technician is connected? The answer that a slip gives is: stay."""

from client_agent import wording
from client_agent.events import Quit
from client_agent.i18n import Words
from client_agent.window.view_model import CloseOverlay, ScreenState
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Button, Look, Notice


class ClosingPage(Page):
    """The question, and both answers."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._what = Notice(look, "warn")
        self.column.addWidget(self._what)
        self.column.addStretch(1)
        self._stay, self._close = Button(look, "primary"), Button(look)
        self.answers.addWidget(self._stay)
        self.answers.addWidget(self._close)
        self._stay.clicked.connect(lambda: self.send(CloseOverlay()))
        self._close.clicked.connect(lambda: self.send(Quit()))

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        name = wording.plain(state.session.live.operator_name) if state.session else ""
        self.head(_("Close the program?"))
        self._what.say(
            _(
                "{name} is connected. If you close the program, the connection ends at once.",
                name=name or _("A technician"),
            ),
            "warning",
            "warn_text",
        )
        self._stay.say(_("Keep it open"))
        self._close.say(_("End the connection and close"), "door")
