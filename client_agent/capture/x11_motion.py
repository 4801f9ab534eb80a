"""That the pointer of an X server is being moved, whoever grabs it: raw motion of XInput 2.2.

Counterpart: `x11.py`, in whose thread it is used, and which asks for the place itself.  On a connection of its own,
through python-xlib: xcffib cannot read these events.  A program that *puts* the pointer somewhere is not told of.
"""

from Xlib import display, error
from Xlib.ext import xinput

from client_agent.errors import CaptureUnavailable

_VERSION = (2, 2)
"""Before 2.1, nothing is told while a program grabs the pointer, which every menu does."""


class X11Motion:
    """For the server of `display_name` (as in `$DISPLAY`).  Raises `CaptureUnavailable` where it does not tell."""

    def __init__(self, display_name: str) -> None:
        try:
            self._display = display.Display(display_name)
            if not self._listen():
                self._display.close()
                raise CaptureUnavailable("x11_motion")
        except (error.DisplayError, error.XError, error.ConnectionClosedError, OSError) as failure:
            raise CaptureUnavailable("x11_motion") from failure

    def _listen(self) -> bool:
        connection = self._display
        if not connection.has_extension(xinput.extname):
            return False
        opcode = connection.display.get_extension_major(xinput.extname)
        major, minor = _VERSION
        spoken = xinput.XIQueryVersion(
            display=connection.display, opcode=opcode, major_version=major, minor_version=minor
        )
        if (spoken.major_version, spoken.minor_version) < _VERSION:
            return False
        connection.screen().root.xinput_select_events([(xinput.AllMasterDevices, xinput.RawMotionMask)])
        connection.sync()
        return True

    def fileno(self) -> int:
        """For `select`: can be read when there may be something to `take`."""
        number: int = self._display.fileno()
        return number

    def take(self) -> bool:
        """Whether the pointer has been moved since the last call.  Raises `CaptureUnavailable` without a server."""
        moved = False
        try:
            while self._display.pending_events():
                self._display.next_event()
                moved = True
        except (error.ConnectionClosedError, OSError) as failure:
            raise CaptureUnavailable("x11_connection") from failure
        return moved

    def close(self) -> None:
        """Listen no more."""
        try:
            self._display.close()
        except (error.ConnectionClosedError, OSError):
            pass
