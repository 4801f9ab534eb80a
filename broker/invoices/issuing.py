"""Issues invoices and takes them back: the only code that gives numbers and appends `InvoiceIssued`.

Everything happens in the caller's transaction, which holds the organisation's chain: of two administrators at once
one waits for the other, and a number that was taken is issued or rolled back with it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from broker.errors import Conflict
from broker.i18n import LANGUAGES, N_, translate
from broker.ids import new_id
from broker.invoices.amounts import minor as minor_of
from broker.invoices.amounts import net_of_total, shown_time, tax_minor, text
from broker.invoices.repository import InvoiceRepository, number_of
from broker.invoices.states import State, Step, after
from broker.log.billing_events import InvoiceCancelled, InvoicedLine, InvoiceIssued
from broker.log.writer import Writer
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Policy
from broker.policies.service import engine_of
from broker.rating.engine import Engine
from broker.store.billing_tables import CustomerRow, WorkRow
from broker.store.invoice_tables import InvoiceLineRow, InvoiceRow

KINDS = {
    "session": N_("Remote session"),
    "phone": N_("By phone"),
    "email": N_("By e-mail"),
    "chat": N_("By chat"),
    "onsite": N_("On site"),
    "no_show": N_("Missed appointment"),
    "late_cancel": N_("Appointment cancelled late"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy version, as it is applied to an invoice."""

    sha256: str
    engine: Engine

    @property
    def policy(self) -> Policy:
        return self.engine.policy

    def day(self, moment: datetime) -> date:
        """The day of the provider's zone."""
        return moment.astimezone(self.policy.zone).date()


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line that is to stand on an invoice.  `title` in both languages."""

    title: dict[str, str]
    net_minor: int
    minutes: int = 0
    steps: list[Any] = field(default_factory=list)
    work_id: str | None = None
    revision: int | None = None
    contract_id: str | None = None
    bought_seq: int | None = None
    order_id: str | None = None


async def present_terms(policies: PolicyRepository, org_id: str) -> Terms:
    """The policy in force.  Raises `Conflict` where none was adopted."""
    row = await policies.in_force(org_id)
    if row is None:
        raise Conflict(N_("Adopt a policy first: invoices are made by it."))
    return Terms(row.sha256, engine_of(row.text))


async def terms_of(policies: PolicyRepository, org_id: str, sha256: str) -> Terms:
    """The version by which something was made."""
    row = await policies.version(org_id, sha256)
    assert row is not None, "a policy version is never deleted"
    return Terms(sha256, engine_of(row.text))


def work_line(terms: Terms, work: WorkRow) -> NewLine:
    """A charge as a line, with its explanation."""
    local = terms.engine.hours.local(work.start)
    what = KINDS[work.kind]
    title: dict[str, str] = {lang: f"{translate(lang, what)}, {shown_time(local, lang)}" for lang in LANGUAGES}
    return NewLine(title, work.net_minor, work.rounded_minutes, list(work.steps), work.id, work.revision)


async def issue(
    writer: Writer,
    org_id: str,
    terms: Terms,
    customer: CustomerRow,
    currency: str,
    lines: Sequence[NewLine],
    by_operator: str | None,
    fee_for: str | None = None,
) -> InvoiceRow:
    """A numbered invoice of these lines: its net is their sum, taxed once by the policy in force."""
    now, policy = writer.now().utc, terms.policy
    net = sum(line.net_minor for line in lines)
    tax = tax_minor(policy, net, currency)
    issued = terms.day(now)
    row = InvoiceRow(
        id=new_id(), org_id=org_id, customer_id=customer.id, issued=issued,
        due=issued + timedelta(days=policy.invoices.due_days), policy_sha256=terms.sha256, currency=currency,
        tax_name=policy.tax.name, tax_percent=str(policy.tax.percent), net_minor=net, tax_minor=tax,
        total_minor=net + tax, paid_minor=0, state=State.OPEN, fee_for=fee_for, buyer=_buyer(customer), unpaid=False,
        excess_minor=0, excess_fee_minor=0, issued_utc=now, reason="",
    )  # fmt: skip
    await _write(writer, terms, row, lines, by_operator)
    await InvoiceRepository(writer.db).put_on(row.id, [line.work_id for line in lines if line.work_id])
    return row


async def issue_fee(
    writer: Writer, terms: Terms, customer: CustomerRow, changed: InvoiceRow, by_operator: str | None
) -> InvoiceRow:
    """The bill for a change that the customer caused: an amount with its tax (E17)."""
    with_tax = terms.policy.invoices.change_fee_with_tax
    assert with_tax is not None
    currency, number = terms.policy.currency, number_of(changed)
    net = net_of_total(terms.policy, minor_of(with_tax, currency), currency)
    said = N_("Change of invoice {number}, caused by the customer")
    line = NewLine({lang: translate(lang, said).format(number=number) for lang in LANGUAGES}, net)
    return await issue(writer, changed.org_id, terms, customer, currency, [line], by_operator, fee_for=changed.id)


async def take_back(
    writer: Writer, terms: Terms, invoice: InvoiceRow, by_operator: str | None, reason: str = ""
) -> InvoiceRow:
    """Cancel an invoice by a credit note, a numbered one with its lines negative; its work can be invoiced again.

    `by_operator` None: the calendar does it (E10).  Raises `Conflict`.
    """
    invoices = InvoiceRepository(writer.db)
    invoice.state = after(State(invoice.state), Step.CANCEL)
    now, said = writer.now().utc, N_("Taken back: {title}")
    lines = [
        NewLine(
            {lang: translate(lang, said).format(title=line.title[lang]) for lang in LANGUAGES}, -line.net_minor,
            -line.minutes, [], line.work_id, line.revision, line.contract_id, line.bought_seq, line.order_id,
        )
        for line in await invoices.lines(invoice.id)
    ]  # fmt: skip
    issued = terms.day(now)
    credit = InvoiceRow(
        id=new_id(), org_id=invoice.org_id, customer_id=invoice.customer_id, issued=issued, due=issued,
        policy_sha256=invoice.policy_sha256, currency=invoice.currency, tax_name=invoice.tax_name,
        tax_percent=invoice.tax_percent, net_minor=-invoice.net_minor, tax_minor=-invoice.tax_minor,
        total_minor=-invoice.total_minor, paid_minor=0, state=State.CREDIT, credit_of=invoice.id, buyer=invoice.buyer,
        unpaid=False, excess_minor=0, excess_fee_minor=0, issued_utc=now, closed_utc=now, reason=reason,
    )  # fmt: skip
    await _write(writer, terms, credit, lines, by_operator)
    invoice.closed_utc, invoice.reason, invoice.unpaid = now, reason, by_operator is None
    await writer.append(
        invoice.org_id, InvoiceCancelled(invoice_id=invoice.id, credit_id=credit.id, by_operator=by_operator)
    )
    await invoices.release_work(invoice.id)
    return credit


async def give_back(
    writer: Writer, terms: Terms, invoice: InvoiceRow, lines: Sequence[NewLine], back_minor: int, due: date | None,
    by_operator: str,
) -> InvoiceRow:  # fmt: skip
    """A credit note for a part of a paid invoice, which stays: `back_minor` is to be paid back by a day (E9)."""
    now, net = writer.now().utc, sum(line.net_minor for line in lines)
    rules, issued = await terms_of(PolicyRepository(writer.db), invoice.org_id, invoice.policy_sha256), terms.day(now)
    tax = tax_minor(rules.policy, net, invoice.currency)
    credit = InvoiceRow(
        id=new_id(), org_id=invoice.org_id, customer_id=invoice.customer_id, issued=issued, due=due or issued,
        policy_sha256=invoice.policy_sha256, currency=invoice.currency, tax_name=invoice.tax_name,
        tax_percent=invoice.tax_percent, net_minor=net, tax_minor=tax, total_minor=net + tax, paid_minor=0,
        state=State.CREDIT, credit_of=invoice.id, buyer=invoice.buyer, unpaid=False, excess="refund",
        excess_minor=back_minor, excess_fee_minor=0, issued_utc=now, closed_utc=now, reason="",
    )  # fmt: skip
    await _write(writer, terms, credit, lines, by_operator)
    return credit


def text_sha256(title: dict[str, str], steps: list[Any]) -> str:
    """What an event holds in the place of a line's words."""
    written = json.dumps([title, steps], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


async def _write(
    writer: Writer, terms: Terms, row: InvoiceRow, lines: Sequence[NewLine], by_operator: str | None
) -> None:
    """Number an invoice, keep it and append its event."""
    invoices = InvoiceRepository(writer.db)
    row.series = f"{terms.policy.invoices.prefix}{row.issued.year}"
    row.number = await invoices.next_number(row.org_id, row.series)
    kept = [
        InvoiceLineRow(
            invoice_id=row.id, position=at, work_id=line.work_id, revision=line.revision, contract_id=line.contract_id,
            bought_seq=line.bought_seq, order_id=line.order_id, title=line.title, minutes=line.minutes,
            net_minor=line.net_minor, steps=line.steps,
        )
        for at, line in enumerate(lines, 1)
    ]  # fmt: skip
    await invoices.add(row, kept)
    await writer.append(
        row.org_id,
        InvoiceIssued(
            invoice_id=row.id, customer_id=row.customer_id, series=row.series, number=row.number,
            issued=row.issued.isoformat(), due=row.due.isoformat(), policy_sha256=row.policy_sha256,
            currency=row.currency, net=text(row.net_minor, row.currency), tax=text(row.tax_minor, row.currency),
            total=text(row.total_minor, row.currency), by_operator=by_operator, credit_of=row.credit_of,
            fee_for=row.fee_for,
            lines=tuple(
                InvoicedLine(
                    net=text(line.net_minor, row.currency), text_sha256=text_sha256(line.title, line.steps),
                    work_id=line.work_id, revision=line.revision, contract_id=line.contract_id,
                    bought_seq=line.bought_seq, order_id=line.order_id,
                )
                for line in lines
            ),
        ),
    )  # fmt: skip


def _buyer(customer: CustomerRow) -> dict[str, str]:
    if customer.erased_utc is not None:
        return {}
    return {
        "name": customer.name, "tax_id": customer.tax_id, "address": customer.address, "email": customer.email,
        "lang": customer.lang,
    }  # fmt: skip
