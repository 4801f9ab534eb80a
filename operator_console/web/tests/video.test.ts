/** A stream with a decoder that takes the time that the test gives it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Stream } from "../src/screen/video.ts";
import { unhex } from "./support.ts";

/** The beginning of a picture of 64 by 48 by libvpx. */
const PICTURE = unhex("824983420003f002f60638241c184200002040006b43ffff");

class Decoder {
  static #output: (frame: { timestamp: number; close(): void }) => void;
  state = "configured";

  constructor({ output }: { output: typeof Decoder.gives }) {
    Decoder.#output = output;
  }

  static gives(frame: { timestamp: number; close(): void }): void {
    Decoder.#output(frame);
  }

  configure(): void {}
  decode(): void {}
  close(): void {
    this.state = "closed";
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("VideoDecoder", Decoder);
  vi.stubGlobal("EncodedVideoChunk", class {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a decoder may take its time to start, and none after that", async () => {
  const failed = vi.fn();
  const stream = new Stream({ t: "video_start", codec: "vp9", profile: "vp09.00.41.08", place: [0, 0, 64, 48], width: 64, height: 48 }, failed);
  const first = { timestamp: 0, close: vi.fn() };
  const decoded = stream.decode(PICTURE, true);
  vi.advanceTimersByTime(9000);
  expect(failed).not.toHaveBeenCalled();
  Decoder.gives(first);
  expect(await decoded).toBe(first);

  const never = stream.decode(PICTURE, true);
  vi.advanceTimersByTime(1900);
  expect(failed).not.toHaveBeenCalled();
  vi.advanceTimersByTime(200);
  expect(failed).toHaveBeenCalledOnce();
  expect(await never).toBeUndefined();
});

test("a decoder that never starts is given up", () => {
  const failed = vi.fn();
  const stream = new Stream({ t: "video_start", codec: "vp9", profile: "vp09.00.41.08", place: [0, 0, 64, 48], width: 64, height: 48 }, failed);
  void stream.decode(PICTURE, true);
  vi.advanceTimersByTime(10_100);
  expect(failed).toHaveBeenCalledOnce();
});
