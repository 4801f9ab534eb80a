/** The customer's screen on the page: its canvas, who reads what comes for it, and what is shown of it besides pixels. */
import { Store } from "../app/store.ts";
import type { CursorShape, Paused } from "../protocol/gen/messages.ts";
import { type ReaderPlace, reader } from "./beside.ts";
import { Brush } from "./brush.ts";
import type { Layout } from "./layout.ts";
import type { Drawn, FromReader, ScreenFrame, VideoCodec } from "./talk.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type PointerMessage = CursorShape | ({ readonly t: "cursor_at" } & Point);

export interface ScreenEvents {
  /** Everything up to `number` of line `g` is on the canvas. */
  drawn(g: number, number: number, pictures: readonly Drawn[]): void;
  undecodable(codec: VideoCodec): void;
  /** What was on the canvas is gone. */
  lost(): void;
  /** The last event. */
  refused(what: Extract<FromReader, { t: "refused" }>["what"], reason: string): void;
}

export class Screen {
  /** `undefined` before the first picture. */
  readonly size = new Store<Layout | undefined>(undefined);
  /** Why there is no picture now, or `undefined`. */
  readonly paused = new Store<Exclude<Paused["reason"], "none"> | undefined>(undefined);
  /** The pointer's picture; `undefined` until the agent has sent one. */
  readonly cursor = new Store<CursorShape | undefined>(undefined);
  /** Where the customer's pointer is, when the customer moves it. */
  readonly pointer = new Store<Point | undefined>(undefined);
  readonly #events: ScreenEvents;
  readonly #brush: Brush;
  readonly #reader: ReaderPlace;

  /** Nobody else may draw on the canvas, before or after. */
  constructor(canvas: HTMLCanvasElement, events: ScreenEvents) {
    this.#events = events;
    this.#brush = new Brush(canvas, () => events.lost());
    this.#reader = reader((word) => this.#told(word));
  }

  /** Frames of the screen lane that came over line `g`, in order. The memory behind them is given away. */
  show(g: number, frames: readonly ScreenFrame[]): void {
    this.#reader.take({ t: "frames", g, frames });
  }

  /** Behind what was shown before. */
  pause(message: Paused): void {
    this.#reader.take(message);
  }

  point(message: PointerMessage): void {
    if (message.t === "cursor") this.cursor.set(message);
    else this.pointer.set({ x: message.x, y: message.y });
  }

  /** No event comes after this. */
  close(): void {
    this.#brush.close();
    this.#reader.stop();
  }

  #told(word: FromReader): void {
    switch (word.t) {
      case "ready":
        return;
      case "strokes":
        this.#brush.draw(word.strokes);
        if (word.number > 0) this.#events.drawn(word.g, word.number, word.pictures);
        if (word.pictures.length > 0) this.paused.set(undefined);
        // Later, as from another thread: a reader on the page may be in the middle of a step.
        return queueMicrotask(() => this.#reader.take({ t: "drawn", pixels: word.pixels }));
      case "screen":
        this.#brush.resize(word);
        return this.size.set({ width: word.width, height: word.height, monitors: word.monitors });
      case "paused":
        return this.paused.set(word.reason === "none" ? undefined : word.reason);
      case "undecodable":
        return this.#events.undecodable(word.codec);
      case "refused":
        return this.#events.refused(word.what, word.reason);
      default:
        word satisfies never;
    }
  }
}
