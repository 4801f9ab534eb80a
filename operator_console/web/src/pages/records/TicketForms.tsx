/** What a ticket is about and whose it is; and saying no to one, with the reason. */
import { useState } from "preact/hooks";

import type { Ticket } from "../../api/desk.ts";
import { get, patch, post } from "../../api/http.ts";
import type { PolicyOverview } from "../../api/policy.ts";
import { t } from "../../i18n/index.ts";
import { ActionForm, Loading, useLoad } from "../ui.tsx";
import { Choice, customerOptions, Tick, useCustomers } from "./parts.tsx";
import { categoryOptions, priorityOptions } from "./Tickets.tsx";

interface Props {
  readonly of: Ticket;
  readonly done: () => void;
}

/** The target of the first answer follows. */
export function ClassifyForm({ of, done }: Props) {
  const customers = useCustomers();
  const overview = useLoad(() => get<PolicyOverview>("/policy"), "policy");
  const [priority, setPriority] = useState(of.priority);
  const [category, setCategory] = useState(of.category);
  const [urgent, setUrgent] = useState(of.urgent);
  const [customer, setCustomer] = useState(of.customer_id ?? "");
  const save = async () => {
    await patch(`/tickets/${of.id}`, { priority, category, urgent, ...(customer === "" ? {} : { customer_id: customer }) });
    done();
  };
  return (
    <Loading of={overview}>
      {({ in_force: policy }) => (
        <ActionForm label={t("Save")} action={save}>
          {priorityOptions(policy).length > 0 && <Choice label={t("Priority")} value={priority} options={[["", "–"], ...priorityOptions(policy)]} onValue={setPriority} />}
          {categoryOptions(policy).length > 0 && <Choice label={t("Category")} value={category} options={[["", "–"], ...categoryOptions(policy)]} onValue={setCategory} />}
          <Choice label={t("Customer")} value={customer} options={[...(of.customer_id === null ? [["", "–"] as const] : []), ...customerOptions((customers.value ?? []).filter((one) => one.erased_utc === null || one.id === of.customer_id))]} onValue={setCustomer} />
          <Tick label={t("Urgent")} value={urgent} onValue={setUrgent} />
        </ActionForm>
      )}
    </Loading>
  );
}

const IN_WORDS = "words";

/** Work that the policy excludes, by its place in the list; or another reason in words. */
export function RefuseForm({ of, done }: Props) {
  const excluded = useLoad(() => get<{ readonly items: readonly string[] }>("/tickets/excluded-work"), "excluded");
  const [chosen, setChosen] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  return (
    <Loading of={excluded}>
      {({ items }) => {
        const which = chosen ?? (items.length > 0 ? "0" : IN_WORDS);
        const refuse = async () => {
          await post(`/tickets/${of.id}/refuse`, which === IN_WORDS ? { reason } : { excluded: Number(which) });
          done();
        };
        return (
          <ActionForm label={t("Refuse")} action={refuse}>
            <Choice label={t("Reason")} value={which} options={[...items.map((text, place) => [String(place), text] as const), [IN_WORDS, t("another reason")]]} onValue={setChosen} />
            {which === IN_WORDS && <label>{t("In words")}<textarea rows={3} required maxLength={2000} value={reason} onInput={(event) => setReason(event.currentTarget.value)} /></label>}
            <p><small>{t("The customer reads the reason. A refused ticket stays refused.")}</small></p>
          </ActionForm>
        );
      }}
    </Loading>
  );
}
