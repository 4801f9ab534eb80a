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
  /** `block`: bought once; `monthly`: granted anew each month. */
  readonly counts: "none" | "block" | "monthly";
  /** Another one like it follows by itself. */
  readonly renews: boolean;
  /** The last day on which that can be cancelled; null: its plan never renews. */
  readonly cancel_renewal_by: string | null;
  readonly excess_hourly: string | null;
}

export interface Ledger {
  readonly contract: Contract;
  readonly entries: readonly LedgerEntry[];
}

/** `day`: of the provider's zone, on which it counts. `of_seq`: the purchase that a refund takes back. */
export interface LedgerEntry {
  readonly seq: number;
  readonly utc: string;
  readonly day: string;
  readonly minutes: number;
  readonly reason: string;
  readonly work_id: string | null;
  readonly of_seq: number | null;
}

/** Minutes bought at once. `refund`: what cancelling them now brings back; null: `why_not` says why nothing does. */
export interface Purchase {
  readonly seq: number;
  readonly utc: string;
  readonly minutes: number;
  readonly invoice_id: string | null;
  readonly currency: string | null;
  readonly paid_utc: string | null;
  readonly refund: { readonly amount: string; readonly fee: string; readonly pay_by_utc: string | null } | null;
  readonly why_not: string;
  readonly clause: string | null;
}

export interface Work {
  readonly id: string;
  readonly kind: string;
  readonly start: string;
  readonly end: string;
  readonly customer_id: string | null;
  readonly customer_name: string | null;
  readonly session_id: string | null;
  readonly ticket_id: string | null;
  readonly order_id: string | null;
  readonly operator_id: string;
  readonly operator_name: string | null;
  readonly local: boolean;
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
  /** The last day on which it may be taken back; null: any, or it can't be. */
  readonly may_cancel_until: string | null;
  /** With its tax: paid first if the customer caused the change. */
  readonly change_fee: string | null;
  readonly refund_fee_percent: string;
  readonly excess_choice: "credit" | "refund" | null;
  readonly excess_settled: string;
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

/** A line for a contract that may be put on an invoice; `net` null: somebody gives a price. */
export interface BillableLine {
  readonly contract_id: string;
  readonly title: Bilingual;
  readonly net: string | null;
  readonly bought_seq: number | null;
}

export interface Billable {
  readonly currency: string;
  readonly work: readonly { readonly currency: string; readonly count: number; readonly net: string }[];
  readonly orders: readonly { readonly order_id: string; readonly title: Bilingual; readonly currency: string; readonly net: string }[];
  readonly purchases: readonly BillableLine[];
  readonly rents: readonly BillableLine[];
  readonly reconnections: readonly { readonly contract_id: string; readonly title: Bilingual; readonly rent: string; readonly monthly: string; readonly yearly: string }[];
}

/** A letter to a customer: neither what it says nor its address. */
export interface MailRow {
  readonly id: string;
  readonly kind: string;
  readonly customer_id: string;
  readonly customer_name: string;
  readonly work_id: string | null;
  readonly state: "waiting" | "sent" | "refused" | "dropped";
  readonly tries: number;
  readonly error: string;
  readonly may_retry: boolean;
  readonly made_utc: string;
  readonly next_try_utc: string | null;
  readonly sent_utc: string | null;
}

export interface MailPage {
  readonly configured: boolean;
  readonly items: readonly MailRow[];
  readonly next: string | null;
}

/** What a customer said of a session's help, 1 (very bad) to 5 (very good). */
export interface Opinion {
  readonly session_id: string;
  readonly stars: number;
  readonly comment: string;
  readonly utc: string;
  readonly operator_name: string | null;
  readonly customer_id: string | null;
  readonly customer_name: string | null;
}

export interface OpinionPage {
  readonly items: readonly Opinion[];
  readonly count: number;
  readonly average: string | null;
  readonly next: string | null;
}
