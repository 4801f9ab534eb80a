/** What was done, what came of it, what is ahead: filters, an export of what is seen, figures that lead to their lists. */
import { me } from "../../api/account.ts";
import type { Dashboard } from "../../api/dashboard.ts";
import { get, query } from "../../api/http.ts";
import type { Organisation } from "../../api/types.ts";
import type { Route } from "../../app/router.ts";
import { useStore } from "../../app/store.ts";
import { duration, number, t } from "../../i18n/index.ts";
import { customerOptions, day, Exports, Filters, filtersOf, useColleagues, useCustomers, type Values } from "../records/parts.tsx";
import { money } from "../records/money.ts";
import { channelWords, workKindWords } from "../records/words.ts";
import { Loading, useLoad } from "../ui.tsx";
import "../records/records.css";
import { BalancePart } from "./Balances.tsx";
import "./dashboard.css";
import { isEmpty, sessionsBehind, ticketsBehind, workBehind } from "./links.ts";
import { AnswerPart, RevenuePart } from "./Outcome.tsx";
import { CustomerPart, DayPart, OperatorPart, ServicePart } from "./Sessions.tsx";

const FILTERS = ["from", "to", "operator", "customer", "service", "kind", "top"];

export function Figures({ route }: { route: Route }) {
  const values = filtersOf(route, FILTERS);
  const address = query(values);
  const seen = useLoad(() => get<Dashboard>(`/dashboard${address}`), address);
  return (
    <>
      <h1>{t("Dashboard")}</h1>
      <Filter values={values} />
      <p class="actions"><Exports path="/dashboard/export" values={values} /></p>
      <Loading of={seen}>{(figures) => <All of={figures} values={values} />}</Loading>
    </>
  );
}

function Filter({ values }: { values: Values }) {
  const who = useStore(me);
  const customers = useCustomers();
  const colleagues = useColleagues();
  const organisation = useLoad(() => get<Organisation>("/organisation"), who?.org_id ?? "");
  const kinds = { ...workKindWords(), ...channelWords() };
  return (
    <Filters label={t("Filter the figures")} path="/dashboard" values={values}>
      {({ date, choice }) => (
        <>
          {date("from", t("From"))}
          {date("to", t("To"))}
          {choice("operator", t("Technician"), (colleagues.value ?? []).map((one) => [one.id, one.name]))}
          {choice("customer", t("Customer"), customerOptions(customers.value ?? []))}
          {choice("service", t("Service"), (organisation.value?.services ?? []).map((name) => [name, name]))}
          {choice("kind", t("How"), Object.entries(kinds))}
        </>
      )}
    </Filters>
  );
}

function All({ of, values }: { of: Dashboard; values: Values }) {
  const zone = of.time_zone.replaceAll("_", " ");
  return (
    <>
      <p>{t("{first} to {last}, days of {zone}", { first: day(of.first), last: day(of.last), zone })}</p>
      {isEmpty(of) ? (
        <p role="status">{t("Nothing happened in this time.")}</p>
      ) : (
        <>
          <Totals of={of} values={values} />
          <div class="charts">
            <DayPart of={of} values={values} />
            <OperatorPart of={of} values={values} />
            <CustomerPart of={of} values={values} />
            <ServicePart of={of} values={values} />
            <AnswerPart of={of} values={values} />
            <RevenuePart of={of} values={values} />
          </div>
        </>
      )}
      <BalancePart of={of} />
    </>
  );
}

/** The sums, each with the way to its list. */
function Totals({ of, values }: { of: Dashboard; values: Values }) {
  const { within, missed } = of.answers;
  const tiles: readonly (readonly [name: string, text: string, href: string])[] = [
    [t("Sessions"), number(of.total.sessions), sessionsBehind(of, values)],
    [t("Connected"), duration(of.total.connected_s), sessionsBehind(of, values)],
    [t("Came to nothing"), number(of.total.unconnected), sessionsBehind(of, values, { connected: "false" })],
    ...(within + missed === 0 ? [] : [[t("First answers in time"), t("{n} of {all}", { n: number(within), all: number(within + missed) }), ticketsBehind(of, values, "within")] as const]),
    ...of.revenue_totals.map((total) => [t("Charged, {currency}", { currency: total.currency }), money({ currency: total.currency, text: total.net }), workBehind(of, values)] as const),
  ];
  return (
    <ul class="tiles">
      {tiles.map(([name, text, href]) => <li key={name}><a href={href}><span>{name}</span> <strong>{text}</strong></a></li>)}
    </ul>
  );
}
