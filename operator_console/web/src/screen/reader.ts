/**
 * Reads the customer's screen: messages of the screen lane in, strokes for the canvas out. Runs in a worker, or on the
 * page where a browser has none; it knows nothing of either. Decoding of messages overlaps, strokes keep their order.
 * Nothing is kept of what is malformed: the first such message ends it.
 */
import { fromBytes } from "../protocol/codec.ts";
import { Malformed, ProtocolError } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { Area, InnerFromAgent, ScreenSize, Tile, Tiles, Video, VideoStart } from "../protocol/gen/messages.ts";
import { Bounds, sameSize } from "./bounds.ts";
import { copiedFrom, type Drawable, decodeTile } from "./decode.ts";
import { type Drawn, type FromReader, type Making, type ScreenFrame, type Stroke, type ToReader, type VideoCodec, WAITING } from "./talk.ts";
import { type Step, Turns } from "./turns.ts";
import { Stream } from "./video.ts";

const NOTHING: Step = { pixels: 0, alone: false, areas: [], begin: () => undefined, draw: () => undefined, end: () => undefined };
/** Areas of a message that are kept apart; of more, only what surrounds them all. */
const APART = 64;

export class Reader {
  readonly #tell: (word: FromReader) => void;
  readonly #bounds = new Bounds();
  readonly #turns = new Turns(LIMITS.SCREEN_AREA, { swept: () => this.#report(), failed: (error) => this.#refuse(error) });
  /** Moving pictures that did not come out: the agent is told, what is on its way is passed over. */
  readonly #undecodable = new Set<VideoCodec>();
  #stream: Stream | undefined;
  /** Of the coded picture whose last piece has not come. */
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** The line that the last message came over, and that which the last one that was read to its end did. */
  #g = 0;
  #ended = 0;
  /** What was read to its end and not told yet. */
  #number = 0;
  #strokes: Stroke[] = [];
  #pictures: Drawn[] = [];
  #pixels = 0;

  constructor(tell: (word: FromReader) => void) {
    this.#tell = tell;
  }

  take(word: ToReader): void {
    if (word.t === "drawn") return this.#turns.free(word.pixels);
    try {
      if (word.t === "paused") this.#turns.add({ ...NOTHING, end: () => this.#say(word) });
      else for (const frame of word.frames) this.#read(word.g, frame);
    } catch (error) {
      return this.#refuse(error);
    }
    this.#turns.run();
  }

  /** Nothing is drawn or told after this. */
  stop(): void {
    this.#turns.stop();
    this.#stream?.close();
  }

