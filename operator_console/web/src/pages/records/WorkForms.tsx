/** Time entered by hand, and the facts of held work put right, so that it can be rated. */
import { useState } from "preact/hooks";

import { patch, post } from "../../api/http.ts";
import type { CustomerRow, Work } from "../../api/records.ts";
import { t } from "../../i18n/index.ts";
import { ActionForm, Field } from "../ui.tsx";
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
  const [local, setLocal] = useState(true);
  const [note, setNote] = useState("");
  const enter = async () => {
    await post("/time-entries", { means, start: instant(start), end: instant(end), customer_id: customer || null, ...terms, local, note });
    done();
  };
  return (
    <ActionForm label={t("Enter")} action={enter}>
      <div class="fields">
        <Choice label={t("How")} value={means} options={Object.entries(kindWords())} onValue={setMeans} />
        <Choice label={t("Customer")} value={customer} options={customersOf(customers)} onValue={setCustomer} />
        <Field label={t("Began")} value={start} onValue={setStart} input={{ type: "datetime-local", required: true }} />
        <Field label={t("Finished")} value={end} onValue={setEnd} input={{ type: "datetime-local", required: true }} />
      </div>
      <TermsFields terms={terms} onTerms={setTerms} />
      {means === "onsite" && <Tick label={t("In the provider's region")} value={local} onValue={setLocal} />}
      <label>{t("Note")}<textarea rows={2} maxLength={2000} value={note} onInput={(event) => setNote(event.currentTarget.value)} /></label>
    </ActionForm>
  );
}

export function ReviseForm({ work, customers, done }: { work: Work; customers: readonly CustomerRow[]; done: () => void }) {
  const [customer, setCustomer] = useState(work.customer_id ?? "");
  const [terms, setTerms] = useState<Terms>({ urgent: work.urgent, accepted: work.accepted, warranty: work.warranty, covered: work.covered });
  const save = async () => {
    await patch(`/time-entries/${work.id}`, { customer_id: customer || null, ...terms });
    done();
  };
  return (
    <ActionForm label={t("Rate anew")} action={save}>
      <Choice label={t("Customer")} value={customer} options={customersOf(customers)} onValue={setCustomer} />
      <TermsFields terms={terms} onTerms={setTerms} />
    </ActionForm>
  );
}

/** A time of the reader's own clock as an instant. */
function instant(local: string): string {
  return new Date(local).toISOString();
}
