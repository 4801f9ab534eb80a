"""For systems that do not say when the picture changes: when to look again.  Safe to wake from any thread."""

import threading
import time


class Pace:
    """Every `seconds`, by this process's monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._woken = threading.Event()
        self._looked_at = float("-inf")

    def wait(self, timeout: float) -> bool:
        """Block until it is time to look (True), or `wake` was called or `timeout` seconds passed (False)."""
        left = self._looked_at + self._seconds - time.monotonic()
        if left > 0:
            self._woken.wait(min(timeout, left))
            self._woken.clear()
            if time.monotonic() < self._looked_at + self._seconds:
                return False
        self._looked_at = time.monotonic()
        return True

    def wake(self) -> None:
        """Make `wait` return."""
        self._woken.set()
