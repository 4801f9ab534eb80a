/** Whom a session is for: customer, order, ticket, as the address brings them or the technician chooses them. */
import { ApiError, get, query } from "../../api/http.ts";
import type { Order, OrderRow, Ticket, TicketRow } from "../../api/desk.ts";
import type { Page } from "../../api/types.ts";
import { t } from "../../i18n/index.ts";

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly contracts: readonly { readonly number: string; readonly plan: string; readonly start: string; readonly end: string }[];
}

export interface Whom {
  readonly customer: Customer | null;
  /** Of the customer, those that a session can be for. */
  readonly orders: readonly OrderRow[];
  readonly tickets: readonly TicketRow[];
  readonly orderId: string;
  readonly ticketId: string;
  readonly urgent: boolean;
}

export const NOBODY: Whom = { customer: null, orders: [], tickets: [], orderId: "", ticketId: "", urgent: false };

/** What the address names: `#/?ticket=…`, `?order=…`, `?customer=…`, `&urgent=true`. */
export async function named(params: URLSearchParams): Promise<Whom> {
  const of = (name: string) => params.get(name) ?? "";
  const ticket = of("ticket") === "" ? null : await get<Ticket>(`/tickets/${encodeURIComponent(of("ticket"))}`);
  const orderId = of("order") || (ticket?.order_id ?? "");
  const order = orderId === "" ? null : await get<Order>(`/orders/${encodeURIComponent(orderId)}`);
  const customerId = of("customer") || (ticket?.customer_id ?? order?.customer_id ?? "");
  const whom = customerId === "" ? NOBODY : await withRecords(await get<Customer>(`/customers/${encodeURIComponent(customerId)}`));
  return {
    ...whom,
    orders: order === null ? whom.orders : including(whom.orders, order),
    tickets: ticket === null ? whom.tickets : including(whom.tickets, ticket),
    orderId,
    ticketId: ticket?.id ?? "",
    urgent: of("urgent") === "true" || (ticket?.urgent ?? false),
  };
}

/** By contract number, e-mail or licence key, as far as the policy recognises them; a ticket of nobody known stays theirs. */
export async function recognise(reference: string, before: Whom): Promise<Whom> {
  const { id } = await get<{ readonly id: string }>(`/customers/recognise${query({ reference: reference.trim() })}`).catch((failure: unknown) => {
    throw failure instanceof ApiError && failure.status === 404 ? new Error(t("No customer has this reference.")) : failure;
  });
  const whom = { ...(await withRecords(await get<Customer>(`/customers/${id}`))), urgent: before.urgent };
  const ticket = before.customer === null ? before.tickets.find((one) => one.id === before.ticketId) : undefined;
  return ticket === undefined ? whom : { ...whom, ticketId: ticket.id, tickets: including(whom.tickets, ticket) };
}

/** A ticket that was chosen brings its order and its urgency. */
export async function withTicket(whom: Whom, ticketId: string): Promise<Whom> {
  if (ticketId === "") return { ...whom, ticketId };
  const ticket = await get<Ticket>(`/tickets/${encodeURIComponent(ticketId)}`);
  const order = ticket.order_id === null ? null : await get<Order>(`/orders/${encodeURIComponent(ticket.order_id)}`);
  return {
    ...whom,
    ticketId,
    urgent: whom.urgent || ticket.urgent,
    ...(order === null ? {} : { orderId: order.id, orders: including(whom.orders, order) }),
  };
}

async function withRecords(customer: Customer): Promise<Whom> {
  const [orders, tickets] = await Promise.all([
    get<Page<OrderRow>>(`/orders${query({ customer_id: customer.id })}`),
    get<Page<TicketRow>>(`/tickets${query({ customer: customer.id })}`),
  ]);
  return {
    ...NOBODY,
    customer,
    orders: orders.items.filter(({ state }) => state === "unpaid" || state === "paid" || state === "delivered"),
    tickets: tickets.items.filter(({ state }) => state === "waiting" || state === "taken" || state === "answered"),
  };
}

function including<T extends { readonly id: string }>(all: readonly T[], one: T): readonly T[] {
  return all.some(({ id }) => id === one.id) ? all : [...all, one];
}
