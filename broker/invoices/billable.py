"""What may be put on a customer's next invoice: charged work, orders, minutes that were bought, rent, reconnection.

A proposal that an administrator looks through: prices are the sizes' of the policy that a contract keeps, and titles
are in both languages.  Counterpart: `InvoiceService.issue`, which takes what was chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from broker.clock import Clock
from broker.contracts.balance import month_of
from broker.contracts.repository import ContractRepository
from broker.errors import NotFound
from broker.i18n import LANGUAGES, N_, translate
from broker.invoices.amounts import minor, shown_day
from broker.invoices.issuing import present_terms
from broker.invoices.orders import LINE
from broker.invoices.rent import reconnection_minor
from broker.invoices.repository import InvoiceRepository
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Plan, Policy
from broker.policies.service import engine_of
from broker.store.billing_tables import ContractRow
from broker.store.desk_tables import OrderRow
from broker.store.engine import Store

MINUTES = N_("{plan}, contract {number}: {minutes} min")
RENT = N_("{plan}, contract {number}: {since} to {until}")

Title = dict[str, str]


@dataclass(frozen=True, slots=True)
class Offered:
    """A line for a contract.  `net_minor` None: the terms have no price for it, and somebody gives one."""

    contract_id: str
    title: Title
    net_minor: int | None
    bought_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Reconnection:
    """What connecting again costs for a rent by the month or by the year, in minor units (E16)."""

    contract_id: str
    title: Title
    rent_minor: int
    monthly_minor: int
    yearly_minor: int


@dataclass(slots=True)
class Billable:
    """Everything that is on no invoice yet.  `work`: currency → (how many, net)."""

    currency: str
    work: dict[str, tuple[int, int]] = field(default_factory=dict)
    orders: list[tuple[OrderRow, Title]] = field(default_factory=list)
    purchases: list[Offered] = field(default_factory=list)
    rents: list[Offered] = field(default_factory=list)
    reconnections: list[Reconnection] = field(default_factory=list)


class BillableService:
    """Looks through the records of one organisation at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def of_customer(self, org_id: str, customer_id: str) -> Billable:
        """Raises `NotFound`, and `Conflict` where no policy was adopted."""
        async with self._store.reading() as db:
            invoices, policies = InvoiceRepository(db), PolicyRepository(db)
            customer = await invoices.customer(org_id, customer_id)
            if customer is None:
                raise NotFound
            terms = await present_terms(policies, org_id)
            found = Billable(terms.policy.currency)
            for work in await invoices.chargeable(org_id, customer_id, None):
                count, net = found.work.get(work.currency or "", (0, 0))
                found.work[work.currency or ""] = count + 1, net + work.net_minor
            for order in await invoices.unbilled_orders(org_id, customer_id):
                found.orders.append((order, await self._order_title(policies, order)))
            for contract in await ContractRepository(db).of_customer(org_id, customer_id):
                kept = await policies.version(org_id, contract.policy_sha256)
                assert kept is not None, "a contract's policy is never deleted"
                await self._of_contract(invoices, found, contract, engine_of(kept.text).policy, customer.status)
        return found

    async def _of_contract(
        self, invoices: InvoiceRepository, found: Billable, contract: ContractRow, policy: Policy, status: str
    ) -> None:
        plan, today = policy.plans[contract.plan], self._clock.utc().astimezone(policy.zone).date()
        for seq, minutes in (await invoices.purchases(contract.id)).items():
            if await invoices.of_purchase(contract.id, seq) is None:
                title = _titled(MINUTES, plan, contract, minutes=minutes)
                found.purchases.append(Offered(contract.id, title, _price(policy, plan, minutes), seq))
        if policy.rent is None or contract.plan not in policy.rent.plans:
            return
        price = _price(policy, plan, contract.minutes or 0)
        if contract.start <= today <= contract.end:
            first, following = month_of(contract.start, today)
            last = min(following - timedelta(days=1), contract.end)
            if not await invoices.rented(contract.id, first, last):
                title = dict(_rent_titles(plan, contract, first, last))
                found.rents.append(Offered(contract.id, title, price))
        if status == "suspended" and price is not None:
            fees = (
                reconnection_minor(policy.rent, price, "monthly"), reconnection_minor(policy.rent, price, "yearly"),
            )  # fmt: skip
            title = {lang: str(getattr(plan.title, lang)) for lang in LANGUAGES}
            found.reconnections.append(Reconnection(contract.id, title, price, *fees))

    async def _order_title(self, policies: PolicyRepository, order: OrderRow) -> Title:
        kept = await policies.version(order.org_id, order.policy_sha256)
        orders = engine_of(kept.text).policy.orders if kept else None
        assert orders is not None, "an order was made by this version"
        title = orders.services[order.service].title
        return {
            lang: translate(lang, LINE).format(title=getattr(title, lang), number=order.number) for lang in LANGUAGES
        }


def _price(policy: Policy, plan: Plan, minutes: int) -> int | None:
    nets = (size.price.net for size in plan.sizes.values() if size.minutes == minutes)
    return next((minor(net, policy.currency) for net in nets), None)


def _titled(text: str, plan: Plan, contract: ContractRow, **values: object) -> Title:
    return {
        lang: translate(lang, text).format(plan=getattr(plan.title, lang), number=contract.number, **values)
        for lang in LANGUAGES
    }


def _rent_titles(plan: Plan, contract: ContractRow, first: date, last: date) -> Iterator[tuple[str, str]]:
    for lang in LANGUAGES:
        days = {"since": shown_day(first, lang), "until": shown_day(last, lang)}
        yield lang, _titled(RENT, plan, contract, **days)[lang]
