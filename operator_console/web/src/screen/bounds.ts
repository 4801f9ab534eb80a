/**
 * What may be drawn, told from the messages and a picture's header alone, before any memory is taken for pixels: a
 * customer's program may be a false one. Pure. Counterpart: operator_console/picture.py. Throws `Malformed`.
 */
import { Malformed } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { ScreenSize, Tiles } from "../protocol/gen/messages.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The customer's screen, as the messages that came last say, drawn or not. */
export class Bounds {
  #size: Size | undefined;

  resize({ width, height }: ScreenSize): void {
    if (width * height > LIMITS.SCREEN_AREA) throw new Malformed("A screen", "it is larger than any desktop");
    this.#size = { width, height };
  }

  /** Whether these tiles are of a screen known here; until its size comes, those for another canvas still arrive. */
  hold({ tiles }: Tiles): boolean {
    if (!this.#size) return false;
    const { width, height } = this.#size;
    let area = 0;
    for (const [x, y, w, h, encoding] of tiles) {
      if (x + w > width || y + h > height) throw new Malformed("A tile", "it lies outside the screen");
      if (encoding !== "fill" && encoding !== "copy") area += w * h;
    }
    if (area > width * height) throw new Malformed("A picture", "it has more pixels than the screen");
    return true;
  }
}

const START = 0xffd8;
/** The markers that begin a frame: SOF0 to SOF15, without the three of the same row that mean something else. */
const isFrame = (marker: number) => marker >= 0xffc0 && marker <= 0xffcf && ![0xffc4, 0xffc8, 0xffcc].includes(marker);
/** Markers without a length, and what cannot come before a frame. */
const isNoSegment = (marker: number) => marker <= 0xff01 || (marker >= 0xffd0 && marker <= 0xffda);

/** The size of a JPEG file as its frame header has it (ITU-T T.81, B.2.2). */
export function jpegSize(data: Uint8Array): Size {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 2 || view.getUint16(0) !== START) throw new Malformed("A tile", "it is no JPEG file");
  for (let at = 2; at + 9 <= data.length; ) {
    const marker = view.getUint16(at);
    if (isFrame(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    const length = view.getUint16(at + 2);
    if (isNoSegment(marker) || length < 2) break;
    at += 2 + length;
  }
  throw new Malformed("A tile", "its picture has no size");
}

/** `RIFF`, `WEBP`, `VP8L` and the signature of a lossless picture, where a file has them (RFC 9649, 3.4). */
const LOSSLESS: readonly (readonly [number, number])[] = [[0, 0x52494646], [8, 0x57454250], [12, 0x5650384c]];

/** The size of a WebP file that holds one lossless picture and nothing else. */
export function webpSize(data: Uint8Array): Size {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const whole = data.length >= 25 && LOSSLESS.every(([at, word]) => view.getUint32(at) === word) && data[20] === 0x2f;
  if (!whole) throw new Malformed("A tile", "it is no lossless WebP file");
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}
