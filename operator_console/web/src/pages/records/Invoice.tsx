/** One invoice: its lines with their explanations, its files, what was paid, and taking it back. */
import { useState } from "preact/hooks";

import { get, post } from "../../api/http.ts";
import type { Cancelled, InvoiceDetail } from "../../api/records.ts";
import { dateTime, language, number, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, Field, Loading, useLoad } from "../ui.tsx";
import { money } from "./money.ts";
import { day, DECIMAL, decimalOf, DialogButton, Facts, Money, Tick, today } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { inWords, invoiceStateWords } from "./words.ts";

interface Amount {
  readonly currency: string;
  readonly amount: string;
}

export function InvoicePage({ id, may }: { id: string; may: Rights }) {
  const invoice = useLoad(() => get<InvoiceDetail>(`/invoices/${encodeURIComponent(id)}`), id);
  return (
    <>
      <p><a href="#/records/invoices">← {t("All invoices")}</a></p>
      <Loading of={invoice}>
        {(of) => (
          <>
            <h1>{of.state === "credit" ? t("Credit note {number}", { number: of.number }) : t("Invoice {number}", { number: of.number })}</h1>
            <Known of={of} />
            <p class="actions">
              {["pdf", "csv", "json"].map((format) => (
                <a key={format} role="button" class="secondary outline small" download href={`/api/v1/invoices/${of.id}/document?format=${format}`}>{format.toUpperCase()}</a>
              ))}
              {may.writeBills && <Actions of={of} reload={invoice.reload} />}
            </p>
            <Lines of={of} />
            <Payments of={of} />
          </>
        )}
      </Loading>
    </>
  );
}

function Known({ of }: { of: InvoiceDetail }) {
  const amount = (text: string) => <Money of={{ currency: of.currency, text }} />;
  const link = (id: string | null, label: string) => (id === null ? [] : [[label, <a href={`#/records/invoices/${id}`}>{t("Open it")}</a>] as const]);
  return (
    <Facts of={[
      [t("Customer"), <a href={`#/records/customers/${of.customer_id}`}>{of.customer || t("erased")}</a>],
      [t("State"), invoiceStateWords()[of.state]],
      [t("Issued"), day(of.issued)],
      [t("Due"), day(of.due)],
      [t("Total"), amount(of.total)],
      [t("Outstanding"), amount(of.outstanding)],
      ...link(of.credit_of, t("Takes back")),
      ...link(of.credit_note, of.state === "cancelled" ? t("Taken back by") : t("A part given back by")),
      ...link(of.fee_for, t("Fee for changing")),
      ...link(of.fee_invoice, t("Fee for the change")),
      ...(of.excess_choice === null ? [] : [[of.excess_choice === "refund" ? t("Paid back") : t("Kept as credit"), amount(of.excess_settled)] as const]),
      ...(of.reason ? [[t("Reason"), of.reason] as const] : []),
    ]} />
  );
}

