/** What the broker says about requests for help: the queue and tickets. Times as in types.ts. */

/** One who waits. `left_seconds`: support hours until the first answer is due, negative when missed. */
export interface QueueItem {
  readonly ticket_id: string;
  readonly number: number;
  readonly subject: string;
  readonly channel: string;
  readonly category: string;
  readonly priority: string;
  readonly urgent: boolean;
  readonly company: string;
  readonly plan: string | null;
  readonly opened_utc: string;
  readonly left_seconds: number | null;
}

export interface Queue {
  readonly items: readonly QueueItem[];
}

export interface Ticket {
  readonly id: string;
  readonly number: number;
  readonly state: "waiting" | "taken" | "answered" | "closed" | "refused";
  readonly reason: { readonly clause: string | null; readonly text: string } | null;
  readonly channel: string;
  readonly category: string;
  readonly priority: string;
  readonly urgent: boolean;
  readonly subject: string;
  readonly text: string;
  readonly customer_id: string | null;
  readonly company: string;
  readonly contact: string;
  readonly phone: string;
  readonly email: string;
  readonly opened_utc: string;
  readonly target_utc: string | null;
  readonly answered_utc: string | null;
  readonly plan: string | null;
  readonly balance_minutes: number | null;
  readonly messages: readonly { readonly operator_id: string | null; readonly text: string; readonly utc: string }[];
}
