"""Pairing runs at the agent's end: one at a time, a key or a burn (steps 9–14, rules 1 and 4).

Counterparts: `protocol.pairing`, which computes; the broker's `pairing/`, which carries.  From the first share that is
answered, a run that gives no key burns every code, also when the line or this program dies.
"""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from client_agent.codes import Code, CodeBook, Death, RunEnd
from client_agent.identity import Identity
from client_agent.tasks import Tasks
from protocol import control, limits
from protocol.errors import BadTransition, PairingFailed, ProtocolError
from protocol.offer import Offer
from protocol.pairing import AgentKnows, AgentRun, SessionKeys


@dataclass(slots=True)
class _Run:
    """A run under way.  `asked`: a share was answered, so the other end has had its one guess."""

    session_id: str
    code: Code
    run: AgentRun
    offer: Offer
    offer_bytes: bytes
    asked: bool = False
    timer: "asyncio.Task[None] | None" = None


class Pairings:
    """`over` is told how each run ended, `paired` gets the keys."""

    @dataclass(frozen=True, slots=True)
    class Paired:
        """What a run gave."""

        keys: SessionKeys
        offer: Offer
        offer_bytes: bytes

    def __init__(
        self,
        *,
        identity: Identity,
        codes: CodeBook,
        origin: str,
        org_id: str,
        tasks: Tasks,
        clock: Callable[[], float],
        utc: Callable[[], datetime],
        post: Callable[[control.AgentToBroker], None],
        over: Callable[[RunEnd], None],
        paired: Callable[["Pairings.Paired"], None],
    ) -> None:
        self._identity, self._codes, self._origin, self._org_id = identity, codes, origin, org_id
        self._tasks, self._clock, self._utc = tasks, clock, utc
        self._post, self._over, self._done = post, over, paired
        self._run: _Run | None = None

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self._run is not None

    def told(self, message: control.PairOffer | control.CpaceA | control.ConfirmA | control.PairAbort) -> None:
        """A message of a run.  One of another run than the present is answered with an abort, or ignored."""
        match message:
            case control.PairOffer():
                self._offered(message)
            case _ if self._run is None or self._run.session_id != message.session_id:
                return
            case control.CpaceA():
                self._asked(self._run, message)
            case control.ConfirmA():
                self._confirmed(self._run, message)
            case control.PairAbort():
                self._fail(self._run, "pairing_interrupted", tell=False)

    def interrupted(self) -> None:
        """The control line is lost in the middle of a run."""
        if self._run is not None:
            self._fail(self._run, "pairing_interrupted", tell=False)

    def _offered(self, message: control.PairOffer) -> None:
        """Step 9: nothing is computed for an offer that is not for this program, these terms and a living code."""
        code = self._codes.alive(message.code_id, self._clock())
        terms = self._identity.terms
        try:
            if self._run is not None or self._identity.open_session is not None:
                raise PairingFailed("busy")
            if code is None or terms is None:
                raise PairingFailed("offer_code")
            if self._identity.has_ended(message.session_id):
                raise PairingFailed("offer_session")
            knows = AgentKnows(
                version=limits.VERSION, public_origin=self._origin, org_id=self._org_id,
                terms_version=terms.version, terms_sha256=terms.sha256, code_id=code.code_id,
                nonce_agent=code.nonce_agent,
            )  # fmt: skip
            context, offer = knows.context(message)
            run = AgentRun(context, code.agent_part, self._identity.pk, secrets.token_bytes(64))
        except PairingFailed as failure:
            self._post(control.PairAbort(session_id=message.session_id, reason=failure.reason))
            return
        self._run = _Run(message.session_id, code, run, offer, context.offer)
        self._run.timer = self._tasks.start(self._too_late(self._run), "pairing clock")

    async def _too_late(self, run: _Run) -> None:
        await asyncio.sleep(limits.PAIRING_RUN)
        if self._run is run:
            run.timer = None
            self._fail(run, "pairing_interrupted")

    def _asked(self, run: _Run, message: control.CpaceA) -> None:
        """Step 12: written down first, then answered."""
        self._identity.begin_run(run.code.code_id)
        run.asked = True
        try:
            self._post(run.run.asked(message))
        except ProtocolError:
            self._fail(run, "wrong_tag")

    def _confirmed(self, run: _Run, message: control.ConfirmA) -> None:
        """Step 14: a right tag uses the code up and kills all others; anything else burns them."""
        try:
            answer = run.run.confirmed(message)
            keys = run.run.keys
        except (PairingFailed, BadTransition, ProtocolError):
            self._fail(run, "wrong_tag")
            return
        self._close(run)
        self._identity.end_run(False, self._utc())
        self._post(answer)
        self._post(control.PairOk(session_id=run.session_id))
        for dead in self._codes.kill("used", first=run.code.code_id):
            self._post(dead)
        self._over("used")
        self._done(Pairings.Paired(keys, run.offer, run.offer_bytes))

    def _fail(self, run: _Run, reason: Death, tell: bool = True) -> None:
        """No key.  A burn if the other end could try a password; before that nothing was tried and nothing is lost."""
        self._close(run)
        try:
            run.run.abandon()
        except BadTransition:
            pass  # it has failed by itself
        if tell:
            self._post(control.PairAbort(session_id=run.session_id, reason=reason))
        if not run.asked:
            self._over("untried")
            return
        self._identity.end_run(True, self._utc())
        for dead in self._codes.kill(reason, first=run.code.code_id):
            self._post(dead)
        self._over("burnt")

    def _close(self, run: _Run) -> None:
        self._run = None
        if run.timer is not None:
            run.timer.cancel()
