/** What the broker's dashboard says, by name: days are the provider's, durations whole seconds, money decimal text. */
import type { Bilingual } from "./records.ts";

export interface Counted {
  /** Sessions in which both ends were connected; `unconnected`: asked for, and came to nothing. */
  readonly sessions: number;
  readonly unconnected: number;
  readonly connected_s: number;
}

export interface DayCount extends Counted {
  readonly day: string;
  readonly from_utc: string;
  readonly to_utc: string;
}

export interface OperatorCount extends Counted {
  readonly operator_id: string;
  readonly name: string;
}

/** `customer_id` null: sessions that are no customer's. */
export interface CustomerCount extends Counted {
  readonly customer_id: string | null;
  readonly name: string;
}

export interface ServiceCount extends Counted {
  readonly service: string;
}

export type FirstAnswer = "within" | "missed" | "waiting" | "none";

export interface Revenue {
  readonly currency: string;
  readonly basis: string;
  readonly plan: string | null;
  readonly ordered: string | null;
  readonly title: Bilingual | null;
  readonly works: number;
  readonly billable_seconds: number;
  readonly from_balance_minutes: number;
  readonly charged_minutes: number;
  readonly net: string;
}

export interface RevenueTotal {
  readonly currency: string;
  readonly works: number;
  readonly net: string;
}

/** Used as in the last `days`, the balance `runs_out` or `lapses` `on` a day: an estimate. */
export interface Balance {
  readonly contract_id: string;
  readonly number: string;
  readonly customer_id: string;
  readonly customer: string;
  readonly plan: string;
  readonly monthly: boolean;
  readonly left_minutes: number;
  readonly used_minutes: number;
  readonly days: number;
  readonly week_minutes: string;
  readonly what: "runs_out" | "lapses";
  readonly on: string;
  readonly lapsing_minutes: number;
}

export interface Dashboard {
  readonly first: string;
  readonly last: string;
  readonly from_utc: string;
  readonly to_utc: string;
  readonly time_zone: string;
  readonly total: Counted;
  readonly days: readonly DayCount[];
  readonly operators: readonly OperatorCount[];
  readonly customers: readonly CustomerCount[];
  readonly rest: (Counted & { readonly customers: number }) | null;
  readonly services: readonly ServiceCount[];
  readonly answers: Readonly<Record<FirstAnswer, number>>;
  readonly revenue: readonly Revenue[];
  readonly revenue_totals: readonly RevenueTotal[];
  readonly balances: readonly Balance[];
}
