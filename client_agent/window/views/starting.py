"""What the agent is doing, step by step, before it can show a code; also the page while it waits or closes."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from client_agent import wording
from client_agent.events import Step, StepState
from client_agent.i18n import Words
from client_agent.window import icons
from client_agent.window.view_model import ScreenState, View
from client_agent.window.views.page import Page, Send
from client_agent.window.widgets import Box, Label, Look, Notice, Picture

_PICTURES: dict[StepState | None, tuple[icons.Name, str]] = {
    None: ("circle", "control"),
    StepState.DOING: ("clock", "accent"),
    StepState.DONE: ("verified", "good"),
}


class StepRow(QWidget):
    """One step and how far it is."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._picture, self._name, self._state = Picture(look, 26), Label(), Label("muted", 0.9, wrap=False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        row.addWidget(self._picture)
        row.addWidget(self._name, 1)
        row.addWidget(self._state)

    def show_step(self, step: Step, state: StepState | None, note: str, _: Words) -> None:
        """`state` None: not begun."""
        words = {None: _("to do"), StepState.DOING: _("under way…"), StepState.DONE: _("done")}
        self._picture.draw(*_PICTURES[state])
        font = self._name.font()
        font.setBold(state is StepState.DOING)
        self._name.setFont(font)
        self._name.setText(_(wording.STEPS[step]))
        self._state.setText(note or words[state])


class StartingPage(Page):
    """The steps, and a word of calm."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__(look, send)
        self._steps = box = Box(margin=16)
        self._rows = {step: StepRow(look) for step in Step}
        for row in self._rows.values():
            box.column.addWidget(row)
        self.column.addWidget(box)
        self._calm = Notice(look, "good")
        self.column.addWidget(self._calm)
        self.column.addStretch(1)

    def draw(self, state: ScreenState, _: Words) -> None:
        """Qt draws it."""
        self.head(*self._words(state.view, _))
        for step, row in self._rows.items():
            row.show_step(step, state.steps.get(step), self._note(step, state, _), _)
        self._steps.setVisible(state.view is View.STARTING)
        self._calm.say(_("Nobody can see your screen. Nobody can connect until you agree."), "shield", "good_text")

    @staticmethod
    def _words(view: View, _: Words) -> tuple[str, str]:
        if view is View.JOINING:
            return _("Connecting the technician…"), _("Your consent is being recorded. This takes a moment.")
        if view is View.ENDING:
            return _("Ending…"), _("Your screen is not shown any more.")
        if view in (View.CLOSING, View.CLOSED):
            return _("Closing…"), _("The ID and password do not work any more.")
        return _("One moment, please"), _("The program is getting ready. There is nothing for you to do.")

    @staticmethod
    def _note(step: Step, state: ScreenState, _: Words) -> str:
        if step is Step.MEASURE and state.measured and state.steps.get(step) is StepState.DONE:
            return _("{rate} kbit/s", rate=_.number(min(state.measured.down_kbit, state.measured.up_kbit)))
        return ""
