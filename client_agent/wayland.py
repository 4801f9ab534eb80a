"""A Wayland desktop's capture and input: one share of the portal's for both.

Counterparts: `desktop.py` asks for an injector and then a capture for each session; `portal.py`.
"""

import functools

from client_agent.capture.base import Capture
from client_agent.errors import CaptureUnavailable, InjectUnavailable
from client_agent.inject.base import Injector
from client_agent.portal import PortalOver, Share, bus_address, probe


class WaylandDesktop:
    """Of the person whose environment it is."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._address, self._display = bus_address(environ), environ.get("DISPLAY")
        self._share: Share | None = None

    def injector(self) -> Injector:
        """The pointer and the keyboard; the capture that is made next shares with it."""
        from client_agent.inject.wayland import WaylandInjector

        if self._address is None or not self._display:
            raise InjectUnavailable("wayland")
        self._share = Share(self._address)
        return WaylandInjector(self._share, self._display)

    def capture(self) -> Capture:
        """The screens.  Raises `CaptureUnavailable` where a part is missing, before anybody is asked anything."""
        from client_agent.capture.wayland import WaylandCapture

        if self._address is None:
            raise CaptureUnavailable("portal_missing")
        if not self._display:  # by it the agent's own windows know where they are
            raise CaptureUnavailable("wayland_xwayland")
        _has_portal(self._address)
        share, self._share = self._share, None
        return WaylandCapture(share or Share(self._address))


@functools.cache
def _has_portal(address: str) -> None:
    """Asked once: what is there stays there."""
    try:
        probe(address)
    except PortalOver as over:
        raise CaptureUnavailable(f"portal_{over.reason}") from over
