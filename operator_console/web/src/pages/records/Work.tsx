/** Time spent and what it came to: what is held comes first, money and time add up, every charge explains itself. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { me } from "../../api/account.ts";
import { get, post, query } from "../../api/http.ts";
import type { CustomerRow, Work, WorkPage as WorkList } from "../../api/records.ts";
import type { OperatorRow } from "../../api/types.ts";
import type { Route } from "../../app/router.ts";
import { useStore } from "../../app/store.ts";
import { dateTime, duration, number, t } from "../../i18n/index.ts";
import { ConfirmButton, Loading, useLoad } from "../ui.tsx";
import { sums } from "./money.ts";
import { customerOptions, DialogButton, Exports, Filters, filtersOf, Money, Narrowed, startOf, Unfolding, useCustomers, useMore, useOperators, type Values } from "./parts.tsx";
import type { Rights } from "./rights.ts";
import { ClassifyForm, NewWorkForm } from "./WorkForms.tsx";
import { basisWords, workKindWords, workStateWords } from "./words.ts";

interface Known {
  readonly customers: readonly CustomerRow[];
  readonly operators: readonly OperatorRow[];
}

export function WorkPage({ route, may }: { route: Route; may: Rights }) {
  const values = filtersOf(route, ["since", "until", "customer", "operator", "state", "invoiced", "kind", "basis", "plan", "ordered", "service"]);
  const customers = useCustomers();
  const operators = useOperators(may.writeBills);
  const [turn, setTurn] = useState(0);
  const changed = () => setTurn((n) => n + 1);
  const narrowing = { plan: t("Plan"), ordered: t("Order"), service: t("Service") };
  const known: Known = { customers: customers.value ?? [], operators: operators.value ?? [] };
  return (
    <>
      <h1>{may.readBills ? t("Work") : t("My work")}</h1>
      <Filters label={t("Filter work")} path="/records/work" values={values}>
        {({ date, choice }) => (
          <>
            {date("since", t("From"))}
            {date("until", t("To"))}
            {choice("customer", t("Customer"), customerOptions(known.customers))}
            {may.writeBills && choice("operator", t("Technician"), known.operators.map((one) => [one.id, one.name]))}
            {choice("state", t("State"), Object.entries(workStateWords()))}
            {choice("kind", t("How"), Object.entries(workKindWords()))}
            {choice("basis", t("Why it costs that"), Object.entries(basisWords()))}
            {choice("invoiced", t("On an invoice"), [["true", t("yes")], ["false", t("no")]])}
          </>
        )}
      </Filters>
      <Narrowed path="/records/work" values={values} by={(["plan", "ordered", "service"] as const).map((name) => [name, narrowing[name], values[name] ?? ""])} />
      <p class="actions"><Exports path="/time-entries/export" values={askedOf(values)} /></p>
      {may.write && <Unfolding label={t("Enter time")}><NewWorkForm customers={known.customers} done={changed} /></Unfolding>}
      <Lists key={turn} values={values} known={known} may={may} changed={changed} />
    </>
  );
}

/** The filters as the broker takes them. */
function askedOf(values: Values): Values {
  return { ...values, since: startOf(values["since"]), until: startOf(values["until"], 1) };
}

function Lists({ values, known, may, changed }: { values: Values; known: Known; may: Rights; changed: () => void }) {
  const asked = askedOf(values);
  const held = useLoad(() => get<WorkList>(`/time-entries${query({ ...asked, state: "held" })}`), query(asked));
  const list = useLoad(() => get<WorkList>(`/time-entries${query(asked)}`), query(asked));
  const { items, button } = useMore(list.value, (offset: number) => get<WorkList>(`/time-entries${query({ ...asked, offset })}`));
  const settled = items.filter((one) => one.state !== "held");
  const showHeld = values["state"] === "" || values["state"] === "held";
  return (
    <Loading of={list}>
      {() => (
        <>
          {showHeld && held.value !== null && held.value.items.length > 0 && <Held rows={held.value.items} known={known} may={may} changed={changed} />}
          {settled.length > 0 && <WorkTable rows={settled} named classify={(work) => <Classify work={work} customers={known.customers} may={may} done={changed} />} />}
          {items.length === 0 && <p>{t("No work matches.")}</p>}
          {button}
        </>
      )}
    </Loading>
  );
}

function nameOf({ customer_id, customer_name }: Work): string {
  return customer_id === null ? t("nobody yet") : customer_name || t("erased");
}

/** Who worked says what it was, until it is on an invoice; administrators may, too. */
export function Classify({ work, customers, may, done, label = t("Classify") }: { work: Work; customers: readonly CustomerRow[]; may: Rights; done: () => void; label?: string }) {
  const who = useStore(me);
  const missed = work.kind === "no_show" || work.kind === "late_cancel";
  if (missed || work.invoice_id !== null || !may.write || !(may.readBills || work.operator_id === who?.operator_id)) return null;
  return <DialogButton label={label} title={t("What was it?")}>{(close) => <ClassifyForm work={work} customers={customers} done={() => (close(), done())} />}</DialogButton>;
}

