"""Blocks of minutes that were bought: what each would bring back if it were cancelled now, and cancelling it (E9).

Counterparts: `refunds.py` (the rule, pure), `purchase_replay.py` (computes it again from the log).  By the terms that
the contract keeps; money by the policy of the purchase's invoice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from broker.clock import Clock
from broker.contracts.repository import ContractRepository
from broker.contracts.service import Held, held_on
from broker.errors import Conflict, NotFound
from broker.i18n import LANGUAGES, N_, translate
from broker.invoices import amounts
from broker.invoices.issuing import NewLine, Terms, give_back, present_terms, terms_of
from broker.invoices.refunds import NoRefund, Refund, of_purchase
from broker.invoices.repository import InvoiceRepository
from broker.invoices.states import State
from broker.log.billing_events import BalanceChanged, PurchaseRefunded
from broker.log.writer import EventLog, Writer
from broker.policies.repository import PolicyRepository
from broker.policies.service import engine_of
from broker.store.billing_tables import LedgerRow
from broker.store.engine import Store
from broker.store.invoice_tables import InvoiceLineRow, InvoiceRow

NO_RULE = NoRefund("-", N_("The contract's terms give nothing back"))
NOT_BILLED = NoRefund("-", N_("These minutes are on no invoice"))
UNPAID = NoRefund("-", N_("Its invoice is not paid: take the invoice back instead"))
GONE = NoRefund("-", N_("These minutes were given back already"))


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase.  `outcome`: what cancelling it now comes to, before tax."""

    row: LedgerRow
    invoice: InvoiceRow | None
    line: InvoiceLineRow | None
    outcome: Refund | NoRefund
    terms: Terms | None = None
    """Of its invoice."""

    @property
    def back_minor(self) -> int:
        """What would go back, with its tax."""
        if self.invoice is None or self.terms is None or not isinstance(self.outcome, Refund):
            return 0
        net = self.outcome.amount_minor
        return net + amounts.tax_minor(self.terms.policy, net, self.invoice.currency)


def begun(left: int, purchases: Mapping[int, int], seq: int) -> bool:
    """Whether any of a purchase was used: what was bought first is used first."""
    return left < sum(minutes for bought, minutes in purchases.items() if bought >= seq)


class PurchaseService:
    """The purchases of one organisation's contracts."""

    def __init__(self, store: Store, log: EventLog, clock: Clock) -> None:
        self._store, self._log, self._clock = store, log, clock

    async def of_contract(self, org_id: str, contract_id: str) -> list[Bought]:
        """Every purchase, in order.  Raises `NotFound`."""
        now = self._clock.utc()
        async with self._store.reading() as db:
            contracts = ContractRepository(db)
            held = await _held(contracts, PolicyRepository(db), org_id, contract_id, now)
            rows = [row for row in await contracts.ledger(contract_id) if row.reason == "purchase"]
            look = _Look(InvoiceRepository(db), PolicyRepository(db), held, int(now.timestamp()))
            return [await look.at(row) for row in rows]

    async def cancel(self, org_id: str, contract_id: str, seq: int, by_operator: str) -> Bought:
        """Cancel a purchase: its minutes go, and its price less the fee goes back by a credit note.

        Raises `NotFound`, and `Conflict` with the reason where nothing goes back and the time stays.
        """
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            now, contracts = writer.now().utc, ContractRepository(writer.db)
            held = await _held(contracts, PolicyRepository(writer.db), org_id, contract_id, now)
            row = next((one for one in await contracts.ledger(contract_id) if one.seq == seq), None)
            if row is None or row.reason != "purchase":
                raise NotFound
            invoices, policies = InvoiceRepository(writer.db), PolicyRepository(writer.db)
            bought = await _Look(invoices, policies, held, int(now.timestamp())).at(row)
            if isinstance(bought.outcome, NoRefund):
                raise Conflict(bought.outcome.reason, **dict(bought.outcome.values))
            await _refund(writer, held, bought, bought.outcome, by_operator)
            return bought


