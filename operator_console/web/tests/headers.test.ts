import { expect, test } from "vitest";

import { h264Sizes, vp9Sizes } from "../src/screen/headers.ts";
import { unhex } from "./support.ts";

/** The beginnings of pictures by x264 and libvpx. */
const H264: [number, number, string][] = [
  [64, 48, "000000016742c01eda11e840000003004000000f23c58ba80000000168ce3c80000001"],
  [1366, 768, "000000016742c020da01581879b840000003004000000f23c60ca80000000168ce3c80000001"],
  [1920, 1080, "000000016742c028da01e0089f9610000003001000000303c8f1832a0000000168ce3c80000001"],
  [640, 400, "000000016764001eacb405019d08000003000800000301e478b1750000000168ef3cb000000001"],
];
const VP9: [number, number, string][] = [
  [64, 48, "824983420003f002f60638241c184200002040006b43ffff"],
  [1366, 768, "824983420055502ff60838241c185c18007047d8fd6771f7"],
  [1920, 1080, "824983420077f043760838241c185c18007047d8fd6771f7"],
];
const VP9_INTER = unhex("860040929c304b818007007de3fc1ff61fc61ff87dedffdb");

test.each(H264)("an H.264 picture says that it is %i by %i", (width, height, data) => {
  const [{ shown, coded } = { shown: undefined, coded: { width: 0, height: 0 } }, ...more] = h264Sizes(unhex(data));
  expect(shown).toEqual({ width, height });
  expect([coded.width, coded.height]).toEqual([Math.ceil(width / 16) * 16, Math.ceil(height / 16) * 16]);
  expect(more).toEqual([]);
});

test.each(VP9)("a VP9 picture says that it is %i by %i", (width, height, data) => {
  expect(vp9Sizes(unhex(data))).toEqual([{ width, height }]);
});

test("a picture that only goes on says nothing of its size", () => {
  expect(h264Sizes(unhex("0000000141888813bfffff0451400049"))).toEqual([]);
  expect(vp9Sizes(VP9_INTER)).toEqual([]);
});

test("a VP9 picture that goes on in another size says so", () => {
  // Inter, shown; resets nothing, refreshes one, refers to three; takes no size over; 512 by 256.
  const bits = "10000110" + "00" + "00000001" + "0".repeat(12) + "000" + (511).toString(2).padStart(16, "0") + (255).toString(2).padStart(16, "0");
  const bytes = bits.padEnd(72, "0").match(/.{8}/g)!.map((byte) => parseInt(byte, 2));
  expect(vp9Sizes(Uint8Array.from(bytes))).toEqual([{ width: 512, height: 256 }]);
});

test("every frame of a VP9 superframe says its size", () => {
  const [small, large] = [unhex(VP9[0]![2]), unhex(VP9[2]![2])];
  const superframe = Uint8Array.of(...small, ...large, 0xc1, small.length, large.length, 0xc1);
  expect(vp9Sizes(superframe)).toEqual([{ width: 64, height: 48 }, { width: 1920, height: 1080 }]);
  expect(() => vp9Sizes(Uint8Array.of(...small, 0xc1, small.length, 200, 0xc1))).toThrow(RangeError);
});

test.each([...H264, ...VP9])("a header that is cut short is no header (%i by %i)", (_width, _height, text) => {
  const data = unhex(text);
  const sizes = text.startsWith("00") ? h264Sizes : vp9Sizes;
  for (const length of [6, 8]) {
    let found: unknown[] = [];
    try {
      found = sizes(data.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(found).toEqual([]);
  }
});

test("noise is at most no header", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) & 255;
  for (let n = 0; n < 2000; n++) {
    const data = Uint8Array.from({ length: 1 + (n % 60) }, random);
    for (const read of [() => h264Sizes(Uint8Array.of(0, 0, 1, 0x67, ...data)), () => vp9Sizes(data)]) {
      try {
        read();
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  }
});
