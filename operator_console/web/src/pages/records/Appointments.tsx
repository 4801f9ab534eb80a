/** Agreed starts, day by day: agreeing on one, and what becomes of it. Whatever waits says for how much longer. */
import { useEffect, useState } from "preact/hooks";

import type { Appointment } from "../../api/desk.ts";
import { get, post, query } from "../../api/http.ts";
import type { CustomerRow } from "../../api/records.ts";
import type { Page } from "../../api/types.ts";
import type { Route } from "../../app/router.ts";
import { duration, language, t } from "../../i18n/index.ts";
import { ActionForm, ErrorLine, Loading, useAction, useLoad } from "../ui.tsx";
import { AppointmentForm } from "./AppointmentForm.tsx";
import { Choice, customerOptions, DialogButton, Exports, Filters, filtersOf, nameIn, startOf, today, Unfolding, useColleagues, useCustomers, useMore } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { appointmentStateWords } from "./words.ts";

const LOOK_AGAIN_MS = 15_000;

export function AppointmentsPage({ route, may }: { route: Route; may: Rights }) {
  const chosen = filtersOf(route, ["from", "to", "customer", "operator", "state"]);
  const values = { ...chosen, from: chosen["from"] || today() };
  const asked = { ...values, from: startOf(values.from), to: startOf(chosen["to"], 1), first: "earliest" };
  const address = query(asked);
  const customers = useCustomers();
  const colleagues = useColleagues();
  const list = useLoad(() => get<Page<Appointment>>(`/appointments${address}`), address);
  const { items, button } = useMore(list.value, (cursor: string) => get<Page<Appointment>>(`/appointments${query({ ...asked, cursor })}`));
  return (
    <>
      <h1>{t("Appointments")}</h1>
      <Filters label={t("Filter appointments")} path="/records/appointments" values={values}>
        {({ date, choice }) => (
          <>
            {date("from", t("From"))}
            {date("to", t("To"))}
            {choice("customer", t("Customer"), customerOptions(customers.value ?? []))}
            {choice("operator", t("Technician"), (colleagues.value ?? []).map((one) => [one.id, one.name]))}
            {choice("state", t("State"), Object.entries(appointmentStateWords()))}
          </>
        )}
      </Filters>
      <p class="actions"><Exports path="/appointments/export" values={asked} /></p>
      {may.write && <Unfolding label={t("New appointment")}><AppointmentForm customers={customers.value ?? []} done={list.reload} /></Unfolding>}
      <Loading of={list}>
        {() => (
          <>
            {items.length === 0 && <p>{t("No appointment matches.")}</p>}
            {byDay(items).map(([day, rows]) => (
              <section key={day}>
                <h2>{day}</h2>
                <AppointmentTable rows={rows} label={day} customers={customers.value ?? []} may={may} reload={list.reload} />
              </section>
            ))}
            {button}
          </>
        )}
      </Loading>
    </>
  );
}

/** The days of the reader's calendar, in the order of the list. */
function byDay(items: readonly Appointment[]): readonly (readonly [day: string, rows: readonly Appointment[]])[] {
  const days = new Map<string, Appointment[]>();
  for (const one of items) {
    const day = new Intl.DateTimeFormat(language.value, { dateStyle: "full" }).format(new Date(one.at));
    days.set(day, [...(days.get(day) ?? []), one]);
  }
  return [...days];
}

