/**
 * The customer's screen on a canvas. Decoding of messages overlaps, drawing keeps their order; a message counts as
 * handled when it is drawn. It does not wait for animation frames: a hidden tab must go on acknowledging.
 */
import { Store } from "../app/store.ts";
import type { CursorShape, Paused, ScreenSize, Tile, Tiles } from "../protocol/gen/messages.ts";
import { Bounds, type Size } from "./bounds.ts";
import { decodeTile, type Drawable } from "./decode.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type ScreenMessage = ScreenSize | Tiles | Paused | CursorShape | ({ readonly t: "cursor_at" } & Point);

export class Screen {
  /** `undefined` before the first picture. */
  readonly size = new Store<Size | undefined>(undefined);
  /** Why there is no picture now, or `undefined`. */
  readonly paused = new Store<Exclude<Paused["reason"], "none"> | undefined>(undefined);
  /** The pointer's picture; `undefined` until the agent has sent one. */
  readonly cursor = new Store<CursorShape | undefined>(undefined);
  /** Where the customer's pointer is, when the customer moves it. */
  readonly pointer = new Store<Point | undefined>(undefined);
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #bounds = new Bounds();
  #turn: Promise<void> = Promise.resolve();

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("This browser cannot draw");
    this.#canvas = canvas;
    this.#context = context;
  }

  /** Resolved when the message is drawn, rejected with `Malformed`. */
  async show(message: ScreenMessage): Promise<void> {
    if (message.t === "screen") this.#bounds.resize(message);
    if (message.t === "tiles" && !this.#bounds.hold(message)) return;
    const ready = message.t === "tiles" ? Promise.all(message.tiles.map(decodeTile)) : undefined;
    ready?.catch(() => undefined); // Reported by the turn below.
    const shown = this.#turn.then(async () => {
      if (message.t === "tiles") this.#draw(message, (await ready)!);
      else this.#change(message);
    });
    this.#turn = shown.catch(() => undefined);
    await shown;
  }

  #change(message: Exclude<ScreenMessage, Tiles>): void {
    switch (message.t) {
      case "screen":
        this.#canvas.width = message.width;
        this.#canvas.height = message.height;
        this.size.set({ width: message.width, height: message.height });
        return;
      case "paused":
        this.paused.set(message.reason === "none" ? undefined : message.reason);
        return;
      case "cursor":
        this.cursor.set(message);
        return;
      case "cursor_at":
        this.pointer.set({ x: message.x, y: message.y });
    }
  }

  #draw({ tiles }: Tiles, drawables: readonly Drawable[]): void {
    tiles.forEach((tile, n) => this.#drawTile(tile, drawables[n]!));
    this.paused.set(undefined);
  }

  #drawTile([x, y, width, height]: Tile, drawable: Drawable): void {
    switch (drawable.kind) {
      case "colour":
        this.#context.fillStyle = drawable.style;
        this.#context.fillRect(x, y, width, height);
        return;
      case "copy":
        this.#context.drawImage(this.#canvas, drawable.x, drawable.y, width, height, x, y, width, height);
        return;
      case "pixels":
        this.#context.putImageData(drawable.image, x, y);
        return;
      case "bitmap":
        this.#context.drawImage(drawable.image, x, y);
        drawable.image.close();
    }
  }
}
