import { afterEach, expect, test, vi } from "vitest";

import { watchRatio } from "../../src/session/ui/ratio.ts";

afterEach(() => void vi.unstubAllGlobals());

test("each move to another monitor is told, until nobody wants to know", () => {
  const queries = new Map<string, EventTarget>();
  vi.stubGlobal("matchMedia", (query: string) => {
    const list = new EventTarget();
    queries.set(query, list);
    return list;
  });
  /** From the ratio before; only who asked for that one is told. */
  const move = (from: number, to: number) => {
    vi.stubGlobal("devicePixelRatio", to);
    queries.get(`(resolution: ${from}dppx)`)!.dispatchEvent(new Event("change"));
  };
  vi.stubGlobal("devicePixelRatio", 1);
  const changed = vi.fn();
  const stop = watchRatio(changed);
  move(1, 2);
  expect(changed).toHaveBeenCalledTimes(1);
  move(2, 1.25);
  expect(changed).toHaveBeenCalledTimes(2);
  move(1, 2);
  expect(changed).toHaveBeenCalledTimes(2);
  stop();
  move(1.25, 1);
  expect(changed).toHaveBeenCalledTimes(2);
});
