/** The invoices: filtered, with the totals of the whole list for each currency, and issuing for a customer. */
import { get, query } from "../../api/http.ts";
import type { InvoicePage, InvoiceRow, InvoiceTotals } from "../../api/records.ts";
import type { Route } from "../../app/router.ts";
import { number, t } from "../../i18n/index.ts";
import { Loading, useLoad } from "../ui.tsx";
import { IssueForm } from "./IssueForm.tsx";
import { customerOptions, day, Exports, Filters, filtersOf, Money, today, Unfolding, useCustomers, useMore } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { invoiceStateWords } from "./words.ts";

export function InvoicesPage({ route, may }: { route: Route; may: Rights }) {
  const values = filtersOf(route, ["from", "to", "customer", "state", "number"]);
  const address = query(values);
  const customers = useCustomers();
  const list = useLoad(() => get<InvoicePage>(`/invoices${address}`), address);
  const { items, button } = useMore(list.value, (cursor: string) => get<InvoicePage>(`/invoices${query({ ...values, cursor })}`));
  return (
    <>
      <h1>{t("Invoices")}</h1>
      <Filters label={t("Filter invoices")} path="/records/invoices" values={values}>
        {({ date, search, choice }) => (
          <>
            {date("from", t("From"))}
            {date("to", t("To"))}
            {choice("customer", t("Customer"), customerOptions(customers.value ?? []))}
            {choice("state", t("State"), Object.entries(invoiceStateWords()))}
            {search("number", t("Number"))}
          </>
        )}
      </Filters>
      <p class="actions"><Exports path="/invoices/export" values={values} /></p>
      {may.writeBills && <Unfolding label={t("Issue an invoice")}><IssueForm customers={customers.value ?? []} reload={list.reload} /></Unfolding>}
      <Loading of={list}>
        {({ totals }) => (
          <>
            {items.length === 0 ? <p>{t("No invoice matches.")}</p> : <InvoiceTable rows={items} totals={totals} />}
            {button}
          </>
        )}
      </Loading>
    </>
  );
}

/** `totals`: what the whole list comes to; without, no sums are shown. */
export function InvoiceTable({ rows, totals = [] }: { rows: readonly InvoiceRow[]; totals?: readonly InvoiceTotals[] }) {
  const figures = (of: InvoiceRow | InvoiceTotals) =>
    ([of.net, of.tax, of.total, of.paid, of.outstanding] as const).map((text, index) => <td class="figure" key={index}><Money of={{ currency: of.currency, text }} /></td>);
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Invoices")}>
      <table class="striped">
        <thead>
          <tr>
            <th scope="col">{t("Number")}</th>
            <th scope="col">{t("Customer")}</th>
            <th scope="col">{t("Issued")}</th>
            <th scope="col">{t("Due")}</th>
            <th scope="col">{t("State")}</th>
            {[t("Net"), t("Tax"), t("Total"), t("Paid"), t("Outstanding")].map((name) => <th scope="col" class="figure" key={name}>{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><a class="money" href={`#/records/invoices/${row.id}`}>{row.number}</a></td>
              <td>{row.customer || t("erased")}</td>
              <td class="day">{day(row.issued)}</td>
              <td class="day">{day(row.due)}</td>
              <td class={row.state === "open" && row.due < today() ? "warn" : ""}>{row.state === "open" && row.due < today() ? t("Overdue") : invoiceStateWords()[row.state]}</td>
              {figures(row)}
            </tr>
          ))}
        </tbody>
        <tfoot>
          {totals.map((total) => (
            <tr key={total.currency}><th scope="row" colSpan={5}>{t("All {n} in {currency}", { n: number(total.count), currency: total.currency })}</th>{figures(total)}</tr>
          ))}
        </tfoot>
      </table>
    </div>
  );
}