  #read(g: number, { number, payload }: ScreenFrame): void {
    this.#waiting += payload.length;
    if (this.#waiting > WAITING) throw new Malformed("A line", "more is on its way than was acknowledged");
    if (g !== this.#g) this.#nextLine(g);
    const step = this.#step(read(payload));
    this.#turns.add({
      ...step,
      draw: () => {
        step.draw();
        this.#pixels += step.pixels;
      },
      end: () => {
        step.end();
        this.#waiting -= payload.length;
        this.#number = number;
      },
    });
  }

  /** What the line before did not bring to its end stays unfinished. */
  #nextLine(g: number): void {
    this.#bounds.cut();
    this.#g = g;
    this.#turns.add({
      ...NOTHING,
      alone: true,
      end: () => {
        this.#report();
        this.#ended = g;
        this.#pieces = [];
      },
    });
  }

  #step(message: InnerFromAgent): Step {
    switch (message.t) {
      case "screen":
        this.#bounds.resize(message);
        // A new canvas costs the page as much as drawing all over it.
        return { ...NOTHING, pixels: message.width * message.height, alone: true, draw: () => this.#resize(message) };
      case "tiles":
        return this.#bounds.hold(message) ? this.#tiles(message) : NOTHING;
      case "video_start":
        return this.#bounds.begin(message) ? { ...NOTHING, alone: true, end: () => this.#begin(message) } : NOTHING;
      case "video": {
        const stream = this.#bounds.add(message);
        return stream ? this.#video(message, stream) : NOTHING;
      }
      case "paused":
        return { ...NOTHING, end: () => this.#say(message) };
      default:
        throw new Unreadable(`"${message.t}" is not for the screen lane`);
    }
  }

  #resize(message: ScreenSize): void {
    this.#end();
    this.#say(message);
  }

  #tiles(message: Tiles): Step {
    let drawables: readonly Drawable[] = [];
    return {
      pixels: message.tiles.reduce((sum, [, , w, h]) => sum + w * h, 0),
      alone: false,
      areas: fewer(message.tiles.flatMap(touched)),
      begin: () => {
        const begun = message.tiles.map((tile) => decodeTile(tile));
        if (begun.every((one): one is Drawable => !(one instanceof Promise))) {
          drawables = begun;
          return undefined;
        }
        return Promise.all(begun).then((ready) => void (drawables = ready));
      },
      draw: () => message.tiles.forEach(([x, y, w, h], n) => this.#strokes.push({ ...drawables[n]!, area: [x, y, w, h] })),
      end: () => {
        const making: Making = message.tiles.some(([, , , , encoding]) => encoding === "jpeg") ? "photo" : "exact";
        this.#pictures.push({ frame: message.frame, making });
      },
    };
  }

  /** The stream before it is over: one decoder at a time. */
  #begin(start: VideoStart): void {
    this.#end();
    if (this.#undecodable.has(start.codec)) return;
    this.#stream = new Stream(start, () => {
      this.#undecodable.add(start.codec);
      this.#tell({ t: "undecodable", codec: start.codec });
    });
  }

  #end(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#pieces = [];
  }

  #video(message: Video, start: VideoStart): Step {
    if (!message.last) return { ...NOTHING, begin: () => void this.#pieces.push(message.data) };
    const { place: [x, y, w, h], width, height } = start;
    let picture: VideoFrame | undefined;
    return {
      pixels: width * height,
      alone: false,
      areas: [start.place],
      begin: () => {
        const data = joined([...this.#pieces.splice(0), message.data]);
        return this.#stream?.decode(data, message.key).then((frame) => {
          if (frame) sameSize("A moving picture", { width: frame.displayWidth, height: frame.displayHeight }, start);
          picture = frame;
        });
      },
      draw: () => {
        if (message.areas.length === 0) return picture?.close();
        if (picture) this.#strokes.push({ kind: "picture", image: picture, area: [x, y, enlarged(width, w), enlarged(height, h)], within: message.areas });
      },
      end: () => {
        if (picture && message.areas.length > 0) this.#pictures.push({ frame: message.frame, making: start.codec });
      },
    };
  }

  /** In its place behind what was read before it. */
  #say(word: FromReader): void {
    this.#report();
    this.#tell(word);
  }

  /** What was drawn and what came to its end in one go is told in one word. */
  #report(): void {
    if (this.#number === 0 && this.#strokes.length === 0) return;
    const [number, strokes, pictures, pixels] = [this.#number, this.#strokes, this.#pictures, this.#pixels];
    [this.#number, this.#strokes, this.#pictures, this.#pixels] = [0, [], [], 0];
    this.#tell({ t: "strokes", g: this.#ended, number, strokes, pictures, pixels });
  }

  #refuse(error: unknown): void {
    this.stop();
    const what = error instanceof Unreadable ? "message" : error instanceof ProtocolError ? "picture" : "fault";
    this.#tell({ t: "refused", what, reason: error instanceof Error ? error.message : String(error) });
  }
}

/** What came is no message of this lane. */
class Unreadable extends ProtocolError {
  override readonly name = "Unreadable";
}

function read(payload: Uint8Array): InnerFromAgent {
  try {
    return fromBytes(payload);
  } catch (error) {
    throw error instanceof ProtocolError ? new Unreadable(error.message) : error;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Where a tile draws and what it copies. */
function touched([x, y, w, h, encoding, data]: Tile): readonly Area[] {
  return encoding === "copy" ? [[x, y, w, h], [...copiedFrom(data), w, h]] : [[x, y, w, h]];
}

function fewer(areas: readonly Area[]): readonly Area[] {
  if (areas.length <= APART) return areas;
  const [left, top] = [0, 1].map((n) => Math.min(...areas.map((area) => area[n]!)));
  const [right, bottom] = [0, 1].map((n) => Math.max(...areas.map((area) => area[n]! + area[n + 2]!)));
  return [[left!, top!, right! - left!, bottom! - top!]];
}

/** A picture is enlarged to its place, but not for the one pixel that even sides may be short of. */
function enlarged(own: number, place: number): number {
  return place - own > 1 ? place : own;
}
