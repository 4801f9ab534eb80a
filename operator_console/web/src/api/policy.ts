/** A policy as the broker gives it (broker/policies/schema.py): the parts that pages show. A `clause` is the article behind a rule. */
import type { Bilingual } from "./records.ts";

export interface Price {
  readonly net: string;
  /** The provider's terms give none: this one stands until theirs is set. */
  readonly example: boolean;
}

export interface Plan {
  readonly title: Bilingual;
  readonly clause: string | null;
  readonly balance: "none" | "block" | "monthly";
  readonly minimum_minutes: number;
  readonly increment_minutes: number;
  readonly months: readonly number[];
  readonly sizes: Readonly<Record<string, { readonly minutes: number; readonly price: Price }>>;
  readonly first_answer_hours: number | null;
}

/** `days` is `sat` or `mon-fri`; `weight` an integer or `n/d`. */
export interface HoursWindow {
  readonly days: string;
  readonly opens: string;
  readonly closes: string;
  readonly weight: string;
  readonly extraordinary: boolean;
}

export interface Tariff {
  readonly since: string | null;
  readonly hourly: string;
  readonly example: boolean;
  readonly minimum_minutes: number;
  readonly increment_minutes: number;
  readonly clause: string | null;
}

/** A prepaid one-off service; `price` null: quoted per case. */
export interface Service {
  readonly title: Bilingual;
  readonly price: Price | null;
  readonly expected_minutes: number | null;
  readonly region: string | null;
}

/** `begins_by`: the latest time of day for a regular start. */
export interface AppointmentRules {
  readonly wait_minutes: number | null;
  readonly cancel_hours: number | null;
  readonly begins_by: string | null;
  readonly no_show: Counted | null;
  readonly late_cancel: Counted | null;
}

interface Counted {
  readonly minutes: number;
  readonly clause: string;
}

export interface Policy {
  readonly name: string;
  readonly title: string;
  readonly currency: string;
  readonly time_zone: string;
  readonly terms_version: "newest" | number;
  readonly bandwidth_floor_kbit: number | null;
  readonly free_of_charge: string | null;
  readonly tax: { readonly name: string; readonly percent: string };
  readonly hours: { readonly windows: readonly HoursWindow[]; readonly holidays: { readonly country: string } | null; readonly clause: string | null };
  readonly contractless: { readonly answer: string; readonly clause: string };
  readonly plans: Readonly<Record<string, Plan>>;
  readonly tariffs: readonly Tariff[];
  readonly covered_work: string | null;
  readonly urgent: Counted | null;
  readonly report: { readonly percent: string; readonly clause: string } | null;
  readonly on_site: { readonly refused: string | null; readonly clause: string | null; readonly minimum_local_minutes: number; readonly minimum_elsewhere_minutes: number };
  readonly free_allowance: { readonly up_to_minutes: number; readonly per_week: number; readonly clause: string } | null;
  readonly warranty: { readonly business_days: number; readonly clause: string } | null;
  readonly appointments: AppointmentRules | null;
  readonly orders: { readonly services: Readonly<Record<string, Service>> } | null;
  readonly queue: { readonly categories: readonly string[] };
  readonly tickets: {
    readonly channels: readonly string[];
    readonly priorities: Readonly<Record<string, number>>;
    readonly close_after_hours: number | null;
    readonly clause: string | null;
  };
  readonly invoices: { readonly due_days: number; readonly refuse_delinquent: boolean; readonly clauses: readonly string[] };
}

export interface PolicyOverview {
  readonly in_force: Policy | null;
  readonly history: readonly {
    readonly sha256: string;
    readonly name: string;
    readonly adopted_utc: string;
    readonly in_force: boolean;
  }[];
  readonly shipped: readonly string[];
}
