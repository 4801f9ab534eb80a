"""The technicians' consoles that are connected now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from broker.lines import Line
from broker.permissions import Principal
from protocol import control

if TYPE_CHECKING:
    from broker.pairing.run import Pairing

ConsoleLine = Line[control.ConsoleToBroker]


@dataclass(slots=True, eq=False)
class Console:
    """One connection of a signed-in operator; a browser may have several."""

    principal: Principal
    line: ConsoleLine
    pairings: "dict[str, Pairing]" = field(default_factory=dict)
    """Session id → the run that is under way for it."""
    denials: int = 0
    """Denials that are being held back until their half second is over."""

    def post(self, message: control.Message) -> None:
        """Send, if it is still there."""
        self.line.post(message)


class Consoles:
    """All of them."""

    def __init__(self) -> None:
        self._here: set[Console] = set()

    def __iter__(self) -> Iterator[Console]:
        return iter(list(self._here))

    def add(self, console: Console) -> None:
        """It has connected."""
        self._here.add(console)

    def remove(self, console: Console) -> None:
        """It is gone."""
        self._here.discard(console)
