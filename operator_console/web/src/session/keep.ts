/**
 * What survives a reload of the tab (pairing rule 11): in IndexedDB, with the key as one that cannot be read out, and a
 * Web Lock per session, so that a second tab never takes over. Erased at the end of the session and at sign-out.
 */
import type { ConnectionKeys } from "../protocol/keys.ts";
import type { Resumable } from "./machine.ts";

export interface Kept {
  readonly sessionId: string;
  readonly session: Resumable;
  readonly keys: ConnectionKeys;
  /** When it was stored, in milliseconds since 1970 on this computer's clock. */
  readonly at: number;
}

const DATABASE = "relevo";
const STORE = "sessions";

/** A session that this tab may go on with, the first that no other has, and the lock on it. `maxAgeMs`: see `eraseStale`. */
export async function reclaim(maxAgeMs: number): Promise<{ kept: Kept; lock: SessionLock } | undefined> {
  let ours: SessionLock | undefined;
  const tries = (await eraseStale(maxAgeMs)).map(async (kept) => {
    const lock = await SessionLock.take(kept.sessionId);
    if (!lock) throw new Error("Another tab has it");
    if (ours) lock.release();
    ours ??= lock;
    return { kept, lock };
  });
  return Promise.any(tries).catch(() => undefined);
}

/** Sessions that no tab has noted for so long are over: their keys go. The others are the result. */
export async function eraseStale(maxAgeMs: number): Promise<Kept[]> {
  const all = await inStore<Kept[]>("readonly", (store) => store.getAll());
  const isStale = (kept: Kept) => Date.now() - kept.at > maxAgeMs;
  await Promise.all(all.filter(isStale).map(({ sessionId }) => erase(sessionId)));
  return all.filter((kept) => !isStale(kept));
}

export async function keep(kept: Kept): Promise<void> {
  await inStore("readwrite", (store) => store.put(kept));
}

export async function erase(sessionId: string): Promise<void> {
  await inStore("readwrite", (store) => store.delete(sessionId));
}

/** At sign-out: nothing of any session stays in this browser. */
export async function eraseAll(): Promise<void> {
  await inStore("readwrite", (store) => store.clear());
}

/** Held by one tab, and by the browser let go when that tab is gone. */
export class SessionLock {
  readonly release: () => void;

  private constructor(release: () => void) {
    this.release = release;
  }

  /** Waits a little: the page before a reload may still be leaving, slowly on a busy machine. `undefined` if another tab has it. */
  static async take(sessionId: string, patienceMs = 10_000): Promise<SessionLock | undefined> {
    const name = `relevo-session-${sessionId}`;
    return new Promise((resolve) => {
      const held = new Promise<void>((release) => {
        const options = { signal: AbortSignal.timeout(patienceMs) };
        navigator.locks
          .request(name, options, () => {
            resolve(new SessionLock(release));
            return held;
          })
          .catch(() => resolve(undefined));
      });
    });
  }
}

async function inStore<T>(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode, { durability: "relaxed" });
    return (await finished(use(transaction.objectStore(STORE)))) as T;
  } finally {
    database.close();
  }
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "sessionId" });
  return finished(request) as Promise<IDBDatabase>;
}

function finished(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser's storage failed"));
  });
}
