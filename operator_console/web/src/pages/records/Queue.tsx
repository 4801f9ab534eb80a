/** Who waits, in the policy's order and as it changes; the first one is taken with one press. */
import { useEffect, useState } from "preact/hooks";

import type { Queue, QueueItem, Ticket } from "../../api/desk.ts";
import { get, post } from "../../api/http.ts";
import { navigate } from "../../app/router.ts";
import { dateTime, duration, t } from "../../i18n/index.ts";
import { ErrorLine, Loading, useAction, useLoad } from "../ui.tsx";
import type { Rights } from "./rights.ts";
import { channelWord, priorityWord } from "./words.ts";

const LOOK_AGAIN_MS = 30_000;

export function QueuePage({ may }: { may: Rights }) {
  const queue = useLoad(() => get<Queue>("/queue"), "queue");
  const live = useLive(queue.reload);
  const [nobody, setNobody] = useState(false);
  const next = useAction(async () => {
    const { ticket } = await post<{ readonly ticket: Ticket | null }>("/queue/next");
    if (ticket) navigate(`/records/tickets/${ticket.id}`);
    setNobody(ticket === null);
  });
  return (
    <>
      <h1>{t("Queue")}</h1>
      <p class="actions">
        {may.write && <button type="button" aria-busy={next.busy} disabled={next.busy} onClick={() => void next.run()}>{t("Take the next")}</button>}
        <span role="status">{nobody ? t("Nobody waits.") : live ? t("Live") : t("Not live: looking again …")}</span>
      </p>
      <ErrorLine error={next.error} />
      <Loading of={queue}>{({ items }) => (items.length === 0 ? <p>{t("Nobody waits.")}</p> : <Waiting items={items} />)}</Loading>
    </>
  );
}

/** Call `changed` at each change of the queue, and now and then for the time that is left; whether the line is open. */
function useLive(changed: () => void): boolean {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const source = new EventSource("/api/v1/queue/events");
    source.addEventListener("open", () => setOpen(true));
    source.addEventListener("error", () => setOpen(false)); // The browser connects again by itself.
    source.addEventListener("queue", changed);
    const clock = setInterval(changed, LOOK_AGAIN_MS);
    return () => {
      clearInterval(clock);
      source.close();
    };
  }, [changed]);
  return open;
}

function Waiting({ items }: { items: readonly QueueItem[] }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Queue")}>
      <table class="striped">
        <thead><tr><th scope="col" class="figure">{t("No.")}</th><th scope="col">{t("Subject")}</th><th scope="col">{t("Customer")}</th><th scope="col">{t("Plan")}</th><th scope="col">{t("Priority")}</th><th scope="col">{t("Channel")}</th><th scope="col">{t("Since")}</th><th scope="col" class="figure">{t("Time left")}</th></tr></thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.ticket_id}>
              <td class="figure">{one.number}</td>
              <td><a href={`#/records/tickets/${one.ticket_id}`}>{one.subject}</a></td>
              <td>{one.customer_id === null ? one.company || "–" : <a href={`#/records/customers/${one.customer_id}`}>{one.customer_name || t("erased")}</a>}</td>
              <td>{one.plan ?? "–"}</td>
              <td>{one.urgent ? t("Urgent") : priorityWord(one.priority)}{one.category && ` · ${one.category}`}</td>
              <td>{channelWord(one.channel)}</td>
              <td>{dateTime(one.opened_utc)}</td>
              <td class={`figure ${one.left_seconds !== null && one.left_seconds < 0 ? "error" : ""}`}><Left seconds={one.left_seconds} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Left({ seconds }: { seconds: number | null }) {
  if (seconds === null) return <>–</>;
  return seconds < 0 ? <>{t("missed by {time}", { time: duration(-seconds) })}</> : <>{duration(seconds)}</>;
}
