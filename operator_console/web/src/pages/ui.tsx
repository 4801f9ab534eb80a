/** Pieces that several pages use: fields, forms that tell what went wrong, loaded data, confirmations. */
import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useCallback, useEffect, useId, useRef, useState } from "preact/hooks";

import { t } from "../i18n/index.ts";

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  readonly input?: InputHTMLAttributes<HTMLInputElement>;
}

/** A labelled input; the hint is tied to it for screen readers. Browsers heed `autoFocus` only while a page loads, so it is done here. */
export function Field({ label, value, onValue, hint, input: { autoFocus = false, ...input } = {} }: FieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus) field.current?.focus();
  }, []);
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        ref={field}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
        {...(hint ? { "aria-describedby": `${id}-hint` } : {})}
        {...input}
      />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

/** What a list is searched for: `onSearch` gets it at Enter or when the field is left; a page that is drawn anew meanwhile keeps what is half typed. */
export function SearchField({ label, value, onSearch }: { label: string; value: string; onSearch: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <label>{label} <input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} onChange={(event) => onSearch(event.currentTarget.value)} /></label>
  );
}

/** The six digits of an authenticator, which shows them in two groups; `onValue` gets them without the gap. */
export function TotpField({ value, onValue, autoFocus = false }: { value: string; onValue: (value: string) => void; autoFocus?: boolean }) {
  return (
    <Field label={t("Code from your authenticator")} value={value} onValue={(text) => onValue(text.replace(/\s/g, ""))}
      input={{ name: "totp", inputMode: "numeric", autoComplete: "one-time-code", required: true, pattern: "[0-9]{6}", title: t("Six digits"), autoFocus }} />
  );
}

interface ActionFormProps {
  readonly label: string;
  readonly action: () => Promise<void>;
  readonly children: ComponentChildren;
  readonly done?: string;
  readonly class?: string;
}

/** A form that shows that it works, that it worked, or why it didn't; it can't be sent twice at once. */
export function ActionForm({ label, action, children, done, ...rest }: ActionFormProps) {
  const { busy, error, finished, run } = useAction(action);
  const submit = (event: Event) => {
    event.preventDefault();
    void run();
  };
  return (
    <form onSubmit={submit} class={rest.class ?? ""}>
      {children}
      <ErrorLine error={error} />
      {finished && done && <p role="status" class="done">{done}</p>}
      <button type="submit" aria-busy={busy} disabled={busy}>{label}</button>
    </form>
  );
}

/** Run `action` once at a time, keeping its failure as a sentence. */
export function useAction(action: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [finished, setFinished] = useState(false);
  const run = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    setFinished(false);
    try {
      await action();
      setFinished(true);
    } catch (failure) {
      setError(sentence(failure));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, finished, run };
}

export function ErrorLine({ error }: { error: string | null }) {
  return error === null ? null : <p role="alert" class="error">{error}</p>;
}

export interface Loaded<T> {
  readonly value: T | null;
  readonly error: string | null;
  readonly reload: () => void;
}

/** Load when `key` changes; an answer that comes after a newer question is dropped. */
export function useLoad<T>(load: () => Promise<T>, key: string): Loaded<T> {
  const [found, setFound] = useState<{ readonly key: string; readonly value: T } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    setError(null);
    load().then(
      (value) => current && setFound({ key, value }),
      (failure: unknown) => current && setError(sentence(failure)),
    );
    return () => {
      current = false;
    };
  }, [key, turn]);
  // What was loaded for another address is never shown for this one.
  const value = found?.key === key ? found.value : null;
  return { value, error, reload: useCallback(() => setTurn((n) => n + 1), []) };
}

/** What is loaded, or that it is being loaded, or why it can't be. */
export function Loading<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  if (of.error !== null) {
    return (
      <div role="alert" class="error">
        <p>{of.error}</p>
        <button type="button" class="secondary" onClick={of.reload}>{t("Try again")}</button>
      </div>
    );
  }
  if (of.value === null) return <p aria-busy="true">{t("Loading…")}</p>;
  return <>{children(of.value)}</>;
}

/** A button that asks once more before it acts. */
export function ConfirmButton({ label, question, action }: { label: string; question: string; action: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const { busy, error, run } = useAction(async () => {
    await action();
    setAsking(false);
  });
  if (!asking) {
    return <button type="button" class="secondary outline small" onClick={() => setAsking(true)}>{label}</button>;
  }
  return (
    <span class="confirm" role="group" aria-label={question}>
      <span>{question}</span>
      <button type="button" class="small" aria-busy={busy} disabled={busy} onClick={() => void run()}>{label}</button>
      <button type="button" class="secondary outline small" onClick={() => setAsking(false)}>{t("Cancel")}</button>
      <ErrorLine error={error} />
    </span>
  );
}

/** A secret or link that is shown once, with a button that copies it. */
export function CopyLine({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div class="copy" role="status">
      <strong>{label}</strong>
      <code>{text}</code>
      <button type="button" class="secondary small" onClick={() => void copy()}>{copied ? t("Copied") : t("Copy")}</button>
    </div>
  );
}

function sentence(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
