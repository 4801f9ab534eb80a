"""What a provider's terms say to a request: whether it is taken, and until when it has its first answer.  Pure.

The contract in force decides by the terms that it keeps (I15), without one the policy in force.  Counterpart:
`broker.tickets.service`, which finds out who asks.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from broker.contracts.service import Held
from broker.errors import Unacceptable
from broker.i18n import N_
from broker.policies.schema import Bilingual, Channel, Plan, Policy, Tickets
from broker.rating.engine import Engine
from broker.store.billing_tables import CustomerRow
from broker.store.desk_tables import TicketRow
from broker.tickets.reasons import Reason, both, listed

HOUR: Final = 3600

FIELDS: Final = {
    "contract_number": N_("contract number"),
    "contact": N_("contact person"),
    "phone": N_("phone"),
    "company": N_("company name"),
    "tax_id": N_("tax id"),
}
CHANNELS: Final[dict[Channel, str]] = {
    "ticket": N_("ticket"),
    "email": N_("e-mail"),
    "web": N_("web form"),
    "phone": N_("phone"),
    "chat": N_("chat"),
    "session": N_("remote session"),
    "onsite": N_("visit"),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a request says.  Who asks is as they say it (I8), whether or not it turns out to be so."""

    channel: Channel
    subject: str
    text: str = ""
    category: str = ""
    priority: str = ""
    urgent: bool = False
    accepted: bool = False
    contact: str = ""
    phone: str = ""
    email: str = ""
    company: str = ""
    tax_id: str = ""
    contract_number: str = ""
    licence_key: str = ""
    session_id: str | None = None
    order_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, as far as they are known.  `present`: the policy in force, None while there is none."""

    present: Engine | None
    customer: CustomerRow | None = None
    held: Held | None = None

    @property
    def engine(self) -> Engine | None:
        """The one whose terms hold for this customer."""
        return self.held.engine if self.held else self.present

    @property
    def policy(self) -> Policy | None:
        """The terms that hold for this customer."""
        return self.engine.policy if self.engine else None

    @property
    def plan(self) -> Plan | None:
        """What the customer's contract grants."""
        return self.held.plan if self.held else None

    @property
    def quote_needed(self) -> bool:
        """No time is left or bought: a quote is made before the service (E5)."""
        by_tariff = self.policy is not None and self.policy.contractless.answer == "tariff"
        return by_tariff and (self.held is None or self.held.balance_minutes == 0)


def refusal(standing: Standing, request: Request) -> Reason | None:
    """Why the terms do not take this request; None when they do."""
    policy = standing.policy
    if policy is None:
        return None
    tickets = policy.tickets
    at_tariff = policy.contractless.answer == "accepted_urgent" and request.urgent and request.accepted
    required = [name for name in tickets.required if not (at_tariff and name == "contract_number")]
    if missing := [both(FIELDS[name]) for name in required if not getattr(request, name)]:
        return Reason.of(tickets.clause, N_("The request does not say: {missing}."), missing=listed(missing))
    if "contract_number" in required and (reason := _without_contract(standing, tickets)):
        return reason
    return _status(standing, policy) or _channel(standing, tickets, request.channel)


def target(standing: Standing, priority: str, urgent: bool, opened: datetime) -> datetime | None:
    """Until when the first answer is due, in support hours (R1, R2, E12, I5, I9); None where nothing is promised."""
    engine, plan = standing.engine, standing.plan
    if engine is None:
        return None
    tickets = engine.policy.tickets
    candidates = (
        tickets.urgent_answer_hours if urgent else None,
        plan.first_answer_hours if plan else None,
        dict(tickets.priorities).get(priority),  # type: ignore[call-overload]
        tickets.first_answer_hours,
    )
    hours = next((one for one in candidates if one is not None), None)
    due = None if hours is None else engine.hours.after(int(opened.timestamp()), hours * HOUR)
    return None if due is None else datetime.fromtimestamp(due, UTC)


def due(row: TicketRow, standing: Standing) -> datetime | None:
    """Until when the first answer is due as things stand: a better licence counts at once (R1), one that ended takes
    nothing away.  None once it was given."""
    if row.answered_utc is not None:
        return None
    known = (row.target_utc, target(standing, row.priority, row.urgent, row.opened_utc))
    return min((one for one in known if one is not None), default=None)


def classified(policy: Policy | None, priority: str, category: str) -> str:
    """The priority, or what stands for none.  Raises `Unacceptable` for words that the terms do not know."""
    if policy is None:
        return priority
    known: tuple[Any, ...] = tuple(policy.tickets.priorities)
    if priority and priority not in known:
        raise Unacceptable(N_("That is no priority of the policy."))
    if category and policy.queue.categories and category not in policy.queue.categories:
        raise Unacceptable(N_("That is no category of the policy."))
    return priority or ("medium" if "medium" in known else known[0] if known else "")


def excluded(policy: Policy | None, which: int) -> Reason:
    """The policy's excluded work number `which`, as a reason to refuse (I17).  Raises `Unacceptable`."""
    if policy is None or which >= len(policy.tickets.excluded_work):
        raise Unacceptable(N_("The policy names no such excluded work."))
    text = N_("Not part of the service: {what}.")
    return Reason.of(policy.tickets.excluded_clause, text, what=policy.tickets.excluded_work[which])


def same_holder(customer: CustomerRow, request: Request) -> bool:
    """Whether whoever asks says the tax id of the contract's holder; the name, where no tax id is known (I8)."""
    if customer.tax_id:
        return _letters(customer.tax_id) == _letters(request.tax_id)
    return _letters(customer.name) == _letters(request.company)


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _without_contract(standing: Standing, tickets: Tickets) -> Reason | None:
    if standing.held is None:
        text = N_("There is no contract in force with this number and holder.")
        return Reason.of(tickets.clause, text)
    if standing.held.balance_minutes == 0:
        text = N_("The hours of contract {number} are used up.")
        return Reason.of(standing.held.plan.clause, text, number=standing.held.row.number)
    return None


def _status(standing: Standing, policy: Policy) -> Reason | None:
    status = standing.customer.status if standing.customer else "active"
    if status == "suspended" and policy.rent:
        return Reason.of(policy.rent.clause, N_("The service is suspended until what is due has been paid."))
    if status == "delinquent" and policy.invoices.refuse_delinquent:
        clause = next(iter(policy.invoices.clauses), None)
        return Reason.of(clause, N_("An invoice is overdue. It has to be paid first."))
    return None


def _channel(standing: Standing, tickets: Tickets, channel: Channel) -> Reason | None:
    text = N_("Requests come in by {channels}.")
    if channel not in tickets.channels:
        return Reason.of(tickets.clause, text, channels=_named(tickets.channels))
    plan = standing.plan
    if plan and channel not in plan.requests:
        return Reason.of(plan.requests_clause or plan.clause, text, channels=_named(plan.requests))
    return None


def _named(channels: tuple[Channel, ...]) -> Bilingual:
    return listed([both(CHANNELS[channel]) for channel in channels])
