import { expect, test } from "vitest";

import { fitted, partOf } from "../src/screen/layout.ts";

const TWO = { width: 3000, height: 1080, monitors: [[1920, 0, 1080, 1080], [0, 0, 1920, 1080]] } as const;

test("a monitor is its rectangle; all of them, or one that is not there, the whole desktop", () => {
  expect(partOf(TWO, 1)).toEqual([0, 0, 1920, 1080]);
  for (const monitor of [undefined, 2]) expect(partOf(TWO, monitor)).toEqual([0, 0, 3000, 1080]);
  expect(partOf({ ...TWO, monitors: [[0, 0, 3000, 1080]] }, 0)).toEqual([0, 0, 3000, 1080]);
});

test("the wanted part fills the room as far as its shape allows", () => {
  const { window, desktop, left, top } = fitted(TWO, partOf(TWO, 0), { width: 800, height: 540 }, 1);
  expect(window).toEqual({ width: 540, height: 540 });
  expect(desktop).toEqual({ width: 1500, height: 540 });
  expect([left, top]).toEqual([-960, -0]);
});

test("without a room a pixel is a pixel", () => {
  const { window, left } = fitted(TWO, partOf(TWO, 0), undefined, 1 / 2);
  expect(window).toEqual({ width: 540, height: 540 });
  expect(left).toBe(-960);
});
