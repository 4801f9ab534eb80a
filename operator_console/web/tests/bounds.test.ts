import { expect, test } from "vitest";

import { Malformed } from "../src/protocol/errors.ts";
import { LIMITS } from "../src/protocol/gen/limits.ts";
import type { Tile } from "../src/protocol/gen/messages.ts";
import { Bounds } from "../src/screen/bounds.ts";
import { decodeTile } from "../src/screen/decode.ts";
import { jpegSize } from "../src/screen/headers.ts";

const NOTE = [0xff, 0xe0, 0, 4, 1, 2];
const TABLE = [0xff, 0xc4, 0, 3, 9];
const frame = (width: number, height: number, marker = 0xc0) => [0xff, marker, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3];
const jpeg = (...parts: number[][]) => Uint8Array.from([0xff, 0xd8, ...parts.flat()]);

test.each([0xc0, 0xc2])("a JPEG says its size in its frame header, behind what else there is (%i)", (marker) => {
  expect(jpegSize(jpeg(NOTE, TABLE, frame(300, 20, marker)))).toEqual({ width: 300, height: 20 });
});

test.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array(0)],
  ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13)],
  ["a file without a frame", jpeg(NOTE, TABLE)],
  ["a frame cut short", jpeg(frame(1, 1).slice(0, 8))],
  ["a scan before the frame", jpeg([0xff, 0xda, 0, 3, 0], frame(1, 1))],
  ["bytes between the segments", jpeg([0], frame(1, 1))],
  ["a segment without a length", jpeg([0xff, 0xe0, 0, 0], frame(1, 1))],
  ["a segment beyond the end", jpeg([0xff, 0xe0, 255, 255], frame(1, 1))],
])("%s is no JPEG of a size", (_what, data) => {
  expect(() => jpegSize(data)).toThrow(Malformed);
});

// There is no decoder here: whoever came as far as decoding would be told so.
test("a JPEG of another size than its rectangle is refused before it is decoded", async () => {
  await expect(decodeTile([0, 0, 16, 16, "jpeg", jpeg(frame(16_384, 16_384))])).rejects.toThrow("another size");
});

const tiles = (...list: Tile[]) => ({ t: "tiles", frame: 1, last: true, tiles: list }) as const;
const tile = (x: number, y: number, w: number, h: number, encoding: Tile[4] = "rgb"): Tile => [x, y, w, h, encoding, new Uint8Array(3)];

function screen(width: number, height: number): Bounds {
  const bounds = new Bounds();
  bounds.resize({ t: "screen", width, height, monitors: [] });
  return bounds;
}

test("a screen is as large as a desktop can be, and no larger", () => {
  expect(() => screen(15_360, LIMITS.SCREEN_AREA / 15_360)).not.toThrow();
  expect(() => screen(15_360, LIMITS.SCREEN_AREA / 15_360 + 1)).toThrow(Malformed);
});

test("tiles before the size are for another canvas", () => {
  expect(new Bounds().hold(tiles(tile(0, 0, 16_384, 16_384)))).toBe(false);
});

test("tiles lie on the screen and have no more pixels than it", () => {
  const bounds = screen(64, 48);
  expect(bounds.hold(tiles(tile(0, 0, 64, 48, "fill"), tile(0, 0, 64, 24), tile(0, 24, 64, 24)))).toBe(true);
  expect(() => bounds.hold(tiles(tile(49, 0, 16, 16)))).toThrow("outside");
  expect(() => bounds.hold(tiles(tile(0, 33, 16, 16)))).toThrow("outside");
  expect(() => bounds.hold(tiles(tile(0, 0, 64, 48), tile(0, 0, 1, 1)))).toThrow("more pixels");
});
