import { expect, test, vi } from "vitest";

import type { Area } from "../src/protocol/gen/messages.ts";
import { type Step, Turns } from "../src/screen/turns.ts";

const HERE: Area = [0, 0, 10, 10];
const BESIDE: Area = [10, 0, 10, 10];

/** Steps with names, which note when they begin (+), are drawn (=) and end (-). */
function course(most = 100) {
  const log: string[] = [];
  const failed = vi.fn();
  const turns = new Turns(most, { swept: () => undefined, failed });
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const add = (name: string, kind: "now" | "later", more: Partial<Step> = {}) => {
    turns.add({
      pixels: 1,
      alone: false,
      areas: [HERE],
      begin: () => {
        log.push(`+${name}`);
        if (kind === "now") return undefined;
        const gate = Promise.withResolvers<void>();
        gates.set(name, gate);
        return gate.promise;
      },
      draw: () => void log.push(`=${name}`),
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
  const told = () => log.filter((word) => !word.startsWith("="));
  return { log, told, add, ready, gates, failed, turns };
}

test("what is ready ends before the call returns", () => {
  const { log, add } = course();
  add("a", "now");
  expect(log).toEqual(["+a", "=a", "-a"]);
});

test("beginnings overlap, ends keep the order", async () => {
  const { told, add, ready } = course();
  add("a", "later");
  add("b", "later");
  add("c", "now");
  await ready("b");
  expect(told()).toEqual(["+a", "+b", "+c"]);
  await ready("a");
  expect(told().slice(3)).toEqual(["-a", "-b", "-c"]);
});

test("what lies elsewhere is drawn before what is not ready yet, and ends in its turn", async () => {
  const { log, add, ready } = course();
  add("film", "later");
  add("letter", "now", { areas: [BESIDE] });
  expect(log).toEqual(["+film", "+letter", "=letter"]);
  add("over both", "now", { areas: [[5, 0, 10, 10]] });
  expect(log.slice(3)).toEqual(["+over both"]);
  await ready("film");
  expect(log.slice(4)).toEqual(["=film", "=over both", "-film", "-letter", "-over both"]);
});

test("what copies a place waits for what is drawn there", async () => {
  const { log, add, ready } = course();
  add("film", "later");
  add("copy", "now", { areas: [BESIDE, [9, 9, 1, 1]] });
  add("over the copy", "now", { areas: [BESIDE] });
  expect(log).toEqual(["+film", "+copy", "+over the copy"]);
  await ready("film");
  expect(log.slice(3, 6)).toEqual(["=film", "=copy", "=over the copy"]);
});

test("a few begin, however many wait", async () => {
  const { log, add, ready } = course(1000);
  add("film", "later");
  for (let n = 0; n < 200; n++) add(`${n}`, "now");
  expect(log.length).toBeLessThan(100);
  await ready("film");
  expect(log.at(-1)).toBe("-199");
});

test("what is alone waits for all before it, and all after it wait", async () => {
  const { told, add, ready } = course();
  add("a", "later");
  add("size", "now", { alone: true });
  add("b", "now");
  expect(told()).toEqual(["+a"]);
  await ready("a");
  expect(told()).toEqual(["+a", "-a", "+size", "-size", "+b", "-b"]);
});

test("no more is held than may be until it is freed, and something larger comes through by itself", async () => {
  const { told, add, ready, turns } = course(10);
  add("a", "later", { pixels: 6 });
  add("b", "later", { pixels: 6 });
  add("huge", "later", { pixels: 1000 });
  expect(told()).toEqual(["+a"]);
  await ready("a");
  expect(told()).toEqual(["+a", "-a"]);
  turns.free(6);
  expect(told()).toEqual(["+a", "-a", "+b"]);
  await ready("b");
  turns.free(6);
  await ready("huge");
  expect(told().slice(3)).toEqual(["-b", "+huge", "-huge"]);
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
