/**
 * The customer's screen on a canvas: messages of the screen lane in, pixels and their acknowledgements out. Runs in a
 * worker, or on the page where a browser cannot do that; it knows nothing of either. Decoding of messages overlaps,
 * drawing keeps their order; a message counts as handled when it is drawn. It does not wait for animation frames: a
 * hidden tab must go on acknowledging. Nothing is kept of what is malformed: the first such message ends it.
 */
import { fromBytes } from "../protocol/codec.ts";
import { Malformed, ProtocolError } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { Area, InnerFromAgent, ScreenSize, Tile, Tiles, Video, VideoStart } from "../protocol/gen/messages.ts";
import { Bounds, sameSize } from "./bounds.ts";
import { type Drawable, decodeTile } from "./decode.ts";
import type { Drawn, FromPainter, Making, ScreenFrame, ToPainter, VideoCodec } from "./talk.ts";
import { type Step, Turns } from "./turns.ts";
import { Stream } from "./video.ts";

type Canvas = OffscreenCanvas | HTMLCanvasElement;
type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

/** Messages that wait, in bytes. An honest agent has a fifth of a second of its line on the way. */
const WAITING = 64 * 1024 * 1024;

const NOTHING: Omit<Step, "end"> = { pixels: 0, alone: false, begin: () => undefined };
const PASSED_OVER: Step = { ...NOTHING, end: () => undefined };

export class Painter {
  readonly #canvas: Canvas;
  readonly #context: Context;
  readonly #tell: (word: FromPainter) => void;
  readonly #bounds = new Bounds();
  readonly #turns = new Turns(LIMITS.SCREEN_AREA, { swept: () => this.#report(), failed: (error) => this.#refuse(error) });
  /** Moving pictures that did not come out: the agent is told, what is on its way is passed over. */
  readonly #undecodable = new Set<VideoCodec>();
  #stream: Stream | undefined;
  /** As large as the canvas, once something was copied. */
  #aside: Context | undefined;
  /** Of the coded picture whose last piece has not come. */
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** The line that the last message came over. */
  #g = 0;
  /** What was drawn and not told yet. */
  #number = 0;
  #pictures: Drawn[] = [];

  constructor(canvas: Canvas, tell: (word: FromPainter) => void) {
    this.#canvas = canvas;
    this.#context = contextOf(canvas);
    this.#tell = tell;
  }

  take(word: ToPainter): void {
    try {
      if (word.t === "paused") this.#turns.add({ ...NOTHING, end: () => this.#tell(word) });
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
    const last = this.#g;
    this.#g = g;
    this.#turns.add({ ...NOTHING, alone: true, end: () => (this.#report(last), (this.#pieces = [])) });
  }

  #step(message: InnerFromAgent): Step {
    switch (message.t) {
      case "screen":
        this.#bounds.resize(message);
        return { ...NOTHING, alone: true, end: () => this.#resize(message) };
      case "tiles":
        return this.#bounds.hold(message) ? this.#tiles(message) : PASSED_OVER;
      case "video_start":
        return this.#bounds.begin(message) ? { ...NOTHING, alone: true, end: () => this.#begin(message) } : PASSED_OVER;
      case "video": {
        const stream = this.#bounds.add(message);
        return stream ? this.#video(message, stream) : PASSED_OVER;
      }
      case "paused":
        return { ...NOTHING, end: () => this.#tell(message) };
      default:
        throw new Unreadable(`"${message.t}" is not for the screen lane`);
    }
  }

  #resize(message: ScreenSize): void {
    this.#end();
    this.#aside = undefined;
    this.#canvas.width = message.width;
    this.#canvas.height = message.height;
    this.#tell(message);
  }

  #tiles(message: Tiles): Step {
    let drawables: readonly Drawable[] = [];
    return {
      pixels: message.tiles.reduce((sum, [, , w, h, encoding]) => (encoding === "fill" || encoding === "copy" ? sum : sum + w * h), 0),
      alone: false,
      begin: () => {
        const begun = message.tiles.map((tile) => decodeTile(tile));
        if (begun.every((one): one is Drawable => !(one instanceof Promise))) {
          drawables = begun;
          return undefined;
        }
        return Promise.all(begun).then((ready) => void (drawables = ready));
      },
      end: () => {
        message.tiles.forEach((tile, n) => this.#drawTile(tile, drawables[n]!));
        const making: Making = message.tiles.some(([, , , , encoding]) => encoding === "jpeg") ? "photo" : "exact";
        this.#pictures.push({ frame: message.frame, making });
      },
    };
  }

  #drawTile([x, y, width, height]: Tile, drawable: Drawable): void {
    switch (drawable.kind) {
      case "colour":
        this.#context.fillStyle = drawable.style;
        this.#context.fillRect(x, y, width, height);
        return;
      case "copy":
        this.#bounds.holdSource([drawable.x, drawable.y, width, height]);
        return this.#copy([drawable.x, drawable.y, width, height], x, y);
      case "pixels":
        this.#context.putImageData(drawable.image, x, y);
        return;
      case "bitmap":
        this.#context.drawImage(drawable.image, x, y);
        drawable.image.close();
    }
  }

