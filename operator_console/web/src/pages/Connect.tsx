/** Start a session: the ID and password that the customer reads out, the service, what is wanted. */
import { useState } from "preact/hooks";

import { me } from "../api/account.ts";
import { ApiError, get, query } from "../api/http.ts";
import type { Organisation } from "../api/types.ts";
import { useStore } from "../app/store.ts";
import { t } from "../i18n/index.ts";
import { connect, type Permission } from "../session/index.ts";
import { type Charging, priceSentence, type Tariff } from "../session/price.ts";
import { ActionForm, ErrorLine, Field, Loading, useAction, useLoad } from "./ui.tsx";

/** What the policy says of a session now; without `charging` and `why_not` there is no policy. */
interface Quote {
  readonly why_not: string;
  readonly knows_urgency: boolean;
  readonly tariff: Tariff | null;
  readonly charging: Charging | null;
}

interface Customer {
  readonly id: string;
  readonly name: string;
  readonly contracts: readonly { readonly number: string; readonly plan: string; readonly start: string; readonly end: string }[];
}

export function ConnectPage() {
  const who = useStore(me);
  const organisation = useLoad(() => get<Organisation>("/organisation"), "organisation");
  return (
    <article class="narrow connect">
      <h1>{t("Connect")}</h1>
      <p>{t("Ask the customer for the ID and the password that their window shows.")}</p>
      <Loading of={organisation}>{(found) => <ConnectForm organisation={found} />}</Loading>
      {who && <p><small>{t("The customer will see: {name}, {organisation}.", { name: who.name, organisation: who.org_name })}</small></p>}
    </article>
  );
}

function ConnectForm({ organisation }: { organisation: Organisation }) {
  const [id, setId] = useState("");
  const [password, setPassword] = useState("");
  const [service, setService] = useState(organisation.services[0] ?? "");
  const [control, setControl] = useState(true);
  const [reference, setReference] = useState("");
  const [customer, setCustomer] = useState<Customer | null>(null);
  const [urgent, setUrgent] = useState(false);

  const submit = async () => {
    const wanted: readonly Permission[] = control ? ["view", "control"] : ["view"];
    const known = customer ?? (reference.trim() === "" ? null : await recognise(reference));
    const whom = { customer_id: known?.id ?? null, order_id: null, ticket_id: null, urgent };
    await connect({ id, password, service, wanted, for: whom });
  };

  return (
    <ActionForm label={t("Connect")} action={submit}>
      <Field label={t("ID")} value={id} onValue={(text) => setId(spaced(text))}
        input={{ name: "id", inputMode: "numeric", autoComplete: "off", required: true, autoFocus: true, class: "code", placeholder: "123 456 789", spellcheck: false }} />
      <Field label={t("Password")} value={password} onValue={(text) => setPassword(text.toUpperCase())}
        hint={t("Eight symbols. Only the first three are sent; the rest never leave this browser.")}
        input={{ name: "code", autoComplete: "off", required: true, class: "code", placeholder: "K7QU-9XDT", spellcheck: false, autoCapitalize: "characters" }} />
      {organisation.services.length > 0 && (
        <label>
          {t("Service")}
          <select name="service" value={service} onChange={(event) => setService(event.currentTarget.value)}>
            {organisation.services.map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
      )}
      <ForWhom
        reference={reference}
        onReference={(text) => {
          setReference(text);
          setCustomer(null);
        }}
        customer={customer}
        onCustomer={setCustomer}
        urgent={urgent}
        onUrgent={setUrgent}
      />
      <fieldset>
        <legend>{t("Ask the customer for")}</legend>
        <label><input type="checkbox" checked disabled /> {t("Seeing the screen")}</label>
        <label>
          <input type="checkbox" name="control" checked={control} onChange={(event) => setControl(event.currentTarget.checked)} />{" "}
          {t("Mouse and keyboard")}
        </label>
      </fieldset>
    </ActionForm>
  );
}

interface ForWhomProps {
  readonly reference: string;
  readonly onReference: (text: string) => void;
  readonly customer: Customer | null;
  readonly onCustomer: (found: Customer) => void;
  readonly urgent: boolean;
  readonly onUrgent: (urgent: boolean) => void;
}

/** Whom it is for, and what the policy says then; nothing where the provider has no policy. */
function ForWhom({ reference, onReference, customer, onCustomer, urgent, onUrgent }: ForWhomProps) {
  const asked = query({ customer: customer?.id, urgent: urgent ? "true" : null });
  const { value: quote, error } = useLoad(() => get<Quote>(`/quote${asked}`), `quote${asked}`);
  // The field stays where it is while the next answer is on its way.
  const [last, setLast] = useState<Quote | null>(null);
  if (quote && quote !== last) setLast(quote);
  const find = useAction(async () => onCustomer(await recognise(reference)));
  if (!last || (!last.charging && !last.why_not)) return <ErrorLine error={error} />;
  return (
    <>
      <Field label={t("Customer (optional)")} value={reference} onValue={onReference}
        hint={t("Contract number, e-mail or licence key.")} input={{ name: "customer", autoComplete: "off", spellcheck: false }} />
      <button type="button" class="secondary small" disabled={find.busy || reference.trim() === ""} aria-busy={find.busy} onClick={() => void find.run()}>
        {t("Look up")}
      </button>
      {last.knows_urgency && (
        <label>
          <input type="checkbox" name="urgent" checked={urgent} onChange={(event) => onUrgent(event.currentTarget.checked)} /> {t("Urgent")}
        </label>
      )}
      <ErrorLine error={find.error ?? error} />
      <p role="status" class="quote">
        {customer && <><strong>{customer.name}</strong>{contractWords(customer)}<br /></>}
        {last.charging ? priceSentence(last.tariff, last.charging) : last.why_not}
      </p>
    </>
  );
}

async function recognise(reference: string): Promise<Customer> {
  const { id } = await get<{ readonly id: string }>(`/customers/recognise${query({ reference: reference.trim() })}`).catch((failure: unknown) => {
    throw failure instanceof ApiError && failure.status === 404 ? new Error(t("No customer has this reference.")) : failure;
  });
  return get<Customer>(`/customers/${id}`);
}

function contractWords({ contracts }: Customer): string {
  const today = new Date().toISOString().slice(0, 10);
  const present = contracts.filter(({ start, end }) => start <= today && today <= end);
  return present.map(({ number, plan }) => ` · ${number} (${plan})`).join("");
}

/** Nine digits in groups of three while they are typed; anything else is left as it is for the check to name. */
function spaced(text: string): string {
  const digits = text.replace(/[\s-]/g, "");
  return /^\d{1,9}$/.test(digits) ? digits.replace(/(\d{3})(?=\d)/g, "$1 ") : text;
}
