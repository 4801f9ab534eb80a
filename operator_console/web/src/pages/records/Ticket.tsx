/** One request for help: who asks, what was said, answering, closing. */
import { useState } from "preact/hooks";

import type { Ticket } from "../../api/desk.ts";
import { get, post } from "../../api/http.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ActionForm, ConfirmButton, ErrorLine, Loading, useAction, useLoad } from "../ui.tsx";
import { Facts, Tick } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { channelWord, priorityWord, ticketStateWord } from "./words.ts";

export function TicketPage({ id, may }: { id: string; may: Rights }) {
  const ticket = useLoad(() => get<Ticket>(`/tickets/${encodeURIComponent(id)}`), id);
  return (
    <>
      <p><a href="#/records/queue">← {t("The queue")}</a></p>
      <Loading of={ticket}>
        {(of) => (
          <>
            <h1>{t("Ticket {number}: {subject}", { number: of.number, subject: of.subject })}</h1>
            <Known of={of} />
            {may.write && <Actions of={of} reload={ticket.reload} />}
            <Said of={of} />
            {may.write && of.state !== "refused" && <AnswerForm key={of.messages.length} of={of} reload={ticket.reload} />}
          </>
        )}
      </Loading>
    </>
  );
}

function Known({ of }: { of: Ticket }) {
  const name = of.company || of.contact || "–";
  return (
    <Facts of={[
      [t("State"), ticketStateWord(of.state)],
      ...(of.reason ? [[t("Reason"), of.reason.clause ? `${of.reason.clause}: ${of.reason.text}` : of.reason.text] as const] : []),
      [t("Customer"), of.customer_id === null ? name : <a href={`#/records/customers/${of.customer_id}`}>{name}</a>],
      [t("Contact"), [of.contact, of.phone, of.email].filter(Boolean).join(" · ") || "–"],
      [t("Plan"), of.plan === null ? "–" : of.balance_minutes === null ? of.plan : t("{plan}, {n} minutes left", { plan: of.plan, n: number(of.balance_minutes) })],
      [t("Priority"), of.urgent ? t("Urgent") : priorityWord(of.priority)],
      [t("Channel"), channelWord(of.channel)],
      [t("Since"), dateTime(of.opened_utc)],
      [t("First answer due"), dateTime(of.target_utc)],
      [t("Answered"), dateTime(of.answered_utc)],
    ]} />
  );
}

function Actions({ of, reload }: { of: Ticket; reload: () => void }) {
  const step = (name: string) => async () => {
    await post(`/tickets/${of.id}/${name}`);
    reload();
  };
  const take = useAction(step("take"));
  const open = of.state === "taken" || of.state === "answered";
  return (
    <>
      <p class="actions">
        {of.state === "waiting" && <button type="button" class="small" aria-busy={take.busy} onClick={() => void take.run()}>{t("Take it")}</button>}
        {open && <ConfirmButton label={t("Give it back")} question={t("It goes back into the queue.")} action={step("release")} />}
        {(open || of.state === "waiting") && <ConfirmButton label={t("Close as solved")} question={t("What the customer says later opens it again.")} action={step("close")} />}
      </p>
      <ErrorLine error={take.error} />
    </>
  );
}

function Said({ of }: { of: Ticket }) {
  return (
    <section>
      <h2>{t("Messages")}</h2>
      {of.text && <Message who={t("The customer")} utc={of.opened_utc} text={of.text} />}
      {of.messages.map((one, index) => <Message key={index} who={one.operator_id === null ? t("The customer") : t("Support")} utc={one.utc} text={one.text} />)}
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
