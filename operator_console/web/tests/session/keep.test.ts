import "fake-indexeddb/auto";

import { beforeEach, expect, test } from "vitest";

import { keepKeys } from "../../src/protocol/keys.ts";
import { erase, eraseAll, eraseStale, keep, type Kept } from "../../src/session/keep.ts";
import { Customer, SESSION } from "./customer.ts";

async function kept(sessionId: string, ageMs: number): Promise<Kept> {
  const customer = new Customer();
  customer.live();
  const command = customer.commands.find((one) => one.do === "keep_keys");
  if (command?.do !== "keep_keys") throw new Error("No keys were kept");
  return { sessionId, session: customer.machine.resumable!, keys: await keepKeys(command.keys), at: Date.now() - ageMs };
}

beforeEach(eraseAll);

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
