/** Draws on the canvas of the customer's screen what the reader has made of its messages. Nothing is checked here. */
import type { Area, ScreenSize } from "../protocol/gen/messages.ts";
import type { Stroke } from "./talk.ts";

export class Brush {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  /** As large as the canvas, once something was copied. */
  #aside: CanvasRenderingContext2D | undefined;

  /** `lost`: all that was drawn is gone, as after a fault of the graphics card; what comes now is drawn again. */
  constructor(canvas: HTMLCanvasElement, lost: () => void) {
    this.#canvas = canvas;
    this.#context = contextOf(canvas);
    canvas.oncontextrestored = () => {
      this.#aside = undefined;
      lost();
    };
  }

  /** `lost` is not called after this. */
  close(): void {
    this.#canvas.oncontextrestored = null;
  }

  /** What was drawn is gone. */
  resize({ width, height }: ScreenSize): void {
    this.#aside = undefined;
    this.#canvas.width = width;
    this.#canvas.height = height;
  }

  /** In their order. It does not wait for animation frames: a hidden tab must go on acknowledging. */
  draw(strokes: readonly Stroke[]): void {
    for (const stroke of strokes) this.#draw(stroke);
  }

  #draw(stroke: Stroke): void {
    const [x, y, width, height] = stroke.area;
    switch (stroke.kind) {
      case "fill":
        this.#context.fillStyle = stroke.colour;
        return this.#context.fillRect(x, y, width, height);
      case "copy":
        return this.#copy(stroke.area, stroke.from);
      case "pixels":
        return this.#context.putImageData(stroke.image, x, y);
      case "picture":
        this.#picture(stroke.image, stroke.area, stroke.within);
        return stroke.image.close();
      default:
        stroke satisfies never;
    }
  }

  /** By way of a canvas aside: a canvas that draws itself is copied whole by the browser, however small the part. */
  #copy([x, y, width, height]: Area, [fromX, fromY]: readonly [number, number]): void {
    const aside = (this.#aside ??= contextOf(Object.assign(document.createElement("canvas"), { width: this.#canvas.width, height: this.#canvas.height })));
    aside.drawImage(this.#canvas, fromX, fromY, width, height, 0, 0, width, height);
    this.#context.drawImage(aside.canvas, 0, 0, width, height, x, y, width, height);
  }

  #picture(image: ImageBitmap | VideoFrame, [x, y, width, height]: Area, within?: readonly Area[]): void {
    if (!within) return this.#context.drawImage(image, x, y, width, height);
    // Drawn once, under a clip: each time costs as much as the whole picture.
    this.#context.save();
    this.#context.beginPath();
    for (const area of within) this.#context.rect(...area);
    this.#context.clip();
    this.#context.drawImage(image, x, y, width, height);
    this.#context.restore();
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("This browser cannot draw");
  return context;
}
