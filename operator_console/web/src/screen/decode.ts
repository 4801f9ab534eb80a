/**
 * Tiles of a picture into something that can be drawn. Counterpart: client_agent/encode. Everything is checked against
 * what the tile says of itself: no more memory is used than its rectangle needs. Throws `Malformed`.
 */
import { Malformed } from "../protocol/errors.ts";
import type { Tile } from "../protocol/gen/messages.ts";

export type Drawable =
  | { readonly kind: "colour"; readonly style: string }
  | { readonly kind: "pixels"; readonly image: ImageData }
  | { readonly kind: "bitmap"; readonly image: ImageBitmap };

export async function decodeTile([, , width, height, encoding, data]: Tile): Promise<Drawable> {
  switch (encoding) {
    case "fill": {
      if (data.length !== 3) throw new Malformed("A tile", "a colour has three bytes");
      return { kind: "colour", style: `rgb(${data.join(" ")})` };
    }
    case "rgb":
      return { kind: "pixels", image: pixels(await inflate(data, width * height * 3), width, height) };
    case "jpeg":
    case "png":
    case "webp":
      return { kind: "bitmap", image: await bitmap(data, `image/${encoding}`, width, height) };
    default:
      throw new Malformed("A tile", `${encoding satisfies never} is no encoding`);
  }
}

/** Exactly `size` bytes out of a zlib stream. */
export async function inflate(data: Uint8Array, size: number): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  let at = 0;
  try {
    const stream = new Blob([data as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream("deflate"));
    for await (const chunk of stream) {
      if (at + chunk.length > size) throw new RangeError("too much");
      out.set(chunk, at);
      at += chunk.length;
    }
  } catch {
    throw new Malformed("A tile", "its pixels cannot be unpacked");
  }
  if (at !== size) throw new Malformed("A tile", "it has too few pixels");
  return out;
}

function pixels(rgb: Uint8Array, width: number, height: number): ImageData {
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  // Little endian everywhere a browser runs: A B G R.
  for (let from = 0, to = 0; to < out.length; from += 3, to++) {
    out[to] = 0xff000000 | (rgb[from + 2]! << 16) | (rgb[from + 1]! << 8) | rgb[from]!;
  }
  return image;
}

async function bitmap(data: Uint8Array, type: string, width: number, height: number): Promise<ImageBitmap> {
  let image: ImageBitmap;
  try {
    image = await createImageBitmap(new Blob([data as Uint8Array<ArrayBuffer>], { type }), { colorSpaceConversion: "none" });
  } catch {
    throw new Malformed("A tile", "its picture cannot be read");
  }
  if (image.width !== width || image.height !== height) {
    image.close();
    throw new Malformed("A tile", "its picture has another size");
  }
  return image;
}
