/** Sessions and connected time by day, by technician, by customer, by service. */
import type { Counted, CustomerCount, Dashboard } from "../../api/dashboard.ts";
import { query } from "../../api/http.ts";
import { duration, language, number, t } from "../../i18n/index.ts";
import { day, type Values } from "../records/parts.tsx";
import { type Bar, Bars } from "./Bars.tsx";
import { unitOf } from "./labels.ts";
import { sessionsBehind, type Span } from "./links.ts";
import { type Column, Part } from "./Part.tsx";

interface Shown {
  readonly of: Dashboard;
  readonly values: Values;
}

/** So many bars lie in one chart; the table has them all. */
const MOST_BARS = 15;
/** As many customers as are ever asked for at once. */
const EVERY_CUSTOMER = "10000";

export function DayPart({ of, values }: Shown) {
  const href = (one: Span) => sessionsBehind(one, values);
  const short = (text: string) => new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
  const counts = of.days.map((one): Bar => ({ label: short(one.day), value: one.sessions, text: sessions(one), href: href(one) }));
  return (
    <Part title={t("Sessions by day")} wide rows={of.days} keyOf={(one) => one.day} columns={[
      { title: t("Day"), cell: (one) => <span class="day">{day(one.day)}</span>, sum: t("Sum") },
      ...counting<(typeof of.days)[number]>(of.total, href, (one) => sessionsBehind(one, values, { connected: "false" })),
    ]}>
      <Bars label={t("Sessions by day")} bars={counts} scale={number} />
      <h3>{t("Connected time by day")}</h3>
      <Hours label={t("Connected time by day")} rows={of.days} labelOf={(one) => short(one.day)} hrefOf={href} />
    </Part>
  );
}

export function OperatorPart({ of, values }: Shown) {
  const href = (one: { readonly operator_id: string }) => sessionsBehind(of, values, { operator: one.operator_id });
  const name = (one: { readonly name: string }) => one.name || "–";
  return (
    <Part title={t("By technician")} rows={of.operators} keyOf={(one) => one.operator_id} columns={[
      { title: t("Technician"), cell: name, sum: t("Sum") },
      ...counting<(typeof of.operators)[number]>(of.total, href, (one) => sessionsBehind(of, values, { operator: one.operator_id, connected: "false" })),
    ]}>
      <Hours label={t("Connected time by technician")} rows={of.operators.slice(0, MOST_BARS)} labelOf={name} hrefOf={href} lying />
    </Part>
  );
}

export function CustomerPart({ of, values }: Shown) {
  const more = { customer_id: "", name: "" };
  const rest: readonly CustomerCount[] = of.rest === null ? [] : [{ ...more, ...of.rest }];
  const rows = [...of.customers, ...rest];
  const name = (one: CustomerCount) => {
    if (one.customer_id === null) return t("no customer's");
    if (one.customer_id === "") return t("{n} others", { n: number(of.rest?.customers ?? 0) });
    return one.name || t("erased");
  };
  // Those who are not listed have no list of their own: they are listed first.
  const href = (one: CustomerCount, narrowed = {}) =>
    one.customer_id === "" ? `#/dashboard${query({ ...values, top: EVERY_CUSTOMER })}` : sessionsBehind(of, values, { customer_id: one.customer_id ?? "-", ...narrowed });
  return (
    <Part title={t("By customer")} rows={rows} keyOf={(one) => one.customer_id ?? "-"} columns={[
      { title: t("Customer"), cell: name, sum: t("Sum") },
      ...counting<CustomerCount>(of.total, href, (one) => href(one, { connected: "false" })),
    ]}>
      <Hours label={t("Connected time by customer")} rows={of.rest === null ? rows.slice(0, MOST_BARS) : rows} labelOf={name} hrefOf={href} lying />
    </Part>
  );
}

export function ServicePart({ of, values }: Shown) {
  const href = (one: { readonly service: string }) => sessionsBehind(of, values, { service: one.service });
  return (
    <Part title={t("By service")} rows={of.services} keyOf={(one) => one.service} columns={[
      { title: t("Service"), cell: (one) => one.service, sum: t("Sum") },
      ...counting<(typeof of.services)[number]>(of.total, href, (one) => sessionsBehind(of, values, { service: one.service, connected: "false" })),
    ]}>
      <Hours label={t("Connected time by service")} rows={of.services.slice(0, MOST_BARS)} labelOf={(one) => one.service} hrefOf={href} lying />
    </Part>
  );
}

interface HoursProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly labelOf: (row: Row) => string;
  readonly hrefOf: (row: Row) => string;
  readonly lying?: boolean;
}

function Hours<Row extends Counted>({ label, rows, labelOf, hrefOf, lying = false }: HoursProps<Row>) {
  const unit = unitOf(Math.max(0, ...rows.map((row) => row.connected_s)));
  const bars = rows.map((row): Bar => ({ label: labelOf(row), value: row.connected_s / unit.seconds, text: `${duration(row.connected_s)} · ${sessions(row)}`, href: hrefOf(row) }));
  return <Bars label={label} bars={bars} lying={lying} scale={(value) => `${number(value)} ${unit.word}`} />;
}

function sessions(of: Counted): string {
  return t("{n} sessions", { n: number(of.sessions) });
}

/** The columns that every table of sessions has; a count leads to its sessions. */
function counting<Row extends Counted>(total: Counted, href: (row: Row) => string, failed: (row: Row) => string): readonly Column<Row>[] {
  const link = (count: number, to: string) => (count === 0 ? "0" : <a href={to}>{number(count)}</a>);
  return [
    { title: t("Sessions"), figure: true, cell: (row) => link(row.sessions, href(row)), sum: number(total.sessions) },
    { title: t("Came to nothing"), figure: true, cell: (row) => link(row.unconnected, failed(row)), sum: number(total.unconnected) },
    { title: t("Connected"), figure: true, cell: (row) => duration(row.connected_s), sum: duration(total.connected_s) },
  ];
}
