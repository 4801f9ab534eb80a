import { expect, test, vi } from "vitest";

import { type Step, Turns } from "../src/screen/turns.ts";

/** Steps with names, which note when they begin and end. */
function course(most = 100) {
  const log: string[] = [];
  const failed = vi.fn();
  const turns = new Turns(most, { swept: () => undefined, failed });
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const add = (name: string, kind: "now" | "later", more: Partial<Step> = {}) => {
    turns.add({
      pixels: 1,
      alone: false,
      begin: () => {
        log.push(`+${name}`);
        if (kind === "now") return undefined;
        const gate = Promise.withResolvers<void>();
        gates.set(name, gate);
        return gate.promise;
      },
      end: () => void log.push(`-${name}`),
      ...more,
    });
    turns.run();
  };
  const ready = async (name: string) => {
    gates.get(name)!.resolve();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { log, add, ready, gates, failed, turns };
}

test("what is ready ends before the call returns", () => {
  const { log, add } = course();
  add("a", "now");
  expect(log).toEqual(["+a", "-a"]);
});

test("beginnings overlap, ends keep the order", async () => {
  const { log, add, ready } = course();
  add("a", "later");
  add("b", "later");
  add("c", "now");
  await ready("b");
  expect(log).toEqual(["+a", "+b", "+c"]);
  await ready("a");
  expect(log.slice(3)).toEqual(["-a", "-b", "-c"]);
});

test("what is alone waits for all before it, and all after it wait", async () => {
  const { log, add, ready } = course();
  add("a", "later");
  add("size", "now", { alone: true });
  add("b", "now");
  expect(log).toEqual(["+a"]);
  await ready("a");
  expect(log).toEqual(["+a", "-a", "+size", "-size", "+b", "-b"]);
});

test("no more is held than may be until it is freed, and something larger comes through by itself", async () => {
  const { log, add, ready, turns } = course(10);
  add("a", "later", { pixels: 6 });
  add("b", "later", { pixels: 6 });
  add("huge", "later", { pixels: 1000 });
  expect(log).toEqual(["+a"]);
  await ready("a");
  expect(log).toEqual(["+a", "-a"]);
  turns.free(6);
  expect(log).toEqual(["+a", "-a", "+b"]);
  await ready("b");
  turns.free(6);
  await ready("huge");
  expect(log.slice(3)).toEqual(["-b", "+huge", "-huge"]);
});

test("the first failure is told once, and nothing ends after it", async () => {
  const { log, add, ready, gates, failed } = course();
  add("a", "later");
  add("b", "later");
  gates.get("a")!.reject(new Error("a"));
  await Promise.resolve();
  await Promise.resolve();
  await ready("b");
  add("c", "now");
  expect(failed.mock.calls).toEqual([[new Error("a")]]);
  expect(log).toEqual(["+a", "+b"]);
});

test("a step that throws at its end fails as well", () => {
  const { add, failed } = course();
  add("a", "now", { end: () => { throw new Error("drawn"); } });
  expect(failed).toHaveBeenCalledExactlyOnceWith(new Error("drawn"));
});
