"""The events from which bills are computed: policies, contracts, balances, work, charges.

Part of the log's closed union (`events.py`).  Instants are whole seconds since 1970 in UTC, money is decimal text in
the policy's currency, days are `YYYY-MM-DD` of the provider's zone.  Customers appear by id alone, so that their data
can be erased (E15).  `relevo bill verify` rates again from these and from the sessions' own events.
"""

from typing import Literal

from msgspec import Struct

from broker.log.event import Event

WorkKind = Literal["session", "phone", "email", "chat", "onsite"]
BalanceReason = Literal["purchase", "refund", "expiry", "correction"]


class PolicyAdopted(Event, frozen=True, kw_only=True):
    """From here on new contracts and work without one go by this version of the policy (I15)."""

    policy_sha256: str
    name: str
    by_operator: str


class ContractMade(Event, frozen=True, kw_only=True):
    """A customer's plan, with the policy version that it keeps (I15).  `minutes`: per month for a monthly plan.

    `renewal_of`: the contract that it follows by itself, then by nobody (None).
    """

    contract_id: str
    customer_id: str
    number: str
    plan: str
    start: str
    end: str
    minutes: int | None
    policy_sha256: str
    by_operator: str | None
    excess_hourly: str | None = None
    renewal_of: str | None = None


class ContractEnded(Event, frozen=True, kw_only=True):
    """A contract's last day was brought forward to `end`."""

    contract_id: str
    end: str
    by_operator: str


class RenewalSet(Event, frozen=True, kw_only=True):
    """Whether a contract is followed by another one like it (E16); by nobody (None): the policy has it no more."""

    contract_id: str
    renews: bool
    by_operator: str | None


class BalanceChanged(Event, frozen=True, kw_only=True):
    """Minutes were added to a contract, or taken away, by hand or by rule (None); use by work is in `WorkCharged`.

    `on`: of an expiry, the first day without the minutes.  `of_seq`: of a refund, the purchase that it takes back.
    """

    contract_id: str
    minutes: int
    reason: BalanceReason
    by_operator: str | None
    on: str | None = None
    of_seq: int | None = None


class WorkRecorded(Event, frozen=True, kw_only=True):
    """Time spent (I3).  A higher `revision` of the same work stands in place of the one before."""

    work_id: str
    revision: int
    means: WorkKind
    start: int
    end: int
    by_operator: str
    customer_id: str | None = None
    contract_id: str | None = None
    session_id: str | None = None
    ticket_id: str | None = None
    order_id: str | None = None
    pauses: tuple[tuple[int, int], ...] = ()
    urgent: bool = False
    accepted: bool = False
    warranty: bool = False
    covered: bool = True
    service: str | None = None
    local: bool = True


class AppointmentMissed(Event, frozen=True, kw_only=True):
    """An agreed start came to nothing (I11, I12)."""

    work_id: str
    customer_id: str
    contract_id: str | None
    what: Literal["no_show", "late_cancel"]
    at: int
    by_operator: str
    appointment_id: str | None = None
    ticket_id: str | None = None


class WorkCharged(Event, frozen=True, kw_only=True):
    """What rating made of a work or a missed appointment, by which policy."""

    work_id: str
    revision: int
    policy_sha256: str
    basis: str
    currency: str
    billable_seconds: int
    counted_minutes: str
    rounded_minutes: int
    from_balance_minutes: int
    charged_minutes: int
    net: str
    steps_sha256: str


class WorkHeld(Event, frozen=True, kw_only=True):
    """The terms do not serve this work: nothing is charged until an administrator decides."""

    work_id: str
    revision: int
    clause: str | None
    reason: str


class WorkDismissed(Event, frozen=True, kw_only=True):
    """An administrator decided that held work is not charged."""

    work_id: str
    revision: int
    by_operator: str


class InvoicedLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of an invoice.  `text_sha256`: of its title and explanation, as canonical JSON."""

    net: str
    text_sha256: str
    work_id: str | None = None
    revision: int | None = None
    contract_id: str | None = None
    bought_seq: int | None = None
    order_id: str | None = None


class InvoiceIssued(Event, frozen=True, kw_only=True):
    """A numbered bill; one with `credit_of` takes another back, one with `fee_for` charges for its change (E17)."""

    invoice_id: str
    customer_id: str
    series: str
    number: int
    issued: str
    due: str
    policy_sha256: str
    currency: str
    lines: tuple[InvoicedLine, ...]
    net: str
    tax: str
    total: str
    by_operator: str | None
    credit_of: str | None = None
    fee_for: str | None = None


class InvoicePaid(Event, frozen=True, kw_only=True):
    """Money came in for an invoice, wholly or in part, with a receipt number (E10); `paid` is the sum so far."""

    invoice_id: str
    payment_id: str
    receipt: int
    amount: str
    paid: str
    whole: bool
    from_credit: bool
    by_operator: str | None


class InvoiceCancelled(Event, frozen=True, kw_only=True):
    """An invoice was taken back by the credit note `credit_id`; by nobody (None): unpaid at its month's end (E10)."""

    invoice_id: str
    credit_id: str
    by_operator: str | None


class OverpaymentSettled(Event, frozen=True, kw_only=True):
    """What was paid too much goes back less the fee, or is kept as credit (E11)."""

    invoice_id: str
    choice: Literal["refund", "credit"]
    amount: str
    fee: str
    by_operator: str | None


class PurchaseRefunded(Event, frozen=True, kw_only=True):
    """A block that was bought and not begun goes back (E9): `amount` with its tax, until the second `pay_by`.

    `bought_seq`: the `BalanceChanged` that bought it; `fee`: what is kept of it, before tax.
    """

    contract_id: str
    bought_seq: int
    invoice_id: str
    amount: str
    fee: str
    pay_by: int | None
    by_operator: str


class CustomerStatusSet(Event, frozen=True, kw_only=True):
    """A customer became `active`, `delinquent` or `suspended`; by nobody (None): by a rule of the policy."""

    customer_id: str
    status: str
    by_operator: str | None


class CustomerDataErased(Event, frozen=True, kw_only=True):
    """A customer's personal data were erased, outside the log and inside (E15)."""

    customer_id: str
    by_operator: str


class OrderMade(Event, frozen=True, kw_only=True):
    """A customer ordered a prepaid service (T1); `total` is the net price and its tax."""

    order_id: str
    customer_id: str
    number: int
    service: str
    currency: str
    net: str
    total: str
    policy_sha256: str
    by_operator: str


class OrderPaid(Event, frozen=True, kw_only=True):
    """Money came in for an order (E10): `paid` is the sum so far.  By nobody (None): a signed webhook said so."""

    order_id: str
    payment_id: str
    amount: str
    paid: str
    whole: bool
    by_operator: str | None


class OrderDelivered(Event, frozen=True, kw_only=True):
    """What was ordered was handed over; without a report until the day `closes`, included, the order is done (E18)."""

    order_id: str
    closes: str
    by_operator: str


class OrderReported(Event, frozen=True, kw_only=True):
    """A fault was reported in time: the order is open again, until it is delivered anew (E18)."""

    order_id: str
    by_operator: str


class OrderEnded(Event, frozen=True, kw_only=True):
    """A paid order was carried out, or an order was cancelled; by nobody (None): no fault was reported (E18)."""

    order_id: str
    state: Literal["done", "cancelled"]
    by_operator: str | None


class ChecklistTicked(Event, frozen=True, kw_only=True):
    """An item of a service's checklist was done in a session (T5); `text` as the policy had it, in English."""

    session_id: str
    item: int
    text: str
    by_operator: str


AnyBillingEvent = (
    PolicyAdopted | ContractMade | ContractEnded | RenewalSet | BalanceChanged | WorkRecorded | AppointmentMissed
    | WorkCharged | WorkHeld | WorkDismissed | InvoiceIssued | InvoicePaid | InvoiceCancelled | OverpaymentSettled
    | PurchaseRefunded | CustomerStatusSet | CustomerDataErased | OrderMade | OrderPaid | OrderDelivered
    | OrderReported | OrderEnded | ChecklistTicked
)  # fmt: skip
