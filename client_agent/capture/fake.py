"""A desktop of a given array, for tests: chosen explicitly, never by the program."""

import threading

import numpy as np

from client_agent.capture.base import Capture, Cursor, Pixels


class FakeCapture(Capture):
    """Shows `picture`, which a test replaces or draws on before it calls `damage`."""

    def __init__(self, width: int = 320, height: int = 200) -> None:
        self.picture: Pixels = np.zeros((height, width, 4), np.uint8)
        self.grabs = 0
        self.shared = True
        """Whether its person has answered that it may be seen."""
        self.rests = 0
        self.at = (0, 0)
        self.shape: Cursor | None = None
        self._changed = threading.Event()
        self._damaged = False

    def open(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]

    def damage(self) -> None:
        """Say that `picture` changed."""
        self._damaged = True
        self._changed.set()

    @property
    def ready(self) -> bool:
        return self.shared

    def rest(self) -> None:
        self.rests += 1
        self.wait(0)

    def wait(self, timeout: float) -> bool:
        self._changed.wait(timeout)
        self._changed.clear()
        damaged, self._damaged = self._damaged, False
        return damaged

    def move(self, x: int, y: int) -> None:
        """Somebody moves the pointer."""
        self.at = (x, y)
        self._changed.set()

    def grab(self) -> Pixels:
        self.grabs += 1
        return self.picture.copy()

    def cursor(self, anyway: bool) -> Cursor | None:
        shape, self.shape = self.shape, None
        return shape

    def pointer(self) -> tuple[int, int]:
        return self.at

    def wake(self) -> None:
        self._changed.set()

    def close(self) -> None:
        self._changed.set()
