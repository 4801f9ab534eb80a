/** Letters to customers: what waits, what went, what failed and why; a failed one goes again. */
import { get, post, query } from "../../api/http.ts";
import type { MailPage, MailRow } from "../../api/records.ts";
import type { Route } from "../../app/router.ts";
import { dateTime, number, t } from "../../i18n/index.ts";
import { ErrorLine, Loading, useAction, useLoad } from "../ui.tsx";
import { Exports, Filters, filtersOf, useMore } from "./parts.tsx";
import type { Rights } from "./rights.ts";

export function LettersPage({ route, may }: { route: Route; may: Rights }) {
  const values = filtersOf(route, ["state"]);
  const address = query(values);
  const list = useLoad(() => get<MailPage>(`/mail${address}`), address);
  const { items, button } = useMore(list.value, (cursor: string) => get<MailPage>(`/mail${query({ ...values, cursor })}`));
  return (
    <>
      <h1>{t("Letters")}</h1>
      <Filters label={t("Filter letters")} path="/records/letters" values={values}>{({ choice }) => choice("state", t("State"), Object.entries(stateWords()))}</Filters>
      <p class="actions"><Exports path="/mail/export" values={values} /></p>
      <Loading of={list}>
        {({ configured }) => (
          <>
            {!configured && <p class="warn">{t("No mail server is set up: letters wait.")}</p>}
            {items.length === 0 ? <p>{t("No letter matches.")}</p> : <Table rows={items} may={may} reload={list.reload} />}
            {button}
          </>
        )}
      </Loading>
    </>
  );
}

function Table({ rows, may, reload }: { rows: readonly MailRow[]; may: Rights; reload: () => void }) {
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Letters")}>
      <table class="striped">
        <thead>
          <tr>{[t("Written"), t("To"), t("What"), t("State")].map((name) => <th scope="col" key={name}>{name}</th>)}<th scope="col" class="figure">{t("Tries")}</th><th scope="col">{t("When")}</th></tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>{dateTime(row.made_utc)}</td>
              <td><a href={`#/records/customers/${row.customer_id}`}>{row.customer_name || t("erased")}</a></td>
              <td>{kindWord(row.kind)}</td>
              <td class={row.state === "refused" || row.state === "dropped" ? "warn" : ""}>
                {stateWords()[row.state]}{row.error !== "" && <>: {errorWord(row.error)}</>}{" "}
                {may.writeBills && row.may_retry && (row.state !== "waiting" || row.error !== "") && row.error !== "not_configured" && <Retry row={row} reload={reload} />}
              </td>
              <td class="figure">{number(row.tries)}</td>
              <td>{row.sent_utc !== null ? dateTime(row.sent_utc) : row.next_try_utc !== null ? t("again {when}", { when: dateTime(row.next_try_utc) }) : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Retry({ row, reload }: { row: MailRow; reload: () => void }) {
  const { busy, error, run } = useAction(async () => {
    await post(`/mail/${row.id}/retry`);
    reload();
  });
  return (
    <>
      <button type="button" class="secondary outline small" aria-busy={busy} disabled={busy} onClick={() => void run()}>{t("Send again")}</button>
      <ErrorLine error={error} />
    </>
  );
}

function stateWords(): Readonly<Record<MailRow["state"], string>> {
  return { waiting: t("Waiting"), sent: t("Sent"), refused: t("Refused by the mail server"), dropped: t("Not sent") };
}

function kindWord(word: string): string {
  return word === "receipt" ? t("Receipt") : word;
}

function errorWord(word: string): string {
  const words: Readonly<Record<string, string>> = {
    unreachable: t("the mail server does not answer"),
    insecure: t("the mail server's certificate does not hold"),
    sign_in_refused: t("the mail server refuses the sign-in"),
    sender_refused: t("the mail server refuses the sender"),
    busy: t("the mail server wants to be asked later"),
    recipient: t("the address does not exist"),
    message: t("the mail server refuses the letter"),
    no_address: t("the customer has no address"),
    not_configured: t("no mail server is set up"),
  };
  return words[word] ?? word;
}
