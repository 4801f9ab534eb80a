/** From a figure to the list of what stands behind it: the same question, by the list's own words. Pure. */
import type { Dashboard, FirstAnswer, Revenue } from "../../api/dashboard.ts";
import { query } from "../../api/http.ts";
import type { Values } from "../records/parts.tsx";

/** A part of the time that the figures are for. */
export interface Span {
  readonly from_utc: string;
  readonly to_utc: string;
}

type Narrowing = Readonly<Record<string, string | null>>;

/** Sessions of a time, narrowed as the figures are. Connected ones, unless `more` says otherwise. */
export function sessionsBehind({ from_utc, to_utc }: Span, values: Values, more: Narrowing = {}): string {
  const { operator, customer, service } = values;
  return `#/sessions${query({ from: from_utc, to: to_utc, operator, customer_id: customer, service, connected: "true", ...more })}`;
}

/** Tickets that came in, by how their first answer stood to its target. Tickets know no service. */
export function ticketsBehind({ from_utc, to_utc }: Span, values: Values, target: FirstAnswer): string {
  const { operator, customer, kind } = values;
  return `#/records/tickets${query({ from: from_utc, to: to_utc, operator, customer, channel: kind, target })}`;
}

/** Charged work; of one kind of revenue, or all. */
export function workBehind({ from_utc, to_utc }: Span, values: Values, of?: Pick<Revenue, "basis" | "plan" | "ordered">): string {
  const { operator, customer, kind, service } = values;
  const narrowed = of ? { basis: of.basis, plan: of.plan, ordered: of.ordered } : {};
  return `#/records/work${query({ since: from_utc, until: to_utc, operator, customer, kind, service, state: "charged", ...narrowed })}`;
}

export function customerPage(id: string): string {
  return `#/records/customers/${id}`;
}

/** Whether there is anything to see but balances, which are not of the period. */
export function isEmpty({ total, answers, revenue }: Dashboard): boolean {
  return total.sessions + total.unconnected + revenue.length + Object.values(answers).reduce((sum, count) => sum + count, 0) === 0;
}
