/** What customers say of the help, with its average. */
import { get, query } from "../../api/http.ts";
import type { Opinion, OpinionPage } from "../../api/records.ts";
import type { Route } from "../../app/router.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { Loading, useLoad } from "../ui.tsx";
import { Exports, Filters, filtersOf, startOf, useColleagues, useMore } from "./parts.tsx";

export function OpinionsPage({ route }: { route: Route }) {
  const values = filtersOf(route, ["from", "to", "operator"]);
  const asked = { ...values, from: startOf(values["from"]), to: startOf(values["to"], 1) };
  const colleagues = useColleagues();
  const list = useLoad(() => get<OpinionPage>(`/opinions${query(asked)}`), query(asked));
  const { items, button } = useMore(list.value, (cursor: string) => get<OpinionPage>(`/opinions${query({ ...asked, cursor })}`));
  return (
    <>
      <h1>{t("Opinions")}</h1>
      <Filters label={t("Filter opinions")} path="/records/opinions" values={values}>
        {({ date, choice }) => (
          <>
            {date("from", t("From"))}
            {date("to", t("To"))}
            {choice("operator", t("Technician"), (colleagues.value ?? []).map((one) => [one.id, one.name]))}
          </>
        )}
      </Filters>
      <p class="actions"><Exports path="/opinions/export" values={asked} /></p>
      <Loading of={list}>
        {({ count, average }) => (
          <>
            {average !== null && <p><strong>{t("{average} of 5 on average", { average: number(Number(average)) })}</strong> · {t("{n} opinions", { n: number(count) })}</p>}
            {items.length === 0 ? <p>{t("No opinion matches.")}</p> : <Table rows={items} />}
            {button}
          </>
        )}
      </Loading>
    </>
  );
}

function Table({ rows }: { rows: readonly Opinion[] }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Opinions")}>
      <table class="striped">
        <thead><tr>{[t("When"), t("Stars"), t("Comment"), t("Technician"), t("Customer"), t("Session")].map((name) => <th scope="col" key={name}>{name}</th>)}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.session_id}>
              <td>{dateTime(row.utc)}</td>
              <td class="money"><span role="img" aria-label={t("{n} of 5", { n: number(row.stars) })}>{"★".repeat(row.stars)}{"☆".repeat(5 - row.stars)}</span></td>
              <td class="words">{row.comment || "–"}</td>
              <td>{row.operator_name || "–"}</td>
              <td>{row.customer_id === null ? "–" : <a href={`#/records/customers/${row.customer_id}`}>{row.customer_name || t("erased")}</a>}</td>
              <td><a href={`#/sessions/${row.session_id}`}>{t("Open it")}</a></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
