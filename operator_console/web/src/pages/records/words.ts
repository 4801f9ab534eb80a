/** Sentences for the words of the records. Unknown words are shown as they are. */
import type { AppointmentState, ChecklistWhen, OrderState, TicketState } from "../../api/desk.ts";
import { language, t } from "../../i18n/index.ts";
import type { Bilingual, CustomerStatus, InvoiceRow } from "../../api/records.ts";

/** What a policy says in both languages, in the reader's. */
export function inWords(both: Bilingual): string {
  return both[language.value];
}

export function statusWords(): Readonly<Record<CustomerStatus, string>> {
  return { active: t("Active"), delinquent: t("Behind with payment"), suspended: t("Suspended") };
}

export function kindWords(): Readonly<Record<string, string>> {
  return { session: t("Session"), phone: t("Telephone"), email: t("E-mail"), chat: t("Chat"), onsite: t("On site") };
}

/** How time was spent, or what was missed. */
export function workKindWords(): Readonly<Record<string, string>> {
  return { ...kindWords(), no_show: t("Missed appointment"), late_cancel: t("Late cancellation") };
}

/** Why work costs what it costs. */
export function basisWords(): Readonly<Record<string, string>> {
  return {
    tariff: t("At the tariff"),
    plan: t("From a balance"),
    covered: t("Covered by a contract"),
    order: t("Prepaid order"),
    allowance: t("Free allowance"),
    free: t("Free of charge"),
  };
}

/** How a ticket's first answer stood to its target. */
export function firstAnswerWords(): Readonly<Record<"within" | "missed" | "waiting" | "none", string>> {
  return { within: t("In time"), missed: t("Too late"), waiting: t("Still awaited"), none: t("No target") };
}

export function workStateWords(): Readonly<Record<string, string>> {
  return { charged: t("Charged"), held: t("Held"), dismissed: t("Not charged") };
}

export function invoiceStateWords(): Readonly<Record<InvoiceRow["state"], string>> {
  return { open: t("Open"), paid: t("Paid"), cancelled: t("Taken back"), credit: t("Credit note") };
}

export function ledgerWord(reason: string): string {
  const words: Readonly<Record<string, string>> = {
    purchase: t("Bought"),
    refund: t("Paid back"),
    correction: t("Put right"),
    expiry: t("Lapsed"),
    use: t("Used"),
    returned: t("Given back"),
  };
  return words[reason] ?? reason;
}

export function channelWords(): Readonly<Record<string, string>> {
  return { ...kindWords(), ticket: t("Ticket"), web: t("Web page") };
}

export function channelWord(word: string): string {
  return channelWords()[word] ?? word;
}

/** The most urgent first. */
export function priorityWords(): Readonly<Record<string, string>> {
  return { high: t("High"), medium: t("Medium"), low: t("Low") };
}

export function priorityWord(word: string): string {
  return word === "" ? "–" : (priorityWords()[word] ?? word);
}

export function ticketStateWords(): Readonly<Record<TicketState, string>> {
  return { waiting: t("Waiting"), taken: t("Taken"), answered: t("Answered"), closed: t("Closed"), refused: t("Refused") };
}

export function appointmentStateWords(): Readonly<Record<AppointmentState, string>> {
  return { agreed: t("Arranged"), kept: t("Kept"), cancelled: t("Called off"), late_cancel: t("Called off late"), no_show: t("Missed"), failed: t("No connection") };
}

export function orderStateWords(): Readonly<Record<OrderState, string>> {
  return { unpaid: t("Unpaid"), paid: t("Paid, to be done"), delivered: t("Delivered"), done: t("Done"), cancelled: t("Cancelled") };
}

export function whenWord(when: ChecklistWhen): string {
  return { always: "", server: t("on a server"), virus: t("on suspicion of a virus") }[when];
}
