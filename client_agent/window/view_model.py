"""What the customer sees, as a pure state machine: events and commands in, one `ScreenState` out.

Counterparts: `main_window.py` and `terminal.py` draw it. It has no clock, no Qt and no words. `NEXT` is the whole
machine: what it lacks raises `BadTransition`, and whoever draws answers that by ending the session. Must never hold a
code that can be used while a session is live (pairing rule 6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Literal

from client_agent import events as ev
from client_agent.events import Step, StepState
from client_agent.failures import Failure
from client_agent.i18n import Language
from protocol.control import Bill, Permission
from protocol.errors import BadTransition


class View(Enum):
    """One page of the window."""

    STARTING = auto()
    """The steps on the way to a code."""
    TERMS = auto()
    CODE = auto()
    CONSENT = auto()
    JOINING = auto()
    """The customer said yes; the broker has yet to record it."""
    LIVE = auto()
    ENDING = auto()
    """The customer said no or cut it; the core has yet to say that it is over."""
    ENDED = auto()
    FAILED = auto()
    BURNS = auto()
    CLOSING = auto()
    """The program is being closed."""
    CLOSED = auto()


class Overlay(Enum):
    """What lies over the page for a moment; Disconnect stays in sight beside it."""

    NONE = auto()
    REPORT = auto()
    """A suspicion is being written."""
    REPORTED = auto()
    """What became of it."""
    CLOSE = auto()
    """Close although a technician is connected?"""
    LIMIT = auto()
    """The customer's own limit is reached: go on?"""
    RATE = auto()
    """How was the help?"""
    RATED = auto()
    """What became of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReport:
    """The customer wants to report a suspicion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToClose:
    """The customer closes the window while that ends something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOverlay:
    """Back to the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Ask me again after so many minutes; None for no limit. It goes with the consent, or with the word to go on."""

    minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRating:
    """The customer wants to say how the help was."""


Gesture = OpenReport | AskToClose | CloseOverlay | SetLimit | OpenRating
"""What the customer does that concerns the window alone."""

Input = ev.Event | ev.Command | Gesture


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The live session as it is shown. `wanted`: what the technician asked for, so what can be given back."""

    live: ev.Live
    wanted: tuple[Permission, ...]
    granted: frozenset[Permission]
    pending: frozenset[Permission] = frozenset()
    withheld: frozenset[Permission] = frozenset()
    """What the desktop itself lets nobody do."""
    since: float
    paused_until: float | None = None
    unread: Failure | None = None
    """Why the technician has no picture, though they may look."""
    meter: ev.MeterNow | None = None
    cost: ev.CostNow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenState:
    """All that is on screen. What does not belong to `view` is None, but for the facts that several pages show."""

    language: Language
    view: View = View.STARTING
    overlay: Overlay = Overlay.NONE
    provider: ev.ProviderKnown = field(default_factory=lambda: ev.ProviderKnown(name=""))
    steps: Mapping[Step, StepState] = field(default_factory=dict)
    """A step that is not in it has not been begun."""
    measured: ev.Measured | None = None
    terms: ev.TermsNeeded | None = None
    code: ev.CodeShown | None = None
    code_lost: Literal["burnt", "refused"] | None = None
    """How a code before this one was spoilt: by a wrong password, or by requests that the service refused."""
    consent: ev.ConsentAsked | None = None
    limit_minutes: int | None = None
    """After how long the customer wants to be asked again."""
    limit: ev.LimitReached | None = None
    """They are being asked."""
    session: Session | None = None
    ended: ev.Ended | None = None
    bill: Bill | None = None
    """What the provider charges for the session that ended last."""
    opinion_stored: bool | None = None
    """What became of the customer's opinion of it; None: there is none."""
    failure: Failure | None = None
    burns: ev.BurnWarning | None = None
    not_served: ev.NotServed | None = None
    """A technician asked for a session that the terms do not allow now."""
    report_stored: bool | None = None
    """What became of the last report; None while it is under way."""

    @property
    def in_session(self) -> bool:
        """Whether a technician is connected, or about to be, by the customer's consent."""
        return self.view in (View.JOINING, View.LIVE)

    @property
    def must_ask_to_close(self) -> bool:
        """Whether closing the window ends something that the customer may not have thought of."""
        return self.in_session

    @property
    def may_rate(self) -> bool:
        """Whether the customer can still say how the help was."""
        billed = self.bill is not None and self.ended is not None and self.bill.session_id == self.ended.session_id
        return billed and self.bill is not None and not self.bill.rated and self.opinion_stored is None

    @property
    def prompt_open(self) -> bool:
        """Whether the customer is being asked something, so that nothing may be injected (pairing rule 6)."""
        return self.asked or self.overlay is Overlay.CLOSE

    @property
    def asked(self) -> bool:
        """Whether something is asked of the customer that ends without an answer: they are called to the screen."""
        return self.view is View.CONSENT or self.limit is not None


