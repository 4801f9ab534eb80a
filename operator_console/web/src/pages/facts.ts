/**
 * What an event or an alert carries, as one line of text: it may come from a customer's computer. Keys, hashes and
 * signatures are left to the log and its checks; what has no word here is shown as it came.
 */
import { dateTime, duration, number, t } from "../i18n/index.ts";
import { showId } from "../protocol/code.ts";
import { endReason, permissionWord } from "./words.ts";

const LONGEST = 40;

export function facts(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .filter(([, value]) => typeof value !== "object" || Array.isArray(value))
    .map(([name, value]) => [factName(name), factValue(name, value)] as const)
    .filter(([, value]) => value.length <= LONGEST || value.includes(" "))
    .map(([name, value]) => `${name}: ${value}`)
    .join(" · ");
}

function factName(name: string): string {
  const names: Readonly<Record<string, string>> = {
    address: t("Address"),
    agent_id: t("Customer's ID"),
    at_utc: t("When"),
    by: t("By"),
    by_operator: t("Account"),
    claimed_s: t("Counted by the customer's program"),
    claimed_utc: t("There"),
    code_id: t("Code"),
    connected_s: t("Connected"),
    down: t("Bytes down"),
    down_kbit: t("kbit/s down"),
    g: t("Line"),
    granted: t("Allowed"),
    lang: t("Language"),
    name: t("Permission"),
    on: t("Now"),
    operator: t("Technician"),
    operator_id: t("Account"),
    reason: t("Reason"),
    report_id: t("Report"),
    reporter: t("Noticed by"),
    rtt_ms: t("Round trip, ms"),
    service: t("Service"),
    session_id: t("Session"),
    terms_version: t("Version of the terms"),
    up: t("Bytes up"),
    up_kbit: t("kbit/s up"),
    utc: t("There"),
    verdict: t("Reason"),
    via: t("From"),
    wanted: t("Asked for"),
  };
  return names[name] ?? name;
}

function factValue(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => permissionWord(String(one))).join(", ") || t("nothing");
  if (typeof value === "number") return name.endsWith("_s") ? duration(value) : number(value);
  if (typeof value === "boolean") return value ? t("on") : t("off");
  const text = String(value);
  if (name.endsWith("utc")) return Number.isNaN(Date.parse(text)) ? text : dateTime(text);
  if (name === "agent_id") return showId(text);
  if (name === "name") return permissionWord(text);
  if (name === "reason") return reasonWord(text);
  const words: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    by: partyWords(),
    reporter: partyWords(),
    lang: { en: t("English"), es: t("Spanish") },
    verdict: { unknown: t("nobody has this ID"), wrong: t("wrong"), spent: t("wrong, and the last attempt"), expired: t("expired"), dead: t("used or cancelled") },
    via: { page: t("the web page"), program: t("the customer's program") },
  };
  return words[name]?.[text] ?? text;
}

/** Why a session ended, or why a code was burnt. */
function reasonWord(word: string): string {
  const burnt: Readonly<Record<string, string>> = { wrong_tag: t("wrong"), pairing_interrupted: t("interrupted") };
  return burnt[word] ?? endReason(word);
}

function partyWords(): Readonly<Record<string, string>> {
  return {
    agent: t("the customer's program"),
    broker: t("the service"),
    console: t("the technician's console"),
    customer: t("the customer"),
    relay: t("the relay"),
    technician: t("the technician"),
  };
}
