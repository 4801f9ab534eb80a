/**
 * One stream of moving pictures, decoded by the browser (WebCodecs). Counterpart: client_agent/encode. A picture comes
 * out when it has gone in: one that waits for the next is a fault. A stream that fails gives no picture any more, and
 * says so once; what it was given after that is no error. Throws `Malformed` for pictures of another size than said.
 */
import type { VideoStart } from "../protocol/gen/messages.ts";
import { Malformed } from "../protocol/errors.ts";
import { sameSize } from "./bounds.ts";
import { h264Sizes, type Size, vp9Sizes } from "./headers.ts";

/** How long the decoder may take for one picture when all before it are out; for its first one, which starts it, longer. */
const PATIENCE_MS = 2000;
const FIRST_PATIENCE_MS = 10_000;
/** Microseconds from a picture to the next: nobody plays them by a clock, it only tells them apart. */
const APART = 1000;
/** Coded pictures are rounded up to whole blocks; interlaced ones to twice as much. */
const BLOCK = 32;

interface Wanted {
  readonly timestamp: number;
  readonly give: (frame: VideoFrame | undefined) => void;
}

export class Stream {
  readonly start: VideoStart;
  readonly #failed: () => void;
  readonly #wanted: Wanted[] = [];
  #decoder: VideoDecoder | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #patienceMs = FIRST_PATIENCE_MS;
  #count = 0;

  /** `failed` is called at most once, never from within a call. */
  constructor(start: VideoStart, failed: () => void) {
    this.start = start;
    this.#failed = failed;
    try {
      this.#decoder = new VideoDecoder({ output: (frame) => this.#came(frame), error: () => this.#fail() });
      this.#decoder.configure(configuration(start.profile));
    } catch {
      queueMicrotask(() => this.#fail());
    }
  }

  /** The next picture, decoded; `undefined` where the stream has failed. Whoever gets it closes it. */
  decode(data: Uint8Array, key: boolean): Promise<VideoFrame | undefined> {
    if (!this.#decoder) return Promise.resolve(undefined);
    if (!this.#check(data, key)) return this.#given();
    const timestamp = this.#count++ * APART;
    try {
      this.#decoder.decode(new EncodedVideoChunk({ type: key || timestamp === 0 ? "key" : "delta", timestamp, data: data as Uint8Array<ArrayBuffer> }));
    } catch {
      return this.#given();
    }
    return new Promise((give) => {
      this.#wanted.push({ timestamp, give });
      if (this.#wanted.length === 1) this.#wait();
    });
  }

  /** Nothing comes after this. */
  close(): void {
    clearTimeout(this.#patience);
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder && decoder.state !== "closed") decoder.close();
    for (const { give } of this.#wanted.splice(0)) give(undefined);
  }

  /** Whether it may be decoded: its header names the stream's size, before a decoder takes memory for it. */
  #check(data: Uint8Array, key: boolean): boolean {
    const what = "A moving picture";
    const first = key || this.#count === 0;
    try {
      if (this.start.codec === "vp9") {
        const sizes = vp9Sizes(data);
        for (const size of sizes) sameSize(what, size, this.start);
        return sizes.length > 0 || !first;
      }
      const sizes = h264Sizes(data);
      for (const { coded, shown } of sizes) {
        sameSize(what, shown, this.start);
        if (!withinBlock(coded, shown)) throw new Malformed(what, "most of it would never be seen");
      }
      return sizes.length > 0 || !first;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  #came(frame: VideoFrame): void {
    const next = this.#wanted[0];
    if (!next || next.timestamp !== frame.timestamp) {
      // One too many, or not in their order: nothing that comes now can be told apart.
      frame.close();
      return this.#fail();
    }
    this.#wanted.shift();
    this.#patienceMs = PATIENCE_MS;
    if (this.#wanted.length > 0) this.#wait();
    else clearTimeout(this.#patience);
    next.give(frame);
  }

  #wait(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#fail(), this.#patienceMs);
  }

  #given(): Promise<undefined> {
    queueMicrotask(() => this.#fail());
    return Promise.resolve(undefined);
  }

  #fail(): void {
    if (!this.#decoder) return;
    this.close();
    this.#failed();
  }
}

function withinBlock(coded: Size, shown: Size): boolean {
  return coded.width - shown.width < BLOCK && coded.height - shown.height < BLOCK;
}

/** What a decoder is asked for. The stream itself says its colours (BT.709, full range): nobody guesses them by the size. */
export function configuration(codec: string): VideoDecoderConfig {
  return { codec, optimizeForLatency: true };
}
