"""What an encoder is: it takes the newest picture and gives screen messages one at a time.

Counterpart: the console's `screen/` decoders; `client_agent.screen` drives it.  An encoder never queues: what was not
yet given of a picture is found again by comparing the next one, so the newest picture always wins.
"""

from abc import ABC, abstractmethod
from typing import Literal

from client_agent.capture.base import Area, Pixels
from client_agent.encode.pacer import Line
from protocol import inner
from protocol.inner import VideoCodec

ScreenMessage = inner.ScreenSize | inner.Tiles | inner.VideoStart | inner.Video

Sending = Literal["nothing", "exact", "photo", "video"]
"""What the pictures of the last moment were mostly made of."""


class Encoder(ABC):
    """From pictures to messages that each fit one frame.  `now` is monotonic seconds."""

    @abstractmethod
    def look(
        self, picture: Pixels, damage: tuple[Area, ...], monitors: tuple[Area, ...], line: Line, now: float
    ) -> None:
        """Take a picture; it must stay unchanged until the next `look`.  It differs from the last one within `damage`
        only.  What is left of the last one is dropped."""

    @abstractmethod
    def next(self, line: Line, now: float) -> ScreenMessage | None:
        """The next message, the most urgent first; None when nothing is to go now."""

    @abstractmethod
    def look_at(self, damage: tuple[Area, ...], now: float) -> float:
        """When a picture with this damage should be looked at: at once, or later where it only goes on moving."""

    @abstractmethod
    def due_at(self, now: float) -> float:
        """When `next` may have something though nothing changes any more; infinite when all is exact."""

    @abstractmethod
    def decodes(self, codecs: tuple[VideoCodec, ...]) -> None:
        """The moving pictures that the console can draw."""

    @abstractmethod
    def restart(self) -> None:
        """The console has nothing any more (new line, `Refresh`): the next picture goes out whole."""

    @property
    @abstractmethod
    def sending(self) -> Sending:
        """What was given last."""