/** What can't be rated, with the reason, and what can be done about it. */
function Held({ rows, known, may, changed }: { rows: readonly Work[]; known: Known; may: Rights; changed: () => void }) {
  return (
    <section>
      <h2>{t("Held: somebody has to decide ({n})", { n: rows.length })}</h2>
      {rows.map((work) => (
        <article class="held" key={work.id} aria-label={t("Held work of {when}", { when: dateTime(work.start) })}>
          <p>
            <strong>{dateTime(work.start)}</strong> · {workKindWords()[work.kind] ?? work.kind} · {duration((Date.parse(work.end) - Date.parse(work.start)) / 1000)} · {nameOf(work)}
            {work.note && <> · {work.note}</>}
          </p>
          <p class="warn">{work.held_reason}{work.held_clause && <> ({work.held_clause})</>}</p>
          <p class="actions">
            <Classify work={work} customers={known.customers} may={may} done={changed} label={t("Revise")} />
            {may.writeBills && <ConfirmButton label={t("Don't charge")} question={t("It will never be charged.")} action={async () => {
              await post(`/time-entries/${work.id}/dismiss`);
              changed();
            }} />}
          </p>
        </article>
      ))}
    </section>
  );
}

/** The sums are exact, for each currency on its own. */
export function WorkTable({ rows, named = false, classify }: { rows: readonly Work[]; named?: boolean; classify?: (work: Work) => ComponentChildren }) {
  const totals = sums(rows.flatMap(netOf));
  const sum = (of: (work: Work) => number) => rows.reduce((total, row) => total + of(row), 0);
  return (
    <div class="overflow-auto" tabIndex={0} role="region" aria-label={t("Work")}>
      <table class="striped">
        <thead>
          <tr>
            <th scope="col">{t("When")}</th>
            {named && <th scope="col">{t("Customer")}</th>}
            <th scope="col">{t("How")}</th>
            <th scope="col">{t("State")}</th>
            <th scope="col" class="figure">{t("Time")}</th>
            <th scope="col" class="figure">{t("From the balance, min")}</th>
            <th scope="col" class="figure">{t("Charged, min")}</th>
            <th scope="col" class="figure">{t("Net")}</th>
          </tr>
        </thead>
        <tbody>{rows.map((row) => <Row key={row.id} row={row} named={named} classify={classify} />)}</tbody>
        <tfoot>
          {(totals.length === 0 ? [null] : totals).map((total, index) => (
            <tr key={total?.currency ?? ""}>
              <th scope="row" colSpan={named ? 4 : 3}>{index === 0 ? t("Sum of the {n} shown", { n: rows.length }) : ""}</th>
              <td class="figure">{index === 0 ? duration(sum((row) => row.billable_seconds)) : ""}</td>
              <td class="figure">{index === 0 ? number(sum((row) => row.from_balance_minutes)) : ""}</td>
              <td class="figure">{index === 0 ? number(sum((row) => row.charged_minutes)) : ""}</td>
              <td class="figure">{total === null ? "–" : <Money of={total} />}</td>
            </tr>
          ))}
        </tfoot>
      </table>
    </div>
  );
}

/** One work; its explanation unfolds below it, line by line. */
function Row({ row, named, classify }: { row: Work; named: boolean; classify: ((work: Work) => ComponentChildren) | undefined }) {
  const [open, setOpen] = useState(false);
  const [net] = netOf(row);
  return (
    <>
      <tr>
        <td>{dateTime(row.start)}</td>
        {named && <td>{nameOf(row)}</td>}
        <td>{workKindWords()[row.kind] ?? row.kind}</td>
        <td>
          {row.invoice_id === null ? workStateWords()[row.state] : <a href={`#/records/invoices/${row.invoice_id}`}>{t("Invoiced")}</a>}{" "}
          {row.explanation.length > 0 && (
            <button type="button" class="secondary outline small" aria-expanded={open} onClick={() => setOpen(!open)}>{t("Why?")}</button>
          )}{" "}
          {classify?.(row)}
        </td>
        <td class="figure">{duration(row.billable_seconds)}</td>
        <td class="figure">{number(row.from_balance_minutes)}</td>
        <td class="figure">{number(row.charged_minutes)}</td>
        <td class="figure">{net ? <Money of={net} /> : "–"}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={named ? 8 : 7}>
            <ol class="explanation">{row.explanation.map((line, index) => <li key={index}>{line}</li>)}</ol>
            {row.note && <p class="words">{row.note}</p>}
          </td>
        </tr>
      )}
    </>
  );
}

function netOf({ currency, net }: Work) {
  return currency === null || net === null ? [] : [{ currency, text: net }];
}
