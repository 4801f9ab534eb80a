"""What unpaid invoices make of a customer: delinquent (E10) or suspended (E16), and active again once paid up.

Follows the policy version of each invoice.  A status that no such rule speaks of is an administrator's and stays.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from broker.customers.repository import Status
from broker.customers.service import set_status_within
from broker.errors import NotFound
from broker.invoices.issuing import terms_of
from broker.invoices.rent import suspended
from broker.invoices.repository import InvoiceRepository
from broker.log.writer import Writer
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Policy, Rent
from broker.store.invoice_tables import InvoiceRow

SEVERITY: Final[dict[str, int]] = {"active": 0, "delinquent": 1, "suspended": 2}


def refused_by(policy: Policy, status: str) -> str | None:
    """The clause by which a customer of this status may be refused service; None when there is none."""
    if status == "suspended" and policy.rent is not None:
        return policy.rent.clause
    if status != "active" and policy.invoices.refuse_delinquent:
        return next(iter(policy.invoices.clauses), "-")
    return None


async def review(writer: Writer, org_id: str, customer_id: str) -> bool:
    """Set the customer's status as their invoices want it now; whether it changed."""
    now, invoices = writer.now().utc, InvoiceRepository(writer.db)
    customer = await invoices.customer(org_id, customer_id)
    if customer is None:
        raise NotFound
    reviewer = _Reviewer(invoices, PolicyRepository(writer.db), org_id, customer_id)
    wanted = await reviewer.status(now)
    if SEVERITY[wanted] < SEVERITY[customer.status] and not await reviewer.governs(customer.status):
        return False
    if wanted == customer.status:
        return False
    await set_status_within(writer, org_id, customer_id, wanted, by_operator=None)
    return True


class _Reviewer:
    """Looks at one customer."""

    def __init__(self, invoices: InvoiceRepository, policies: PolicyRepository, org_id: str, customer_id: str) -> None:
        self._invoices, self._policies, self._org_id, self._customer_id = invoices, policies, org_id, customer_id

    async def status(self, now: datetime) -> Status:
        """What the invoices make of the customer."""
        unpaid = await self._invoices.open(self._org_id, self._customer_id)
        if await self._suspended(unpaid, now):
            return "suspended"
        for invoice in unpaid:
            terms = await terms_of(self._policies, self._org_id, invoice.policy_sha256)
            days = terms.policy.invoices.delinquent_after_days
            if days is not None and terms.day(now) > invoice.issued + timedelta(days=days):
                return "delinquent"
        return "delinquent" if await self._invoices.owes_cancelled(self._org_id, self._customer_id) else "active"

    async def governs(self, status: str) -> bool:
        """Whether the policies of the customer's invoices have a rule that leads to this status."""
        if status == "suspended":
            contracts = await self._invoices.billed_to(self._org_id, self._customer_id)
            return any([await self._rent(one.policy_sha256, one.plan) for one in contracts])
        for sha256 in await self._invoices.policies_of(self._org_id, self._customer_id):
            rules = (await terms_of(self._policies, self._org_id, sha256)).policy.invoices
            if rules.delinquent_after_days is not None or rules.cancelled_unpaid_at_month_end:
                return True
        return False

    async def _suspended(self, unpaid: Sequence[InvoiceRow], now: datetime) -> bool:
        by_id = {invoice.id: invoice for invoice in unpaid}
        for invoice_id, contract in await self._invoices.contracts_billed(list(by_id)):
            terms = await terms_of(self._policies, self._org_id, contract.policy_sha256)
            rule = await self._rent(contract.policy_sha256, contract.plan)
            if rule is not None and suspended(rule, by_id[invoice_id].issued, terms.day(now)):
                return True
        return False

    async def _rent(self, sha256: str, plan: str) -> Rent | None:
        rule = (await terms_of(self._policies, self._org_id, sha256)).policy.rent
        return rule if rule is not None and plan in rule.plans else None
