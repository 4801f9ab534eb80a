/** The customers: searched, filtered, exported, and a form for a new one. */
import { get, post, query } from "../../api/http.ts";
import type { CustomerRow } from "../../api/records.ts";
import type { Page } from "../../api/types.ts";
import { navigate, type Route } from "../../app/router.ts";
import { dateTime, t } from "../../i18n/index.ts";
import { Loading, useLoad } from "../ui.tsx";
import { CustomerForm, NOBODY } from "./CustomerForm.tsx";
import { Exports, Filters, filtersOf, Unfolding, useMore } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { statusWords } from "./words.ts";

export function CustomersPage({ route, may }: { route: Route; may: Rights }) {
  const values = filtersOf(route, ["text", "status"]);
  const address = query(values);
  const list = useLoad(() => get<Page<CustomerRow>>(`/customers${address}`), address);
  const { items, button } = useMore(list.value, (cursor: string) => get<Page<CustomerRow>>(`/customers${query({ ...values, cursor })}`));
  return (
    <>
      <h1>{t("Customers")}</h1>
      <Filters label={t("Filter customers")} path="/records/customers" values={values}>
        {({ search, choice }) => <>{search("text", t("Name, e-mail, tax ID, licence or contract"))}{choice("status", t("Status"), Object.entries(statusWords()))}</>}
      </Filters>
      <p class="actions"><Exports path="/customers/export" values={values} /></p>
      {may.write && (
        <Unfolding label={t("New customer")}>
          <CustomerForm customer={NOBODY} label={t("Add")} save={async (facts) => {
            const made = await post<CustomerRow>("/customers", facts);
            navigate(`/records/customers/${made.id}`);
          }} />
        </Unfolding>
      )}
      <Loading of={list}>{() => <>{items.length === 0 ? <p>{t("No customer matches.")}</p> : <Table rows={items} />}{button}</>}</Loading>
    </>
  );
}

function Table({ rows }: { rows: readonly CustomerRow[] }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Customers")}>
      <table class="striped">
        <thead><tr><th scope="col">{t("Name")}</th><th scope="col">{t("Tax ID")}</th><th scope="col">{t("E-mail")}</th><th scope="col">{t("Telephone")}</th><th scope="col">{t("Status")}</th><th scope="col">{t("Since")}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td><a href={`#/records/customers/${row.id}`}>{row.name || t("erased")}</a></td>
              <td>{row.tax_id}</td>
              <td>{row.email}</td>
              <td>{row.phone}</td>
              <td class={row.status === "active" ? "" : "warn"}>{statusWords()[row.status]}</td>
              <td>{dateTime(row.created_utc)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
