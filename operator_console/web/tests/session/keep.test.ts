import "fake-indexeddb/auto";

import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { keepKeys } from "../../src/protocol/keys.ts";
import { erase, eraseAll, eraseStale, keep, type Kept, reclaim } from "../../src/session/keep.ts";
import { Customer, SESSION } from "./customer.ts";

async function kept(sessionId: string, ageMs: number): Promise<Kept> {
  const customer = new Customer();
  customer.live();
  const command = customer.commands.find((one) => one.do === "keep_keys");
  if (command?.do !== "keep_keys") throw new Error("No keys were kept");
  return { sessionId, session: customer.machine.resumable!, keys: await keepKeys(command.keys), at: Date.now() - ageMs };
}

/** Until the result is called, another tab has the session. */
function elsewhere(sessionId: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  void navigator.locks.request(`relevo-session-${sessionId}`, () => promise);
  return resolve;
}

/** Sessions are waited for by the test's clock. */
function patience(): AbortController[] {
  const waiting: AbortController[] = [];
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
    const end = new AbortController();
    setTimeout(() => end.abort(), ms);
    waiting.push(end);
    return end.signal;
  });
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  return waiting;
}

beforeEach(eraseAll);
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("what was kept comes back, and its key cannot be read out", async () => {
  await keep(await kept(SESSION, 0));
  const [found] = await eraseStale(90_000);
  expect(found!.session.paired.sessionId).toBe(SESSION);
  expect(found!.keys.resumeKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("raw", found!.keys.resumeKey)).rejects.toThrow();
});

test("a session that no tab has noted for long is erased, a fresh one is not", async () => {
  await keep(await kept("old", 90_001));
  await keep(await kept("new", 10_000));
  await eraseStale(90_000);
  expect((await eraseStale(Infinity)).map(({ sessionId }) => sessionId)).toEqual(["new"]);
});

test("an end erases its own session, a sign-out every one", async () => {
  for (const id of ["one", "two", "three"]) await keep(await kept(id, 0));
  await erase("two");
  expect((await eraseStale(90_000)).map(({ sessionId }) => sessionId)).toEqual(["one", "three"]);
  await eraseAll();
  expect(await eraseStale(90_000)).toEqual([]);
});

test("a page that leaves slowly gives its session to the one that comes", async () => {
  await keep(await kept(SESSION, 0));
  const leave = elsewhere(SESSION);
  const waiting = patience();
  const claimed = reclaim(90_000);
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  vi.advanceTimersByTime(8000);
  leave();
  const found = await claimed;
  expect(found?.kept.sessionId).toBe(SESSION);
  found?.lock.release();
});

test("a session that another tab has is not taken over, and keeps nobody from one that is free", async () => {
  for (const id of ["another's", "ours"]) await keep(await kept(id, 0));
  const leave = elsewhere("another's");
  const found = await reclaim(90_000);
  expect(found?.kept.sessionId).toBe("ours");
  found?.lock.release();

  await erase("ours");
  const waiting = patience();
  const claimed = reclaim(90_000);
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  vi.advanceTimersByTime(10_000);
  expect(await claimed).toBeUndefined();
  leave();
});
