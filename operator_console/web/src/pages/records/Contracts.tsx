/** A customer's contracts: what is left of each, every change of its balance, and making, changing and ending one. */
import { useState } from "preact/hooks";

import { get, post, query } from "../../api/http.ts";
import type { Contract, Ledger, Purchase } from "../../api/records.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, Field, Loading, useLoad } from "../ui.tsx";
import { ChangePlanForm, NewContractForm } from "./ContractForms.tsx";
import { money } from "./money.ts";
import { Choice, day, DialogButton, today } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { inWords, ledgerWord } from "./words.ts";

export function Contracts({ customerId, may }: { customerId: string; may: Rights }) {
  const list = useLoad(() => get<{ readonly items: readonly Contract[] }>(`/contracts${query({ customer: customerId })}`), customerId);
  return (
    <section>
      <h2>{t("Contracts")}</h2>
      <Loading of={list}>
        {({ items }) => (
          <>
            {items.length === 0 && <p>{t("None.")}</p>}
            {items.map((one) => <ContractCard key={one.id} contract={one} may={may} reload={list.reload} />)}
          </>
        )}
      </Loading>
      {may.writeBills && (
        <DialogButton label={t("Make a contract")} title={t("Make a contract")}>
          {(close) => <NewContractForm customerId={customerId} done={() => (close(), list.reload())} />}
        </DialogButton>
      )}
    </section>
  );
}

function ContractCard({ contract, may, reload }: { contract: Contract; may: Rights; reload: () => void }) {
  const change = may.writeBills && contract.end >= today();
  return (
    <article class="contract" aria-label={t("Contract {number}", { number: contract.number })}>
      <header>
        <strong>{contract.number}</strong> · {inWords(contract.title)} · {day(contract.start)} – {day(contract.end)}
        {!contract.in_force && <span class="warn"> · {t("not in force today")}</span>}
      </header>
      <Balance of={contract} />
      {contract.cancel_renewal_by !== null && contract.end >= today() && (
        <p>{contract.renews ? t("It renews by itself; that can be cancelled until {day}.", { day: day(contract.cancel_renewal_by) }) : t("It ends without renewal.")}</p>
      )}
      <p class="actions">
        <DialogButton label={t("Ledger")} title={t("Ledger of {number}", { number: contract.number })}>{() => <LedgerTable id={contract.id} />}</DialogButton>
        {may.readBills && contract.counts === "block" && (
          <DialogButton label={t("Purchases")} title={t("Purchases of {number}", { number: contract.number })}>{() => <Purchases id={contract.id} may={may} changed={reload} />}</DialogButton>
        )}
        {may.readBills && <a role="button" class="secondary outline small" download href={`/api/v1/contracts/${contract.id}/statement?format=pdf`}>{t("Statement (PDF)")}</a>}
        {change && contract.balance_minutes !== null && (
          <DialogButton label={t("Change balance")} title={t("Change balance")}>{(close) => <BalanceForm id={contract.id} done={() => (close(), reload())} />}</DialogButton>
        )}
        {change && <DialogButton label={t("Change plan")} title={t("Change plan")}>{(close) => <ChangePlanForm contract={contract} done={() => (close(), reload())} />}</DialogButton>}
        {change && contract.cancel_renewal_by !== null && (!contract.renews || contract.cancel_renewal_by >= today()) && <Renewal of={contract} reload={reload} />}
        {change && <DialogButton label={t("End contract")} title={t("End contract")}>{(close) => <EndForm contract={contract} done={() => (close(), reload())} />}</DialogButton>}
      </p>
    </article>
  );
}

function Renewal({ of: { id, renews }, reload }: { of: Contract; reload: () => void }) {
  const set = async () => {
    await post(`/contracts/${id}/renewal`, { renews: !renews });
    reload();
  };
  return renews
    ? <ConfirmButton label={t("Cancel the renewal")} question={t("The contract then ends on its last day.")} action={set} />
    : <ConfirmButton label={t("Renew by itself")} question={t("Another one of the same length follows.")} action={set} />;
}

/** What is left of what was bought, as a bar and in figures. */
function Balance({ of: { balance_minutes: left, minutes } }: { of: Contract }) {
  if (left === null) return <p>{t("No minutes to count: covered.")}</p>;
  const whole = Math.max(minutes ?? left, left, 1);
  return (
    <p class="balance">
      <progress value={left} max={whole} aria-label={t("Minutes left")} />
      <span>{t("{left} of {whole} minutes left", { left: number(left), whole: number(whole) })}</span>
    </p>
  );
}

