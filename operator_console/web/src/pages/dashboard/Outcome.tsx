/** What came of it: first answers against their targets, and revenue by tariff, plan and order. */
import type { Dashboard, FirstAnswer, Revenue } from "../../api/dashboard.ts";
import { number, t } from "../../i18n/index.ts";
import { type Amount, money } from "../records/money.ts";
import { Money, type Values } from "../records/parts.tsx";
import { basisWords, firstAnswerWords, inWords } from "../records/words.ts";
import { type Bar, Bars } from "./Bars.tsx";
import { ticketsBehind, workBehind } from "./links.ts";
import { Part } from "./Part.tsx";

interface Shown {
  readonly of: Dashboard;
  readonly values: Values;
}

const ANSWERS: readonly FirstAnswer[] = ["within", "missed", "waiting", "none"];

export function AnswerPart({ of, values }: Shown) {
  const words = firstAnswerWords();
  const all = ANSWERS.reduce((sum, word) => sum + of.answers[word], 0);
  const rows = all === 0 ? [] : ANSWERS.map((word) => ({ word, count: of.answers[word], href: ticketsBehind(of, values, word) }));
  const bars = rows.map(({ word, count, href }): Bar => ({ label: words[word], value: count, text: t("{n} tickets", { n: number(count) }), href }));
  return (
    <Part title={t("First answers")} rows={rows} keyOf={(one) => one.word} columns={[
      { title: t("First answer"), cell: (one) => words[one.word], sum: t("Sum") },
      { title: t("Tickets"), figure: true, cell: (one) => (one.count === 0 ? "0" : <a href={one.href}>{number(one.count)}</a>), sum: number(all) },
    ]}>
      <Bars label={t("First answers")} bars={bars} lying scale={number} />
    </Part>
  );
}

/** Each currency on its own: amounts of several never stand on one axis. */
export function RevenuePart({ of, values }: Shown) {
  const none: Revenue[] = [];
  if (of.revenue_totals.length === 0) return <Part title={t("Charged")} rows={none} keyOf={nameOf} columns={[]}>{null}</Part>;
  return (
    <>
      {of.revenue_totals.map((total) => {
        const rows = of.revenue.filter((one) => one.currency === total.currency);
        const href = (one: Revenue) => workBehind(of, values, one);
        const bars = rows.map((one): Bar => ({ label: nameOf(one), value: Number(one.net), text: money(amount(one)), href: href(one) }));
        const title = t("Charged, {currency}", { currency: total.currency });
        return (
          <Part key={total.currency} title={title} rows={rows} keyOf={nameOf} columns={[
            { title: t("By"), cell: nameOf, sum: t("Sum") },
            { title: t("Work"), figure: true, cell: (one) => <a href={href(one)}>{number(one.works)}</a>, sum: number(total.works) },
            { title: t("From the balance, min"), figure: true, cell: (one) => number(one.from_balance_minutes), sum: number(sum(rows, (one) => one.from_balance_minutes)) },
            { title: t("Charged, min"), figure: true, cell: (one) => number(one.charged_minutes), sum: number(sum(rows, (one) => one.charged_minutes)) },
            { title: t("Net"), figure: true, cell: (one) => <Money of={amount(one)} />, sum: <Money of={{ currency: total.currency, text: total.net }} /> },
          ]}>
            <Bars label={title} bars={bars} lying scale={number} />
          </Part>
        );
      })}
    </>
  );
}

function nameOf(one: Revenue): string {
  const basis = basisWords()[one.basis] ?? one.basis;
  const which = one.title ? inWords(one.title) : (one.plan ?? one.ordered);
  return which ? `${which} · ${basis}` : basis;
}

function amount({ currency, net }: Revenue): Amount {
  return { currency, text: net };
}

function sum(rows: readonly Revenue[], of: (row: Revenue) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
