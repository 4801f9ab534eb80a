/** One prepaid order: what is paid and missing, its steps, its sessions with their checklist, what the customer reads, its course. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import type { Order } from "../../api/desk.ts";
import { get, post, put, query } from "../../api/http.ts";
import type { Work, WorkPage } from "../../api/records.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, CopyLine, Field, Loading, useLoad } from "../ui.tsx";
import { Checklist, TaskList } from "./Checklist.tsx";
import { money } from "./money.ts";
import { DangerButton, day, DialogButton, Facts, instantOf, Money, nameIn, useColleagues } from "./parts.tsx";
import { lengthWords, Telephone } from "./Orders.tsx";
import type { Rights } from "./rights.ts";
import { inWords, orderStateWords } from "./words.ts";
import { WorkTable } from "./Work.tsx";

interface Part {
  readonly of: Order;
  readonly may: Rights;
  readonly reload: () => void;
}

export function OrderPage({ id, may }: { id: string; may: Rights }) {
  const order = useLoad(() => get<Order>(`/orders/${encodeURIComponent(id)}`), id);
  const work = useLoad(() => get<WorkPage>(`/time-entries${query({ order: id })}`), id);
  return (
    <>
      <p><a href="#/records/orders">← {t("All orders")}</a></p>
      <Loading of={order}>
        {(of) => {
          const part = { of, may, reload: order.reload };
          return (
            <>
              <h1>{t("Order {n}: {title}", { n: of.number, title: inWords(of.title) })}</h1>
              <Known {...part} />
              <Actions {...part} />
              <Loading of={work}>{({ items }) => <Done of={of} may={may} work={items} />}</Loading>
              <CustomersPage {...part} />
              <Course of={of} work={work.value?.items ?? []} />
            </>
          );
        }}
      </Loading>
    </>
  );
}

function Known({ of, may }: Part) {
  const amount = (text: string) => <Money of={{ currency: of.currency, text }} />;
  return (
    <section>
      <Facts of={[
        [t("State"), orderStateWords()[of.state]],
        [t("Customer"), <a href={`#/records/customers/${of.customer_id}`}>{of.customer_name || t("erased")}</a>],
        [t("Telephone"), <Telephone of={of.customer_phone} />],
        [t("Expected length"), lengthWords(of.expected_minutes)],
        [t("Agreed for"), of.agreed_utc === null ? t("at once") : dateTime(of.agreed_utc)],
        [t("Net"), amount(of.net)],
        [t("Total"), amount(of.total)],
        [t("Paid"), amount(of.paid)],
        [t("Missing"), amount(of.missing)],
        [t("Paid too much"), amount(of.excess)],
        ...(of.invoice_id !== null && may.readBills ? [[t("Invoice"), <a href={`#/records/invoices/${of.invoice_id}`}>{t("Its invoice")}</a>] as const] : []),
      ]} />
      {of.closes !== null && <p>{t("Delivered. Without a report by {day} it is done by itself.", { day: day(of.closes) })}</p>}
      {of.note !== "" && <p class="warn">{of.note}</p>}
    </section>
  );
}

/** The price does not depend on time; what a step costs is never decided here. */
function Actions({ of, may, reload }: Part) {
  const step = (name: string) => async () => {
    await post(`/orders/${of.id}/${name}`);
    reload();
  };
  const open = of.state === "unpaid" || of.state === "paid";
  return (
    <p class="actions">
      {may.write && of.state === "paid" && <a role="button" class="small" href={`#/${query({ customer: of.customer_id, order: of.id })}`}>{t("Start a session for it")}</a>}
      {may.writeBills && of.state === "unpaid" && <DialogButton label={t("Record a payment")} title={t("Record a payment")}>{(close) => <PaymentForm of={of} done={() => (close(), reload())} />}</DialogButton>}
      {may.write && open && <DialogButton label={t("Agree on a time")} title={t("Agree on a time")}>{(close) => <AgreeForm of={of} done={() => (close(), reload())} />}</DialogButton>}
      {may.write && of.state === "paid" && of.closes_after_working_days !== null && (
        <ConfirmButton label={t("Deliver")} question={t("Without a report within {n} working days the order is then done by itself.", { n: of.closes_after_working_days })} action={step("deliver")} />
      )}
      {may.write && of.state === "delivered" && <ConfirmButton label={t("A fault was reported")} question={t("The order is open again, and repaired for its price.")} action={step("report")} />}
      {may.write && (of.state === "delivered" || (of.state === "paid" && of.closes_after_working_days === null)) && (
        <ConfirmButton label={t("It is done")} question={t("The order was carried out.")} action={step("done")} />
      )}
      {may.writeBills && open && <DangerButton label={t("Call off")} question={t("The order will not be carried out. What was paid is then too much: give it back, or keep it as the policy says.")} action={step("cancel")} />}
    </p>
  );
}

