/**
 * Tiles of a picture into something that can be drawn. Counterpart: client_agent/encode. Everything is checked against
 * what the tile says of itself, a file's header before it is decoded: no more memory is used than its rectangle needs.
 * Throws `Malformed`.
 */
import { unzlibSync } from "fflate";

import { Malformed } from "../protocol/errors.ts";
import type { Tile } from "../protocol/gen/messages.ts";
import { sameSize } from "./bounds.ts";
import { jpegSize, webpSize } from "./headers.ts";

/** A stroke but for its place. */
export type Drawable =
  | { readonly kind: "fill"; readonly colour: string }
  | { readonly kind: "pixels"; readonly image: ImageData }
  | { readonly kind: "copy"; readonly from: readonly [x: number, y: number] }
  | { readonly kind: "picture"; readonly image: ImageBitmap };

/** Up to so many bytes of pixels are unpacked here and now: a stream of the browser's costs more than it saves. */
const SMALL = 16 * 1024;

/** At once where that is quick, so that a typed letter waits for nothing. */
export function decodeTile([, , width, height, encoding, data]: Tile): Drawable | Promise<Drawable> {
  switch (encoding) {
    case "fill": {
      if (data.length !== 3) throw new Malformed("A tile", "a colour has three bytes");
      return { kind: "fill", colour: `rgb(${data.join(" ")})` };
    }
    case "copy": {
      return { kind: "copy", from: copiedFrom(data) };
    }
    case "rgb": {
      const size = width * height * 3;
      if (size <= SMALL) return pixels(inflateNow(data, size), width, height);
      return inflate(data, size).then((rgb) => pixels(rgb, width, height));
    }
    case "jpeg":
    case "webp":
      return bitmap(data, encoding, width, height);
    default:
      throw new Malformed("A tile", `${encoding satisfies never} is no encoding`);
  }
}

/** x, y of what a copy takes. */
export function copiedFrom(data: Uint8Array): readonly [number, number] {
  if (data.length !== 4) throw new Malformed("A tile", "a copy says from where in four bytes");
  const place = new DataView(data.buffer, data.byteOffset);
  return [place.getUint16(0), place.getUint16(2)];
}

/** Exactly `size` bytes out of a zlib stream. */
export function inflateNow(data: Uint8Array, size: number): Uint8Array {
  let out: Uint8Array;
  try {
    // It writes no further than its buffer goes: one byte more shows that there was more.
    out = unzlibSync(data, { out: new Uint8Array(size + 1) });
  } catch {
    throw new Malformed("A tile", "its pixels cannot be unpacked");
  }
  if (out.length !== size) throw new Malformed("A tile", "it has not the pixels of its rectangle");
  return out;
}

/** The same, by the browser. */
export async function inflate(data: Uint8Array, size: number): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  let at = 0;
  try {
    const stream = new DecompressionStream("deflate");
    const writer = stream.writable.getWriter();
    // What is wrong with the data shows where it is read.
    void writer.write(data as Uint8Array<ArrayBuffer>).catch(() => undefined);
    void writer.close().catch(() => undefined);
    // Not every browser iterates over streams.
    const reader = stream.readable.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (at + part.value.length > size) throw new RangeError("too much");
      out.set(part.value, at);
      at += part.value.length;
    }
  } catch {
    throw new Malformed("A tile", "its pixels cannot be unpacked");
  }
  if (at !== size) throw new Malformed("A tile", "it has too few pixels");
  return out;
}

function pixels(rgb: Uint8Array, width: number, height: number): Drawable {
  const image = new ImageData(width, height);
  expand(rgb, new Uint32Array(image.data.buffer));
  return { kind: "pixels", image };
}

/** R,G,B bytes to opaque pixels. Four at a time from three words: this runs over every pixel of a moving screen. */
export function expand(rgb: Uint8Array, out: Uint32Array): void {
  const opaque = 0xff000000;
  const words = new Uint32Array(rgb.buffer, rgb.byteOffset, Math.floor(rgb.length / 12) * 3);
  let to = 0;
  // Little endian, as everywhere a browser runs: a word is R,G,B,R from its lowest byte on.
  for (let from = 0; from < words.length; from += 3, to += 4) {
    const first = words[from]!;
    const second = words[from + 1]!;
    const third = words[from + 2]!;
    out[to] = first | opaque;
    out[to + 1] = (first >>> 24) | (second << 8) | opaque;
    out[to + 2] = (second >>> 16) | (third << 16) | opaque;
    out[to + 3] = (third >>> 8) | opaque;
  }
  for (; to < out.length; to++) {
    out[to] = rgb[to * 3]! | (rgb[to * 3 + 1]! << 8) | (rgb[to * 3 + 2]! << 16) | opaque;
  }
}

async function bitmap(data: Uint8Array, encoding: "jpeg" | "webp", width: number, height: number): Promise<Drawable> {
  const said = { width, height };
  sameSize("A tile", encoding === "jpeg" ? jpegSize(data) : webpSize(data), said);
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(new Blob([data as Uint8Array<ArrayBuffer>], { type: `image/${encoding}` }), { colorSpaceConversion: "none" });
  } catch {
    throw new Malformed("A tile", "its picture cannot be read");
  }
  try {
    sameSize("A tile", image, said); // A note in the file may turn it on its side.
  } catch (error) {
    image.close();
    throw error;
  }
  return { kind: "picture", image };
}
