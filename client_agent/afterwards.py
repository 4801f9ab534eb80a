"""After a session: what it comes to is asked of the broker, and the customer's opinion is told (steps 31–34).

Counterparts: the broker's `bills/` and `opinions/`; `receipt_text.py`, which makes the customer's file of it.  Must
never ask before the end is acknowledged: until then there is nothing to rate.
"""

from collections.abc import Callable

from client_agent import events as ev
from client_agent import wording
from protocol import control, limits


class Afterwards:
    """Of the session that ended last.  `post` reaches the broker if there is a line."""

    def __init__(self, post: Callable[[control.AgentToBroker], None], emit: Callable[[ev.Event], None]) -> None:
        self._post, self._emit = post, emit
        self._over: str | None = None
        self._acknowledged: str | None = None
        self._billed: str | None = None
        self._opinion: control.Opinion | None = None

    def over(self, session_id: str) -> None:
        """A session to which the customer had agreed has ended here."""
        self._over = session_id
        self._ask()

    def acknowledged(self, session_id: str) -> None:
        """The broker has that end."""
        self._acknowledged = session_id
        self._ask()

    def line_up(self) -> None:
        """What was asked or told on a line that was lost goes again."""
        self._ask()
        if self._opinion is not None:
            self._post(self._opinion)

    def billed(self, bill: control.Bill) -> None:
        """The answer."""
        if bill.session_id == self._over:
            self._billed = bill.session_id
            self._emit(ev.Billed(bill=bill))

    def rate(self, said: ev.Rate) -> None:
        """The customer's opinion.  Kept until the broker has it, or the program closes."""
        comment = wording.plain_lines(said.comment, limits.LONG_TEXT)
        self._opinion = control.Opinion(session_id=said.session_id, stars=said.stars, comment=comment)
        self._post(self._opinion)

    def stored(self, ack: control.OpinionAck) -> None:
        """The broker has it."""
        self._opinion = None
        self._emit(ev.Rated(session_id=ack.session_id))

    def _ask(self) -> None:
        if self._over is not None and self._over == self._acknowledged != self._billed:
            self._post(control.BillRequest(session_id=self._over))
