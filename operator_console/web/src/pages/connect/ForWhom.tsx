/** The part of the Connect page that says whom the session is for, and what the policy answers to that now. */
import { useState } from "preact/hooks";

import { get, query } from "../../api/http.ts";
import type { OrderRow, TicketRow } from "../../api/desk.ts";
import { t } from "../../i18n/index.ts";
import { type Charging, priceSentence, type Tariff } from "../../session/price.ts";
import { Choice } from "../records/parts.tsx";
import { orderStateWords } from "../records/words.ts";
import { ErrorLine, Field, useAction, useLoad } from "../ui.tsx";
import { type Customer, NOBODY, recognise, type Whom, withTicket } from "./whom.ts";

/** What the policy says of a session now; without `charging` and `why_not` there is no policy. */
interface Quote {
  readonly why_not: string;
  readonly knows_urgency: boolean;
  readonly tariff: Tariff | null;
  readonly charging: Charging | null;
}

interface Props {
  readonly whom: Whom;
  readonly onWhom: (whom: Whom) => void;
  readonly reference: string;
  readonly onReference: (text: string) => void;
}

/** Nothing where the provider has no policy and nobody was named. */
export function ForWhom({ whom, onWhom, reference, onReference }: Props) {
  const { customer, orderId, ticketId, urgent } = whom;
  const asked = query({ customer: customer?.id, order: orderId || null, urgent: urgent ? "true" : null });
  const { value: quote, error } = useLoad(() => get<Quote>(`/quote${asked}`), `quote${asked}`);
  // The fields stay where they are while the next answer is on its way.
  const [last, setLast] = useState<Quote | null>(null);
  if (quote && quote !== last) setLast(quote);
  const find = useAction(async () => onWhom(await recognise(reference, whom)));
  const [failed, setFailed] = useState<string | null>(null);
  const pick = (id: string) => {
    setFailed(null);
    onWhom({ ...whom, ticketId: id });
    withTicket(whom, id).then(onWhom, () => setFailed(t("The ticket could not be read. Choose it again.")));
  };
  const hasPolicy = last !== null && (last.charging !== null || last.why_not !== "");
  if (!hasPolicy && customer === null && ticketId === "") return <ErrorLine error={error} />;
  return (
    <>
      {hasPolicy && (
        <Field label={t("Customer (optional)")} value={reference} onValue={onReference}
          hint={t("Contract number, e-mail or licence key.")} input={{ name: "customer", autoComplete: "off", spellcheck: false }} />
      )}
      <p class="actions">
        {hasPolicy && (
          <button type="button" class="secondary small" disabled={find.busy || reference.trim() === ""} aria-busy={find.busy} onClick={() => void find.run()}>
            {t("Look up")}
          </button>
        )}
        {customer !== null && (
          <button type="button" class="secondary outline small" onClick={() => { onReference(""); onWhom(NOBODY); }}>{t("Nobody known")}</button>
        )}
      </p>
      {whom.tickets.length > 0 && (
        <Choice label={t("Ticket")} value={ticketId} options={[["", t("none")], ...whom.tickets.map(ticketOption)]} onValue={pick} />
      )}
      {whom.orders.length > 0 && (
        <Choice label={t("Order")} value={orderId} options={[["", t("none")], ...whom.orders.map(orderOption)]} onValue={(id) => onWhom({ ...whom, orderId: id })} />
      )}
      {last?.knows_urgency && (
        <label>
          <input type="checkbox" name="urgent" checked={urgent} onChange={(event) => onWhom({ ...whom, urgent: event.currentTarget.checked })} /> {t("Urgent")}
        </label>
      )}
      <ErrorLine error={find.error ?? failed ?? error} />
      <p role="status" class="quote">
        {customer && <><strong>{customer.name}</strong>{contractWords(customer)}<br /></>}
        {last?.charging ? priceSentence(last.tariff, last.charging) : last?.why_not}
      </p>
    </>
  );
}

function ticketOption({ id, number, subject }: TicketRow): readonly [string, string] {
  return [id, t("Ticket {number}: {subject}", { number, subject })];
}

function orderOption({ id, number, service, state }: OrderRow): readonly [string, string] {
  return [id, `${number}: ${service} (${orderStateWords()[state]})`];
}

function contractWords({ contracts }: Customer): string {
  const today = new Date().toISOString().slice(0, 10);
  const present = contracts.filter(({ start, end }) => start <= today && today <= end);
  return present.map(({ number, plan }) => ` · ${number} (${plan})`).join("");
}
