/** The customer's screen with its reader on the page, as where there is no worker; only the canvas is played. */
import { deflateSync } from "node:zlib";

import { encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { InnerFromAgent, Tile } from "../src/protocol/gen/messages.ts";
import { Screen } from "../src/screen/screen.ts";

/** Notes how wide it becomes and where something is drawn. */
class Canvas {
  readonly #log: unknown[];
  height = 1;
  oncontextrestored: (() => void) | null = null;

  constructor(log: unknown[]) {
    this.#log = log;
  }

  set width(width: number) {
    this.#log.push(`${width} wide`);
  }

  getContext() {
    return { fillRect: (x: number) => this.#log.push(`fill at ${x}`), putImageData: (_: unknown, x: number) => this.#log.push(`pixels at ${x}`) };
  }
}

/** A screen, and in order what becomes of its canvas and what is told of it. */
function course() {
  const log: unknown[] = [];
  const canvas = new Canvas(log);
  const screen = new Screen(canvas as unknown as HTMLCanvasElement, {
    drawn: (g, number) => log.push({ g, number }),
    undecodable: (codec) => log.push(codec),
    lost: () => log.push("lost"),
    refused: (_, reason) => log.push(reason),
  });
  return { log, canvas, screen };
}

const record = (first: number, ...messages: InnerFromAgent[]) => messages.map((message, n) => ({ number: first + n, payload: encode(message) }));
const size = (width: number, height: number): InnerFromAgent => ({ t: "screen", width, height, monitors: [] });
const tiles = (...all: Tile[]): InnerFromAgent => ({ t: "tiles", frame: 1, last: true, tiles: all });
const fill = (x: number): Tile => [x, 0, 1, 1, "fill", Uint8Array.of(1, 2, 3)];
/** Too large to be unpacked at once. */
const late = (x: number): Tile => [x, 0, 100, 100, "rgb", deflateSync(new Uint8Array(100 * 100 * 3))];

beforeEach(() => {
  vi.stubGlobal("ImageData", class {
    readonly data: Uint8ClampedArray<ArrayBuffer>;

    constructor(width: number, height: number) {
      this.data = new Uint8ClampedArray(width * height * 4);
    }
  });
});
afterEach(() => void vi.unstubAllGlobals());

test("what is behind a new size is drawn on the new canvas, and acknowledged in its turn", async () => {
  const { log, screen } = course();
  screen.show(1, record(1, size(400, 300)));
  screen.show(1, record(2, tiles(fill(7)), size(300, 200), tiles(fill(9))));
  await vi.waitFor(() => expect(log.at(-1)).toEqual({ g: 1, number: 4 }));
  expect(log).toEqual(["400 wide", { g: 1, number: 1 }, "fill at 7", { g: 1, number: 2 }, "300 wide", "fill at 9", { g: 1, number: 4 }]);
});

test("what came over the next line is acknowledged for it, whatever the line before was still making ready", async () => {
  const { log, screen } = course();
  screen.show(1, record(1, size(400, 300), tiles(late(8))));
  screen.show(2, record(9, tiles(fill(9)), tiles(fill(10))));
  await vi.waitFor(() => expect(log.at(-1)).toEqual({ g: 2, number: 10 }));
  expect(log).toEqual(["400 wide", { g: 1, number: 1 }, "pixels at 8", { g: 1, number: 2 }, "fill at 9", "fill at 10", { g: 2, number: 10 }]);
});

test("a canvas that the browser lost is asked for once it is back, and nobody asks after the end", () => {
  const { log, canvas, screen } = course();
  canvas.oncontextrestored?.();
  expect(log).toEqual(["lost"]);
  screen.close();
  canvas.oncontextrestored?.();
  expect(log).toEqual(["lost"]);
});
