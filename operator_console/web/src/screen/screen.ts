/**
 * The customer's screen on the page: its canvas, who paints it, and what the page shows of it besides pixels. Painted by
 * a worker where the browser has one for it, otherwise here.
 */
import { Store } from "../app/store.ts";
import type { CursorShape, Paused } from "../protocol/gen/messages.ts";
import { drawsBeside } from "./abilities.ts";
import type { Layout } from "./layout.ts";
import { Painter } from "./painter.ts";
import type { Drawn, FromPainter, ScreenFrame, ToPainter, VideoCodec } from "./talk.ts";
import workerAddress from "./worker.ts?worker&url";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type PointerMessage = CursorShape | ({ readonly t: "cursor_at" } & Point);

export interface ScreenEvents {
  /** Everything up to `number` of line `g` is on the canvas. */
  drawn(g: number, number: number, pictures: readonly Drawn[]): void;
  undecodable(codec: VideoCodec): void;
  /** The last event. */
  refused(what: Extract<FromPainter, { t: "refused" }>["what"], reason: string): void;
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
  readonly #give: (word: ToPainter, memory: ArrayBuffer[]) => void;
  readonly #stop: () => void;

  /** Takes the canvas for good: nobody else may draw on it, before or after. */
  constructor(canvas: HTMLCanvasElement, events: ScreenEvents) {
    this.#events = events;
    if (drawsBeside()) {
      const worker = new Worker(trusted(workerAddress), { type: "module", name: "painter" });
      worker.onmessage = ({ data }: MessageEvent<FromPainter>) => this.#told(data);
      worker.onerror = ({ message }) => this.#told({ t: "refused", what: "fault", reason: message || "The painter did not start" });
      const surface = canvas.transferControlToOffscreen();
      worker.postMessage(surface, [surface]);
      this.#give = (word, memory) => worker.postMessage(word, memory);
      this.#stop = () => worker.terminate();
    } else {
      const painter = new Painter(canvas, (word) => this.#told(word));
      this.#give = (word) => painter.take(word);
      this.#stop = () => painter.stop();
    }
  }

  /** Frames of the screen lane that came over line `g`, in order. The memory behind them is given away. */
  show(g: number, frames: readonly ScreenFrame[]): void {
    this.#give({ t: "frames", g, frames }, [...new Set(frames.map(({ payload }) => payload.buffer as ArrayBuffer))]);
  }

  /** Behind what was shown before. */
  pause(message: Paused): void {
    this.#give(message, []);
  }

  point(message: PointerMessage): void {
    if (message.t === "cursor") this.cursor.set(message);
    else this.pointer.set({ x: message.x, y: message.y });
  }

  /** No event comes after this. */
  close(): void {
    this.#stop();
  }

  #told(word: FromPainter): void {
    switch (word.t) {
      case "drawn":
        this.#events.drawn(word.g, word.number, word.pictures);
        if (word.pictures.length > 0) this.paused.set(undefined);
        return;
      case "screen":
        this.size.set({ width: word.width, height: word.height, monitors: word.monitors });
        return;
      case "paused":
        this.paused.set(word.reason === "none" ? undefined : word.reason);
        return;
      case "undecodable":
        return this.#events.undecodable(word.codec);
      case "refused":
        return this.#events.refused(word.what, word.reason);
      default:
        word satisfies never;
    }
  }
}

/** Our own script, where the browser wants that said (Trusted Types). */
function trusted(address: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return address;
  policy ??= types.createPolicy("relevo", {
    createScriptURL: (asked) => {
      if (asked !== workerAddress) throw new TypeError("It is no script of this page");
      return asked;
    },
  });
  return policy.createScriptURL(address) as unknown as string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(asked: string): string }): { createScriptURL(asked: string): object };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;
