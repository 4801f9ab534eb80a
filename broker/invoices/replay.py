"""Replays an organisation's log and computes every invoice again: pure.

An invoice's lines are charges that stand and are on no other invoice; lines add up to its net, the tax is the policy's,
and numbers of a series follow each other without gaps.  Counterpart: `broker/work/replay.py`, which rates the charges.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from broker.log.billing_events import InvoiceCancelled, InvoiceIssued
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
        self.count = 0

    def feed(self, recorded: Recorded, settled: Mapping[str, Settled]) -> Iterator[Difference]:
        """One more event; `settled`: work and charges as they stand after it."""
        event = recorded.event
        if isinstance(event, InvoiceCancelled):
            self._invoiced = {work: invoice for work, invoice in self._invoiced.items() if invoice != event.invoice_id}
        if not isinstance(event, InvoiceIssued):
            return
        self.count += 1
        name, at = f"{event.series}-{event.number}", int(recorded.moment.utc.timestamp())
        expected = self._last.get(event.series, 0) + 1
        self._last[event.series] = event.number
        if event.number != expected:
            yield Difference(recorded.seq, name, at, "number", str(event.number), str(expected))
        for field, logged, computed in (*self._lines(event, settled), *self._sums(event)):
            if logged != computed:
                yield Difference(recorded.seq, name, at, field, logged, computed)

    def _lines(self, event: InvoiceIssued, settled: Mapping[str, Settled]) -> Iterator[tuple[str, str, str]]:
        if event.credit_of is not None:
            return  # takes an invoice back as it was
        for line in event.lines:
            if line.work_id is None:
                continue
            other = self._invoiced.get(line.work_id)
            yield f"line {line.work_id}", other or "on no other invoice", "on no other invoice"
            self._invoiced[line.work_id] = event.invoice_id
            charge = settled[line.work_id].charge if line.work_id in settled else None
            yield f"line {line.work_id}", line.net, charge.net if charge else "not charged"

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
