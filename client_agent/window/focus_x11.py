"""The keyboard of an X desktop, through its window manager (EWMH: `_NET_ACTIVE_WINDOW`).

Counterpart: `focus.py`.  On a connection of its own, so that no error of it reaches Qt's.
"""

import os
from collections.abc import Iterator

from Xlib import X, Xatom, display, error
from Xlib.protocol.event import ClientMessage
from Xlib.xobject.drawable import Window

_BY_A_PERSON = 2
"""EWMH's source indication: the customer's click on *Accept* asks for it, so it is no theft of the focus."""
_NO_PLACE_TO_TYPE = ("_NET_WM_WINDOW_TYPE_DESKTOP", "_NET_WM_WINDOW_TYPE_DOCK")
_FAILURES = (error.DisplayError, error.XError, error.ConnectionClosedError, OSError)


class X11Focus:
    """`display_name` as in `$DISPLAY`.  Without a window manager that speaks EWMH it does nothing."""

    def __init__(self, display_name: str) -> None:
        self._name = display_name
        self._display: display.Display | None = None
        self._before: int | None = None

    def remember(self) -> None:
        """See `focus.Focus`."""
        try:
            self._before = next(iter(self._windows("_NET_ACTIVE_WINDOW")), None)
        except _FAILURES:
            self._before = None

    def give_back(self) -> None:
        """See `focus.Focus`."""
        try:
            target = next(filter(self._can_have_it, self._candidates()), None)
            if target is not None:
                self._activate(target)
        except _FAILURES:
            pass

    def _candidates(self) -> Iterator[Window]:
        """The window of before, then all from the top down: the agent's own lay over the one in use."""
        on_top = self._windows("_NET_CLIENT_LIST_STACKING")[::-1]
        order = [self._before, *on_top] if self._before in on_top else on_top
        return (self._connected().create_resource_object("window", window) for window in order)

    def _can_have_it(self, window: Window) -> bool:
        """Another program's, in sight, and made to be worked in.  One that has just been closed is not."""
        try:
            kinds = self._property(window, "_NET_WM_WINDOW_TYPE", Xatom.ATOM)
            return (
                self._property(window, "_NET_WM_PID", Xatom.CARDINAL)[:1] != [os.getpid()]
                and window.get_attributes().map_state == X.IsViewable
                and not any(kind == self._connected().intern_atom(name) for kind in kinds for name in _NO_PLACE_TO_TYPE)
            )
        except error.XError:
            return False

    def _activate(self, window: Window) -> None:
        connection = self._connected()
        data = (32, [_BY_A_PERSON, X.CurrentTime, 0, 0, 0])
        message = ClientMessage(window=window, client_type=connection.intern_atom("_NET_ACTIVE_WINDOW"), data=data)
        mask = X.SubstructureRedirectMask | X.SubstructureNotifyMask
        connection.screen().root.send_event(message, event_mask=mask)
        connection.sync()

    def _windows(self, name: str) -> list[int]:
        return self._property(self._connected().screen().root, name, Xatom.WINDOW)

    def _property(self, window: Window, name: str, kind: int) -> list[int]:
        found = window.get_full_property(self._connected().intern_atom(name), kind)
        return list(found.value) if found else []

    def _connected(self) -> display.Display:
        if self._display is None:
            self._display = display.Display(self._name)
        return self._display
