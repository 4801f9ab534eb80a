/** Which part of the customer's desktop is looked at, and how it lies in the room there is. Pure. */
import type { Area } from "../protocol/gen/messages.ts";
import type { Size } from "./headers.ts";

export interface Layout extends Size {
  /** The main one first; none told: one. */
  readonly monitors: readonly Area[];
}

/** Lengths on the page, in its pixels: the window, the whole desktop behind it, and how far that is moved. */
export interface Fitted {
  readonly window: Size;
  readonly desktop: Size;
  readonly left: number;
  readonly top: number;
}

/** One monitor, or all of them where that one is not there (any more). */
export function partOf({ width, height, monitors }: Layout, monitor: number | undefined): Area {
  return (monitor === undefined || monitors.length < 2 ? undefined : monitors[monitor]) ?? [0, 0, width, height];
}

/** As large as the room allows; without a room `scale` page pixels for each of the desktop's. */
export function fitted({ width, height }: Size, [x, y, w, h]: Area, room: Size | undefined, scale: number): Fitted {
  const by = room ? Math.min(room.width / w, room.height / h) : scale;
  const whole = (length: number) => Math.max(1, Math.floor(length * by));
  return {
    window: { width: whole(w), height: whole(h) },
    // Not rounded apart from its part: the window shows the monitor and nothing of the next one.
    desktop: { width: (whole(w) / w) * width, height: (whole(h) / h) * height },
    left: (-whole(w) / w) * x,
    top: (-whole(h) / h) * y,
  };
}