  /** By way of a canvas aside: a canvas that draws itself is copied whole by the browser, however small the part. */
  #copy([fromX, fromY, width, height]: Area, x: number, y: number): void {
    const aside = (this.#aside ??= contextOf(another(this.#canvas)));
    aside.drawImage(this.#canvas, fromX, fromY, width, height, 0, 0, width, height);
    this.#context.drawImage(aside.canvas, 0, 0, width, height, x, y, width, height);
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
    if (!message.last) return { ...NOTHING, begin: () => void this.#pieces.push(message.data), end: () => undefined };
    let picture: VideoFrame | undefined;
    return {
      pixels: start.width * start.height,
      alone: false,
      begin: () => {
        const data = joined([...this.#pieces.splice(0), message.data]);
        return this.#stream?.decode(data, message.key).then((frame) => void (picture = frame));
      },
      end: () => {
        if (!picture) return;
        try {
          this.#drawVideo(picture, start, message.areas);
        } finally {
          picture.close();
        }
        if (message.areas.length > 0) this.#pictures.push({ frame: message.frame, making: start.codec });
      },
    };
  }

  #drawVideo(picture: VideoFrame, { place, width, height }: VideoStart, areas: readonly Area[]): void {
    sameSize("A moving picture", { width: picture.displayWidth, height: picture.displayHeight }, { width, height });
    if (areas.length === 0) return;
    const [x, y, w, h] = place;
    // The picture is drawn once: turning it into colours is what costs.
    this.#context.save();
    this.#context.beginPath();
    for (const area of areas) this.#context.rect(...area);
    this.#context.clip();
    this.#context.drawImage(picture, x, y, enlarged(width, w), enlarged(height, h));
    this.#context.restore();
  }

  /** Messages that were drawn in one go are told in one word. */
  #report(g = this.#g): void {
    if (this.#number === 0) return;
    this.#tell({ t: "drawn", g, number: this.#number, pictures: this.#pictures });
    this.#number = 0;
    this.#pictures = [];
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

function contextOf(canvas: Canvas): Context {
  const context = canvas.getContext("2d", { alpha: false }) as Context | null;
  if (!context) throw new Error("This browser cannot draw");
  return context;
}

function another(canvas: Canvas): Canvas {
  const { width, height } = canvas;
  return typeof OffscreenCanvas !== "undefined" ? new OffscreenCanvas(width, height) : Object.assign(document.createElement("canvas"), { width, height });
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

/** A picture is enlarged to its place, but not for the one pixel that even sides may be short of. */
function enlarged(own: number, place: number): number {
  return place - own > 1 ? place : own;
}
