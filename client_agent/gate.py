"""The one switch between the customer's will and the desktop: what may happen now, readable from any thread.

Counterparts: `permissions.py` decides; the capture thread (`screen.py`) and the injection thread (`inject/worker.py`)
ask before every grab and every event.  Shutting it is a plain assignment: it can wait for no network, no thread and no
lock, which is what the promise of Disconnect rests on (Q4).  Must never open by itself.
"""

from collections.abc import Callable


class Gate:
    """Shut when made.  `clock` is this computer's monotonic clock, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._view = False
        self._control = False
        self._for_good = False
        self.shut_at: float | None = None
        """When it was last shut."""
        self.last_grab: float | None = None
        """When the last grab had ended: proof of the promise."""
        self.last_injection: float | None = None

    @property
    def view(self) -> bool:
        """Whether the desktop may be grabbed."""
        return self._view

    @property
    def control(self) -> bool:
        """Whether input may be given.  Never without view: nobody types blind."""
        return self._view and self._control

    def allow(self, view: bool, control: bool) -> None:
        """Set both.  Has no effect after `shut_for_good`."""
        if self._for_good:
            return
        self._view, self._control = view, control
        if not view:
            self.shut_at = self._clock()

    def shut(self) -> None:
        """Nothing may happen now: a pause."""
        self._view = self._control = False
        self.shut_at = self._clock()

    def shut_for_good(self) -> None:
        """Nothing may ever happen again through this gate: an end."""
        self._for_good = True
        self.shut()

    def grabbed(self) -> None:
        """A grab has ended."""
        self.last_grab = self._clock()

    def injected(self) -> None:
        """An injection has ended."""
        self.last_injection = self._clock()
