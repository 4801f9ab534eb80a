import { expect, test } from "vitest";

import { Malformed } from "../src/protocol/errors.ts";
import { LIMITS } from "../src/protocol/gen/limits.ts";
import type { Tile, Video, VideoStart } from "../src/protocol/gen/messages.ts";
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
  const whole: Tile = [0, 0, 64, 48, "copy", new Uint8Array(4)];
  expect(bounds.hold(tiles(whole, whole, whole, whole))).toBe(true);
  expect(() => bounds.hold(tiles(whole, whole, whole, whole, tile(0, 0, 1, 1, "fill")))).toThrow("more pixels");
});

const start = (place: VideoStart["place"], width = place[2], height = place[3], more: Partial<VideoStart> = {}): VideoStart => ({
  t: "video_start", codec: "vp9", profile: "vp09.00.41.08", place, width, height, ...more,
});
const video = (bytes: number, areas: Video["areas"] = [], last = true): Video => ({
  t: "video", frame: 1, key: false, last, areas, data: new Uint8Array(bytes),
});

test("a stream lies on the screen, but for the one pixel that even sides need", () => {
  const bounds = screen(101, 77);
  expect(bounds.begin(start([0, 0, 102, 78]))).toBe(true);
  expect(bounds.begin(start([0, 0, 101, 77], 100, 76))).toBe(true);
  expect(bounds.begin(start([0, 0, 101, 77], 50, 38))).toBe(true);
  expect(() => bounds.begin(start([0, 0, 104, 78]))).toThrow("outside");
  expect(() => screen(100, 76).begin(start([0, 0, 102, 76]))).toThrow("outside");
  expect(() => bounds.begin(start([0, 0, 64, 64], 66, 64))).toThrow("larger");
  expect(() => bounds.begin(start([0, 0, 64, 64], 63, 64))).toThrow("odd");
  expect(() => bounds.begin(start([0, 0, 64, 64], 64, 64, { codec: "h264" }))).toThrow("another codec");
});

test("what is drawn of a picture lies in its place and on the screen", () => {
  const bounds = screen(101, 77);
  bounds.begin(start([10, 10, 92, 68]));
  expect(bounds.add(video(1, [[10, 10, 91, 67]]))).toBeDefined();
  expect(() => bounds.add(video(1, [[9, 10, 1, 1]]))).toThrow("outside its place");
  expect(() => bounds.add(video(1, [[10, 10, 92, 1]]))).toThrow("outside the screen");
});

test("a coded picture has an end, and a new stream, screen or line begins another", () => {
  const bounds = screen(64, 64);
  const half = LIMITS.VIDEO_PICTURE / 2;
  for (const again of [() => bounds.begin(start([0, 0, 64, 64])), () => bounds.cut(), () => bounds.add(video(0))]) {
    again();
    bounds.add(video(half, [], false));
    bounds.add(video(half, [], false));
  }
  expect(() => bounds.add(video(1, [], false))).toThrow("too many");
});

test("moving pictures before the size are for another canvas; without a stream they are for none", () => {
  const bounds = new Bounds();
  expect(bounds.begin(start([0, 0, 64, 64]))).toBe(false);
  expect(bounds.add(video(1))).toBeUndefined();
  expect(() => screen(64, 64).add(video(1))).toThrow("no stream");
});

test("monitors and what is copied lie on the screen", () => {
  const bounds = new Bounds();
  const size = { t: "screen", width: 64, height: 48 } as const;
  expect(() => bounds.resize({ ...size, monitors: [[0, 0, 32, 48], [32, 0, 33, 48]] })).toThrow("outside");
  bounds.resize({ ...size, monitors: [[0, 0, 32, 48], [32, 0, 32, 48]] });
  const copy = (x: number): Tile => [0, 0, 5, 5, "copy", Uint8Array.of(0, x, 0, 0)];
  expect(bounds.hold(tiles(copy(59)))).toBe(true);
  expect(() => bounds.hold(tiles(copy(60)))).toThrow("outside");
});
