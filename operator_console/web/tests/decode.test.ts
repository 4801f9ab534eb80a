import { deflateSync } from "node:zlib";

import { expect, test } from "vitest";

import { Malformed } from "../src/protocol/errors.ts";
import { expand, inflate } from "../src/screen/decode.ts";

test.each([1, 3, 4, 5, 64, 97])("%i pixels keep their colours and are opaque", (count) => {
  const rgb = Uint8Array.from({ length: count * 3 }, (_, n) => (n * 37) % 256);
  const out = new Uint32Array(count);
  expand(rgb, out);
  const bytes = new Uint8Array(out.buffer);
  for (let n = 0; n < count; n++) expect([...bytes.subarray(n * 4, n * 4 + 4)]).toEqual([...rgb.subarray(n * 3, n * 3 + 3), 255]);
});

test("a zlib stream comes out at its size", async () => {
  const pixels = new Uint8Array(200_000).map((_, n) => n % 251);
  expect(await inflate(deflateSync(pixels), pixels.length)).toEqual(pixels);
});

test.each<[string, Uint8Array]>([
  ["too little", deflateSync(new Uint8Array(99))],
  ["too much", deflateSync(new Uint8Array(101))],
  ["a bomb", deflateSync(new Uint8Array(50_000_000))],
  ["nothing", new Uint8Array(0)],
  ["no zlib", Uint8Array.of(1, 2, 3, 4)],
  ["half a stream", deflateSync(Uint8Array.from({ length: 100 }, (_, n) => n * 7)).subarray(0, 40)],
])("%s is malformed", async (_what, data) => {
  await expect(inflate(data, 100)).rejects.toThrow(Malformed);
});
