/** What is put on an invoice: charged work, orders, minutes that were bought, rent, reconnection, a line of one's own. */
import { useState } from "preact/hooks";

import { get, post } from "../../api/http.ts";
import type { Bilingual, Billable, BillableLine, CustomerRow, InvoiceRow } from "../../api/records.ts";
import { navigate } from "../../app/router.ts";
import { number, t } from "../../i18n/index.ts";
import { ActionForm, Field, Loading, useLoad } from "../ui.tsx";
import { money } from "./money.ts";
import { Choice, customerOptions, DECIMAL, decimalOf, Tick } from "./parts.tsx";
import { inWords } from "./words.ts";

export function IssueForm({ customers, reload }: { customers: readonly CustomerRow[]; reload: () => void }) {
  const [customer, setCustomer] = useState("");
  return (
    <>
      <Choice label={t("For the customer")} value={customer} options={[["", "–"], ...customerOptions(customers)]} onValue={setCustomer} />
      {customer !== "" && <Proposal key={customer} customer={customer} reload={reload} />}
    </>
  );
}

function Proposal({ customer, reload }: { customer: string; reload: () => void }) {
  const billable = useLoad(() => get<Billable>(`/customers/${customer}/billable`), customer);
  return <Loading of={billable}>{(found) => <Chosen customer={customer} of={found} reload={reload} />}</Loading>;
}

/** A line that was chosen, by its place in the proposal: what it costs, as it stands in its field. */
type Nets = Readonly<Record<string, string>>;

function Chosen({ customer, of, reload }: { customer: string; of: Billable; reload: () => void }) {
  const [work, setWork] = useState(true);
  const [until, setUntil] = useState("");
  const [orders, setOrders] = useState<readonly string[]>([]);
  const [nets, setNets] = useState<Nets>({});
  const [periods, setPeriods] = useState<Readonly<Record<string, string>>>({});
  const [own, setOwn] = useState({ es: "", en: "", net: "" });
  const lines = [...of.purchases, ...of.rents];

  const issue = async () => {
    const purchases = [
      ...lines.flatMap((line) => {
        const net = nets[keyOf(line)];
        return net === undefined ? [] : [purchase(line.title, net, line.contract_id, line.bought_seq === null ? {} : { bought_seq: line.bought_seq })];
      }),
      ...of.reconnections.flatMap((one) => {
        const period = periods[one.contract_id] ?? "";
        return period === "" ? [] : [purchase(one.title, one.rent, one.contract_id, { reconnection: period })];
      }),
      ...(own.net.trim() === "" ? [] : [{ title: { es: own.es, en: own.en || own.es }, net: decimalOf(own.net) }]),
    ];
    const body = { customer_id: customer, work, ...(until === "" ? {} : { until }), orders, purchases };
    const { items } = await post<{ readonly items: readonly InvoiceRow[] }>("/invoices", body);
    const [only] = items;
    if (only !== undefined && items.length === 1) navigate(`/records/invoices/${only.id}`);
    else reload();
  };
  return (
    <ActionForm label={t("Issue")} action={issue}>
      <fieldset class="ticks lines">
        <legend>{t("What is on it")}</legend>
        <Tick label={workLabel(of)} value={work} onValue={setWork} />
        {of.orders.map((one) => (
          <Tick key={one.order_id} label={`${inWords(one.title)}: ${money({ currency: one.currency, text: one.net })}`} value={orders.includes(one.order_id)}
            onValue={(on) => setOrders(on ? [...orders, one.order_id] : orders.filter((id) => id !== one.order_id))} />
        ))}
        {lines.map((line) => <LineField key={keyOf(line)} line={line} currency={of.currency} net={nets[keyOf(line)]} onNet={(net) => setNets(withNet(nets, keyOf(line), net))} />)}
      </fieldset>
      {work && <Field label={t("Work until (empty: all)")} value={until} onValue={setUntil} input={{ type: "date" }} />}
      {of.reconnections.map((one) => (
        <Choice key={one.contract_id} label={t("Connecting again: {title}", { title: inWords(one.title) })} value={periods[one.contract_id] ?? ""}
          options={[["", t("charge nothing")], ["monthly", t("share of a monthly rent: {amount}", { amount: money({ currency: of.currency, text: one.monthly }) })], ["yearly", t("share of a yearly rent: {amount}", { amount: money({ currency: of.currency, text: one.yearly }) })]]}
          onValue={(period) => setPeriods({ ...periods, [one.contract_id]: period })} />
      ))}
      <details>
        <summary>{t("A line of your own")}</summary>
        <div class="fields">
          <Field label={t("In Spanish")} value={own.es} onValue={(es) => setOwn({ ...own, es })} input={{ maxLength: 200, required: own.net !== "" }} />
          <Field label={t("In English")} value={own.en} onValue={(en) => setOwn({ ...own, en })} input={{ maxLength: 200 }} />
          <Field label={t("Net, {currency}", { currency: of.currency })} value={own.net} onValue={(net) => setOwn({ ...own, net })} input={DECIMAL} />
        </div>
      </details>
      <p><small>{t("Prices are before tax; one invoice for each currency.")}</small></p>
    </ActionForm>
  );
}

/** A line with its price, which can be changed once it is chosen. */
function LineField({ line, currency, net, onNet }: { line: BillableLine; currency: string; net: string | undefined; onNet: (net: string | undefined) => void }) {
  return (
    <>
      <Tick label={line.net === null ? inWords(line.title) : `${inWords(line.title)}: ${money({ currency, text: line.net })}`} value={net !== undefined} onValue={(on) => onNet(on ? (line.net ?? "") : undefined)} />
      {net !== undefined && <Field label={t("Net, {currency}", { currency })} value={net} onValue={onNet} input={{ ...DECIMAL, required: true }} />}
    </>
  );
}

function workLabel({ work }: Billable): string {
  if (work.length === 0) return t("Charged work: none yet");
  const sums = work.map(({ currency, net }) => money({ currency, text: net })).join(", ");
  return t("Charged work: {n}, {sums}", { n: number(work.reduce((sum, one) => sum + one.count, 0)), sums });
}

function purchase(title: Bilingual, net: string, contract_id: string, more: object) {
  return { title, net: decimalOf(net), contract_id, ...more };
}

function keyOf({ contract_id, bought_seq }: BillableLine): string {
  return `${contract_id} ${bought_seq ?? "rent"}`;
}

function withNet(nets: Nets, key: string, net: string | undefined): Nets {
  const { [key]: _, ...rest } = nets;
  return net === undefined ? rest : { ...rest, [key]: net };
}
