/** One request for help: who asks, what was said and shown, its appointments and work; answering, classifying, refusing, closing. */
import { useState } from "preact/hooks";

import type { Appointment, Colleague, Ticket } from "../../api/desk.ts";
import { get, post, query } from "../../api/http.ts";
import type { Work, WorkPage } from "../../api/records.ts";
import type { Page } from "../../api/types.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, ErrorLine, Loading, useAction, useLoad } from "../ui.tsx";
import { AppointmentForm } from "./AppointmentForm.tsx";
import { AppointmentTable } from "./Appointments.tsx";
import { DialogButton, Facts, nameIn, Tick, Unfolding, useColleagues } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { Screenshots } from "./Screenshots.tsx";
import { ClassifyForm, RefuseForm } from "./TicketForms.tsx";
import { urgencyWords } from "./Tickets.tsx";
import { channelWord, ticketStateWords } from "./words.ts";
import { WorkTable } from "./Work.tsx";

interface Part {
  readonly of: Ticket;
  readonly may: Rights;
  readonly reload: () => void;
}

export function TicketPage({ id, may }: { id: string; may: Rights }) {
  const ticket = useLoad(() => get<Ticket>(`/tickets/${encodeURIComponent(id)}`), id);
  const { value } = useColleagues();
  const colleagues = value ?? [];
  return (
    <>
      <p><a href="#/records/queue">← {t("The queue")}</a> · <a href="#/records/tickets">{t("All tickets")}</a></p>
      <Loading of={ticket}>
        {(of) => {
          const part = { of, may, reload: ticket.reload };
          return (
            <>
              <h1>{t("Ticket {number}: {subject}", { number: of.number, subject: of.subject || t("erased") })}</h1>
              <Known of={of} colleagues={colleagues} />
              {may.write && <Actions {...part} />}
              <Said of={of} colleagues={colleagues} />
              {may.write && of.state !== "refused" && <AnswerForm key={of.messages.length} of={of} reload={ticket.reload} />}
              <Screenshots of={of} mayAdd={may.write && of.state !== "refused"} reload={ticket.reload} />
              <Appointments {...part} />
              <WorkDone of={of} />
            </>
          );
        }}
      </Loading>
    </>
  );
}

function Known({ of, colleagues }: { of: Ticket; colleagues: readonly Colleague[] }) {
  const name = of.customer_name || of.company || of.contact || "–";
  return (
    <>
      <Facts of={[
        [t("State"), ticketStateWords()[of.state]],
        ...(of.reason ? [[t("Reason"), of.reason.clause ? `${of.reason.clause}: ${of.reason.text}` : of.reason.text] as const] : []),
        [t("Customer"), of.customer_id === null ? name : <a href={`#/records/customers/${of.customer_id}`}>{name}</a>],
        [t("Contact"), [of.contact, of.phone, of.email].filter(Boolean).join(" · ") || "–"],
        [t("Plan"), of.plan_title === null ? "–" : of.balance_minutes === null ? of.plan_title : t("{plan}, {n} minutes left", { plan: of.plan_title, n: number(of.balance_minutes) })],
        [t("Priority"), urgencyWords(of)],
        [t("Channel"), channelWord(of.channel)],
        [t("Technician"), nameIn(colleagues, of.operator_id)],
        [t("Since"), dateTime(of.opened_utc)],
        [t("First answer due"), dateTime(of.target_utc)],
        [t("Answered"), dateTime(of.answered_utc)],
        ...(of.closed_utc === null ? [] : [[t("Closed"), dateTime(of.closed_utc)] as const]),
        ...(of.order_id === null ? [] : [[t("Order"), <a href={`#/records/orders/${of.order_id}`}>{t("Its order")}</a>] as const]),
      ]} />
      {of.quote_needed && <p class="warn">{t("No time is left: make a quote before the service.")}</p>}
    </>
  );
}

