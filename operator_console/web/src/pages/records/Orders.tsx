/** Prepaid services: what was ordered, who is to be called, and ordering for a customer at the policy's price. */
import { useState } from "preact/hooks";

import type { OrderRow } from "../../api/desk.ts";
import { get, post, query } from "../../api/http.ts";
import type { Policy, PolicyOverview } from "../../api/policy.ts";
import type { CustomerRow } from "../../api/records.ts";
import type { Page } from "../../api/types.ts";
import type { Route } from "../../app/router.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ActionForm, CopyLine, Field, Loading, useLoad } from "../ui.tsx";
import { money } from "./money.ts";
import { Choice, customerOptions, Exports, Facts, Filters, filtersOf, instantOf, Money, type Options, Unfolding, useCustomers, useMore } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { inWords, orderStateWords } from "./words.ts";

export function OrdersPage({ route, may }: { route: Route; may: Rights }) {
  const values = filtersOf(route, ["state", "customer_id", "service"]);
  const address = query(values);
  const customers = useCustomers();
  const policy = useLoad(async () => (await get<PolicyOverview>("/policy")).in_force, "policy");
  const list = useLoad(() => get<Page<OrderRow>>(`/orders${address}`), address);
  const { items, button } = useMore(list.value, (cursor: string) => get<Page<OrderRow>>(`/orders${query({ ...values, cursor })}`));
  const calls = values["state"] === "paid";
  return (
    <>
      <h1>{calls ? t("Call list") : t("Orders")}</h1>
      <p>
        {calls ? <>{t("Paid orders whose work is to be done; whoever has waited longest comes first.")} <a href="#/records/orders">{t("All orders")}</a></> : <a href="#/records/orders?state=paid">{t("Call list")}</a>}
      </p>
      <Filters label={t("Filter orders")} path="/records/orders" values={values}>
        {({ choice }) => (
          <>
            {choice("state", t("State"), Object.entries(orderStateWords()))}
            {choice("customer_id", t("Customer"), customerOptions(customers.value ?? []))}
            {choice("service", t("Service"), serviceOptions(policy.value))}
          </>
        )}
      </Filters>
      <p class="actions"><Exports path="/orders/export" values={values} /></p>
      {may.write && policy.value?.orders && (
        <Unfolding label={t("New order")}><OrderForm policy={policy.value} customers={customers.value ?? []} done={list.reload} /></Unfolding>
      )}
      {policy.value?.orders === null && <p>{t("The policy in force sells no prepaid services.")}</p>}
      <Loading of={list}>{() => <>{items.length === 0 ? <p>{t("No order matches.")}</p> : <OrderTable rows={items} titles={new Map(serviceOptions(policy.value))} />}{button}</>}</Loading>
    </>
  );
}

function OrderTable({ rows, titles }: { rows: readonly OrderRow[]; titles: ReadonlyMap<string, string> }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Orders")}>
      <table class="striped">
        <thead>
          <tr>
            <th scope="col" class="figure">{t("No.")}</th><th scope="col">{t("Customer")}</th><th scope="col">{t("Telephone")}</th><th scope="col">{t("Service")}</th>
            <th scope="col">{t("State")}</th><th scope="col">{t("Paid on")}</th><th scope="col">{t("Agreed for")}</th><th scope="col" class="figure">{t("Total")}</th><th scope="col" class="figure">{t("Missing")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td class="figure"><a href={`#/records/orders/${row.id}`}>{row.number}</a></td>
              <td><a href={`#/records/customers/${row.customer_id}`}>{row.customer_name || t("erased")}</a></td>
              <td><Telephone of={row.customer_phone} /></td>
              <td>{titles.get(row.service) ?? row.service}</td>
              <td class={row.note === "" ? "" : "warn"}>{orderStateWords()[row.state]}</td>
              <td>{dateTime(row.paid_utc)}</td>
              <td>{dateTime(row.agreed_utc)}</td>
              <td class="figure"><Money of={{ currency: row.currency, text: row.total }} /></td>
              <td class="figure"><Money of={{ currency: row.currency, text: row.missing }} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Telephone({ of }: { of: string }) {
  return of === "" ? <>–</> : <a class="money" href={`tel:${of.replace(/[^+\d]/g, "")}`}>{of}</a>;
}

function serviceOptions(policy: Policy | null): Options {
  return Object.entries(policy?.orders?.services ?? {}).map(([name, service]) => [name, inWords(service.title)]);
}

/** What the service costs and how long it takes is read before it is ordered; the address of the customer's page is shown once. */
function OrderForm({ policy, customers, done }: { policy: Policy; customers: readonly CustomerRow[]; done: () => void }) {
  const options = serviceOptions(policy);
  const [customer, setCustomer] = useState("");
  const [name, setName] = useState(options[0]?.[0] ?? "");
  const [net, setNet] = useState("");
  const [agreed, setAgreed] = useState("");
  const [made, setMade] = useState<(OrderRow & { readonly url: string }) | null>(null);
  const service = policy.orders?.services[name];
  const quoted = service?.price === null;
  const order = async () => {
    setMade(await post("/orders", { customer_id: customer, service: name, net: quoted ? net : null, agreed_utc: agreed === "" ? null : instantOf(agreed) }));
    done();
  };
  return (
    <>
      <ActionForm label={t("Place the order")} action={order}>
        <div class="fields">
          <Choice label={t("For the customer")} value={customer} required options={[["", "–"], ...customerOptions(customers.filter((one) => one.erased_utc === null))]} onValue={setCustomer} />
          <Choice label={t("Which service")} value={name} options={options} onValue={setName} />
          {quoted && <Field label={t("Net price as quoted, {currency}", { currency: policy.currency })} value={net} onValue={setNet} input={{ inputMode: "decimal", pattern: "[0-9]+([.][0-9]+)?", required: true }} />}
          <Field label={t("Agreed start (empty: at once)")} value={agreed} onValue={setAgreed} input={{ type: "datetime-local" }} />
        </div>
        {service && (
          <Facts of={[
            [t("Net price"), service.price === null ? t("as quoted") : money({ currency: policy.currency, text: service.price.net })],
            [t("Tax"), `${policy.tax.name} ${policy.tax.percent} %`],
            [t("Expected length"), lengthWords(service.expected_minutes)],
            [t("Region"), service.region ?? "–"],
          ]} />
        )}
      </ActionForm>
      {made && (
        <>
          <CopyLine label={t("The customer's page of order {n}; its address is shown only now:", { n: made.number })} text={made.url} />
          <p><a href={`#/records/orders/${made.id}`}>{t("Open order {n}", { n: made.number })}</a></p>
        </>
      )}
    </>
  );
}

/** The price does not depend on it. */
export function lengthWords(minutes: number | null): string {
  return minutes === null ? "–" : t("{n} min, which the customer must have free", { n: number(minutes) });
}