function Lines({ of }: { of: InvoiceDetail }) {
  const amount = (text: string) => <td class="figure"><Money of={{ currency: of.currency, text }} /></td>;
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Lines")}>
      <table>
        <thead><tr><th scope="col" class="figure">{t("No.")}</th><th scope="col">{t("What")}</th><th scope="col" class="figure">{t("Minutes")}</th><th scope="col" class="figure">{t("Net")}</th></tr></thead>
        <tbody>
          {of.lines.map((line) => (
            <tr key={line.position}>
              <td class="figure">{line.position}</td>
              <td>
                {inWords(line.title)}
                {line.explanation[language.value].length > 0 && (
                  <details class="why">
                    <summary>{t("Why?")}</summary>
                    <ol class="explanation">{line.explanation[language.value].map((sentence, index) => <li key={index}>{sentence}</li>)}</ol>
                  </details>
                )}
              </td>
              <td class="figure">{number(line.minutes)}</td>
              {amount(line.net)}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr><th scope="row" colSpan={3}>{t("Net")}</th>{amount(of.net)}</tr>
          <tr><th scope="row" colSpan={3}>{of.tax_name} {of.tax_percent} %</th>{amount(of.tax)}</tr>
          <tr><th scope="row" colSpan={3}>{t("Total")}</th>{amount(of.total)}</tr>
        </tfoot>
      </table>
    </div>
  );
}

function Payments({ of }: { of: InvoiceDetail }) {
  return (
    <section>
      <h2>{t("Payments")}</h2>
      {of.payments.length === 0 ? <p>{t("None.")}</p> : (
        <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Payments")}>
          <table>
            <thead><tr><th scope="col" class="figure">{t("Receipt")}</th><th scope="col">{t("When")}</th><th scope="col">{t("Reference")}</th><th scope="col" class="figure">{t("Amount")}</th></tr></thead>
            <tbody>
              {of.payments.map((one) => (
                <tr key={one.id}><td class="figure"><a download href={`/api/v1/invoices/${of.id}/payments/${one.id}/receipt`} aria-label={t("Receipt {n} (PDF)", { n: one.receipt })}>{one.receipt}</a></td><td>{dateTime(one.utc)}</td><td>{one.from_credit ? t("from credit") : one.reference}</td><td class="figure"><Money of={{ currency: of.currency, text: one.amount }} /></td></tr>
              ))}
            </tbody>
            <tfoot><tr><th scope="row" colSpan={3}>{t("Paid")}</th><td class="figure"><Money of={{ currency: of.currency, text: of.paid }} /></td></tr></tfoot>
          </table>
        </div>
      )}
    </section>
  );
}

function Actions({ of, reload }: { of: InvoiceDetail; reload: () => void }) {
  const settle = (choice: "refund" | "credit") => async () => {
    await post(`/invoices/${of.id}/overpayment`, { choice });
    reload();
  };
  const tooMuch = /[1-9]/.test(of.excess);
  const cancellable = of.state === "open" || (of.state === "paid" && of.credit_note === null);
  const late = of.may_cancel_until !== null && of.may_cancel_until < today();
  const amount = money({ currency: of.currency, text: of.excess });
  return (
    <>
      {of.state === "open" && <DialogButton label={t("Record a payment")} title={t("Record a payment")}>{(close) => <PaymentForm of={of} done={() => (close(), reload())} />}</DialogButton>}
      {cancellable && late && <small>{t("It could be taken back until {day}.", { day: day(of.may_cancel_until ?? "") })}</small>}
      {cancellable && !late && <DialogButton label={t("Take back")} title={t("Take back")}>{(close) => <CancelForm of={of} done={() => (close(), reload())} />}</DialogButton>}
      {tooMuch && <ConfirmButton label={t("Pay back the excess")} question={of.state === "cancelled" ? t("{amount} go back whole.", { amount }) : t("{amount} go back, less {percent} %.", { amount, percent: of.refund_fee_percent })} action={settle("refund")} />}
      {tooMuch && <ConfirmButton label={t("Keep the excess as credit")} question={t("{amount} stay whole and pay a later invoice.", { amount })} action={settle("credit")} />}
    </>
  );
}

function PaymentForm({ of, done }: { of: InvoiceDetail; done: () => void }) {
  const [amount, setAmount] = useState(of.outstanding);
  const [reference, setReference] = useState("");
  const [credit, setCredit] = useState(false);
  const kept = useLoad(() => get<{ readonly items: readonly Amount[] }>(`/customers/${of.customer_id}/credit`).then(({ items }) => items), of.customer_id);
  const [own] = (kept.value ?? []).filter((one) => one.currency === of.currency && /[1-9]/.test(one.amount));
  const pay = async () => {
    await post(`/invoices/${of.id}/payments`, { amount: decimalOf(amount), from_credit: credit, ...(reference === "" ? {} : { reference }) });
    done();
  };
  return (
    <ActionForm label={t("Record")} action={pay}>
      <Field label={t("Amount, {currency}", { currency: of.currency })} value={amount} onValue={setAmount} hint={t("A part is taken, too: each has its receipt.")} input={{ ...DECIMAL, required: true }} />
      <Field label={t("Reference")} value={reference} onValue={setReference} hint={t("The same reference again changes nothing.")} input={{ maxLength: 200 }} />
      {own !== undefined && <Tick label={t("From the customer's credit of {amount}", { amount: money({ currency: own.currency, text: own.amount }) })} value={credit} onValue={setCredit} />}
    </ActionForm>
  );
}

function CancelForm({ of, done }: { of: InvoiceDetail; done: () => void }) {
  const [reason, setReason] = useState("");
  const [caused, setCaused] = useState(false);
  const [fee, setFee] = useState<string | null>(null);
  const cancel = async () => {
    const answer = await post<Cancelled>(`/invoices/${of.id}/cancel`, { reason, by_customer: caused });
    if (answer.cancelled) done();
    else setFee(answer.fee_invoice?.id ?? null);
  };
  if (fee !== null) return <p role="status">{t("The fee has to be paid first.")} <a href={`#/records/invoices/${fee}`} onClick={done}>{t("Open its invoice")}</a></p>;
  return (
    <ActionForm label={t("Take back")} action={cancel}>
      <p>{t("A credit note takes the whole invoice back.")}</p>
      <Field label={t("Reason")} value={reason} onValue={setReason} input={{ maxLength: 500 }} />
      {of.may_cancel_until !== null && <p><small>{t("Possible until {day}.", { day: day(of.may_cancel_until) })}</small></p>}
      {of.change_fee !== null && <Tick label={t("The customer caused it, and pays {amount} first", { amount: money({ currency: of.currency, text: of.change_fee }) })} value={caused} onValue={setCaused} />}
    </ActionForm>
  );
}
