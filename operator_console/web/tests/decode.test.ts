import { deflateSync } from "node:zlib";

import { expect, test } from "vitest";

import { Malformed } from "../src/protocol/errors.ts";
import { expand, inflate, inflateNow } from "../src/screen/decode.ts";

test.each([1, 3, 4, 5, 64, 97])("%i pixels keep their colours and are opaque", (count) => {
  const rgb = Uint8Array.from({ length: count * 3 }, (_, n) => (n * 37) % 256);
  const out = new Uint32Array(count);
  expand(rgb, out);
  const bytes = new Uint8Array(out.buffer);
  for (let n = 0; n < count; n++) expect([...bytes.subarray(n * 4, n * 4 + 4)]).toEqual([...rgb.subarray(n * 3, n * 3 + 3), 255]);
});

test.each([1, 300, 200_000])("a zlib stream comes out at its size (%i)", async (size) => {
  const pixels = new Uint8Array(size).map((_, n) => (n * n) % 251);
  expect(await inflate(deflateSync(pixels), size)).toEqual(pixels);
  expect(inflateNow(deflateSync(pixels), size)).toEqual(pixels);
});

test.each<[string, Uint8Array]>([
  ["too little", deflateSync(new Uint8Array(99))],
  ["too much", deflateSync(new Uint8Array(101))],
  ["too much, stored", deflateSync(new Uint8Array(300), { level: 0 })],
  ["far beyond its window", Uint8Array.of(0x78, 1, 0x63, 0, 0xc2, 0x7f, 0xff, 0xff, 0, 0, 0, 0)],
  ["a bomb", deflateSync(new Uint8Array(50_000_000))],
  ["nothing", new Uint8Array(0)],
  ["no zlib", Uint8Array.of(1, 2, 3, 4)],
  ["half a stream", deflateSync(Uint8Array.from({ length: 100 }, (_, n) => n * 7)).subarray(0, 40)],
])("%s is malformed", async (_what, data) => {
  await expect(inflate(data, 100)).rejects.toThrow(Malformed);
  expect(() => inflateNow(data, 100)).toThrow(Malformed);
});