/** Without `customers` they are those of one ticket: each line says its day, and not whose it is. */
export function AppointmentTable({ rows, label, customers, may, reload }: {
  rows: readonly Appointment[]; label: string; customers?: readonly CustomerRow[]; may: Rights; reload: () => void;
}) {
  const colleagues = useColleagues();
  const now = useNow(rows.some((one) => one.state === "agreed"), reload);
  const when = new Intl.DateTimeFormat(language.value, customers ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={label}>
      <table class="striped">
        <thead>
          <tr>
            <th scope="col">{t("Start")}</th><th scope="col" class="figure">{t("Min")}</th>{customers && <><th scope="col">{t("Customer")}</th><th scope="col">{t("Ticket")}</th></>}
            <th scope="col">{t("Technician")}</th><th scope="col">{t("State")}</th>{may.write && <th scope="col">{t("Actions")}</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <td>{when.format(new Date(one.at))}</td>
              <td class="figure">{one.minutes}</td>
              {customers && (
                <>
                  <td><a href={`#/records/customers/${one.customer_id}`}>{nameIn(customers, one.customer_id)}</a></td>
                  <td>{one.ticket_id === null ? "–" : <a href={`#/records/tickets/${one.ticket_id}`}>{t("Ticket")}</a>}</td>
                </>
              )}
              <td>{nameIn(colleagues.value ?? [], one.operator_id)}</td>
              <td><Standing of={one} now={now} /></td>
              {may.write && <td>{one.state === "agreed" && <Settle of={one} begun={Date.parse(one.at) <= now} reload={reload} />}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The state; of one that has begun, how long the technician still waits. */
function Standing({ of, now }: { of: Appointment; now: number }) {
  const left = of.waits_until === null ? null : (Date.parse(of.waits_until) - now) / 1000;
  const session = of.session_id !== null && <> · <a href={`#/sessions/${of.session_id}`}>{t("Session")}</a></>;
  if (of.state !== "agreed" || Date.parse(of.at) > now) return <span class={of.state === "no_show" || of.state === "late_cancel" ? "warn" : ""}>{appointmentStateWords()[of.state]}{session}</span>;
  if (left === null) return <>{t("Begun")}</>;
  return <span class="warn">{left > 0 ? t("The customer is waited for: {time} left", { time: duration(left) }) : t("The wait is over")}</span>;
}

/** The time by the reader's clock, each second while something is `awaited`; what the broker does by itself is looked at now and then. */
function useNow(awaited: boolean, lookAgain: () => void): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!awaited) return undefined;
    const clock = setInterval(() => setNow(Date.now()), 1000);
    const look = setInterval(lookAgain, LOOK_AGAIN_MS);
    return () => {
      clearInterval(clock);
      clearInterval(look);
    };
  }, [awaited, lookAgain]);
  return now;
}

/** Settled once: there, called off, or no connection. */
function Settle({ of, begun, reload }: { of: Appointment; begun: boolean; reload: () => void }) {
  const kept = useAction(async () => {
    await post(`/appointments/${of.id}/kept`);
    reload();
  });
  return (
    <div class="actions">
      <button type="button" class="small" aria-busy={kept.busy} disabled={kept.busy} onClick={() => void kept.run()}>{t("The customer is there")}</button>
      <DialogButton label={t("Call off")} title={t("Call off the appointment")}>{(close) => <CancelForm of={of} done={() => (close(), reload())} />}</DialogButton>
      <DialogButton label={t("No connection")} title={t("No connection")}>{(close) => <FailedForm of={of} begun={begun} done={() => (close(), reload())} />}</DialogButton>
      <ErrorLine error={kept.error} />
    </div>
  );
}

function CancelForm({ of, done }: { of: Appointment; done: () => void }) {
  const [by, setBy] = useState("customer");
  const cancel = async () => {
    await post(`/appointments/${of.id}/cancel`, { by });
    done();
  };
  return (
    <ActionForm label={t("Call off the appointment")} action={cancel}>
      <Choice label={t("Who calls it off")} value={by} options={[["customer", t("the customer")], ["provider", t("we do")]]} onValue={setBy} />
      <p>{by === "customer" ? t("Its ticket closes. Late, it costs what the customer's terms say.") : t("It costs nothing, and its ticket stays open.")}</p>
    </ActionForm>
  );
}

function FailedForm({ of, begun, done }: { of: Appointment; begun: boolean; done: () => void }) {
  const [through, setThrough] = useState(begun ? "customer" : "other");
  const fail = async () => {
    await post(`/appointments/${of.id}/failed`, { through });
    done();
  };
  return (
    <ActionForm label={t("Write down")} action={fail}>
      <Choice label={t("Why there was none")} value={through} options={[["customer", t("the customer's set-up or line")], ["other", t("another reason")]]} onValue={setThrough} />
      <p>{through === "customer" ? t("It counts as missed, as the customer's terms say, and its ticket closes.") : t("It costs nothing, and its ticket stays open.")}</p>
    </ActionForm>
  );
}
