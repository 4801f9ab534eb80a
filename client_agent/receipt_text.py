"""The receipt of a session as a text that a person reads and keeps, in the language in which they agreed.  Pure.

Two halves that are told apart: what this program saw itself, and what the provider says that it charges.  The signed
consent is a file of its own (`agreement.py`).  Others' words go through `wording.plain`.
"""

from client_agent import wording
from client_agent.events import Agreed, Ended
from client_agent.i18n import Words
from protocol.control import Bill

SENTENCE = 400
"""Most characters shown of a step of the bill's explanation."""


def name(ended: Ended) -> str:
    """What the file is called: the day of the consent, and enough of the session's name to tell two of a day apart."""
    day = ended.agreed.utc[:10] if ended.agreed else "relevo"
    return f"relevo-{day}-{ended.session_id[:6]}.txt"


def text(ended: Ended, agreed: Agreed, bill: Bill | None) -> str:
    """The whole receipt."""
    _ = Words(agreed.language)
    heading = _("Receipt of your remote session")
    charged = _("What {provider} charges", provider=wording.plain(agreed.offer.org_name))
    lines = [heading, "=" * len(heading), "", *_seen(ended, agreed, _), "", charged, "-" * len(charged)]
    return "\n".join((*lines, *_charged(bill, _), "")) + "\n"


def facts(bill: Bill) -> list[str]:
    """The bill's facts, one a line."""
    return [f"{wording.plain(fact.name)}: {wording.plain(fact.value, wording.NOTE)}" for fact in bill.facts]


def standing(bill: Bill, _: Words) -> str:
    """How far the provider is with it, or nothing where it is settled."""
    match bill.state:
        case "held":
            return _("Not decided yet: the provider looks at it.")
        case "none":
            return _("The provider has no price for this session here.")
        case "charged" if bill.provisional:
            return _("Provisional: the provider has not classified this session yet, and that can change the amount.")
        case _:
            return ""


def _seen(ended: Ended, agreed: Agreed, _: Words) -> list[str]:
    offer = agreed.offer
    allowed = ", ".join(wording.permission(name, _) for name in offer.wanted if name in agreed.granted)
    named = {
        _("Provider"): wording.plain(offer.org_name),
        _("Technician"): wording.plain(offer.operator_name),
        _("Service"): wording.plain(offer.service),
        _("You agreed at"): f"{agreed.utc[:19].replace('T', ' ')} UTC",
        _("You allowed"): allowed,
        _("Price"): wording.price_sentence(offer.tariff, _, offer.charging),
        _("Session"): ended.session_id,
    }
    return [
        *(f"{name}: {value}" for name, value in named.items()),
        wording.end_reason(ended.reason, _),
        _("Connected for {time}", time=wording.duration(ended.connected_s, _)),
    ]


def _charged(bill: Bill | None, _: Words) -> list[str]:
    if bill is None:
        return [_("The provider has not said yet.")]
    lines = [*facts(bill), *filter(None, [standing(bill, _)])]
    if bill.explanation:
        steps = (f"{n}. {wording.plain(step, SENTENCE)}" for n, step in enumerate(bill.explanation, 1))
        lines += ["", _("How it was worked out:"), *steps]
    return lines