function LedgerTable({ id }: { id: string }) {
  const ledger = useLoad(() => get<Ledger>(`/contracts/${id}/ledger`), id);
  return (
    <Loading of={ledger}>
      {({ contract, entries }) => {
        let balance = 0;
        // Of a plan that grants minutes each month the entries alone are no balance.
        const sums = contract.counts === "block";
        return entries.length === 0 ? <p>{t("No minutes to count: covered.")}</p> : (
          <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Ledger")}>
            {!sums && <p>{t("{n} minutes are granted each month; what is left of them lapses.", { n: number(contract.minutes ?? 0) })}</p>}
            <table>
              <thead><tr><th scope="col">{t("Day")}</th><th scope="col">{t("What")}</th><th scope="col" class="figure">{t("Minutes")}</th>{sums && <th scope="col" class="figure">{t("Balance")}</th>}</tr></thead>
              <tbody>
                {entries.map((entry) => {
                  balance += entry.minutes;
                  return (
                    <tr key={entry.seq}>
                      <td title={t("written down {when}", { when: dateTime(entry.utc) })}>{day(entry.day)}</td>
                      <td>{ledgerWord(entry.reason)}</td>
                      <td class="figure">{entry.minutes > 0 ? "+" : ""}{number(entry.minutes)}</td>
                      {sums && <td class="figure">{number(balance)}</td>}
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        );
      }}
    </Loading>
  );
}

/** What was bought, and what becomes of it if it is cancelled now: told before it is done. */
function Purchases({ id, may, changed }: { id: string; may: Rights; changed: () => void }) {
  const list = useLoad(() => get<{ readonly items: readonly Purchase[] }>(`/contracts/${id}/purchases`), id);
  return (
    <Loading of={list}>
      {({ items }) => (
        <>
          {items.length === 0 && <p>{t("None.")}</p>}
          {items.map((one) => (
            <article key={one.seq} aria-label={t("Purchase of {when}", { when: dateTime(one.utc) })}>
              <p>
                <strong>{t("{n} minutes", { n: number(one.minutes) })}</strong> · {dateTime(one.utc)} · {one.paid_utc === null ? t("not paid") : t("paid {when}", { when: dateTime(one.paid_utc) })}
                {one.invoice_id !== null && <> · <a href={`#/records/invoices/${one.invoice_id}`}>{t("Invoice")}</a></>}
              </p>
              <WhatCancelling of={one} />
              {may.writeBills && one.refund !== null && (
                <ConfirmButton label={t("Cancel the purchase")} question={t("The minutes go and the money goes back. This can't be undone.")} action={async () => {
                  await post(`/contracts/${id}/purchases/${one.seq}/cancel`);
                  list.reload();
                  changed();
                }} />
              )}
            </article>
          ))}
        </>
      )}
    </Loading>
  );
}

function WhatCancelling({ of: { refund, currency, minutes, why_not, clause } }: { of: Purchase }) {
  if (refund === null || currency === null) return <p>{why_not}{clause !== null && <> ({clause})</>}.</p>;
  const amount = (text: string) => money({ currency, text });
  const values = { minutes: number(minutes), amount: amount(refund.amount), fee: amount(refund.fee) };
  return <p>{refund.pay_by_utc === null ? t("Cancelled now: {minutes} minutes go, {amount} with tax go back, {fee} before tax are kept.", values) : t("Cancelled now: {minutes} minutes go, {amount} with tax go back by {when}, {fee} before tax are kept.", { ...values, when: dateTime(refund.pay_by_utc) })}</p>;
}

function BalanceForm({ id, done }: { id: string; done: () => void }) {
  const [minutes, setMinutes] = useState("");
  const [reason, setReason] = useState("purchase");
  const save = async () => {
    await post(`/contracts/${id}/balance`, { minutes: Number(minutes), reason });
    done();
  };
  return (
    <ActionForm label={t("Save")} action={save}>
      <Choice label={t("What")} value={reason} options={["purchase", "refund", "correction"].map((word) => [word, ledgerWord(word)] as const)} onValue={setReason} />
      <Field label={t("Minutes")} value={minutes} onValue={setMinutes} hint={t("Below zero takes away.")} input={{ type: "number", step: 1, required: true }} />
    </ActionForm>
  );
}

function EndForm({ contract, done }: { contract: Contract; done: () => void }) {
  const [end, setEnd] = useState(today());
  const save = async () => {
    await post(`/contracts/${contract.id}/end`, { end });
    done();
  };
  return (
    <ActionForm label={t("End contract")} action={save}>
      <Field label={t("Last day")} value={end} onValue={setEnd} input={{ type: "date", required: true, min: contract.start, max: contract.end }} />
    </ActionForm>
  );
}
