"""What an encoder is: it takes the newest picture and gives screen messages one at a time.

Counterpart: the console's `screen/` decoders; `client_agent.screen` drives it.  An encoder never queues: what was not
yet given of a picture is found again by comparing the next one, so the newest picture always wins.
"""

from abc import ABC, abstractmethod

from client_agent.capture.base import Pixels
from protocol import inner

ScreenMessage = inner.ScreenSize | inner.Tiles


class Encoder(ABC):
    """From pictures to messages that each fit one frame."""

    @abstractmethod
    def look(self, picture: Pixels) -> None:
        """Take a picture; it must stay unchanged until the next `look`.  What is left of the last one is dropped."""

    @abstractmethod
    def next(self) -> ScreenMessage | None:
        """The next message of the picture in hand; None when the console has it whole."""

    @abstractmethod
    def refine(self) -> ScreenMessage | None:
        """While nothing changes: a message that replaces lossy parts by exact ones; None when there are none."""

    @abstractmethod
    def restart(self) -> None:
        """The console has nothing any more (new line, `Refresh`): the next picture goes out whole."""
