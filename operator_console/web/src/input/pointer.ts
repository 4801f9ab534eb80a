/**
 * Mouse, pen and touch over the customer's screen. Moves are gathered, one an animation frame and fewer on a full line;
 * a press, a release and a turn of the wheel is never left out and says itself where it happened.
 */
import type { InnerFromConsole, PointerButton } from "../protocol/gen/messages.ts";

export interface InputLine {
  send(message: InnerFromConsole): void;
  /** Bytes that wait to be sent. */
  readonly backlog: number;
}

/** DOM `button` → the protocol's. */
const BUTTONS: readonly PointerButton["button"][] = [1, 2, 3, 8, 9];
/** With more than this waiting, moves stay back: the newest one is sent when the line is free. */
const FULL_LINE = 16 * 1024;
/** What one notch of a wheel amounts to, by the event's unit: pixels, lines, pages. */
const NOTCH = [100, 3, 1];
const MOST_NOTCHES = 50;

/** Until the result is called. `surface` shows the screen, `size` is the screen's own. */
export function listenToPointer(
  surface: HTMLElement,
  size: () => { readonly width: number; readonly height: number },
  line: InputLine,
): () => void {
  const stop = new AbortController();
  const held = new Set<number>();
  let move: { x: number; y: number } | undefined;
  let frame = 0;
  let turned = { x: 0, y: 0 };

  const place = (event: MouseEvent) => {
    const box = surface.getBoundingClientRect();
    const { width, height } = size();
    return {
      x: clamp(Math.floor(((event.clientX - box.left) * width) / box.width), 0, width - 1),
      y: clamp(Math.floor(((event.clientY - box.top) * height) / box.height), 0, height - 1),
    };
  };
  const sendMove = () => {
    frame = 0;
    if (!move) return;
    if (line.backlog > FULL_LINE) frame = requestAnimationFrame(sendMove);
    else {
      line.send({ t: "move", ...move });
      move = undefined;
    }
  };
  const press = (event: PointerEvent, down: boolean) => {
    const button = BUTTONS[event.button];
    if (button === undefined || held.has(button) === down) return;
    event.preventDefault();
    move = undefined;
    if (down) held.add(button);
    else held.delete(button);
    line.send({ t: "button", ...place(event), button, down });
  };
  const on = <K extends keyof HTMLElementEventMap>(kind: K, listener: (event: HTMLElementEventMap[K]) => void) =>
    surface.addEventListener(kind, listener, { signal: stop.signal, passive: false });

  on("pointermove", (event) => {
    // While one button is held, others come as moves.
    if (event.button >= 0) press(event, (event.buttons & buttonBit(event.button)) !== 0);
    move = place(event);
    if (frame === 0) frame = requestAnimationFrame(sendMove);
  });
  on("pointerdown", (event) => {
    press(event, true);
    surface.setPointerCapture(event.pointerId); // A drag that leaves the picture still ends.
  });
  on("pointerup", (event) => press(event, false));
  on("pointercancel", (event) => {
    for (const button of [...held]) {
      held.delete(button);
      line.send({ t: "button", ...place(event), button: button as PointerButton["button"], down: false });
    }
  });
  on("contextmenu", (event) => event.preventDefault());
  on("wheel", (event) => {
    event.preventDefault();
    const notch = NOTCH[event.deltaMode] ?? 1;
    turned = { x: turned.x + event.deltaX / notch, y: turned.y + event.deltaY / notch };
    const [dx, dy] = [Math.trunc(turned.x), Math.trunc(turned.y)];
    if (dx === 0 && dy === 0) return;
    turned = { x: turned.x - dx, y: turned.y - dy };
    line.send({ t: "wheel", ...place(event), dx: clamp(dx, -MOST_NOTCHES, MOST_NOTCHES), dy: clamp(dy, -MOST_NOTCHES, MOST_NOTCHES) });
  });

  return () => {
    stop.abort();
    cancelAnimationFrame(frame);
    if (held.size > 0) line.send({ t: "release" });
  };
}

/** `buttons` counts the middle one after the right one. */
function buttonBit(button: number): number {
  return [1, 4, 2, 8, 16][button] ?? 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
