/** Every request for help, whatever became of it: searched, filtered, exported, and writing one down. */
import { useState } from "preact/hooks";

import { me } from "../../api/account.ts";
import type { Colleague, Ticket, TicketRow } from "../../api/desk.ts";
import { get, post, query } from "../../api/http.ts";
import type { Policy, PolicyOverview } from "../../api/policy.ts";
import type { CustomerRow } from "../../api/records.ts";
import type { Page } from "../../api/types.ts";
import { navigate, type Route } from "../../app/router.ts";
import { useStore } from "../../app/store.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { ActionForm, Field, Loading, useLoad } from "../ui.tsx";
import { Choice, customerOptions, Exports, Filters, filtersOf, nameIn, type Options, startOf, Tick, Unfolding, useColleagues, useCustomers, useMore } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { channelWord, channelWords, firstAnswerWords, priorityWord, priorityWords, ticketStateWords } from "./words.ts";

export function TicketsPage({ route, may }: { route: Route; may: Rights }) {
  const who = useStore(me);
  const values = filtersOf(route, ["text", "from", "to", "state", "priority", "category", "customer", "operator", "channel", "target"]);
  const asked = { ...values, from: startOf(values["from"]), to: startOf(values["to"], 1) };
  const address = query(asked);
  const customers = useCustomers();
  const colleagues = useColleagues();
  const policy = useLoad(async () => (await get<PolicyOverview>("/policy")).in_force, "policy");
  const list = useLoad(() => get<Page<TicketRow>>(`/tickets${address}`), address);
  const { items, button } = useMore(list.value, (cursor: string) => get<Page<TicketRow>>(`/tickets${query({ ...asked, cursor })}`));
  const people = colleagues.value ?? [];
  return (
    <>
      <h1>{t("Tickets")}</h1>
      <Filters label={t("Filter tickets")} path="/records/tickets" values={values}>
        {({ date, search, choice }) => (
          <>
            {search("text", t("Number, subject or company"))}
            {choice("state", t("State"), Object.entries(ticketStateWords()))}
            {choice("priority", t("Priority"), Object.entries(priorityWords()))}
            {(policy.value?.queue.categories.length ?? 0) > 0 && choice("category", t("Category"), categoryOptions(policy.value))}
            {choice("channel", t("Channel"), Object.entries(channelWords()))}
            {choice("target", t("First answer"), Object.entries(firstAnswerWords()))}
            {choice("customer", t("Customer"), customerOptions(customers.value ?? []))}
            {choice("operator", t("Technician"), people.map((one) => [one.id, one.id === who?.operator_id ? t("{name} (me)", { name: one.name }) : one.name]))}
            {date("from", t("From"))}
            {date("to", t("To"))}
          </>
        )}
      </Filters>
      <p class="actions"><Exports path="/tickets/export" values={asked} /></p>
      {may.write && <Unfolding label={t("Write a request down")}>{policy.value !== null || policy.error === null ? <RequestForm policy={policy.value} customers={customers.value ?? []} /> : null}</Unfolding>}
      <Loading of={list}>{() => <>{items.length === 0 ? <p>{t("No ticket matches.")}</p> : <TicketTable rows={items} technicians={people} customers={customers.value ?? []} />}{button}</>}</Loading>
    </>
  );
}

