/**
 * The size of a coded picture as its own header has it, read before a decoder sees it: a customer's program may be a
 * false one, and a decoder takes memory for whatever size it is told. Pure. Throws `Malformed` for what is no JPEG file
 * and `RangeError` for a moving picture whose header is cut short.
 */
import { Malformed } from "../protocol/errors.ts";

export interface Size {
  readonly width: number;
  readonly height: number;
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

/** Reads bits, the highest first. Throws `RangeError` at the end. */
class Bits {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  take(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n++, this.#at++) {
      const byte = this.#data[this.#at >> 3];
      if (byte === undefined) throw new RangeError("A header is cut short");
      value = value * 2 + ((byte >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.take(1) === 1;
  }

  /** Exp-Golomb (ITU-T H.264, 9.1). */
  unsigned(): number {
    let zeros = 0;
    while (!this.flag()) if (++zeros > 31) throw new RangeError("A header has no such number");
    return 2 ** zeros - 1 + this.take(zeros);
  }

  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}

/** Sizes that this picture's parameter sets announce: of the coded picture, and of what is shown of it. */
export function h264Sizes(data: Uint8Array): { readonly coded: Size; readonly shown: Size }[] {
  return [...units(data)].filter((unit) => (unit[0]! & 31) === 7).map((unit) => parameterSet(unescape(unit.subarray(1))));
}

/** The NAL units of an Annex B stream, which 00 00 01 separates. */
function* units(data: Uint8Array): Generator<Uint8Array> {
  let begin = -1;
  for (let at = data.indexOf(1, 2); at >= 0; at = data.indexOf(1, at + 1)) {
    if (data[at - 1] !== 0 || data[at - 2] !== 0) continue;
    if (begin >= 0 && begin < at - 2) yield data.subarray(begin, at - 2);
    begin = at + 1;
  }
  if (begin >= 0 && begin < data.length) yield data.subarray(begin);
}

/** Without the 3 behind two zeros that keeps a unit from looking like a start code. A set is short: so much is enough. */
function unescape(unit: Uint8Array): Uint8Array {
  return Uint8Array.from([...unit.subarray(0, 1024)].filter((byte, n) => !(byte === 3 && unit[n - 1] === 0 && unit[n - 2] === 0)));
}

/** Profiles that say their colour format (ITU-T H.264, 7.3.2.1.1). */
const WITH_FORMAT = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function parameterSet(set: Uint8Array): { readonly coded: Size; readonly shown: Size } {
  const bits = new Bits(set);
  const profile = bits.take(8);
  bits.take(16); // constraints, level
  bits.unsigned(); // the set's number
  let format = 1;
  if (WITH_FORMAT.has(profile)) {
    format = bits.unsigned();
    if (format === 3) bits.flag();
    bits.unsigned(); // depth of luma
    bits.unsigned(); // depth of chroma
    bits.flag();
    if (bits.flag()) for (let list = 0; list < (format === 3 ? 12 : 8); list++) if (bits.flag()) skipScaling(bits, list < 6 ? 16 : 64);
  }
  bits.unsigned(); // length of frame numbers
  const order = bits.unsigned();
  if (order === 0) bits.unsigned();
  if (order === 1) {
    bits.flag();
    bits.signed();
    bits.signed();
    const cycle = bits.unsigned();
    if (cycle > 255) throw new RangeError("A header has no such cycle");
    for (let n = 0; n < cycle; n++) bits.signed();
  }
  bits.unsigned(); // reference pictures
  bits.flag();
  const width = (bits.unsigned() + 1) * 16;
  const rows = bits.unsigned() + 1;
  const wholeFrames = bits.flag();
  if (!wholeFrames) bits.flag();
  bits.flag();
  const height = rows * 16 * (wholeFrames ? 1 : 2);
  const [left, right, top, bottom] = bits.flag() ? [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()] : [0, 0, 0, 0];
  const across = format === 1 || format === 2 ? 2 : 1;
  const down = (format === 1 ? 2 : 1) * (wholeFrames ? 1 : 2);
  return { coded: { width, height }, shown: { width: width - (left + right) * across, height: height - (top + bottom) * down } };
}

function skipScaling(bits: Bits, size: number): void {
  for (let n = 0, last = 8, next = 8; n < size; n++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** Sizes that the frames of this picture announce (VP9 specification, 6.2); a frame that takes over another's has none. */
export function vp9Sizes(data: Uint8Array): Size[] {
  return vp9Frames(data).flatMap((frame) => vp9Size(frame) ?? []);
}

/** One, or those of a superframe (VP9 specification, annex B). */
function vp9Frames(data: Uint8Array): Uint8Array[] {
  const marker = data.at(-1) ?? 0;
  if ((marker & 0b1110_0000) !== 0b1100_0000) return [data];
  const bytes = ((marker >> 3) & 3) + 1;
  const count = (marker & 7) + 1;
  const index = data.length - 2 - bytes * count;
  if (index < 0 || data[index] !== marker) return [data];
  const frames: Uint8Array[] = [];
  for (let n = 0, begin = 0; n < count; n++) {
    let size = 0;
    for (let byte = bytes - 1; byte >= 0; byte--) size = size * 256 + data[index + 1 + n * bytes + byte]!;
    if (begin + size > index) throw new RangeError("A header has more than there is");
    if (size > 0) frames.push(data.subarray(begin, begin + size));
    begin += size;
  }
  return frames;
}

function vp9Size(frame: Uint8Array): Size | undefined {
  const bits = new Bits(frame);
  if (bits.take(2) !== 2) throw new RangeError("A header is none");
  const profile = bits.take(1) + bits.take(1) * 2;
  if (profile === 3) bits.flag();
  if (bits.flag()) return undefined; // one that was decoded before is shown again
  const inter = bits.flag();
  const shown = bits.flag();
  const resilient = bits.flag();
  const intraOnly = inter && !shown && bits.flag();
  if (inter && !resilient) bits.take(2);
  if (!inter || intraOnly) {
    if (bits.take(24) !== 0x49_83_42) throw new RangeError("A header is none");
    if (!inter || profile > 0) skipColour(bits, profile);
    if (inter) bits.take(8);
    return vp9Extent(bits);
  }
  bits.take(8 + 12); // what is refreshed, what is referred to
  for (let reference = 0; reference < 3; reference++) if (bits.flag()) return undefined;
  return vp9Extent(bits);
}

function vp9Extent(bits: Bits): Size {
  return { width: bits.take(16) + 1, height: bits.take(16) + 1 };
}

const SRGB = 7;

function skipColour(bits: Bits, profile: number): void {
  if (profile >= 2) bits.flag();
  if (bits.take(3) !== SRGB) {
    bits.flag();
    if (profile % 2 === 1) bits.take(3);
  } else if (profile % 2 === 1) {
    bits.flag();
  }
}
