"""The customer's screens as plain text with numbered answers: what stands in the terminal, and what each answer does.

Counterpart: `terminal.py` prints the one, reads a number and does the other.  Pure.  Must never show others' text as it
came: it goes through `wording`.
"""

from typing import NamedTuple

from client_agent import events as ev
from client_agent import receipt_text, spelling, wording
from client_agent.failures import explain, explain_burns
from client_agent.i18n import LANGUAGES, NAMES, Language, Words
from client_agent.window.view_model import (
    AskToClose,
    CloseOverlay,
    Gesture,
    OpenRating,
    OpenReport,
    Overlay,
    ScreenState,
    SetLimit,
    View,
)
from protocol.control import Permission

BELL = "\a"


class Answer(NamedTuple):
    """One numbered line of the menu, and what it does."""

    text: str
    does: ev.Command | Gesture


def page(state: ScreenState, _: Words, now: float) -> str:
    """What the customer reads now, without the menu. `now`: monotonic, s."""
    if state.overlay is Overlay.CLOSE:
        return _("Close the program?")
    if state.overlay is Overlay.LIMIT:
        return _limit(state, _, now)
    if state.overlay is Overlay.REPORT:
        return _("What seems wrong? (You may leave this empty.)")
    if state.overlay is Overlay.REPORTED:
        return _reported(state, _)
    if state.overlay is Overlay.RATE:
        return _("How was the help? A number from 1 (very bad) to 5 (very good), and a word about it if you like.")
    if state.overlay is Overlay.RATED:
        return _("Thank you. Your rating has arrived.") if state.opinion_stored else _("Your rating is being sent…")
    match state.view:
        case View.STARTING:
            return "\n".join((_("One moment, please"), *_steps(state, _)))
        case View.TERMS:
            terms = getattr(state.terms, _.language) if state.terms else ""
            return f"{_('Terms of service')}\n\n{wording.plain_lines(terms)}"
        case View.CODE:
            return _code(state, _, now)
        case View.CONSENT:
            return _consent(state, _, now)
        case View.JOINING:
            return _("Connecting the technician…")
        case View.LIVE:
            return _live(state, _, now)
        case View.ENDING:
            return _("Ending…")
        case View.ENDED:
            return _ended(state, _, now)
        case View.FAILED:
            return _failed(state, _, now)
        case View.BURNS:
            return _burns(state, _)
        case View.CLOSING | View.CLOSED:
            return _("Closing…")


def answers(state: ScreenState, _: Words, now: float) -> tuple[Answer, ...]:
    """What can be answered now, in order; the customer types its number."""
    if state.overlay in (Overlay.REPORT, Overlay.RATE):
        return ()
    if state.overlay is Overlay.CLOSE:
        return (Answer(_("Keep it open"), CloseOverlay()), Answer(_("End the connection and close"), ev.Quit()))
    if state.overlay in (Overlay.REPORTED, Overlay.RATED):
        return (Answer(_("Back"), CloseOverlay()),)
    if state.overlay is Overlay.LIMIT and state.limit:
        go_on = ev.GoOn(session_id=state.limit.session_id, limit_minutes=state.limit_minutes)
        return Answer(_("Disconnect"), ev.Disconnect(at=now)), Answer(_("Go on"), go_on), *_limits(state, _)
    if state.view in (View.CLOSING, View.CLOSED):
        return ()
    other: Language = next(language for language in LANGUAGES if language != _.language)
    leave: Answer = Answer(_("Close the program"), AskToClose() if state.must_ask_to_close else ev.Quit())
    report = Answer(_("Report a suspicion"), OpenReport())
    rate = (Answer(_("Rate the help…"), OpenRating()),) if state.view is View.ENDED and state.may_rate else ()
    return (*_own_answers(state, _, now), *rate, report, Answer(NAMES[other], ev.SetLanguage(language=other)), leave)