function TicketTable({ rows, technicians, customers }: { rows: readonly TicketRow[]; technicians: readonly Colleague[]; customers: readonly CustomerRow[] }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Tickets")}>
      <table class="striped">
        <thead>
          <tr>
            <th scope="col" class="figure">{t("No.")}</th><th scope="col">{t("Subject")}</th><th scope="col">{t("Customer")}</th><th scope="col">{t("State")}</th><th scope="col">{t("Priority")}</th>
            <th scope="col">{t("Channel")}</th><th scope="col">{t("Technician")}</th><th scope="col">{t("Since")}</th><th scope="col">{t("First answer due")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td class="figure">{one.number}</td>
              <td><a href={`#/records/tickets/${one.id}`}>{one.subject || t("erased")}</a></td>
              <td>{one.customer_id === null ? one.company || one.contact || "–" : <a href={`#/records/customers/${one.customer_id}`}>{nameIn(customers, one.customer_id)}</a>}</td>
              <td class={one.state === "refused" ? "warn" : ""}>{ticketStateWords()[one.state]}{one.reason?.clause && ` (${one.reason.clause})`}</td>
              <td>{urgencyWords(one)}</td>
              <td>{channelWord(one.channel)}</td>
              <td>{nameIn(technicians, one.operator_id)}</td>
              <td>{dateTime(one.opened_utc)}</td>
              <td>{one.answered_utc === null ? dateTime(one.target_utc) : t("Answered")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function urgencyWords({ urgent, priority, category }: Pick<TicketRow, "urgent" | "priority" | "category">): string {
  return [urgent ? t("Urgent") : priority && priorityWord(priority), category].filter(Boolean).join(" · ") || "–";
}

export function categoryOptions(policy: Policy | null): Options {
  return (policy?.queue.categories ?? []).map((word) => [word, word]);
}

/** Those that the policy has a target for. */
export function priorityOptions(policy: Policy | null): Options {
  const known = Object.keys(policy?.tickets.priorities ?? {});
  return Object.entries(priorityWords()).filter(([word]) => known.includes(word));
}

const CHANNELS = ["phone", "email", "ticket", "web", "chat", "session", "onsite"];
const NOTHING = { subject: "", text: "", contact: "", phone: "", email: "", company: "", tax_id: "", contract_number: "", licence_key: "" };

/** A request that came by telephone or mail; of a chosen customer, what is left out is filled in. One that the terms refuse is kept with the reason. */
function RequestForm({ policy, customers }: { policy: Policy | null; customers: readonly CustomerRow[] }) {
  const [said, setSaid] = useState(NOTHING);
  const [channel, setChannel] = useState("phone");
  const [customer, setCustomer] = useState("");
  const [category, setCategory] = useState("");
  const [priority, setPriority] = useState("");
  const [urgent, setUrgent] = useState(false);
  const [accepted, setAccepted] = useState(false);
  const set = (name: keyof typeof NOTHING) => (value: string) => setSaid((before) => ({ ...before, [name]: value }));
  const line = (name: keyof typeof NOTHING, label: string, maxLength: number) => <Field label={label} value={said[name]} onValue={set(name)} input={{ maxLength, required: name === "subject" }} />;
  const open = async () => {
    const made = await post<Ticket>("/tickets", { ...said, channel, customer_id: customer || null, category, priority, urgent, accepted });
    navigate(`/records/tickets/${made.id}`);
  };
  return (
    <ActionForm label={t("Open a ticket")} action={open}>
      <div class="fields">
        <Choice label={t("How it came in")} value={channel} options={CHANNELS.map((word) => [word, channelWord(word)])} onValue={setChannel} />
        <Choice label={t("For the customer")} value={customer} options={[["", t("as recognised")], ...customerOptions(customers.filter((one) => one.erased_utc === null))]} onValue={setCustomer} />
        {line("subject", t("Subject"), 200)}
        {categoryOptions(policy).length > 0 && <Choice label={t("Category")} value={category} options={[["", "–"], ...categoryOptions(policy)]} onValue={setCategory} />}
        {priorityOptions(policy).length > 0 && <Choice label={t("Priority")} value={priority} options={[["", "–"], ...priorityOptions(policy)]} onValue={setPriority} />}
      </div>
      <label>{t("What is the matter")}<textarea rows={4} maxLength={2000} value={said.text} onInput={(event) => set("text")(event.currentTarget.value)} /></label>
      <div class="ticks">
        <Tick label={t("Urgent")} value={urgent} onValue={setUrgent} />
        <Tick label={t("The customer accepted the tariff")} value={accepted} onValue={setAccepted} />
      </div>
      <details>
        <summary>{t("Who asks, as they say it")}</summary>
        <div class="fields">
          {line("contact", t("Contact"), 200)}
          {line("phone", t("Telephone"), 40)}
          {line("email", t("E-mail"), 254)}
          {line("company", t("Company"), 200)}
          {line("tax_id", t("Tax ID"), 40)}
          {line("contract_number", t("Contract number"), 40)}
          {line("licence_key", t("Licence key"), 100)}
        </div>
      </details>
    </ActionForm>
  );
}
