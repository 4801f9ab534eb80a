/** A policy as the broker gives it (broker/policies/schema.py): the parts that pages show. */
import type { Bilingual } from "./records.ts";

export interface Price {
  readonly net: string;
  /** The provider's terms give none: this one stands until theirs is set. */
  readonly example: boolean;
}

export interface Plan {
  readonly title: Bilingual;
  readonly balance: "none" | "block" | "monthly";
  readonly months: readonly number[];
  readonly sizes: Readonly<Record<string, { readonly minutes: number; readonly price: Price }>>;
}

export interface Policy {
  readonly name: string;
  readonly title: string;
  readonly currency: string;
  readonly plans: Readonly<Record<string, Plan>>;
}

export interface PolicyOverview {
  readonly in_force: Policy | null;
}
