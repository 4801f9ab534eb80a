/**
 * What pages may use of the live session. `connect` starts the one session of this tab and shows it at `#/session`;
 * pages hand over what the technician typed and nothing else: the password is split here and its agent part never
 * leaves the browser.
 */
import { navigate } from "../app/router.ts";
import { Store } from "../app/store.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import { normaliseId, normalisePassword } from "../protocol/code.ts";
import { InvalidCode } from "../protocol/errors.ts";
import { consoleConfig } from "./config.ts";
import { eraseAll, eraseStale, reclaim } from "./keep.ts";
import { type Permission, State } from "./states.ts";
import { ANYONE, type SessionFor } from "./machine.ts";
import { LiveSession } from "./runner.ts";
import { codeSentence, t } from "./sentences.ts";

export type { SessionFor } from "./machine.ts";
export type { Permission } from "./states.ts";

export interface ConnectRequest {
  /** As typed: nine digits, spaces and hyphens allowed. */
  readonly id: string;
  /** As typed: eight symbols, any case, spaces and hyphens allowed. */
  readonly password: string;
  /** A service of the organisation's portfolio (Q13). */
  readonly service: string;
  readonly wanted: readonly Permission[];
  /** Whom it is for, where the records know. */
  readonly for?: SessionFor;
}

/** A tab notes its session every few seconds, a hidden one at least once a minute. */
const STALE_MS = (LIMITS.RESUME + 30) * 1000;

/** The session of this tab, also after its end until another begins. */
export const current = new Store<LiveSession | undefined>(undefined);

/** Start. Throws an error with a sentence to show if ID or password cannot be right; nothing was sent then. */
export async function connect({ id, password, service, wanted, for: whom = ANYONE }: ConnectRequest): Promise<void> {
  const code = understand(() => ({ id: normaliseId(id), ...normalisePassword(password) }));
  if (isRunning()) throw new Error(t("There is a session in this tab already. End it first."));
  const { publicOrigin } = await consoleConfig().catch(() => {
    throw new Error(t("This page does not know which service it belongs to. Tell your administrator."));
  });
  current.set(LiveSession.start({ ...code, service, wanted, publicOrigin, for: whom }));
  navigate("/session");
}

/** After a reload: go on with the session that this tab had, if there is one. */
export async function restore(): Promise<boolean> {
  if (current.value) return true;
  const found = await reclaim(STALE_MS).catch(() => undefined);
  if (!found) return false;
  if (current.value) {
    found.lock.release(); // The technician began another meanwhile.
    return true;
  }
  current.set(LiveSession.goOn(found.kept, found.lock));
  return true;
}

/** When the console opens: keys of sessions that ended with their tab are erased. */
export async function forgetStale(): Promise<void> {
  await eraseStale(STALE_MS).catch(() => undefined);
}

/** At sign-out: end what runs and leave nothing of any session in this browser. */
export async function forgetSessions(): Promise<void> {
  current.value?.end();
  current.set(undefined);
  await eraseAll().catch(() => undefined);
}

export function isRunning(): boolean {
  return current.value !== undefined && current.value.view.value.state !== State.ENDED;
}

function understand<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof InvalidCode ? new Error(codeSentence(error)) : error;
  }
}
