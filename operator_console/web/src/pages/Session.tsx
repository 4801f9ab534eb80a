/** One session: its facts, its course as a drawing, and every event with its place in the chain. */
import { me } from "../api/account.ts";
import { get, post } from "../api/http.ts";
import type { SessionDetail, SessionEvent } from "../api/types.ts";
import { useStore } from "../app/store.ts";
import { dateTime, duration, number, t, timeOfDay } from "../i18n/index.ts";
import { facts } from "./facts.ts";
import { Checklist } from "./records/Checklist.tsx";
import { rightsOf } from "./records/rights.ts";
import { SessionWork } from "./records/SessionWork.tsx";
import { ConfirmButton, Loading, useLoad } from "./ui.tsx";
import { endReason, eventWord, permissionWord, stateWord } from "./words.ts";

export function SessionPage({ id }: { id: string }) {
  const who = useStore(me);
  const session = useLoad(() => get<SessionDetail>(`/sessions/${encodeURIComponent(id)}`), id);
  const erase = async () => {
    await post(`/sessions/${encodeURIComponent(id)}/erase`);
    session.reload();
  };
  return (
    <>
      <p><a href="#/sessions">← {t("All sessions")}</a></p>
      <Loading of={session}>
        {(found) => (
          <>
            <h1>{t("Session of {when}", { when: dateTime(found.started_utc) })}</h1>
            <Facts session={found} />
            <Course events={found.events} />
            <Checklist sessionId={found.id} mayTick={rightsOf(who?.role).write}>{(list) => <section><h2>{t("Checklist")}</h2>{list}</section>}</Checklist>
            <SessionWork sessionId={found.id} ended={found.ended_utc !== null} />
            <Events events={found.events} />
            {who?.role === "admin" && (
              <ConfirmButton label={t("Erase the customer's personal data")}
                question={t("This can't be undone. The log stays verifiable.")} action={erase} />
            )}
          </>
        )}
      </Loading>
    </>
  );
}

function Facts({ session }: { session: SessionDetail }) {
  const line = session.bandwidth;
  const facts: readonly (readonly [string, string])[] = [
    [t("State"), session.ended_utc === null ? stateWord(session.state) : endReason(session.end_reason)],
    [t("Technician"), session.operator_name ?? t("erased")],
    [t("Customer"), [session.customer.computer, session.customer.user, session.customer.address].filter(Boolean).join(" · ") || t("erased")],
    [t("Service"), session.service],
    [t("Connected"), duration(session.connected_s)],
    [t("Paused"), duration(session.paused_s)],
    [t("Ended"), dateTime(session.ended_utc)],
    [t("Allowed"), session.granted.map(permissionWord).join(", ") || t("nothing")],
    [t("Line"), line ? t("{down} kbit/s down, {up} kbit/s up, {rtt} ms", { down: number(line.down_kbit), up: number(line.up_kbit), rtt: number(line.rtt_ms) }) : "–"],
    [t("Relayed"), t("{up} bytes up, {down} bytes down", { up: number(session.bytes_up), down: number(session.bytes_down) })],
  ];
  return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly kind: "before" | "joined" | "paused";
}

/** The course as one bar: waiting, connected (what counts), paused. */
function Course({ events }: { events: readonly SessionEvent[] }) {
  const stretches = courseOf(events);
  const first = stretches[0];
  const last = stretches.at(-1);
  if (!first || !last || last.to <= first.from) return null;
  const scale = 1000 / (last.to - first.from);
  const label = (kind: Stretch["kind"]) => (kind === "joined" ? t("Connected") : kind === "paused" ? t("Paused") : t("Before"));
  return (
    <figure class="course">
      <svg viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-label={t("Course of the session")}>
        {stretches.map((part) => (
          <rect key={part.from} class={part.kind} x={(part.from - first.from) * scale} y="0" height="28" width={Math.max(1, (part.to - part.from) * scale)}>
            <title>{`${label(part.kind)}: ${duration((part.to - part.from) / 1000)}`}</title>
          </rect>
        ))}
      </svg>
      <figcaption>
        <span>{timeOfDay(new Date(first.from).toISOString())}</span>
        {(["before", "joined", "paused"] as const).map((kind) => <span key={kind}><i class={kind} /> {label(kind)}</span>)}
        <span>{timeOfDay(new Date(last.to).toISOString())}</span>
      </figcaption>
    </figure>
  );
}

function courseOf(events: readonly SessionEvent[]): readonly Stretch[] {
  const result: Stretch[] = [];
  let kind: Stretch["kind"] = "before";
  let from: number | null = null;
  for (const event of events) {
    // A loss or an end is reported after it happened; time never runs back.
    const at = Math.max(from ?? 0, Date.parse(String(event.data["at_utc"] ?? event.utc)));
    if (from !== null && at > from) result.push({ from, to: at, kind });
    from = at;
    if (event.kind === "joined" || event.kind === "resumed") kind = "joined";
    else if (event.kind === "paused") kind = "paused";
    else if (event.kind === "ended") break;
  }
  return result;
}

function Events({ events }: { events: readonly SessionEvent[] }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Events")}>
      <table>
        <caption>{t("Every event, in the order of the log")}</caption>
        <thead><tr><th scope="col" class="figure">{t("No.")}</th><th scope="col">{t("When")}</th><th scope="col">{t("What")}</th><th scope="col">{t("Details")}</th><th scope="col">{t("Chain")}</th></tr></thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.seq}>
              <td class="figure">{event.seq}</td>
              <td>{dateTime(event.utc)}</td>
              <td>{eventWord(event.kind)}</td>
              <td><small>{facts(event.data)}</small></td>
              <td><code title={event.head}>{event.head.slice(0, 8)}</code></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
