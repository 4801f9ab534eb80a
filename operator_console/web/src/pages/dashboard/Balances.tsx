/** Until when balances last, if they are used as they were lately: an estimate, and said to be one. */
import type { Balance, Dashboard } from "../../api/dashboard.ts";
import { number, t } from "../../i18n/index.ts";
import { day } from "../records/parts.tsx";
import { type Bar, Bars } from "./Bars.tsx";
import { customerPage } from "./links.ts";
import { Part } from "./Part.tsx";

const MOST_BARS = 15;

export function BalancePart({ of }: { of: Dashboard }) {
  if (of.balances.length === 0) return null;
  const name = (one: Balance) => `${one.customer || t("erased")} · ${one.number}`;
  const bars = of.balances.slice(0, MOST_BARS).map((one): Bar => ({ label: name(one), value: one.left_minutes, text: ending(one), href: customerPage(one.customer_id) }));
  return (
    <Part title={t("Balances in force today")} wide rows={of.balances} keyOf={(one) => one.contract_id} columns={[
      { title: t("Contract"), cell: (one) => <a href={customerPage(one.customer_id)}>{name(one)}</a> },
      { title: t("Plan"), cell: (one) => one.plan },
      { title: t("Minutes left"), figure: true, cell: (one) => number(one.left_minutes) },
      { title: t("Used a week, min"), figure: true, cell: (one) => number(Number(one.week_minutes)) },
      { title: t("In days"), figure: true, cell: (one) => number(one.days) },
      { title: t("Estimate"), cell: ending },
    ]}>
      <p>{t("An estimate: each balance used on as in the last eight weeks, or since its contract began. It is not narrowed to the time, technician, service or kind above.")}</p>
      <Bars label={t("Minutes left")} bars={bars} lying scale={(value) => `${number(value)} min`} />
    </Part>
  );
}

function ending(one: Balance): string {
  const on = day(one.on);
  if (one.left_minutes === 0) return t("used up");
  if (one.what === "runs_out") return t("{n} min, used up on {day}", { n: number(one.left_minutes), day: on });
  const values = { n: number(one.left_minutes), lapsing: number(one.lapsing_minutes), day: on };
  return one.monthly ? t("{n} min; {lapsing} lapse with the month on {day}", values) : t("{n} min; {lapsing} lapse at its end on {day}", values);
}
