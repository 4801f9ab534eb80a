/** What is known of a customer, as a form: for a new one and to correct one. */
import { useState } from "preact/hooks";

import type { CustomerRow } from "../../api/records.ts";
import { t } from "../../i18n/index.ts";
import { ActionForm, Field } from "../ui.tsx";
import { Choice, Tick } from "./parts.tsx";

export type CustomerFacts = Pick<CustomerRow, "name" | "email" | "phone" | "tax_id" | "licence_key" | "address" | "local" | "lang" | "note">;

export const NOBODY: CustomerFacts = { name: "", email: "", phone: "", tax_id: "", licence_key: "", address: "", local: true, lang: "es", note: "" };

export function CustomerForm({ customer, label, save }: { customer: CustomerFacts; label: string; save: (facts: CustomerFacts) => Promise<void> }) {
  const { name, email, phone, tax_id, licence_key, address, local, lang, note } = customer;
  const [facts, setFacts] = useState<CustomerFacts>({ name, email, phone, tax_id, licence_key, address, local, lang, note });
  const set = <K extends keyof CustomerFacts>(key: K) => (value: CustomerFacts[K]) => setFacts((before) => ({ ...before, [key]: value }));
  return (
    <ActionForm label={label} action={() => save(facts)}>
      <div class="fields">
        <Field label={t("Name")} value={facts.name} onValue={set("name")} input={{ required: true, maxLength: 200 }} />
        <Field label={t("E-mail")} value={facts.email} onValue={set("email")} input={{ type: "email", maxLength: 254 }} />
        <Field label={t("Telephone")} value={facts.phone} onValue={set("phone")} input={{ type: "tel", maxLength: 40 }} />
        <Field label={t("Tax ID")} value={facts.tax_id} onValue={set("tax_id")} input={{ maxLength: 40 }} />
        <Field label={t("Licence key")} value={facts.licence_key} onValue={set("licence_key")} input={{ maxLength: 100 }} />
        <Field label={t("Address")} value={facts.address} onValue={set("address")} input={{ maxLength: 200 }} />
        <Choice label={t("Language")} value={facts.lang} options={[["es", t("Spanish")], ["en", t("English")]]} onValue={(value) => set("lang")(value === "en" ? "en" : "es")} />
      </div>
      <Tick label={t("In the provider's region")} value={facts.local} onValue={set("local")} />
      <label>{t("Note")}<textarea rows={2} maxLength={2000} value={facts.note} onInput={(event) => set("note")(event.currentTarget.value)} /></label>
    </ActionForm>
  );
}