def _own_answers(state: ScreenState, _: Words, now: float) -> tuple[Answer, ...]:
    match state.view:
        case View.TERMS if state.terms:
            accept = ev.AcceptTerms(version=state.terms.version, language=_.language)
            return Answer(_("Accept and go on"), accept), Answer(_("Do not accept"), ev.DeclineTerms())
        case View.CODE:
            return (Answer(_("New code"), ev.NewCode()),)
        case View.CONSENT if state.consent:
            return *_consents(state.consent, state.limit_minutes, _), *_limits(state, _)
        case View.JOINING | View.LIVE:
            return Answer(_("Disconnect"), ev.Disconnect(at=now)), *_switches(state, _)
        case View.ENDED if state.code is None and state.failure is None and state.burns is None:
            return (Answer(_("New code"), ev.NewCode()),)
        case View.FAILED:
            return (Answer(_("Try again"), ev.Retry()),)
        case View.ENDED if state.failure:
            return (Answer(_("Try again"), ev.Retry()),)
        case View.BURNS | View.ENDED if state.burns and not state.burns.spent:
            return (Answer(_("Show a new code all the same"), ev.ShowCodeAnyway()),)
        case _:
            return ()


def _consents(asked: ev.ConsentAsked, limit_minutes: int | None, _: Words) -> tuple[Answer, ...]:
    """No stands first: a hasty 1 lets nobody in."""

    def consent(*granted: Permission) -> Answer:
        text = _("Accept") + ": " + ", ".join(wording.permission(name, _) for name in granted)
        command = ev.Consent(
            session_id=asked.session_id,
            granted=frozenset(granted),
            language=_.language,
            limit_minutes=limit_minutes,
        )
        return Answer(text, command)

    refuse = Answer(_("No"), ev.Refuse(session_id=asked.session_id))
    return refuse, consent("view"), *((consent("view", "control"),) if "control" in asked.offer.wanted else ())


def _limits(state: ScreenState, _: Words) -> tuple[Answer, ...]:
    """The limits that are not chosen now."""
    others = (minutes for minutes in wording.LIMITS if minutes != state.limit_minutes)
    return tuple(Answer(_limit_line(minutes, _), SetLimit(minutes=minutes)) for minutes in others)


def _limit_line(minutes: int | None, _: Words) -> str:
    return _("Ask me again after: {choice}", choice=wording.limit_choice(minutes, _))


def _switches(state: ScreenState, _: Words) -> tuple[Answer, ...]:
    if state.session is None:
        return ()
    given = state.session.granted | state.session.pending
    return tuple(
        Answer(
            f"{wording.permission(name, _)}: {_('Not allowed') if name in given else _('Allowed')}",
            ev.SetPermission(name=name, on=name not in given),
        )
        for name in state.session.wanted
        if name not in state.session.withheld
    )


def _steps(state: ScreenState, _: Words) -> list[str]:
    words = {None: _("to do"), ev.StepState.DOING: _("under way…"), ev.StepState.DONE: _("done")}
    return [f"  {_(wording.STEPS[step])}: {words[state.steps.get(step)]}" for step in ev.Step]


def _code(state: ScreenState, _: Words, now: float) -> str:
    if state.code is None:
        return _("A new ID and password are being made…")
    lines = [
        _("Read these out to the technician"),
        _("Only to the person whom you have called yourself."),
        "",
        f"{_('Your ID')}: {spelling.shown_id(state.code.id)}",
        f"{_('Your password')}: {spelling.shown_password(state.code.password)}",
        f"  {spelling.aloud(state.code.password, _.language)}",
        _("Good for {time} min", time=wording.clock(state.code.until - now)),
    ]
    if state.code_lost:
        lines.append(wording.code_lost(state.code_lost, _))
    if state.not_served:
        lines.append(wording.not_served(state.not_served, _))
    return "\n".join(lines)


