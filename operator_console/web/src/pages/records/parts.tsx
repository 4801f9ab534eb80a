/** Pieces that the pages of the records share: filters kept in the address, exports, days, dialogs, choices of people. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";

import type { Colleague } from "../../api/desk.ts";
import { get, query } from "../../api/http.ts";
import type { CustomerRow } from "../../api/records.ts";
import type { OperatorRow, Page } from "../../api/types.ts";
import { navigate, type Route } from "../../app/router.ts";
import { language, t } from "../../i18n/index.ts";
import { ActionForm, ErrorLine, type Loaded, SearchField, useAction, useLoad } from "../ui.tsx";
import { type Amount, money } from "./money.ts";

export type Values = Readonly<Record<string, string>>;
export type Options = readonly (readonly [value: string, label: string])[];

/** Filters that are the end of a time. */
const ENDS: readonly string[] = ["to", "until"];

/** The filters of a list as the address has them. */
export function filtersOf(route: Route, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, route.params.get(name) ?? ""]));
}

/** The fields of a row of filters, each by the name that the address has it under. */
interface FilterFields {
  readonly date: (name: string, label: string) => ComponentChildren;
  readonly search: (name: string, label: string) => ComponentChildren;
  readonly choice: (name: string, label: string, options: Options) => ComponentChildren;
}

/** A row of filters; each change is kept in the address, so that a list can be sent to a colleague. */
export function Filters({ label, path, values, children }: { label: string; path: string; values: Values; children: (fields: FilterFields) => ComponentChildren }) {
  const now = (name: string) => values[name] ?? "";
  const change = (name: string) => (value: string) => navigate(`${path}${query({ ...values, [name]: value })}`, { replace: true });
  const fields: FilterFields = {
    date: (name, text) => <label>{text}<input type="date" value={dayField(now(name), ENDS.includes(name))} onChange={(event) => change(name)(event.currentTarget.value)} /></label>,
    search: (name, text) => <SearchField label={text} value={now(name)} onSearch={change(name)} />,
    choice: (name, text, options) => <Choice label={text} value={now(name)} options={[["", t("All")], ...options]} onValue={change(name)} />,
  };
  return <form class="filters" role="search" aria-label={label} onSubmit={(event) => event.preventDefault()}>{children(fields)}</form>;
}

/** What narrows a list without a field of its own, as the link from a figure does; it can be let go. */
export function Narrowed({ path, values, by }: { path: string; values: Values; by: readonly (readonly [name: string, label: string, shown: string])[] }) {
  const set = by.filter(([name]) => (values[name] ?? "") !== "");
  if (set.length === 0) return null;
  const without = { ...values, ...Object.fromEntries(set.map(([name]) => [name, ""])) };
  return (
    <p>
      {t("Only")} {set.map(([, label, shown]) => `${label}: ${shown}`).join(" · ")}. <a href={`#${path}${query(without)}`}>{t("Show the others too")}</a>
    </p>
  );
}

export function Choice({ label, value, options, onValue, required = false }: { label: string; value: string; options: Options; onValue: (value: string) => void; required?: boolean }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} required={required} onChange={(event) => onValue(event.currentTarget.value)}>
        {options.map(([word, text]) => <option key={word} value={word}>{text}</option>)}
      </select>
    </div>
  );
}

export function Tick({ label, value, onValue }: { label: string; value: boolean; onValue: (value: boolean) => void }) {
  return <label><input type="checkbox" checked={value} onChange={(event) => onValue(event.currentTarget.checked)} /> {label}</label>;
}

/** What the list shows, as files. */
export function Exports({ path, values }: { path: string; values: Values }) {
  const address = (format: string) => `/api/v1${path}${query({ ...values, format })}`;
  return (
    <>
      <a role="button" class="secondary outline small" download href={address("csv")}>{t("Export CSV")}</a>
      <a role="button" class="secondary outline small" download href={address("json")}>{t("Export JSON")}</a>
    </>
  );
}

/** A day of the provider's calendar, which has no time zone: `12 Mar 2026`. */
export function day(text: string): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
}

/** A limit of a list as an instant: a day of the reader's calendar begins then, or with `later` a day after; an instant is one already, what is neither no limit. */
export function startOf(text: string | undefined, later = 0): string {
  if (isInstant(text)) return text;
  const start = new Date(`${text ?? ""}T00:00:00`);
  if (Number.isNaN(start.getTime())) return "";
  start.setDate(start.getDate() + later);
  return start.toISOString();
}

/** A limit as a date field has it: of an instant its day in the reader's calendar, of one that `ends` something the last day before it. */
export function dayField(text: string, ends: boolean): string {
  return isInstant(text) ? localDay(new Date(Date.parse(text) - (ends ? 1 : 0))) : text;
}