def fits(state: ScreenState, what: ev.Command | Gesture) -> bool:
    """Whether a person's click still means something: a second click on Disconnect does not."""
    return state.view in NEXT[type(what)]


def update(state: ScreenState, what: Input) -> ScreenState:
    """The state after `what`. Raises `BadTransition` for an event or command that the page at hand does not know."""
    by_view = NEXT[type(what)]
    if state.view not in by_view:
        raise BadTransition("The window", state.view.name, type(what).__name__)
    return _facts(replace(state, view=by_view[state.view]), state, what)


# The machine ---------------------------------------------------------------------------------------------------------

_V = View
_ALL = frozenset(View) - {View.CLOSED}
_WAITING = frozenset({_V.STARTING, _V.TERMS, _V.CODE, _V.FAILED, _V.BURNS})
_SESSION = frozenset({_V.CONSENT, _V.JOINING, _V.LIVE, _V.ENDING})


def _stay(*views: View) -> dict[View, View]:
    return {view: view for view in views}


def _to(target: View, *views: View) -> dict[View, View]:
    return dict.fromkeys(views, target)


_CLOSING = _stay(_V.CLOSING)
"""A program that is closing takes whatever was still on its way, and shows none of it."""

NEXT: Mapping[type[Input], Mapping[View, View]] = {
    # What the core does
    ev.ProviderKnown: _stay(*_ALL),
    ev.StepChanged: _stay(*_ALL) | _to(_V.STARTING, _V.FAILED),
    ev.TermsNeeded: _to(_V.TERMS, *_WAITING, _V.ENDED) | _CLOSING,
    ev.Measured: _stay(*_ALL),
    ev.CodeShown: _to(_V.CODE, _V.STARTING, _V.CODE, _V.FAILED, _V.BURNS) | _stay(_V.ENDED) | _CLOSING,
    ev.CodeGone: _stay(*_ALL),
    ev.ConsentAsked: _to(_V.CONSENT, _V.CODE, _V.ENDED, _V.STARTING) | _CLOSING,
    ev.Live: _to(_V.LIVE, _V.JOINING) | _CLOSING,
    ev.PermissionsNow: _stay(_V.LIVE, _V.JOINING, _V.ENDING, _V.ENDED) | _CLOSING,
    ev.Paused: _stay(*_SESSION, _V.ENDED) | _CLOSING,
    ev.Resumed: _stay(*_SESSION, _V.ENDED) | _CLOSING,
    ev.PictureNow: _stay(_V.LIVE, _V.JOINING, _V.ENDING, _V.ENDED) | _CLOSING,
    ev.MeterNow: _stay(_V.LIVE, _V.JOINING, _V.ENDING, _V.ENDED) | _CLOSING,
    ev.CostNow: _stay(_V.LIVE, _V.JOINING, _V.ENDING, _V.ENDED) | _CLOSING,
    ev.NotServed: _stay(*_ALL),
    ev.LimitReached: _stay(_V.LIVE, _V.ENDING, _V.ENDED) | _CLOSING,
    ev.Billed: _stay(*_ALL),
    ev.Rated: _stay(*_ALL),
    ev.Ended: _to(_V.ENDED, *_ALL) | _CLOSING,
    ev.Failed: _to(_V.FAILED, *_WAITING) | _stay(*_SESSION, _V.ENDED) | _CLOSING,
    ev.BurnWarning: _to(_V.BURNS, *_WAITING) | _stay(_V.ENDED) | _CLOSING,
    ev.SuspicionResult: _stay(*_ALL),
    ev.Closed: _to(_V.CLOSED, *_ALL),
    # What the customer does
    ev.AcceptTerms: _to(_V.STARTING, _V.TERMS),
    ev.DeclineTerms: _to(_V.STARTING, _V.TERMS),
    ev.Consent: _to(_V.JOINING, _V.CONSENT),
    ev.GoOn: _stay(_V.LIVE),
    ev.Refuse: _to(_V.ENDING, _V.CONSENT),
    ev.Disconnect: _to(_V.ENDING, _V.LIVE, _V.JOINING) | _CLOSING,
    ev.SetPermission: _stay(_V.LIVE),
    ev.NewCode: _stay(_V.CODE) | _to(_V.STARTING, _V.ENDED),
    ev.ShowCodeAnyway: _to(_V.STARTING, _V.BURNS, _V.ENDED),
    ev.ReportSuspicion: _stay(*_ALL),
    ev.Rate: _stay(_V.ENDED),
    ev.Retry: _to(_V.STARTING, _V.FAILED, _V.ENDED),
    ev.SetLanguage: _stay(*_ALL),
    ev.Quit: _to(_V.CLOSING, *_ALL),
    OpenReport: _stay(*_ALL),
    OpenRating: _stay(_V.ENDED),
    AskToClose: _stay(_V.JOINING, _V.LIVE),
    CloseOverlay: _stay(*_ALL),
    SetLimit: _stay(_V.CONSENT, _V.LIVE),
}
"""Kind of input → page at hand → page after it."""


