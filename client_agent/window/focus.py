"""Gives the keyboard back after the consent: to the window that had it before the prompt came to the front.

Without it the technician's first keys would go to the agent's own window, where they are dropped (pairing rule 6).
Counterpart: `main_window.py`.  Must never raise: a keyboard that stays where it is costs one click.
"""

import os
import sys
from typing import Protocol


class Focus(Protocol):
    """Who has the keyboard on this desktop."""

    def remember(self) -> None:
        """A prompt is about to take it."""

    def give_back(self) -> None:
        """To the window that had it, or to the one on top, if it is another program's."""


class Nowhere:
    """A desktop that cannot be asked."""

    def remember(self) -> None:
        """Nothing."""

    def give_back(self) -> None:
        """Nothing."""


def of_this_desktop(platform_name: str) -> Focus:
    """`platform_name`: Qt's name for the desktop that it draws on."""
    if sys.platform == "win32":
        from client_agent.window.focus_windows import WindowsFocus

        return WindowsFocus()
    if sys.platform == "darwin":
        from client_agent.window.focus_macos import MacFocus

        return MacFocus()
    if platform_name == "xcb":
        from client_agent.window.focus_x11 import X11Focus

        return X11Focus(os.environ["DISPLAY"])
    return Nowhere()
