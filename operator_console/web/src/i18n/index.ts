/**
 * Text for people: `t("Ends in {n} s", { n })`. English sentences are the keys; `es.ts` replaces them, and a test fails
 * when one is missing there. Dates, durations and numbers are written in the same language.
 */
import { Store } from "../app/store.ts";
import { es } from "./es.ts";

export type Language = "en" | "es";
export type Values = Readonly<Record<string, string | number>>;

const KEPT = "relevo.language";

export const language = new Store<Language>(initial());

export function t(message: string, values: Values = {}): string {
  const sentence = language.value === "es" ? (es[message] ?? message) : message;
  return sentence.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

/** Switch the language of the whole console and remember it in this browser. */
export function speak(chosen: Language): void {
  if (typeof localStorage !== "undefined") localStorage.setItem(KEPT, chosen);
  if (typeof document !== "undefined") document.documentElement.lang = chosen;
  language.set(chosen);
}

function initial(): Language {
  const kept = typeof localStorage === "undefined" ? null : localStorage.getItem(KEPT);
  const wanted = kept ?? (typeof navigator === "undefined" ? "en" : navigator.language);
  const chosen = wanted.toLowerCase().startsWith("es") ? "es" : "en";
  if (typeof document !== "undefined") document.documentElement.lang = chosen;
  return chosen;
}

/** An instant (RFC 3339) in the reader's own time zone, or a dash. */
export function dateTime(utc: string | null | undefined): string {
  if (!utc) return "–";
  return new Intl.DateTimeFormat(language.value, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(utc));
}

export function timeOfDay(utc: string): string {
  return new Intl.DateTimeFormat(language.value, { timeStyle: "medium" }).format(new Date(utc));
}

/** Whole seconds as h:mm:ss, so that columns align and add up. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function number(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}
