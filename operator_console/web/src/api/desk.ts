/** What the broker says about requests for help: queue, tickets, appointments, prepaid orders. Times as in types.ts, money as in records.ts. */
import type { Bilingual } from "./records.ts";

/** One who waits. `customer_name`: of one who is known; `company`: as whoever asks says it. `left_seconds`: support hours until the first answer is due, negative when missed. */
export interface QueueItem {
  readonly ticket_id: string;
  readonly number: number;
  readonly subject: string;
  readonly channel: string;
  readonly category: string;
  readonly priority: string;
  readonly urgent: boolean;
  readonly customer_id: string | null;
  readonly customer_name: string;
  readonly company: string;
  readonly plan: string | null;
  readonly opened_utc: string;
  readonly left_seconds: number | null;
}

export interface Queue {
  readonly items: readonly QueueItem[];
}

export type TicketState = "waiting" | "taken" | "answered" | "closed" | "refused";

/** `target_utc`: until when the first answer is due. */
export interface TicketRow {
  readonly id: string;
  readonly number: number;
  readonly state: TicketState;
  readonly reason: { readonly clause: string | null; readonly text: string } | null;
  readonly channel: string;
  readonly category: string;
  readonly priority: string;
  readonly urgent: boolean;
  readonly subject: string;
  readonly customer_id: string | null;
  readonly company: string;
  readonly contact: string;
  readonly operator_id: string | null;
  readonly opened_utc: string;
  readonly target_utc: string | null;
  readonly answered_utc: string | null;
  readonly closed_utc: string | null;
}

/** `quote_needed`: no time is left, so that a quote comes before the service. */
export interface Ticket extends TicketRow {
  readonly customer_name: string;
  readonly text: string;
  readonly phone: string;
  readonly email: string;
  readonly session_id: string | null;
  readonly order_id: string | null;
  readonly plan: string | null;
  readonly plan_title: string | null;
  readonly balance_minutes: number | null;
  readonly quote_needed: boolean;
  readonly messages: readonly { readonly operator_id: string | null; readonly text: string; readonly utc: string }[];
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  readonly id: string;
  readonly name: string;
  readonly utc: string;
}

export type AppointmentState = "agreed" | "kept" | "cancelled" | "late_cancel" | "no_show" | "failed";

/** `waits_until`: the end of the technician's wait, while nothing has become of it and the terms name one. */
export interface Appointment {
  readonly id: string;
  readonly state: AppointmentState;
  readonly at: string;
  readonly minutes: number;
  readonly customer_id: string;
  readonly ticket_id: string | null;
  readonly operator_id: string | null;
  readonly session_id: string | null;
  readonly work_id: string | null;
  readonly waits_until: string | null;
}

/** `delivered`: handed over, for the customer to try and to report faults. */
export type OrderState = "unpaid" | "paid" | "delivered" | "done" | "cancelled";

/** `missing` waits to be paid, `excess` was paid too much; `note` says so. `closes`: the last day for a report of a delivered one. */
export interface OrderRow {
  readonly id: string;
  readonly number: number;
  readonly customer_id: string;
  readonly customer_name: string;
  readonly customer_phone: string;
  readonly service: string;
  readonly state: OrderState;
  readonly currency: string;
  readonly net: string;
  readonly total: string;
  readonly paid: string;
  readonly missing: string;
  readonly excess: string;
  readonly note: string;
  readonly ordered_utc: string;
  readonly paid_utc: string | null;
  readonly agreed_utc: string | null;
  readonly delivered_utc: string | null;
  readonly closes: string | null;
  readonly ended_utc: string | null;
}

/** `by_operator` null: the payment service's signed word. */
export interface OrderPayment {
  readonly id: string;
  readonly amount: string;
  readonly reference: string | null;
  readonly utc: string;
  readonly by_operator: string | null;
}

/** `closes_after_working_days` null: done when carried out. `reach` and `serves_again_utc` are what the customer's page says; null: support is open. */
export interface Order extends OrderRow {
  readonly title: Bilingual;
  readonly expected_minutes: number | null;
  readonly region: string | null;
  readonly closes_after_working_days: number | null;
  readonly invoice_id: string | null;
  readonly checklist: readonly { readonly text: Bilingual; readonly when: ChecklistWhen }[];
  readonly payments: readonly OrderPayment[];
  readonly reach: readonly { readonly title: Bilingual; readonly where: string }[];
  readonly serves_again_utc: string | null;
}

export type ChecklistWhen = "always" | "server" | "virus";

/** One thing to do in a session's service, and who did it. */
export interface ChecklistEntry {
  readonly text: Bilingual;
  readonly when: ChecklistWhen;
  readonly ticked_utc: string | null;
  readonly ticked_by: string | null;
}

/** Somebody of one's own organisation. */
export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
}
