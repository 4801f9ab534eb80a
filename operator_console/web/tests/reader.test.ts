/** What the reader tells the page while that has not answered. */
import { encode } from "@msgpack/msgpack";
import { expect, test } from "vitest";

import type { InnerFromAgent } from "../src/protocol/gen/messages.ts";
import { Reader } from "../src/screen/reader.ts";
import type { FromReader } from "../src/screen/talk.ts";

test("canvases count as much as drawing all over them: no second large one is told before the first was drawn on", () => {
  const told: FromReader[] = [];
  const reader = new Reader((word) => void told.push(word));
  const messages = [8100, 8099, 8100].flatMap((height): InnerFromAgent[] => [
    { t: "screen", width: 8192, height, monitors: [] },
    { t: "tiles", frame: 1, last: true, tiles: [[0, 0, 1, 1, "fill", Uint8Array.of(1, 2, 3)]] },
  ]);
  reader.take({ t: "frames", g: 1, frames: messages.map((message, n) => ({ number: n + 1, payload: encode(message) })) });
  const heights = () => told.flatMap((word) => (word.t === "screen" ? [word.height] : []));
  expect(heights()).toEqual([8100]);
  for (let at = 0; at < told.length; at++) {
    const word = told[at]!;
    if (word.t === "strokes") reader.take({ t: "drawn", pixels: word.pixels });
  }
  expect(heights()).toEqual([8100, 8099, 8100]);
  expect(told.reduce((sum, word) => sum + (word.t === "strokes" ? word.pixels : 0), 0)).toBe(8192 * (8100 + 8099 + 8100) + 3);
  expect(told.at(-1)).toMatchObject({ t: "strokes", number: 6 });
});
