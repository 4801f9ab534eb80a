"""The keyboard of a Mac: the program in front, not a window of it.  Unproven: no Mac was at hand.

Counterpart: `focus.py`.
"""

import os
from typing import Any

from AppKit import NSApplication, NSApplicationActivateIgnoringOtherApps, NSWorkspace


class MacFocus:
    """See `focus.Focus`."""

    def __init__(self) -> None:
        self._before: Any = None

    def remember(self) -> None:
        """See `focus.Focus`."""
        self._before = NSWorkspace.sharedWorkspace().frontmostApplication()

    def give_back(self) -> None:
        """See `focus.Focus`.  Where the agent was in front before, macOS brings the program behind it."""
        before = self._before
        if before is not None and before.processIdentifier() != os.getpid() and not before.isTerminated():
            before.activateWithOptions_(NSApplicationActivateIgnoringOtherApps)
        else:
            NSApplication.sharedApplication().deactivate()
