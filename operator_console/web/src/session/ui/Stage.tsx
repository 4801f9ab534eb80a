/** The customer's screen with its pointer, and, when control is granted, the ears for mouse and keyboard. */
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { Store, useStore } from "../../app/store.ts";
import { listenToKeyboard } from "../../input/keyboard.ts";
import { listenToPointer } from "../../input/pointer.ts";
import { fitted, partOf } from "../../screen/layout.ts";
import { Screen } from "../../screen/screen.ts";
import type { LiveSession } from "../runner.ts";
import { t } from "../sentences.ts";
import { drawCursor } from "./cursor.ts";
import { watchRatio } from "./ratio.ts";

export type Zoom = "fit" | "exact";

interface StageProps {
  readonly session: LiveSession;
  /** `onScreen` brings it, once there is a canvas. */
  readonly screen: Screen | undefined;
  readonly onScreen: (screen: Screen | undefined) => void;
  readonly zoom: Zoom;
  /** The only monitor to be seen, or `undefined`. */
  readonly monitor: number | undefined;
  readonly control: boolean;
  readonly onLeave: () => void;
  /** Said over the picture instead of using it. */
  readonly veil: string | undefined;
  /** The last picture must not be seen through the veil either. */
  readonly hidden: boolean;
}

export function Stage({ session, screen, onScreen, zoom, monitor, control, onLeave, veil, hidden }: StageProps) {
  const area = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const pointer = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);

  // These two before the page is painted: what is typed the moment that a session is live must not be lost.
  useLayoutEffect(() => {
    let made: Screen | undefined;
    const detach = session.attach((events) => (made = new Screen(canvas.current!, events)));
    onScreen(made);
    return () => {
      detach();
      made?.close();
    };
  }, [session]);

  useFit({ area, frame, canvas }, screen, zoom, monitor);

  useLayoutEffect(() => {
    if (!control || !screen) return undefined;
    const size = () => screen.size.value ?? { width: 1, height: 1 };
    const stops = [
      listenToPointer(canvas.current!, size, { send: (message) => session.send(message), get backlog() { return session.backlog; } }),
      listenToKeyboard(field.current!, (message) => session.send(message), { leave: onLeave }),
    ];
    field.current!.focus({ preventScroll: true });
    return () => stops.forEach((stop) => stop());
  }, [session, screen, control]);

  useEffect(() => (screen ? drawCursor(screen, canvas.current!, pointer.current!, control) : undefined), [screen, control]);

  const hint = control ? t("Keys go to the customer's computer. Ctrl+Alt+Shift brings you back to the toolbar.") : t("You can look, not touch.");
  return (
    <div class={`stage ${zoom}`} ref={area} tabIndex={zoom === "exact" ? 0 : -1}>
      <div class="view" ref={frame}>
        {/* A press gives the keyboard to the customer's computer; the canvas itself never takes the focus. */}
        <div class="picture">
          <canvas ref={canvas} class="screen" role="img" aria-label={t("The customer's screen")} width={1} height={1}
            onPointerDown={() => field.current?.focus({ preventScroll: true })} />
          <canvas ref={pointer} class="cursor" aria-hidden="true" width={1} height={1} />
        </div>
        <textarea ref={field} class="ears" aria-label={t("Keyboard of the customer's computer")} aria-describedby="stage-hint" rows={1}
          autoComplete="off" autoCapitalize="off" spellcheck={false} disabled={!control} />
      </div>
      <p id="stage-hint" class="hidden">{hint}</p>
      <Veil screen={screen} word={veil} hidden={hidden} />
    </div>
  );
}

function Veil({ screen, word, hidden }: { screen: Screen | undefined; word: string | undefined; hidden: boolean }) {
  const paused = useStore(screen?.paused ?? NO_PAUSE);
  const size = useStore(screen?.size ?? NO_SIZE);
  const text = word ?? (paused ? pauseSentence(paused) : size ? undefined : t("Waiting for the first picture …"));
  const opaque = hidden || paused !== undefined;
  return <div class={opaque ? "veil opaque" : "veil"} role="status" hidden={text === undefined}>{text && <p>{text}</p>}</div>;
}

const NO_PAUSE: Screen["paused"] = new Store(undefined) as Screen["paused"];
export const NO_SIZE: Screen["size"] = new Store(undefined) as Screen["size"];

function pauseSentence(reason: "view_off" | "locked" | "capture_failed"): string {
  switch (reason) {
    case "view_off":
      return t("The customer does not show the screen now.");
    case "locked":
      return t("The customer's screen is locked.");
    case "capture_failed":
      return t("The customer's computer cannot show its screen now.");
  }
}

interface Places {
  readonly area: RefObject<HTMLElement | null>;
  readonly frame: RefObject<HTMLElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
}

/** Give the picture its size on the page, as large as the room allows or a pixel for a pixel, and show the wanted part. */
function useFit({ area, frame, canvas }: Places, screen: Screen | undefined, zoom: Zoom, monitor: number | undefined): void {
  const layout = useStore(screen?.size ?? NO_SIZE);
  useLayoutEffect(() => {
    const room = area.current;
    if (!room || !layout) return undefined;
    const part = partOf(layout, monitor);
    const fit = () => {
      const space = zoom === "fit" ? { width: room.clientWidth, height: room.clientHeight } : undefined;
      const { window, desktop, left, top } = fitted(layout, part, space, 1 / devicePixelRatio);
      Object.assign(frame.current!.style, { width: `${window.width}px`, height: `${window.height}px` });
      Object.assign(canvas.current!.style, { width: `${desktop.width}px`, height: `${desktop.height}px` });
      Object.assign(canvas.current!.parentElement!.style, { left: `${left}px`, top: `${top}px` });
    };
    fit();
    const watch = new ResizeObserver(fit);
    watch.observe(room);
    const stop = watchRatio(fit);
    return () => {
      watch.disconnect();
      stop();
    };
  }, [layout, zoom, monitor]);
}
