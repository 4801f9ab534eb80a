/** What the broker's records say, by name. Money is decimal text beside its currency, a day `YYYY-MM-DD`, times as in types.ts. */

export type CustomerStatus = "active" | "delinquent" | "suspended";

export interface CustomerRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly tax_id: string;
  readonly licence_key: string;
  readonly address: string;
  readonly local: boolean;
  readonly lang: "en" | "es";
  readonly status: CustomerStatus;
  readonly note: string;
  readonly created_utc: string;
  readonly erased_utc: string | null;
}

export interface Contact {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly phone: string;
}

/** One word of the customer's about a purpose; the last one holds. */
export interface CustomerConsent {
  readonly id: string;
  readonly purpose: string;
  readonly given: boolean;
  readonly utc: string;
}

export interface CustomerDetail extends CustomerRow {
  readonly contacts: readonly Contact[];
  readonly consents: readonly CustomerConsent[];
}

/** `minutes`: bought or granted each month; null where there is nothing to count. */
export interface Contract {
  readonly id: string;
  readonly number: string;
  readonly customer_id: string;
  readonly plan: string;
  readonly title: Bilingual;
  readonly start: string;
  readonly end: string;
  readonly in_force: boolean;
  readonly minutes: number | null;
  readonly balance_minutes: number | null;
  readonly excess_hourly: string | null;
}

export interface Ledger {
  readonly contract: Contract;
  readonly entries: readonly LedgerEntry[];
}

export interface LedgerEntry {
  readonly seq: number;
  readonly utc: string;
  readonly minutes: number;
  readonly reason: string;
  readonly work_id: string | null;
}

export interface Work {
  readonly id: string;
  readonly kind: string;
  readonly start: string;
  readonly end: string;
  readonly customer_id: string | null;
  readonly session_id: string | null;
  readonly operator_id: string;
  readonly urgent: boolean;
  readonly accepted: boolean;
  readonly warranty: boolean;
  readonly covered: boolean;
  readonly note: string;
  readonly state: "charged" | "held" | "dismissed";
  readonly held_clause: string | null;
  readonly held_reason: string | null;
  readonly billable_seconds: number;
  readonly from_balance_minutes: number;
  readonly charged_minutes: number;
  readonly currency: string | null;
  readonly net: string | null;
  readonly explanation: readonly string[];
  readonly invoice_id: string | null;
}

export interface WorkPage {
  readonly items: readonly Work[];
  /** Where to go on: an offset. */
  readonly next: number | null;
}

export interface Bilingual {
  readonly en: string;
  readonly es: string;
}

export interface InvoiceRow {
  readonly id: string;
  readonly number: string;
  readonly issued: string;
  readonly due: string;
  readonly state: "open" | "paid" | "cancelled" | "credit";
  readonly customer_id: string;
  readonly customer: string;
  readonly currency: string;
  readonly net: string;
  readonly tax: string;
  readonly total: string;
  readonly paid: string;
  readonly outstanding: string;
  readonly excess: string;
  readonly credit_of: string | null;
  readonly fee_for: string | null;
}

export interface InvoiceTotals {
  readonly currency: string;
  readonly count: number;
  readonly net: string;
  readonly tax: string;
  readonly total: string;
  readonly paid: string;
  readonly outstanding: string;
}

/** `totals`: of the whole list, not of the page. */
export interface InvoicePage {
  readonly items: readonly InvoiceRow[];
  readonly totals: readonly InvoiceTotals[];
  readonly next: string | null;
}

export interface InvoiceLine {
  readonly position: number;
  readonly title: Bilingual;
  readonly minutes: number;
  readonly net: string;
  readonly explanation: { readonly en: readonly string[]; readonly es: readonly string[] };
}

export interface Payment {
  readonly id: string;
  readonly receipt: number;
  readonly amount: string;
  readonly reference: string | null;
  readonly from_credit: boolean;
  readonly utc: string;
}

export interface InvoiceDetail extends InvoiceRow {
  readonly buyer: Readonly<Record<string, string>>;
  readonly tax_name: string;
  readonly tax_percent: string;
  readonly reason: string;
  readonly credit_note: string | null;
  readonly fee_invoice: string | null;
  readonly lines: readonly InvoiceLine[];
  readonly payments: readonly Payment[];
}

export interface Cancelled {
  readonly cancelled: boolean;
  readonly credit_note: InvoiceRow | null;
  readonly fee_invoice: InvoiceRow | null;
}
