/** Agreeing on a start, with the provider's hours in sight; the invitation's link is shown once. */
import { useState } from "preact/hooks";

import { me } from "../../api/account.ts";
import { get, post } from "../../api/http.ts";
import type { Policy, PolicyOverview } from "../../api/policy.ts";
import type { CustomerRow } from "../../api/records.ts";
import { useStore } from "../../app/store.ts";
import { language, t } from "../../i18n/index.ts";
import { ActionForm, CopyLine, Field, useLoad } from "../ui.tsx";
import { Choice, customerOptions, instantOf, useColleagues } from "./parts.tsx";
import { WeekGrid } from "./WeekGrid.tsx";

interface Props {
  /** To choose from; without, it is the ticket's customer. */
  readonly customers?: readonly CustomerRow[];
  readonly ticketId?: string;
  readonly done: () => void;
}

export function AppointmentForm({ customers, ticketId, done }: Props) {
  const who = useStore(me);
  const colleagues = useColleagues();
  const policy = useLoad(async () => (await get<PolicyOverview>("/policy")).in_force, "policy");
  const [customer, setCustomer] = useState("");
  const [at, setAt] = useState("");
  const [minutes, setMinutes] = useState("60");
  const [technician, setTechnician] = useState(who?.operator_id ?? "");
  const [url, setUrl] = useState<string | null>(null);
  const agree = async () => {
    const body = { at: instantOf(at), minutes: Number(minutes), customer_id: customer || null, ticket_id: ticketId ?? null, operator_id: technician || null };
    setUrl((await post<{ readonly invite_url: string }>("/appointments", body)).invite_url);
    done();
  };
  return (
    <>
      <ActionForm label={t("Agree")} action={agree}>
        <div class="fields">
          {customers && <Choice label={t("For the customer")} value={customer} required options={[["", "–"], ...customerOptions(customers.filter((one) => one.erased_utc === null))]} onValue={setCustomer} />}
          <Field label={t("Start")} value={at} onValue={setAt} hint={policy.value ? providersTime(policy.value, at) : ""} input={{ type: "datetime-local", required: true }} />
          <Field label={t("Minutes")} value={minutes} onValue={setMinutes} input={{ type: "number", min: 5, max: 1440, required: true }} />
          <Choice label={t("Whose appointment")} value={technician} options={(colleagues.value ?? []).filter((one) => !one.disabled).map((one) => [one.id, one.name])} onValue={setTechnician} />
        </div>
        {policy.value && <Hours of={policy.value} />}
      </ActionForm>
      {url !== null && <CopyLine label={t("Send the customer this invitation; it is shown only now:")} text={url} />}
    </>
  );
}

/** The same moment by the provider's clock. */
function providersTime({ time_zone }: Policy, at: string): string {
  const instant = new Date(at);
  if (Number.isNaN(instant.getTime())) return t("By your own clock.");
  const there = new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "short", timeZone: time_zone }).format(instant);
  return t("{when} in {zone}", { when: there, zone: time_zone });
}

function Hours({ of }: { of: Policy }) {
  const rules = of.appointments;
  return (
    <details>
      <summary>{t("Support hours in {zone}", { zone: of.time_zone })}</summary>
      <WeekGrid windows={of.hours.windows} />
      <ul>
        {rules?.begins_by && <li>{t("Regular appointments begin by {time}.", { time: rules.begins_by })}</li>}
        {rules?.cancel_hours && <li>{t("Calling off is free until {n} hours before.", { n: rules.cancel_hours })}</li>}
        {rules?.wait_minutes && <li>{t("The technician waits {n} minutes.", { n: rules.wait_minutes })}</li>}
      </ul>
    </details>
  );
}
