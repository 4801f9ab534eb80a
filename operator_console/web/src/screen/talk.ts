/** What the page and the reader of pictures say to each other, whether a thread lies between them or not. */
import type { Area, Paused, ScreenSize, VideoStart } from "../protocol/gen/messages.ts";

export type VideoCodec = VideoStart["codec"];

/** Messages that wait, in bytes, at most. An honest agent has a fifth of a second of its line on the way. */
export const WAITING = 64 * 1024 * 1024;

/** A frame of the screen lane as it left the sealed channel: its number, and a message in bytes. */
export interface ScreenFrame {
  readonly number: number;
  readonly payload: Uint8Array;
}

export type ToReader =
  /** In order; `g` is the line that they came over. The memory behind the payloads is given away. */
  | { readonly t: "frames"; readonly g: number; readonly frames: readonly ScreenFrame[] }
  /** It came on another lane, behind the frames given before. */
  | Paused
  /** So many pixels of the strokes are on the canvas: their memory is free. */
  | { readonly t: "drawn"; readonly pixels: number };

/** One thing to do to the canvas, checked: it lies on the screen and is as large as it says. */
export type Stroke =
  | { readonly kind: "fill"; readonly area: Area; readonly colour: string }
  /** What is on the canvas at x, y. */
  | { readonly kind: "copy"; readonly area: Area; readonly from: readonly [x: number, y: number] }
  | { readonly kind: "pixels"; readonly area: Area; readonly image: ImageData }
  /** Whoever draws it closes it. `within`: only these parts of the canvas change. */
  | { readonly kind: "picture"; readonly area: Area; readonly image: ImageBitmap | VideoFrame; readonly within?: readonly Area[] };

/** What pictures are made of: tiles to the last bit, tiles that are photographs, moving pictures. */
export type Making = "exact" | "photo" | VideoCodec;

export interface Drawn {
  /** The picture's number. */
  readonly frame: number;
  readonly making: Making;
}

/** With these drawn in their order, everything up to `number` that came over line `g` is on the canvas; 0: no more than before. */
export interface Strokes {
  readonly t: "strokes";
  readonly g: number;
  readonly number: number;
  readonly strokes: readonly Stroke[];
  readonly pictures: readonly Drawn[];
  /** What they hold, to be told when they are drawn. */
  readonly pixels: number;
}

export type FromReader =
  /** The first word: frames can be given. */
  | { readonly t: "ready" }
  | Strokes
  /** The canvas begins anew, as large as this. */
  | ScreenSize
  | Paused
  /** Moving pictures of this kind do not come out here, whatever the browser says: all that were sent were for nothing. */
  | { readonly t: "undecodable"; readonly codec: VideoCodec }
  /** The last word: what came is no message, asks for what must not be, or we are at fault. */
  | { readonly t: "refused"; readonly what: "message" | "picture" | "fault"; readonly reason: string };

/** What a word gives away. */
export function memoryOf(word: ToReader | FromReader): Transferable[] {
  switch (word.t) {
    case "frames":
      return [...new Set(word.frames.map(({ payload }) => payload.buffer as ArrayBuffer))];
    case "strokes":
      return word.strokes.flatMap(given);
    default:
      return [];
  }
}

function given(stroke: Stroke): readonly Transferable[] {
  if (stroke.kind === "pixels") return [stroke.image.data.buffer];
  return stroke.kind === "picture" ? [stroke.image] : [];
}
