/** Sentences for the words that the broker and the protocol use. Unknown words are shown as they are. */
import { t } from "../i18n/index.ts";
import type { EndReason } from "../session/ending.ts";

export function endReason(word: string | null): string {
  const sentences: Readonly<Record<string, string>> = endReasons();
  return word === null ? t("Not ended") : (sentences[word] ?? word);
}

/** Every way in which a session ends. */
export function endReasons(): Readonly<Record<EndReason, string>> {
  return {
    customer: t("The customer disconnected"),
    technician: t("The technician ended it"),
    inactivity: t("Nothing happened for too long"),
    integrity: t("The channel was tampered with or broken"),
    line_lost: t("The line was lost and didn't come back"),
    broker_lost: t("The service was out of reach"),
    refused: t("The customer said no"),
    consent_timeout: t("The customer didn't answer in time"),
    receipt_timeout: t("The consent couldn't be recorded"),
    agent_closed: t("The customer closed the program"),
    screen_locked: t("The customer's screen was locked"),
    sleep: t("The customer's computer went to sleep"),
    operator_disabled: t("The technician's account was disabled"),
    signed_out: t("The technician signed out"),
    pairing_failed: t("The pairing failed"),
    limit: t("The customer's limit was reached"),
    no_end_message: t("No end was reported; it counts to the last sign of life"),
  };
}

export function stateWord(word: string): string {
  const words: Readonly<Record<string, string>> = {
    requested: t("Requested"),
    paired: t("Waiting for consent"),
    consented: t("Agreed"),
    joined: t("Connected"),
    paused: t("Paused"),
    ended: t("Ended"),
  };
  return words[word] ?? word;
}

export function eventWord(kind: string): string {
  const words: Readonly<Record<string, string>> = {
    requested: t("The technician asked for the session"),
    paired: t("ID and password were right"),
    consented: t("The customer agreed"),
    joined: t("Both were connected: time counts from here"),
    heartbeat: t("Both still connected"),
    paused: t("The line was lost: time stops"),
    resumed: t("The line is back: time goes on"),
    permission_changed: t("The customer changed a permission"),
    ended: t("The session ended"),
    erased: t("Personal data was erased"),
    traffic: t("What the relay carried"),
    suspicion_handled: t("An administrator handled the suspicion"),
    work_recorded: t("Its time was recorded for the bill"),
    checklist_ticked: t("A task of the checklist was done"),
    alert: t("An alert was raised"),
    suspicion_reported: t("The customer reported a suspicion"),
  };
  return words[kind] ?? kind;
}

export function roleWord(role: string): string {
  const words: Readonly<Record<string, string>> = { operator: t("Technician"), admin: t("Administrator"), auditor: t("Auditor") };
  return words[role] ?? role;
}

export function alertWord(kind: string): string {
  const words: Readonly<Record<string, string>> = {
    pairing_failed: t("A wrong ID or password"),
    pairing_throttled: t("Many wrong IDs or passwords"),
    code_burned: t("A code was burnt in a failed pairing"),
    sign_in_throttled: t("Many failed sign-ins"),
  };
  return words[kind] ?? kind;
}

export function permissionWord(name: string): string {
  return name === "view" ? t("Seeing the screen") : name === "control" ? t("Mouse and keyboard") : name;
}