def _facts(new: ScreenState, old: ScreenState, what: Input) -> ScreenState:
    match what:
        case ev.ProviderKnown():
            return replace(new, provider=what)
        case ev.StepChanged():
            new = replace(new, steps=_steps(old.steps, what), failure=None)
            if what.state is StepState.DONE or what.step is Step.CODE:
                return new
            return replace(new, code=None, view=View.STARTING if old.view is View.CODE else new.view)
        case ev.TermsNeeded():
            return replace(new, terms=what, failure=None, code=None, ended=None)
        case ev.Measured():
            return replace(new, measured=what)
        case ev.CodeShown():
            return replace(new, code=what, failure=None, burns=None)
        case ev.CodeGone():
            return replace(new, code=None, code_lost=_worse(old.code_lost, what.reason))
        case ev.ConsentAsked():
            return replace(
                new,
                consent=what,
                overlay=Overlay.NONE,
                code=None,
                code_lost=None,
                ended=None,
                failure=None,
                not_served=None,
                limit_minutes=None,
                bill=None,
                opinion_stored=None,
            )
        case ev.Live():
            wanted = old.consent.offer.wanted if old.consent else ()
            session = Session(live=what, wanted=wanted, granted=what.granted, since=what.since)
            return replace(new, session=session, consent=None, code=None)
        case ev.NotServed():
            return replace(new, not_served=what)
        case ev.PermissionsNow() | ev.Paused() | ev.Resumed() | ev.PictureNow() | ev.MeterNow() | ev.CostNow():
            return replace(new, session=_session(new.session, what)) if new.session else new
        case ev.Ended():
            over = Overlay.NONE if new.overlay in (Overlay.CLOSE, Overlay.LIMIT) else new.overlay
            return replace(new, ended=what, session=None, consent=None, limit=None, overlay=over)
        case ev.Billed():
            return replace(new, bill=what.bill)
        case ev.Rated():
            return replace(new, opinion_stored=True)
        case ev.Rate():
            return replace(new, overlay=Overlay.RATED, opinion_stored=False)
        case OpenRating():
            return replace(new, overlay=Overlay.RATE)
        case ev.Failed():
            return replace(new, failure=what.failure, code=None)
        case ev.BurnWarning():
            return replace(new, burns=what, code=None)
        case ev.SuspicionResult():
            return replace(new, report_stored=what.stored)
        case ev.NewCode():
            return replace(new, code=None, code_lost=None, ended=None, not_served=None)
        case ev.ShowCodeAnyway():
            return replace(new, burns=None, ended=None)
        case ev.Retry():
            return replace(new, failure=None, ended=None)
        case ev.ReportSuspicion():
            return replace(new, overlay=Overlay.REPORTED, report_stored=None)
        case ev.SetLanguage():
            return replace(new, language=what.language)
        case OpenReport():
            return replace(new, overlay=Overlay.REPORT)
        case AskToClose():
            return replace(new, overlay=Overlay.CLOSE)
        case ev.LimitReached():
            return replace(new, limit=what, overlay=Overlay.LIMIT) if new.view is View.LIVE else new
        case SetLimit():
            return replace(new, limit_minutes=what.minutes)
        case CloseOverlay():
            return replace(new, overlay=Overlay.LIMIT if new.limit else Overlay.NONE)
        case ev.GoOn() | ev.Quit() | ev.Disconnect():
            return replace(new, overlay=Overlay.NONE, limit=None)
        case ev.AcceptTerms() | ev.DeclineTerms():
            return replace(new, terms=None)
        case ev.Consent() | ev.Refuse() | ev.SetPermission() | ev.Closed():
            return new


def _worse(before: Literal["burnt", "refused"] | None, reason: str) -> Literal["burnt", "refused"] | None:
    """What is to be told of the codes that are gone: a wrong password above all."""
    if "burnt" in (before, reason):
        return "burnt"
    return "refused" if "refused" in (before, reason) else None


def _steps(steps: Mapping[Step, StepState], change: ev.StepChanged) -> dict[Step, StepState]:
    """Beginning a step again makes those after it undone."""
    order = list(Step)
    kept = order if change.state is StepState.DONE else order[: order.index(change.step)]
    return {step: steps[step] for step in kept if step in steps} | {change.step: change.state}


def _session(
    session: Session, what: ev.PermissionsNow | ev.Paused | ev.Resumed | ev.PictureNow | ev.MeterNow | ev.CostNow
) -> Session:
    match what:
        case ev.PermissionsNow():
            return replace(session, granted=what.granted, pending=what.pending, withheld=what.withheld)
        case ev.Paused():
            return replace(session, paused_until=what.deadline, meter=None)
        case ev.Resumed():
            return replace(session, paused_until=None, since=what.since)
        case ev.PictureNow():
            return replace(session, unread=what.failure)
        case ev.MeterNow():
            return replace(session, meter=what)
        case ev.CostNow():
            return replace(session, cost=what)
