/** Time entered by hand, and what a session or an entry was: by which it is rated anew. */
import { useState } from "preact/hooks";

import type { OrderRow, TicketRow } from "../../api/desk.ts";
import { get, patch, post, query } from "../../api/http.ts";
import type { CustomerRow, Work } from "../../api/records.ts";
import type { Page } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";
import { ActionForm, Field, useLoad } from "../ui.tsx";
import { Choice, customerOptions, type Options, Tick } from "./parts.tsx";
import { kindWords } from "./words.ts";

/** What decides how a work is rated, besides its time. */
interface Terms {
  readonly urgent: boolean;
  readonly accepted: boolean;
  readonly warranty: boolean;
  readonly covered: boolean;
}

const USUAL: Terms = { urgent: false, accepted: false, warranty: false, covered: true };

function TermsFields({ terms, onTerms }: { terms: Terms; onTerms: (terms: Terms) => void }) {
  const tick = (name: keyof Terms, label: string) => <Tick label={label} value={terms[name]} onValue={(value) => onTerms({ ...terms, [name]: value })} />;
  return (
    <fieldset class="ticks">
      <legend>{t("How it counts")}</legend>
      {tick("urgent", t("Urgent"))}
      {tick("accepted", t("The customer accepted the tariff"))}
      {tick("warranty", t("Under warranty"))}
      {tick("covered", t("Within the contract"))}
    </fieldset>
  );
}

function customersOf(customers: readonly CustomerRow[]): Options {
  return [["", t("nobody yet")], ...customerOptions(customers)];
}

export function NewWorkForm({ customers, done }: { customers: readonly CustomerRow[]; done: () => void }) {
  const [means, setMeans] = useState("phone");
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const [customer, setCustomer] = useState("");
  const [terms, setTerms] = useState(USUAL);
  const [belonging, setBelonging] = useState(NOTHING);
  const [local, setLocal] = useState(true);
  const [note, setNote] = useState("");
  const enter = async () => {
    await post("/time-entries", { means, start: instant(start), end: instant(end), customer_id: customer || null, ...terms, ...belonging, local, note });
    done();
  };
  const choose = (id: string) => {
    setCustomer(id);
    setBelonging(NOTHING);
  };
  return (
    <ActionForm label={t("Enter")} action={enter}>
      <div class="fields">
        <Choice label={t("How")} value={means} options={Object.entries(kindWords())} onValue={setMeans} />
        <Choice label={t("Customer")} value={customer} options={customersOf(customers)} onValue={choose} />
        <Field label={t("Began")} value={start} onValue={setStart} input={{ type: "datetime-local", required: true }} />
        <Field label={t("Finished")} value={end} onValue={setEnd} input={{ type: "datetime-local", required: true }} />
      </div>
      <BelongingFields customer={customer} of={belonging} onChange={setBelonging} />
      <TermsFields terms={terms} onTerms={setTerms} />
      {means === "onsite" && <Tick label={t("In the provider's region")} value={local} onValue={setLocal} />}
      <NoteField value={note} onValue={setNote} />
    </ActionForm>
  );
}

/** To what a work belongs: an order of its customer that was paid, and one of the customer's requests. */
interface Belonging {
  readonly order_id: string | null;
  readonly ticket_id: string | null;
}

const NOTHING: Belonging = { order_id: null, ticket_id: null };

function BelongingFields({ customer, of, onChange }: { customer: string; of: Belonging; onChange: (of: Belonging) => void }) {
  const found = useLoad(async () => {
    if (customer === "") return { orders: [], tickets: [] };
    const [orders, tickets] = await Promise.all([
      get<Page<OrderRow>>(`/orders${query({ customer_id: customer, limit: 200 })}`),
      get<Page<TicketRow>>(`/tickets${query({ customer, limit: 200 })}`),
    ]);
    return { orders: orders.items.filter((one) => one.state !== "unpaid" && one.state !== "cancelled"), tickets: tickets.items };
  }, customer);
  if (customer === "") return null;
  const orders: Options = (found.value?.orders ?? []).map((one) => [one.id, t("No. {n}: {what}", { n: one.number, what: one.service })]);
  const tickets: Options = (found.value?.tickets ?? []).map((one) => [one.id, t("No. {n}: {what}", { n: one.number, what: one.subject })]);
  return (
    <div class="fields">
      <Choice label={t("Paid order")} value={of.order_id ?? ""} options={[["", t("none")], ...orders]} onValue={(id) => onChange({ ...of, order_id: id || null })} />
      <Choice label={t("Ticket")} value={of.ticket_id ?? ""} options={[["", t("none")], ...tickets]} onValue={(id) => onChange({ ...of, ticket_id: id || null })} />
    </div>
  );
}

function NoteField({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  return <label>{t("Note")}<textarea rows={2} maxLength={2000} value={value} onInput={(event) => onValue(event.currentTarget.value)} /></label>;
}

/** What a session or an entry was: rated anew with it. */
export function ClassifyForm({ work, customers, done }: { work: Work; customers: readonly CustomerRow[]; done: () => void }) {
  const [customer, setCustomer] = useState(work.customer_id ?? "");
  const [terms, setTerms] = useState<Terms>({ urgent: work.urgent, accepted: work.accepted, warranty: work.warranty, covered: work.covered });
  const [belonging, setBelonging] = useState<Belonging>({ order_id: work.order_id, ticket_id: work.ticket_id });
  const [local, setLocal] = useState(work.local);
  const [note, setNote] = useState(work.note);
  const save = async () => {
    await patch(`/time-entries/${work.id}`, { customer_id: customer || null, ...terms, ...belonging, local, note });
    done();
  };
  const choose = (id: string) => {
    setCustomer(id);
    setBelonging(id === work.customer_id ? { order_id: work.order_id, ticket_id: work.ticket_id } : NOTHING);
  };
  return (
    <ActionForm label={t("Rate anew")} action={save}>
      <Choice label={t("Customer")} value={customer} options={customersOf(customers)} onValue={choose} />
      <BelongingFields customer={customer} of={belonging} onChange={setBelonging} />
      <TermsFields terms={terms} onTerms={setTerms} />
      {work.kind === "onsite" && <Tick label={t("In the provider's region")} value={local} onValue={setLocal} />}
      <NoteField value={note} onValue={setNote} />
    </ActionForm>
  );
}

/** A time of the reader's own clock as an instant. */
function instant(local: string): string {
  return new Date(local).toISOString();
}