function PaymentForm({ of, done }: { of: Order; done: () => void }) {
  const [amount, setAmount] = useState(of.missing);
  const [reference, setReference] = useState("");
  const record = async () => {
    await post(`/orders/${of.id}/payments`, { amount, reference });
    done();
  };
  return (
    <ActionForm label={t("Record")} action={record}>
      <Field label={t("Amount, {currency}", { currency: of.currency })} value={amount} onValue={setAmount} hint={t("With too little the order waits for the difference.")}
        input={{ inputMode: "decimal", pattern: "[0-9]+([.][0-9]+)?", required: true }} />
      <Field label={t("Reference")} value={reference} onValue={setReference} hint={t("The same reference again changes nothing.")} input={{ maxLength: 200 }} />
    </ActionForm>
  );
}

function AgreeForm({ of, done }: { of: Order; done: () => void }) {
  const [at, setAt] = useState("");
  const agree = async () => {
    await put(`/orders/${of.id}/agreed`, { agreed_utc: at === "" ? null : instantOf(at) });
    done();
  };
  return (
    <ActionForm label={t("Agree")} action={agree}>
      <Field label={t("Agreed start (empty: at once)")} value={at} onValue={setAt} hint={t("Within support hours.")} input={{ type: "datetime-local" }} />
    </ActionForm>
  );
}

/** Its sessions, each with the checklist as far as it was ticked there; before the first one, what there will be to do. */
function Done({ of, may, work }: { of: Order; may: Rights; work: readonly Work[] }) {
  const sessions = [...new Set(work.map((one) => one.session_id).filter((id) => id !== null))];
  return (
    <section>
      <h2>{t("Checklist")}</h2>
      {of.checklist.length === 0 && <p>{t("None.")}</p>}
      {of.checklist.length > 0 && sessions.length === 0 && <><p>{t("It is ticked in the order's session:")}</p><TaskList tasks={of.checklist} /></>}
      {sessions.map((id) => (
        <div key={id}>
          <h3><a href={`#/sessions/${id}`}>{t("Session of {when}", { when: dateTime(work.find((one) => one.session_id === id)?.start) })}</a></h3>
          <Checklist sessionId={id} mayTick={may.write}>{(list) => list}</Checklist>
        </div>
      ))}
      <h2>{t("Work")}</h2>
      {work.length === 0 ? <p>{t("None.")}</p> : <WorkTable rows={work} />}
    </section>
  );
}

/** What stands on the page that the customer opens; its address is a secret, told once. */
function CustomersPage({ of, may }: Part) {
  const [url, setUrl] = useState<string | null>(null);
  const renew = async () => setUrl((await post<{ readonly url: string }>(`/orders/${of.id}/link`)).url);
  return (
    <section>
      <h2>{t("The customer's page")}</h2>
      {of.state === "paid" ? (
        <>
          <p>{of.serves_again_utc === null ? t("Remote help is open to the customer now. Ways to reach support:") : t("Support serves again on {when}. Ways to reach support:", { when: dateTime(of.serves_again_utc) })}</p>
          <ul>
            <li>{t("the program to download")}</li>
            {of.reach.map((one) => <li key={one.where}>{inWords(one.title)}: {one.where}</li>)}
            <li>{t("our call: the order is on the call list")}</li>
          </ul>
        </>
      ) : <p>{t("It says the state, the price and what is missing; the ways to reach support once the order is paid.")}</p>}
      {may.write && <ConfirmButton label={t("New address")} question={t("The address before opens the page no more.")} action={renew} />}
      {url !== null && <CopyLine label={t("The address is shown only now:")} text={url} />}
    </section>
  );
}

/** Everything that happened, in order. */
function Course({ of, work }: { of: Order; work: readonly Work[] }) {
  const { value } = useColleagues();
  const colleagues = value ?? [];
  const amount = (text: string) => money({ currency: of.currency, text });
  const events: (readonly [utc: string | null, what: ComponentChildren])[] = [
    [of.ordered_utc, t("Ordered for {total}", { total: amount(of.total) })],
    ...of.payments.map((one) => [one.utc, [
      one.by_operator === null ? t("{amount} came in, says the payment service", { amount: amount(one.amount) }) : t("{amount} came in, confirmed by {name}", { amount: amount(one.amount), name: nameIn(colleagues, one.by_operator) }),
      one.reference,
    ].filter(Boolean).join(" · ")] as const),
    [of.paid_utc, t("Paid: on the call list")],
    [of.delivered_utc, t("Delivered")],
    ...work.map((one) => [one.start, t("Work by {name}", { name: nameIn(colleagues, one.operator_id) })] as const),
    [of.ended_utc, orderStateWords()[of.state]],
  ];
  const happened = events.flatMap(([utc, what]) => (utc === null ? [] : [{ utc, what }])).sort((one, other) => Date.parse(one.utc) - Date.parse(other.utc));
  return (
    <section>
      <h2>{t("Course")}</h2>
      <ol class="timeline">{happened.map(({ utc, what }, index) => <li key={index}><time dateTime={utc}>{dateTime(utc)}</time> {what}</li>)}</ol>
    </section>
  );
}
