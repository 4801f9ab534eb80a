"""Replays an organisation's log and computes every invoice again: pure.

An invoice's lines are charges that stand and are on no other invoice; lines add up to its net, the tax is the policy's,
and numbers of a series follow each other without gaps.  Counterpart: `broker/work/replay.py`, which rates the charges.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from broker.log.billing_events import InvoiceCancelled, InvoiceIssued, InvoicePaid, OrderMade, WorkRecorded
from broker.log.events import Recorded
from broker.policies.schema import Policy
from broker.rating import money
from broker.rating.engine import Engine, tax_of
from broker.work.replay import Difference, Settled


class InvoiceReplay:
    """`policy` gives the engine of a version."""

    def __init__(self, policy: Callable[[str], Engine]) -> None:
        self._policy = policy
        self._last: dict[str, int] = {}
        self._invoiced: dict[str, str] = {}
        self._totals: dict[str, Decimal] = {}
        self._paid: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._orders: dict[str, str] = {}
        """Each order's net price."""
        self.count = 0

    def feed(self, recorded: Recorded, settled: Mapping[str, Settled]) -> Iterator[Difference]:
        """One more event; `settled`: work and charges as they stand after it."""
        event = recorded.event
        at = int(recorded.moment.utc.timestamp())
        match event:
            case OrderMade():
                self._orders[event.order_id] = event.net
            case InvoiceCancelled():
                self._invoiced = {
                    one: invoice for one, invoice in self._invoiced.items() if invoice != event.invoice_id
                }
            case InvoicePaid():
                yield from self._payment(recorded.seq, at, event)
            case InvoiceIssued():
                self._totals[event.invoice_id] = Decimal(event.total)
                yield from self._invoice(recorded.seq, at, event, settled)

    def _payment(self, seq: int, at: int, event: InvoicePaid) -> Iterator[Difference]:
        """The parts of a payment add up, and the last of them makes it whole (E10)."""
        paid = self._paid[event.invoice_id] = self._paid[event.invoice_id] + Decimal(event.amount)
        whole = paid >= self._totals.get(event.invoice_id, Decimal(0))
        if (Decimal(event.paid), event.whole) != (paid, whole):
            yield Difference(seq, event.invoice_id, at, "paid", f"{event.paid} {event.whole}", f"{paid} {whole}")

    def _invoice(self, seq: int, at: int, event: InvoiceIssued, settled: Mapping[str, Settled]) -> Iterator[Difference]:
        self.count += 1
        name = f"{event.series}-{event.number}"
        expected = self._last.get(event.series, 0) + 1
        self._last[event.series] = event.number
        if event.number != expected:
            yield Difference(seq, name, at, "number", str(event.number), str(expected))
        for field, logged, computed in (*self._lines(event, settled), *self._sums(event)):
            if logged != computed:
                yield Difference(seq, name, at, field, logged, computed)

    def _lines(self, event: InvoiceIssued, settled: Mapping[str, Settled]) -> Iterator[tuple[str, str, str]]:
        if event.credit_of is not None:
            return  # takes an invoice back as it was
        for line in event.lines:
            if line.order_id is not None:
                yield from self._billed_once(line.order_id, event)
                yield f"line {line.order_id}", line.net, self._orders.get(line.order_id, "no such order")
            if line.work_id is None:
                continue
            yield from self._billed_once(line.work_id, event)
            work = settled.get(line.work_id)
            charge, recorded = (work.charge, work.event) if work else (None, None)
            if charge and charge.basis == "order" and Decimal(charge.net) and isinstance(recorded, WorkRecorded):
                yield from self._billed_once(recorded.order_id or "", event)
            yield f"line {line.work_id}", line.net, charge.net if charge else "not charged"

    def _billed_once(self, what: str, event: InvoiceIssued) -> Iterator[tuple[str, str, str]]:
        """A work, and an order's price, are on one invoice at most that stands."""
        other = self._invoiced.get(what)
        yield f"line {what}", other or "on no other invoice", "on no other invoice"
        self._invoiced[what] = event.invoice_id

    def _sums(self, event: InvoiceIssued) -> Iterator[tuple[str, str, str]]:
        policy = self._policy(event.policy_sha256).policy
        net = sum((Decimal(line.net) for line in event.lines), Decimal(0))
        yield "net", event.net, money.text(net, policy.minor_digits)
        if event.fee_for is not None:
            return  # a fee is fixed with its tax included (E17)
        tax = _tax(policy, net)
        yield "tax", event.tax, money.text(tax, policy.minor_digits)
        yield "total", event.total, money.text(net + tax, policy.minor_digits)


def _tax(policy: Policy, net: Decimal) -> Decimal:
    return tax_of(policy, net) if net >= 0 else -tax_of(policy, -net)
