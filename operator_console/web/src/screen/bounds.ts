/**
 * What may be drawn, told from the messages alone, before any memory is taken for pixels: a customer's program may be a
 * false one. Pure. Counterpart: operator_console/picture.py. Throws `Malformed`.
 */
import { Malformed } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { Area, ScreenSize, Tiles, Video, VideoStart } from "../protocol/gen/messages.ts";
import { copiedFrom } from "./decode.ts";
import type { Size } from "./headers.ts";

/** The tiles of one message cover no more screens than so many: the page draws them in one go. */
const MOST_TIMES = 4;
/** How a profile begins that fits its codec. */
const PROFILES: Readonly<Record<VideoStart["codec"], string>> = { h264: "avc1.", vp9: "vp09." };

/** The customer's screen and the stream of moving pictures on it, as the messages that came last say, drawn or not. */
export class Bounds {
  #size: Size | undefined;
  #stream: VideoStart | undefined;
  /** Bytes of the coded picture whose last piece has not come. */
  #pieces = 0;

  resize({ width, height, monitors }: ScreenSize): void {
    if (width * height > LIMITS.SCREEN_AREA) throw new Malformed("A screen", "it is larger than any desktop");
    this.#size = { width, height };
    for (const monitor of monitors) this.#within("A monitor", monitor);
    this.#stream = undefined;
    this.#pieces = 0;
  }

  /** Whether these tiles are of a screen known here; until its size comes, those for another canvas still arrive. */
  hold({ tiles }: Tiles): boolean {
    if (!this.#size) return false;
    let [area, sent] = [0, 0];
    for (const [x, y, w, h, encoding, data] of tiles) {
      this.#within("A tile", [x, y, w, h]);
      if (encoding === "copy") this.#within("A copy's source", [...copiedFrom(data), w, h]);
      area += w * h;
      if (encoding !== "fill" && encoding !== "copy") sent += w * h;
    }
    const whole = this.#size.width * this.#size.height;
    if (sent > whole || area > MOST_TIMES * whole) throw new Malformed("A picture", "it has more pixels than the screen");
    return true;
  }

  /** The same for a stream that begins. */
  begin(start: VideoStart): boolean {
    if (!this.#size) return false;
    const what = "A stream";
    if (!start.profile.startsWith(PROFILES[start.codec])) throw new Malformed(what, "its profile is another codec's");
    if (start.width % 2 !== 0 || start.height % 2 !== 0) throw new Malformed(what, "its pictures have an odd side");
    const [x, y, w, h] = start.place;
    const { width, height } = this.#size;
    // Pictures have even sides, screens need not: one row or column may lie beyond the edge.
    if (x + w > width + (width % 2) || y + h > height + (height % 2)) throw new Malformed(what, "it lies outside the screen");
    if (start.width > w + 1 || start.height > h + 1) throw new Malformed(what, "its pictures are larger than their place");
    this.#stream = start;
    this.#pieces = 0;
    return true;
  }

  /** The same for a piece of a moving picture: the stream that it belongs to. */
  add({ areas, data, last }: Video): VideoStart | undefined {
    if (!this.#size) return undefined;
    const what = "A moving picture";
    if (!this.#stream) throw new Malformed(what, "no stream has begun");
    const [left, top, width, height] = this.#stream.place;
    for (const area of areas) {
      this.#within(what, area);
      const [x, y, w, h] = area;
      if (x < left || y < top || x + w > left + width || y + h > top + height) throw new Malformed(what, "it lies outside its place");
    }
    this.#pieces += data.length;
    if (this.#pieces > LIMITS.VIDEO_PICTURE) throw new Malformed(what, "its pieces are too many");
    if (last) this.#pieces = 0;
    return this.#stream;
  }

  /** The line was lost: the rest of a picture will not come. */
  cut(): void {
    this.#pieces = 0;
  }

  #within(what: string, [x, y, w, h]: Area): void {
    if (!this.#size || x + w > this.#size.width || y + h > this.#size.height) throw new Malformed(what, "it lies outside the screen");
  }
}

/** Throws unless both are the same. */
export function sameSize(what: string, found: Size, said: Size): void {
  if (found.width !== said.width || found.height !== said.height) throw new Malformed(what, "its picture has another size");
}
