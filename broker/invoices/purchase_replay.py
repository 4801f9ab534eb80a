"""Replays an organisation's log and computes every refund of a purchase again (E9): pure.

Counterparts: `purchases.py`, which wrote them; `refunds.py`, which both ask; `broker/work/verify.py`, which feeds it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from broker.invoices import amounts
from broker.invoices.purchases import begun
from broker.invoices.refunds import Refund, of_purchase
from broker.log.billing_events import BalanceChanged, ContractMade, InvoiceIssued, InvoicePaid, PurchaseRefunded
from broker.log.events import Recorded
from broker.policies.hours import EPOCH, ONE_SECOND
from broker.rating.engine import Engine
from broker.work.replay import Difference


class PurchaseReplay:
    """`policy` gives the engine of a version, `left` the minutes that a contract has left at an instant."""

    def __init__(self, policy: Callable[[str], Engine], left: Callable[[str, int], int | None]) -> None:
        self._policy, self._left = policy, left
        self._terms: dict[str, Engine] = {}
        self._bought: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._issued: dict[str, InvoiceIssued] = {}
        self._paid_at: dict[str, int] = {}

    def feed(self, recorded: Recorded) -> Iterator[Difference]:
        """One more event; gives where it is not what it should be.  The balance is that before it."""
        event, at = recorded.event, (recorded.moment.utc - EPOCH) // ONE_SECOND
        match event:
            case ContractMade():
                self._terms[event.contract_id] = self._policy(event.policy_sha256)
            case BalanceChanged(reason="purchase"):
                self._bought[event.contract_id][recorded.seq] = event.minutes
            case BalanceChanged(reason="refund") if event.of_seq is not None:
                minutes = self._bought[event.contract_id].pop(event.of_seq, 0)
                if event.minutes != -minutes:
                    yield Difference(recorded.seq, event.contract_id, at, "refund", str(event.minutes), str(-minutes))
            case InvoiceIssued():
                self._issued[event.invoice_id] = event
            case InvoicePaid() if event.whole:
                self._paid_at.setdefault(event.invoice_id, at)
            case PurchaseRefunded():
                logged = {"amount": event.amount, "fee": event.fee, "pay_by": str(event.pay_by)}
                computed = self._refund(event, at)
                for field, value in logged.items():
                    if value != computed.get(field, "no refund"):
                        expected = computed.get(field, "no refund")
                        yield Difference(recorded.seq, event.contract_id, at, field, value, expected)

    def _refund(self, event: PurchaseRefunded, at: int) -> dict[str, str]:
        """What should go back, by the names of the event's fields; empty where nothing should."""
        engine, invoice = self._terms.get(event.contract_id), self._issued.get(event.invoice_id)
        purchases, paid_at = self._bought[event.contract_id], self._paid_at.get(event.invoice_id)
        minutes = purchases.get(event.bought_seq)
        if engine is None or invoice is None or paid_at is None or minutes is None or engine.policy.refunds is None:
            return {}
        own = (event.contract_id, event.bought_seq)
        nets = [Decimal(line.net) for line in invoice.lines if (line.contract_id, line.bought_seq) == own]
        outcome = of_purchase(
            engine.policy.refunds, engine.hours, paid_minor=amounts.minor(sum(nets, Decimal(0)), invoice.currency),
            minutes=minutes, begun=begun(self._left(event.contract_id, at) or 0, purchases, event.bought_seq),
            paid_at=paid_at, asked_at=at,
        )  # fmt: skip
        if not isinstance(outcome, Refund):
            return {}
        tax = amounts.tax_minor(self._policy(invoice.policy_sha256).policy, outcome.amount_minor, invoice.currency)
        return {
            "amount": amounts.text(outcome.amount_minor + tax, invoice.currency),
            "fee": amounts.text(outcome.fee_minor, invoice.currency),
            "pay_by": str(outcome.pay_by),
        }
