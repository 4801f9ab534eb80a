/** Round trip, rate and frames per second of a line; also notices a line that has fallen silent. Pure: time is given. */

import type { Making } from "../screen/talk.ts";

export interface Reading {
  /** Milliseconds there and back through the sealed channel; `undefined` before the first answer. */
  readonly roundTripMs: number | undefined;
  readonly kbitPerSecond: number;
  readonly framesPerSecond: number;
  /** What the pictures were made of that were drawn last, in the order of `MAKINGS`. */
  readonly makings: readonly Making[];
}

export const SILENT: Reading = { roundTripMs: undefined, kbitPerSecond: 0, framesPerSecond: 0, makings: [] };

const MAKINGS: readonly Making[] = ["h264", "vp9", "photo", "exact"];

/** Ticks without an answer after which a line counts as lost, unless they went by faster than `SILENCE_MS`. */
const SILENT_TICKS = 3;
const SILENCE_MS = 6000;

export class Meter {
  #nonce = 0;
  #askedAt: number | undefined;
  #unanswered = 0;
  #roundTripMs: number | undefined;
  #frame = -1;
  #frames = 0;
  #made = new Set<Making>();
  #makings: readonly Making[] = [];
  #bytes = 0;
  #since: number;

  /** `now` is in milliseconds, here and below, on one monotonic clock. */
  constructor(now: number) {
    this.#since = now;
  }

  /** Something of picture `frame` is on the canvas. On a busy screen the next picture begins before one is whole. */
  drawn(frame: number, making: Making): void {
    this.#made.add(making);
    if (frame === this.#frame) return;
    this.#frame = frame;
    this.#frames++;
  }

  /** The nonce to ask with, or `undefined` while an answer is awaited. */
  ask(now: number): number | undefined {
    if (this.#askedAt !== undefined) {
      this.#unanswered++;
      return undefined;
    }
    this.#askedAt = now;
    return ++this.#nonce;
  }

  answered(nonce: number, now: number): void {
    if (nonce !== this.#nonce || this.#askedAt === undefined) return;
    this.#roundTripMs = now - this.#askedAt;
    this.#askedAt = undefined;
    this.#unanswered = 0;
  }

  /** Whether the other end has been silent for too long. Counts ticks too: a hidden tab's clock stands still. */
  silent(now: number): boolean {
    return this.#askedAt !== undefined && this.#unanswered >= SILENT_TICKS && now - this.#askedAt > SILENCE_MS;
  }

  /** What was measured since the last reading; `bytes` is the line's total. */
  read(now: number, bytes: number): Reading {
    const seconds = Math.max(0.001, (now - this.#since) / 1000);
    // A screen that stands still is what was sent last.
    if (this.#made.size > 0) this.#makings = MAKINGS.filter((making) => this.#made.has(making));
    const reading = {
      roundTripMs: this.#roundTripMs,
      kbitPerSecond: ((bytes - this.#bytes) * 8) / 1000 / seconds,
      framesPerSecond: this.#frames / seconds,
      makings: this.#makings,
    };
    this.#since = now;
    this.#bytes = bytes;
    this.#frames = 0;
    this.#made = new Set();
    return reading;
  }
}
