/** The session log: filtered list, export of what is seen, a page per session. */
import { useState } from "preact/hooks";

import { me } from "../api/account.ts";
import { get, query } from "../api/http.ts";
import type { CustomerRow } from "../api/records.ts";
import type { OperatorRow, Page, Role, SessionRow } from "../api/types.ts";
import { navigate, type Route } from "../app/router.ts";
import { useStore } from "../app/store.ts";
import { dateTime, duration, t } from "../i18n/index.ts";
import { SessionPage } from "./Session.tsx";
import { dayField, Narrowed, startOf, type Values } from "./records/parts.tsx";
import { Loading, SearchField, useLoad } from "./ui.tsx";
import { endReason, endReasons, stateWord } from "./words.ts";

const FILTERS = ["from", "to", "operator", "customer", "customer_id", "service", "connected", "reason"] as const;

/** In the place of a customer's ID. */
const NOBODY = "-";

export function SessionsPage({ route }: { route: Route }) {
  const id = route.segments[1];
  return id === undefined ? <SessionList route={route} /> : <SessionPage id={id} />;
}

function SessionList({ route }: { route: Route }) {
  const who = useStore(me);
  const filters = Object.fromEntries(FILTERS.map((name) => [name, route.params.get(name) ?? ""]));
  const sent = { ...filters, from: startOf(filters["from"]), to: startOf(filters["to"], 1) };
  const address = query(sent);
  const [more, setMore] = useState<{ readonly of: string; readonly items: readonly SessionRow[]; readonly next: string | null } | null>(null);
  const first = useLoad(() => get<Page<SessionRow>>(`/sessions${address}`), address);

  const loadMore = async (cursor: string, before: readonly SessionRow[]) => {
    const page = await get<Page<SessionRow>>(`/sessions${query({ ...sent, cursor })}`);
    setMore({ of: address, items: [...before, ...page.items], next: page.next });
  };

  return (
    <>
      <h1>{who?.role === "operator" ? t("My sessions") : t("Sessions")}</h1>
      <Filters route={route} of={who?.role ?? "operator"} />
      <NarrowedTo values={filters} />
      <p class="actions">
        <a role="button" class="secondary outline small" download href={`/api/v1/sessions/export${query({ ...sent, format: "csv" })}`}>{t("Export CSV")}</a>
        <a role="button" class="secondary outline small" download href={`/api/v1/sessions/export${query({ ...sent, format: "json" })}`}>{t("Export JSON")}</a>
        <button type="button" class="secondary outline small" onClick={first.reload}>{t("Refresh")}</button>
      </p>
      <Loading of={first}>
        {(page) => {
          const extra = more !== null && more.of === address ? more : null;
          const rows = extra ? [...page.items, ...extra.items] : page.items;
          const next = extra ? extra.next : page.next;
          return (
            <>
              <SessionTable rows={rows} />
              {next !== null && <button type="button" class="secondary" onClick={() => void loadMore(next, extra?.items ?? [])}>{t("Show more")}</button>}
            </>
          );
        }}
      </Loading>
    </>
  );
}

/** An administrator picks a technician; an auditor, who sees no accounts, types a part of the name. */
function Filters({ route, of }: { route: Route; of: Role }) {
  const operators = useLoad(async () => (of === "admin" ? (await get<Page<OperatorRow>>("/operators")).items : []), of);
  const change = (name: string, value: string) => {
    const params = Object.fromEntries(FILTERS.map((key) => [key, key === name ? value : (route.params.get(key) ?? "")]));
    navigate(`/sessions${query(params)}`, { replace: true });
  };
  const value = (name: string) => route.params.get(name) ?? "";
  return (
    <form class="filters" role="search" aria-label={t("Filter sessions")} onSubmit={(event) => event.preventDefault()}>
      <label>{t("From")} <input type="date" value={dayField(value("from"), false)} onChange={(event) => change("from", event.currentTarget.value)} /></label>
      <label>{t("To")} <input type="date" value={dayField(value("to"), true)} onChange={(event) => change("to", event.currentTarget.value)} /></label>
      {of === "auditor" && <SearchField label={t("Technician")} value={value("operator")} onSearch={(text) => change("operator", text)} />}
      {of === "admin" && (
        <label>
          {t("Technician")}
          <select value={value("operator")} onChange={(event) => change("operator", event.currentTarget.value)}>
            <option value="">{t("All")}</option>
            {operators.value?.map((row) => <option key={row.id} value={row.id}>{row.name}</option>)}
          </select>
        </label>
      )}
      <SearchField label={t("Customer")} value={value("customer")} onSearch={(text) => change("customer", text)} />
      <label>
        {t("How it ended")}
        <select value={value("reason")} onChange={(event) => change("reason", event.currentTarget.value)}>
          <option value="">{t("All")}</option>
          {Object.entries(endReasons()).map(([word, sentence]) => <option key={word} value={word}>{sentence}</option>)}
        </select>
      </label>
      <label>
        {t("Connected")}
        <select value={value("connected")} onChange={(event) => change("connected", event.currentTarget.value)}>
          <option value="">{t("All")}</option>
          <option value="true">{t("yes")}</option>
          <option value="false">{t("no")}</option>
        </select>
      </label>
    </form>
  );
}

/** Whose sessions and of which service, where a link said so. */
function NarrowedTo({ values }: { values: Values }) {
  const customer = values["customer_id"] ?? "";
  const whose = useLoad(async () => (customer === "" || customer === NOBODY ? null : await get<CustomerRow>(`/customers/${customer}`)), customer);
  const name = customer === NOBODY ? t("no customer's") : whose.value?.name || customer;
  return <Narrowed path="/sessions" values={values} by={[["customer_id", t("Customer"), name], ["service", t("Service"), values["service"] ?? ""]]} />;
}

function SessionTable({ rows }: { rows: readonly SessionRow[] }) {
  if (rows.length === 0) return <p>{t("No session matches.")}</p>;
  const total = rows.reduce((sum, row) => sum + row.connected_s, 0);
  return (
    <div class="overflow-auto">
      <table class="striped">
        <thead>
          <tr>
            <th scope="col">{t("Started")}</th>
            <th scope="col">{t("Technician")}</th>
            <th scope="col">{t("Customer")}</th>
            <th scope="col">{t("Service")}</th>
            <th scope="col">{t("State")}</th>
            <th scope="col" class="figure">{t("Connected")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><a href={`#/sessions/${row.id}`}>{dateTime(row.started_utc)}</a></td>
              <td>{row.operator_name ?? t("erased")}</td>
              <td>{row.customer.computer ?? t("erased")}{row.customer.user ? ` · ${row.customer.user}` : ""}</td>
              <td>{row.service}</td>
              <td>{row.ended_utc === null ? stateWord(row.state) : endReason(row.end_reason)}</td>
              <td class="figure">{duration(row.connected_s)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr><th scope="row" colSpan={5}>{t("Sum of the {n} shown", { n: rows.length })}</th><td class="figure">{duration(total)}</td></tr>
        </tfoot>
      </table>
    </div>
  );
}
