"""The window's head: whose service it is, and the language."""

from functools import partial

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from client_agent import events as ev
from client_agent import wording
from client_agent.i18n import LANGUAGES, NAMES, Language
from client_agent.window import icons
from client_agent.window.view_model import ScreenState
from client_agent.window.views.page import Send
from client_agent.window.widgets import Button, Label, Look

LOGO = 30
"""Logical pixels."""


class Header(QFrame):
    """The provider's logo and name, Relevo's where there is none; a button for each language."""

    def __init__(self, look: Look, send: Send) -> None:
        super().__init__()
        self.setObjectName("header")
        self._send = send
        self._drawn: bytes | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 10, 12, 10)
        row.setSpacing(10)
        self._logo, self._provider = QLabel(), Label("", 1.05, bold=True)
        row.addWidget(self._logo)
        row.addWidget(self._provider, 1)
        self._buttons: dict[Language, Button] = {}
        for language in LANGUAGES:
            button = Button(look, factor=0.9)
            button.setObjectName("language")
            button.setCheckable(True)
            button.say(NAMES[language])
            # Not `clicked`: a screen reader toggles.
            button.toggled.connect(partial(self._switched, language))
            self._buttons[language] = button
            row.addWidget(button)

    def draw(self, state: ScreenState) -> None:
        """Qt draws it."""
        self._provider.setText(wording.plain(state.provider.name) or "Relevo")
        if state.provider.logo != self._drawn:
            self._drawn, ratio = state.provider.logo, self.devicePixelRatioF()
            self._logo.setPixmap(icons.logo(state.provider.logo, LOGO, ratio) or icons.mark(LOGO, ratio))
        self._tick(state.language)

    def _tick(self, language: Language) -> None:
        for name, button in self._buttons.items():
            with QSignalBlocker(button):
                button.setChecked(name == language)

    def _switched(self, language: Language, on: bool) -> None:
        if on:
            self._send(ev.SetLanguage(language=language))
        else:
            self._tick(language)