class _Look:
    """Looks at the purchases of one contract at an instant."""

    def __init__(self, invoices: InvoiceRepository, policies: PolicyRepository, held: Held, now: int) -> None:
        self._invoices, self._policies, self._held, self._now = invoices, policies, held, now

    async def at(self, row: LedgerRow) -> Bought:
        contract, policy = self._held.row, self._held.engine.policy
        standing = await self._invoices.purchases(contract.id)
        if row.seq not in standing:
            return Bought(row, None, None, GONE)
        invoice = await self._invoices.of_purchase(contract.id, row.seq)
        if invoice is None:
            return Bought(row, None, None, NOT_BILLED)
        lines = await self._invoices.lines(invoice.id)
        line = next(line for line in lines if (line.contract_id, line.bought_seq) == (contract.id, row.seq))
        if invoice.state != State.PAID or invoice.closed_utc is None:
            return Bought(row, invoice, line, UNPAID)
        if policy.refunds is None:
            return Bought(row, invoice, line, NO_RULE)
        outcome = of_purchase(
            policy.refunds, self._held.engine.hours, paid_minor=line.net_minor, minutes=row.minutes,
            begun=begun(self._held.balance_minutes or 0, standing, row.seq),
            paid_at=int(invoice.closed_utc.timestamp()), asked_at=self._now,
        )  # fmt: skip
        terms = await terms_of(self._policies, invoice.org_id, invoice.policy_sha256)
        return Bought(row, invoice, line, outcome, terms)


async def _refund(writer: Writer, held: Held, bought: Bought, refund: Refund, by_operator: str) -> None:
    invoice, line, contract = bought.invoice, bought.line, held.row
    assert invoice is not None
    assert line is not None
    currency, back = invoice.currency, bought.back_minor
    await writer.append(
        contract.org_id,
        PurchaseRefunded(
            contract_id=contract.id, bought_seq=bought.row.seq, invoice_id=invoice.id,
            amount=amounts.text(back, currency), fee=amounts.text(refund.fee_minor, currency), pay_by=refund.pay_by,
            by_operator=by_operator,
        ),
    )  # fmt: skip
    change = BalanceChanged(
        contract_id=contract.id, minutes=-bought.row.minutes, reason="refund", by_operator=by_operator,
        of_seq=bought.row.seq,
    )  # fmt: skip
    recorded = (await writer.append(contract.org_id, change)).recorded
    utc = recorded.moment.utc
    await ContractRepository(writer.db).write_ledger(
        contract.org_id, recorded.seq, utc, int(utc.timestamp()), contract.id, -bought.row.minutes, "refund",
        of_seq=bought.row.seq,
    )  # fmt: skip
    gone, kept = N_("Given back: {title}"), N_("Kept of it: {percent} %")
    rule = held.engine.policy.refunds
    percent = rule.fee_percent if rule else 0
    title: dict[str, str] = {lang: translate(lang, gone).format(title=line.title[lang]) for lang in LANGUAGES}
    lines = [NewLine(title, -line.net_minor, -bought.row.minutes, contract_id=contract.id, bought_seq=bought.row.seq)]
    if refund.fee_minor:
        words: dict[str, str] = {lang: translate(lang, kept).format(percent=percent) for lang in LANGUAGES}
        lines.append(NewLine(words, refund.fee_minor))
    due = None if refund.pay_by is None else held.engine.hours.local(refund.pay_by).date()
    terms = await present_terms(PolicyRepository(writer.db), contract.org_id)
    await give_back(writer, terms, invoice, lines, back, due, by_operator)


async def _held(
    contracts: ContractRepository, policies: PolicyRepository, org_id: str, contract_id: str, now: datetime
) -> Held:
    row = await contracts.find(org_id, contract_id)
    if row is None:
        raise NotFound
    kept = await policies.version(org_id, row.policy_sha256)
    assert kept is not None, "a contract's policy is never deleted"
    engine = engine_of(kept.text)
    return await held_on(contracts, row, engine, now.astimezone(engine.policy.zone).date())
