"""Q8: the provider's terms are shown and accepted before anything is registered, once for each version.

Counterparts: the window asks (`events.TermsNeeded`); `registration.py` tells the broker what was accepted.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from client_agent import events as ev
from client_agent.identity import Identity, Terms, utc_text
from client_agent.provider import Known


class TermsDeclined(Exception):
    """The customer does not accept: nothing is registered."""


class TermsDesk:
    """Keeps the acceptance with version and hash."""

    def __init__(self, identity: Identity, utc: Callable[[], datetime], emit: Callable[[ev.Event], None]) -> None:
        self._identity, self._utc, self._emit = identity, utc, emit
        self._answer: asyncio.Future[ev.AcceptTerms | ev.DeclineTerms] | None = None

    def answered(self, answer: ev.AcceptTerms | ev.DeclineTerms) -> None:
        """The customer's click."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    async def accepted(self, known: Known) -> None:
        """Returns when the terms in force are accepted.  Raises `TermsDeclined`."""
        accepted = self._identity.terms
        while accepted is None or (accepted.version, accepted.sha256) != (known.version, known.sha256):
            self._answer = asyncio.get_running_loop().create_future()
            self._emit(ev.TermsNeeded(version=known.version, es=known.es, en=known.en))
            answer = await self._answer
            if isinstance(answer, ev.DeclineTerms):
                raise TermsDeclined
            if answer.version == known.version:
                accepted = Terms(
                    version=known.version, sha256=known.sha256, utc=utc_text(self._utc()), lang=answer.language
                )
                self._identity.accept(accepted)