def _consent(state: ScreenState, _: Words, now: float) -> str:
    if state.consent is None:
        return ""
    offer = state.consent.offer
    note = wording.plain(offer.price_note, wording.NOTE)
    lines = [
        BELL + _("May this technician help you?"),
        f"  {wording.plain(offer.operator_name)}",
        "  " + _("{organisation} · identity checked", organisation=wording.plain(offer.org_name)),
        f"  {_('Service')}: {wording.plain(offer.service)}",
        f"  {_('Price')}: {wording.price_sentence(offer.tariff, _, offer.charging)}",
        *([f"  {_('The provider adds')}: “{note}”"] if note else []),
        f"  {_limit_line(state.limit_minutes, _)}",
        _(
            "If you do nothing, the answer is no. Time left: {time}",
            time=wording.clock(state.consent.deadline - now),
        ),
    ]
    return "\n".join(lines)


def _limit(state: ScreenState, _: Words, now: float) -> str:
    if state.limit is None:
        return ""
    left = wording.clock(state.limit.deadline - now)
    lines = [
        BELL + _("Shall it go on?"),
        _("The time that you had set is over."),
        *([wording.cost_line(state.session.cost, _)] if state.session and state.session.cost else []),
        _limit_line(state.limit_minutes, _),
        _("If you do nothing, the connection ends. Time left: {time}", time=left),
    ]
    return "\n".join(lines)


def _live(state: ScreenState, _: Words, now: float) -> str:
    if state.session is None:
        return ""
    session = state.session
    if session.paused_until is not None:
        left = wording.clock(session.paused_until - now)
        return _("The line was lost. Nobody sees your screen. Reconnecting by itself: {time} left.", time=left)
    name = wording.plain(session.live.operator_name)
    lines = [
        _("{name} {can}.", name=name, can=wording.granted_sentence(session.granted, _)),
        *([wording.unread(session.live.operator_name, _)] if session.unread else []),
        *([wording.withheld(_)] if session.withheld else []),
        *([wording.cost_line(session.cost, _)] if session.cost else []),
    ]
    return "\n".join(lines)


def _ended(state: ScreenState, _: Words, now: float) -> str:
    if state.ended is None:
        return ""
    lines = [wording.ended(state.ended, _), _("Nobody can see your screen now.")]
    if state.ended.receipt:
        lines.insert(1, _("Connected for {time}", time=wording.duration(state.ended.connected_s, _)))
        lines.append(_("Saved as {path}", path=state.ended.receipt))
    if (agreed := state.ended.agreed) and state.bill and state.bill.session_id == state.ended.session_id:
        lines += ["", receipt_text.text(state.ended, agreed, state.bill).strip()]
    if state.failure:
        lines += ["", _failed(state, _, now)]
    elif state.code:
        lines += ["", _("This is your new ID and password. The old ones do not work any more."), _code(state, _, now)]
    return "\n".join(lines)


def _failed(state: ScreenState, _: Words, now: float) -> str:
    if state.failure is None:
        return ""
    told = explain(state.failure, _)
    lines = [told.title, told.happened, *(f"  {number}. {step}" for number, step in enumerate(told.do, 1))]
    if state.failure.url:
        lines.append(f"  {_('Open the download page')}: {wording.plain(state.failure.url, wording.NOTE)}")
    detail = f"{state.failure.kind.value} {wording.plain(state.failure.detail, wording.NOTE)}".strip()
    lines.append(_("For whoever helps you: {detail}", detail=detail))
    if state.failure.retry_at is not None:
        left = wording.clock(state.failure.retry_at - now)
        lines.append(_("The program tries again by itself in {time}.", time=left))
    return "\n".join(lines)


def _burns(state: ScreenState, _: Words) -> str:
    if state.burns is None:
        return ""
    told = explain_burns(state.burns.burns, state.burns.spent, _)
    return "\n".join((told.title, told.happened, *told.do))


def _reported(state: ScreenState, _: Words) -> str:
    if state.report_stored is None:
        return _("Your report is being sent…")
    if state.report_stored:
        return _("Thank you. Your report has arrived.")
    return _("The service cannot be reached. Your report is kept, and sent as soon as it can be.")