function Actions({ of, reload }: Part) {
  const step = (name: string) => async () => {
    await post(`/tickets/${of.id}/${name}`);
    reload();
  };
  const take = useAction(step("take"));
  const taken = of.state === "taken" || of.state === "answered";
  const refusable = of.state === "waiting" || of.state === "taken";
  return (
    <>
      <p class="actions">
        {of.state === "waiting" && <button type="button" class="small" aria-busy={take.busy} onClick={() => void take.run()}>{t("Take it")}</button>}
        {taken && <a role="button" class="small" href={`#/${query({ customer: of.customer_id, ticket: of.id })}`}>{t("Start a session for it")}</a>}
        {of.state !== "refused" && <DialogButton label={t("Classify")} title={t("Classify")}>{(close) => <ClassifyForm of={of} done={() => (close(), reload())} />}</DialogButton>}
        {taken && <ConfirmButton label={t("Give it back")} question={t("It goes back into the queue.")} action={step("release")} />}
        {(taken || of.state === "waiting") && <ConfirmButton label={t("Close as solved")} question={t("What the customer says later opens it again.")} action={step("close")} />}
        {refusable && <DialogButton label={t("Refuse")} title={t("Refuse")}>{(close) => <RefuseForm of={of} done={() => (close(), reload())} />}</DialogButton>}
      </p>
      <ErrorLine error={take.error} />
    </>
  );
}

function Said({ of, colleagues }: { of: Ticket; colleagues: readonly Colleague[] }) {
  return (
    <section>
      <h2>{t("Messages")}</h2>
      {of.text && <Message who={t("The customer")} utc={of.opened_utc} text={of.text} />}
      {of.messages.map((one, index) => (
        <Message key={index} who={one.operator_id === null ? t("The customer") : t("Support, {name}", { name: nameIn(colleagues, one.operator_id) })} utc={one.utc} text={one.text} />
      ))}
      {of.text === "" && of.messages.length === 0 && <p>{t("Nothing yet.")}</p>}
    </section>
  );
}

function Message({ who, utc, text }: { who: string; utc: string; text: string }) {
  return <article class="message"><p><strong>{who}</strong> · <small>{dateTime(utc)}</small></p><p class="words">{text}</p></article>;
}

function AnswerForm({ of, reload }: { of: Ticket; reload: () => void }) {
  const [text, setText] = useState("");
  const [heard, setHeard] = useState(false);
  const say = async () => {
    await post(`/tickets/${of.id}/messages`, { text, from_customer: heard });
    reload();
  };
  return (
    <ActionForm label={heard ? t("Write down") : t("Answer")} action={say}>
      <label>{t("Message")}<textarea rows={4} required maxLength={2000} value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
      <Tick label={t("The customer said it")} value={heard} onValue={setHeard} />
    </ActionForm>
  );
}

/** A new one needs a customer, whose ticket is open. */
function Appointments({ of, may, reload }: Part) {
  const list = useLoad(() => get<Page<Appointment>>(`/appointments${query({ ticket: of.id, first: "earliest" })}`), of.id);
  const settled = () => (list.reload(), reload());
  const open = of.state !== "closed" && of.state !== "refused";
  return (
    <section>
      <h2>{t("Appointments")}</h2>
      <Loading of={list}>
        {({ items }) => (items.length === 0 ? <p>{t("Nothing yet.")}</p> : <AppointmentTable rows={items} label={t("Appointments")} may={may} reload={settled} />)}
      </Loading>
      {may.write && open && of.customer_id !== null && <Unfolding label={t("New appointment")}><AppointmentForm ticketId={of.id} done={list.reload} /></Unfolding>}
    </section>
  );
}

/** Work on it, with the sessions that it was done in. */
function WorkDone({ of }: { of: Ticket }) {
  const work = useLoad(() => get<WorkPage>(`/time-entries${query({ ticket: of.id })}`), of.id);
  return (
    <section>
      <h2>{t("Work")}</h2>
      <Loading of={work}>
        {({ items }) => (
          <>
            {items.length === 0 ? <p>{t("Nothing yet.")}</p> : <WorkTable rows={items} />}
            <Sessions of={of} work={items} />
          </>
        )}
      </Loading>
    </section>
  );
}

function Sessions({ of, work }: { of: Ticket; work: readonly Work[] }) {
  const begun = new Map(work.flatMap((one) => (one.session_id === null ? [] : [[one.session_id, one.start] as const])));
  const ids = [...new Set([of.session_id, ...begun.keys()].filter((id) => id !== null))];
  if (ids.length === 0) return null;
  return (
    <ul>
      {ids.map((id) => <li key={id}><a href={`#/sessions/${id}`}>{begun.has(id) ? t("Session of {when}", { when: dateTime(begun.get(id)) }) : t("The session that it came up in")}</a></li>)}
    </ul>
  );
}
