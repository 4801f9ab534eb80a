"""An order as the API and its page tell it: money as text, what is missing or too much in words."""

from dataclasses import dataclass
from datetime import UTC, datetime

from broker.clock import Clock
from broker.i18n import N_, Lang, translate
from broker.invoices import amounts
from broker.orders import schemas
from broker.orders.repository import Listed
from broker.orders.service import Story
from broker.orders.states import State
from broker.policies.hours import SupportHours
from broker.policies.schema import Bilingual, Reach
from broker.store.desk_tables import OrderRow

MISSING = N_("{amount} are missing; the order waits for the difference.")
EXCESS = N_("{amount} were paid too much.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order still waits for, and what it has too much, in minor units.  A cancelled one waits for nothing."""

    missing: int
    excess: int

    @classmethod
    def of(cls, row: OrderRow) -> "Standing":
        wanted = 0 if row.state == State.CANCELLED.value else row.total_minor
        return cls(max(0, wanted - row.paid_minor), max(0, row.paid_minor - wanted))


def note(row: OrderRow, lang: str) -> str:
    """A sentence when too little or too much was paid (E10, E11); empty otherwise."""
    standing = Standing.of(row)
    if standing.excess:
        return translate(lang, EXCESS).format(amount=amounts.shown(standing.excess, row.currency, lang))
    if standing.missing and row.paid_minor:
        return translate(lang, MISSING).format(amount=amounts.shown(standing.missing, row.currency, lang))
    return ""


def item(order: Listed, lang: str) -> schemas.OrderItem:
    """One line of the list."""
    row, standing = order.row, Standing.of(order.row)
    return schemas.OrderItem(
        id=row.id, number=row.number, customer_id=row.customer_id, customer_name=order.customer_name,
        customer_phone=order.customer_phone, service=row.service, state=State(row.state), currency=row.currency,
        net=amounts.text(row.net_minor, row.currency), total=amounts.text(row.total_minor, row.currency),
        paid=amounts.text(row.paid_minor, row.currency), missing=amounts.text(standing.missing, row.currency),
        excess=amounts.text(standing.excess, row.currency), note=note(row, lang), ordered_utc=row.ordered_utc,
        paid_utc=row.paid_utc, agreed_utc=_instant(row.agreed_at), delivered_utc=row.delivered_utc,
        closes=row.closes, ended_utc=row.ended_utc,
    )  # fmt: skip


def detail(story: Story, lang: str, clock: Clock) -> schemas.OrderDetail:
    """An order's page for technicians."""
    currency = story.order.row.currency
    return schemas.OrderDetail(
        **item(story.order, lang).model_dump(),
        title=_words(story.service.title),
        expected_minutes=story.service.expected_minutes,
        region=story.service.region,
        checklist=tuple(
            schemas.ChecklistLine(text=_words(one.text), when=one.when) for one in story.service.checklist
        ),
        payments=tuple(
            schemas.PaymentItem(
                id=one.id, amount=amounts.text(one.amount_minor, currency), reference=one.reference, utc=one.utc,
                by_operator=one.by_operator,
            )
            for one in story.payments
        ),
        reach=_reach_items(story),
        serves_again_utc=_instant(serves_again(story, clock)),
        closes_after_working_days=story.service.closes_after_working_days, invoice_id=story.invoice_id,
    )  # fmt: skip


def public(story: Story, organisation: str, origin: str, clock: Clock) -> schemas.PublicOrder:
    """What the order's customer is told."""
    row = story.order.row
    return schemas.PublicOrder(
        organisation=organisation, number=row.number, title=_words(story.service.title), state=State(row.state),
        currency=row.currency, net=amounts.text(row.net_minor, row.currency),
        total=amounts.text(row.total_minor, row.currency),
        missing=amounts.text(Standing.of(row).missing, row.currency),
        expected_minutes=story.service.expected_minutes, agreed_utc=_instant(row.agreed_at),
        serves_again_utc=_instant(serves_again(story, clock)),
        reach=_reach_items(story),
        download_url=f"{origin}/download/{row.org_id}",
    )  # fmt: skip


def for_page(story: Story, lang: Lang, clock: Clock) -> dict[str, object]:
    """What the order's page shows, in words."""
    row, hours = story.order.row, SupportHours.of(story.policy)

    def local(instant: int | None) -> str:
        return amounts.shown_time(hours.local(instant), lang) if instant is not None else ""

    return {
        "number": row.number,
        "state": row.state,
        "title": getattr(story.service.title, lang),
        "net": amounts.shown(row.net_minor, row.currency, lang),
        "total": amounts.shown(row.total_minor, row.currency, lang),
        "tax": story.policy.tax.name,
        "missing": amounts.shown(Standing.of(row).missing, row.currency, lang),
        "expected_minutes": story.service.expected_minutes,
        "agreed": local(row.agreed_at),
        "closes": amounts.shown_day(row.closes, lang) if row.closes else "",
        "serves_again": local(serves_again(story, clock)),
        "zone": story.policy.time_zone,
        "reach": [(getattr(one.title, lang), one.where) for one in _reach(story)],
    }


def serves_again(story: Story, clock: Clock) -> int | None:
    """When support hours begin again; None within them (T3)."""
    hours, now = SupportHours.of(story.policy), int(clock.utc().timestamp())
    return None if hours.window_at(now) else hours.next_opening(now)


def _reach(story: Story) -> tuple[Reach, ...]:
    return story.policy.orders.reach if story.policy.orders else ()


def _reach_items(story: Story) -> tuple[schemas.ReachItem, ...]:
    return tuple(schemas.ReachItem(title=_words(one.title), where=one.where) for one in _reach(story))


def _words(text: Bilingual) -> schemas.Words:
    return schemas.Words(es=text.es, en=text.en)


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
