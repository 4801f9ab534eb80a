/** What the page and the painter say to each other, whether a thread lies between them or not. */
import type { Paused, ScreenSize, VideoStart } from "../protocol/gen/messages.ts";

export type VideoCodec = VideoStart["codec"];

/** A frame of the screen lane as it left the sealed channel: its number, and a message in bytes. */
export interface ScreenFrame {
  readonly number: number;
  readonly payload: Uint8Array;
}

export type ToPainter =
  /** In order; `g` is the line that they came over. The memory behind the payloads is given away. */
  | { readonly t: "frames"; readonly g: number; readonly frames: readonly ScreenFrame[] }
  /** It came on another lane, behind the frames given before. */
  | Paused;

/** What pictures are made of: tiles to the last bit, tiles that are photographs, moving pictures. */
export type Making = "exact" | "photo" | VideoCodec;

export interface Drawn {
  /** The picture's number. */
  readonly frame: number;
  readonly making: Making;
}

export type FromPainter =
  /** Everything up to `number` that came over line `g` is on the canvas. */
  | { readonly t: "drawn"; readonly g: number; readonly number: number; readonly pictures: readonly Drawn[] }
  | ScreenSize
  | Paused
  /** Moving pictures of this kind do not come out here, whatever the browser says: all that were sent were for nothing. */
  | { readonly t: "undecodable"; readonly codec: VideoCodec }
  /** The last word: what came is no message, asks for what must not be, or we are at fault. */
  | { readonly t: "refused"; readonly what: "message" | "picture" | "fault"; readonly reason: string };