function isInstant(text: string | undefined): text is string {
  return text !== undefined && text.includes("T") && !Number.isNaN(Date.parse(text));
}

/** Today in the reader's calendar, as a field of a form has it. */
export function today(): string {
  return localDay(new Date());
}

function localDay(moment: Date): string {
  const local = new Date(moment);
  local.setMinutes(local.getMinutes() - local.getTimezoneOffset());
  return local.toISOString().slice(0, 10);
}

/** What a `datetime-local` field holds, in the reader's own time zone, as an instant. */
export function instantOf(local: string): string {
  return new Date(local).toISOString();
}

/** What a field for an amount takes, and the amount as the broker takes it. */
export const DECIMAL = { inputMode: "decimal", pattern: "[0-9]+([.,][0-9]+)?" } as const;

export function decimalOf(text: string): string {
  return text.trim().replace(",", ".");
}

export function Money({ of }: { of: Amount }) {
  return <span class="money">{money(of)}</span>;
}

export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  return <dl class="facts">{of.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

/** A form that is unfolded where it is needed. */
export function Unfolding({ label, children }: { label: string; children: ComponentChildren }) {
  return <details><summary role="button" class="secondary outline">{label}</summary>{children}</details>;
}

/** A form in a dialog of its own; `children` get the way to close it. */
export function DialogButton({ label, title, children }: { label: string; title: string; children: (close: () => void) => ComponentChildren }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="secondary outline small" aria-haspopup="dialog" onClick={() => setOpen(true)}>{label}</button>
      {open && <Dialog title={title} onClose={() => setOpen(false)}>{children(() => setOpen(false))}</Dialog>}
    </>
  );
}

/** Modal: the page behind it can't be reached; Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <article>
        <header class="dialog-title">
          <h2 id={id}>{title}</h2>
          <button type="button" class="secondary outline small" onClick={() => dialog.current?.close()}>{t("Close")}</button>
        </header>
        {children}
      </article>
    </dialog>
  );
}

/** A button that asks in a dialog before it does what can't be undone. */
export function DangerButton({ label, question, action }: { label: string; question: string; action: () => Promise<void> }) {
  return (
    <DialogButton label={label} title={label}>
      {(close) => (
        <ActionForm label={label} action={async () => {
          await action();
          close();
        }}>
          <p>{question}</p>
        </ActionForm>
      )}
    </DialogButton>
  );
}

/** Every customer of the organisation, by name, for lists that know only IDs. */
export function useCustomers(): Loaded<readonly CustomerRow[]> {
  return useLoad(async () => {
    const found: CustomerRow[] = [];
    let cursor: string | null = null;
    do {
      const page: Page<CustomerRow> = await get<Page<CustomerRow>>(`/customers${query({ limit: 200, cursor })}`);
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return found.sort((a, b) => a.name.localeCompare(b.name, language.value));
  }, "customers");
}

export function customerOptions(customers: readonly CustomerRow[]): Options {
  return customers.map((one) => [one.id, one.tax_id === "" ? one.name : `${one.name} · ${one.tax_id}`]);
}

/** Everybody of the organisation, for lists that know only IDs. */
export function useColleagues(): Loaded<readonly Colleague[]> {
  return useLoad(async () => (await get<{ readonly items: readonly Colleague[] }>("/colleagues")).items, "colleagues");
}

export function nameIn(people: readonly { readonly id: string; readonly name: string }[], id: string | null): string {
  return people.find((one) => one.id === id)?.name || "–";
}

/** Accounts by ID, for those who may read them: administrators. */
export function useOperators(may: boolean): Loaded<readonly OperatorRow[]> {
  return useLoad(async () => (may ? (await get<Page<OperatorRow>>("/operators")).items : []), String(may));
}

/** The pages of a list that were loaded after the first; forgotten when the question or its answer changes. */
export function useMore<T, C>(first: { readonly items: readonly T[]; readonly next: C | null } | null, load: (next: C) => Promise<{ readonly items: readonly T[]; readonly next: C | null }>) {
  const [more, setMore] = useState<{ readonly after: unknown; readonly items: readonly T[]; readonly next: C | null } | null>(null);
  const extra = more !== null && more.after === first ? more : null;
  const next = extra ? extra.next : (first?.next ?? null);
  const { busy, error, run } = useAction(async () => {
    if (next === null) return;
    const page = await load(next);
    setMore({ after: first, items: [...(extra?.items ?? []), ...page.items], next: page.next });
  });
  const button = (
    <>
      <ErrorLine error={error} />
      {next !== null && <button type="button" class="secondary" aria-busy={busy} onClick={() => void run()}>{t("Show more")}</button>}
    </>
  );
  return { items: [...(first?.items ?? []), ...(extra?.items ?? [])], button };
}
