"""Facts put into a person's words, for the window and the terminal: others' text made harmless, prices, times, reasons.

Pure. Pairing rule 5: broker text is shown as plain text only, and the price is worded here from structured fields.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal

from client_agent.events import CostNow, Ended, NotServed, Step
from client_agent.failures import explain
from client_agent.i18n import Words, mark
from protocol.control import EndReason, Permission
from protocol.offer import Charging, Tariff

NAME = 60
"""Most characters shown of a person's or an organisation's name."""
NOTE = 160
"""Most characters shown of the provider's own sentence on prices."""
REASON = 300
"""Most characters shown of why the provider does not serve now."""
TERMS = 100_000
"""Most characters shown of the terms."""

_MARKS_IN_A_ROW = 2
"""Accents on one letter: more are stacked to cover other lines."""


def plain(text: str, limit: int = NAME) -> str:
    """On one line: no control, bidirectional or invisible characters, no stacked accents, cut to `limit` characters."""
    return _cut(" ".join(_harmless(text, keep="").split()), limit)


def plain_lines(text: str, limit: int = TERMS) -> str:
    """As `plain`, for a long text whose line breaks stay."""
    lines = _harmless(text.replace("\r\n", "\n").replace("\r", "\n"), keep="\n").split("\n")
    return _cut("\n".join(line.rstrip() for line in lines).strip(), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _harmless(text: str, keep: str) -> str:
    out: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind[0] == "M" else 0
        if character in keep:
            out.append(character)
        elif kind in ("Cc", "Zl", "Zp", "Zs"):
            out.append(" ")
        elif kind[0] != "C" and marks <= _MARKS_IN_A_ROW and character not in "\u115f\u1160\u3164\uffa0\u2800":
            out.append(character)
    return "".join(out)


def price_sentence(tariff: Tariff | None, _: Words, charging: Charging | None = None) -> str:
    """What this session will cost, from the offer's own fields alone (Q2, Q13's prompt): what a customer agrees to."""
    if charging is None:
        return _hourly_sentence(tariff, _)
    match charging.covers:
        case "free":
            return _("This session is free of charge.")
        case "covered":
            return _("Covered by your contract: nothing to pay.")
        case "fixed":
            return _fixed_sentence(tariff, charging, _)
        case "balance":
            return _balance_sentence(tariff, charging, _) + _weight_sentence(charging, _)
        case "tariff":
            return _hourly_sentence(tariff, _) + _weight_sentence(charging, _)


def _hourly_sentence(tariff: Tariff | None, _: Words) -> str:
    if tariff is None:
        return _("No price set for this session.")
    if tariff.unit_minor == 0:
        return _("This session is free of charge.")
    parts = [_("This session: {price} per hour", price=_money(tariff, _)) + _tax(tariff, _)]
    if tariff.minimum_minutes:
        parts.append(_("at least {time}", time=_span(tariff.minimum_minutes, _)))
    return ", ".join((*parts, _increment(tariff.increment_minutes, _))) + "."


def _balance_sentence(tariff: Tariff | None, charging: Charging, _: Words) -> str:
    left = _.ngettext("{n} minute left in your plan", "{n} minutes left in your plan", charging.minutes_left)
    if tariff is None:
        return left + "."
    return left + _("; after that {price} per hour", price=_money(tariff, _)) + _tax(tariff, _) + "."


def _fixed_sentence(tariff: Tariff | None, charging: Charging, _: Words) -> str:
    if tariff is None:
        return _("No price set for this session.")
    price = _("Fixed price {price}", price=_money(tariff, _)) + _tax(tariff, _)
    if charging.expected_minutes:
        price += ", " + _("about {time}", time=_span(charging.expected_minutes, _))
    return price + "."


def _weight_sentence(charging: Charging, _: Words) -> str:
    weight = Decimal(charging.weight)
    return "" if weight == 1 else " " + _("One hour now counts as {n}.", n=_.number(weight))


def _money(tariff: Tariff, _: Words) -> str:
    return _.money(tariff.unit_minor, tariff.currency)


def _tax(tariff: Tariff, _: Words) -> str:
    percent = Decimal(tariff.tax_percent)
    return " " + _("plus {percent} tax", percent=_.percent(percent)) if percent else ""


def cost_line(cost: CostNow, _: Words) -> str:
    """What the session has come to so far, as the broker counts it."""
    facts = [_.ngettext("{n} minute", "{n} minutes", cost.connected_s // 60)]
    if cost.minutes_left is not None:
        facts.append(_.ngettext("{n} minute left in your plan", "{n} minutes left in your plan", cost.minutes_left))
    if cost.charged_minor:
        facts.append(_("{price} before tax", price=_.money(cost.charged_minor, cost.currency)))
    elif cost.minutes_left is None:
        facts.append(_("nothing to pay"))
    return _("So far: {facts}", facts=" · ".join(facts))


STARS: Mapping[int, str] = {
    5: mark("5: very good"),
    4: mark("4: good"),
    3: mark("3: fair"),
    2: mark("2: bad"),
    1: mark("1: very bad"),
}
"""What a rating of the help says."""


LIMITS: tuple[int | None, ...] = (None, 15, 30, 60)
"""Minutes after which a customer can want to be asked again."""


def limit_choice(minutes: int | None, _: Words) -> str:
    """A limit as a choice, in a word or two."""
    return _("no limit") if minutes is None else _("{n} min", n=minutes)


def not_served(told: NotServed, _: Words) -> str:
    """Why there is no session now; the provider's words, marked as such."""
    why = plain(told.es if _.language == "es" else told.en, REASON)
    return _("A technician asked to help you. Your provider answers: “{why}”", why=why)


def _increment(minutes: int, _: Words) -> str:
    whole = {
        1: _("then each started minute"),
        15: _("then each started quarter of an hour"),
        30: _("then each started half hour"),
        60: _("then each started hour"),
    }
    return whole.get(minutes) or _("then each started {n} minutes", n=minutes)


def _span(minutes: int, _: Words) -> str:
    hours, rest = divmod(minutes, 60)
    return _.ngettext("{n} hour", "{n} hours", hours) if not rest else _.ngettext("{n} minute", "{n} minutes", minutes)


def clock(seconds: float) -> str:
    """`9:41`, `1:02:07`; never below zero."""
    whole = max(0, int(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def running(seconds: float, _: Words) -> str:
    """How long a session has run: `0:42` in its first minute, so that it is seen to run; `12 min`, `1 h 5 min`.

    Seconds would be drawn, and sent to the technician, for as long as it lasts; the bill counts minutes.
    """
    if seconds < 60:
        return clock(seconds)
    hours, minutes = divmod(int(seconds) // 60, 60)
    return _("{hours} h {n} min", hours=hours, n=minutes) if hours else _("{n} min", n=minutes)


def duration(seconds: int, _: Words) -> str:
    """`1 hour 2 minutes`, `12 minutes 30 seconds`, `45 seconds`."""
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = []
    if hours:
        parts.append(_.ngettext("{n} hour", "{n} hours", hours))
    if minutes:
        parts.append(_.ngettext("{n} minute", "{n} minutes", minutes))
    if not hours and (rest or not minutes):
        parts.append(_.ngettext("{n} second", "{n} seconds", rest))
    return " ".join(parts)


STEPS: Mapping[Step, str] = {
    Step.REACH: mark("Reach the service"),
    Step.TERMS: mark("Terms of service"),
    Step.MEASURE: mark("Measure your connection"),
    Step.CODE: mark("Get your ID and password"),
}

PERMISSIONS: Mapping[Permission, str] = {
    "view": mark("See my screen"),
    "control": mark("Use my mouse and keyboard"),
}


def permission(name: Permission, _: Words) -> str:
    """What a permission is called."""
    return _(PERMISSIONS[name])


def withheld(_: Words) -> str:
    """Why nobody can be given control, and what the customer can do if it was their own no."""
    return _(
        "Your desktop lets nobody else use mouse and keyboard. "
        "If it has asked you, it will ask again in the next session."
    )


def ended(event: Ended, _: Words) -> str:
    """Why a session is over."""
    if event.failure is None:
        return end_reason(event.reason, _)
    told = explain(event.failure, _)
    return f"{told.title}. {told.happened}"


def end_reason(reason: EndReason, _: Words) -> str:
    """Why it is over."""
    return _(END_REASONS[reason])


END_REASONS: Mapping[EndReason, str] = {
    "customer": mark("You ended the connection."),
    "technician": mark("The technician ended the connection."),
    "inactivity": mark("It ended because nothing happened for a long time."),
    "integrity": mark("It was cut for your safety: something on the way altered the connection."),
    "line_lost": mark("It ended because the line was lost for too long."),
    "broker_lost": mark("It ended because the service could not be reached any more."),
    "refused": mark("You said no. The technician has seen nothing."),
    "consent_timeout": mark("There was no answer in time, which counts as no. The technician has seen nothing."),
    "receipt_timeout": mark("It did not start, because your consent could not be recorded."),
    "agent_closed": mark("It ended because the program was closed."),
    "screen_locked": mark("It ended because the screen was locked."),
    "sleep": mark("It ended because the computer went to sleep."),
    "operator_disabled": mark("The provider has withdrawn this technician's access."),
    "signed_out": mark("It ended because the technician signed out."),
    "pairing_failed": mark("It did not start: the two ends could not agree on a safe connection."),
    "no_end_message": mark("It ended without a message."),
    "limit": mark("It ended because the time that you had set was over."),
}


def granted_sentence(granted: Iterable[Permission], _: Words) -> str:
    """What a technician can do at this moment."""
    stands = set(granted)
    if {"view", "control"} <= stands:
        return _("can see your screen and use your mouse and keyboard")
    if "view" in stands:
        return _("can see your screen, but touch nothing")
    if "control" in stands:
        return _("can use your mouse and keyboard, but see nothing")
    return _("can see and touch nothing")


def code_lost(how: Literal["burnt", "refused"], _: Words) -> str:
    """Why there is another code than the one that may have been read out."""
    if how == "burnt":
        return _("Somebody gave a wrong password, so that code was cancelled. This is a new one.")
    return _(
        "The service refused every request that was made with that code, so it was cancelled. Nobody got in. "
        "This is a new one."
    )


def unread(operator_name: str, _: Words) -> str:
    """The screen cannot be read, so that a technician who may see it does not."""
    name = plain(operator_name) or _("The technician")
    return _("Your screen cannot be read just now, so {name} does not see it.", name=name)


def sending(what: Literal["nothing", "exact", "photo", "video"], _: Words) -> str:
    """What the pictures are made of; empty for none."""
    match what:
        case "exact":
            return _("exact picture")
        case "photo":
            return _("nearly exact picture")
        case "video":
            return _("moving picture")
        case "nothing":
            return ""
