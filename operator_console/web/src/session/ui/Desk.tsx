/** The live session: toolbar above, the customer's screen below, and a word over it when nothing can be shown. */
import { useEffect, useRef, useState } from "preact/hooks";

import { useStore } from "../../app/store.ts";
import type { Screen } from "../../screen/screen.ts";
import type { Snapshot } from "../machine.ts";
import { State } from "../states.ts";
import type { LiveSession } from "../runner.ts";
import { stateSentence, t } from "../sentences.ts";
import { NO_SIZE, Stage, type Zoom } from "./Stage.tsx";
import { Toolbar } from "./Toolbar.tsx";

export function Desk({ session, view }: { session: LiveSession; view: Snapshot }) {
  const [zoom, setZoom] = useState<Zoom>("fit");
  const [screen, setScreen] = useState<Screen | undefined>(undefined);
  const [wanted, setMonitor] = useState<number | undefined>(undefined);
  const monitors = useStore(screen?.size ?? NO_SIZE)?.monitors ?? [];
  const monitor = wanted !== undefined && wanted < monitors.length ? wanted : undefined;
  const desk = useRef<HTMLDivElement>(null);
  const toolbar = useRef<HTMLElement>(null);
  const control = view.granted.has("control") && view.state === State.LIVE;

  useEffect(() => {
    if (view.state !== State.LIVE && document.fullscreenElement) void document.exitFullscreen();
  }, [view.state]);

  return (
    <div class="desk" ref={desk} data-state={view.state}>
      <Toolbar
        session={session}
        view={view}
        zoom={zoom}
        onZoom={setZoom}
        monitors={monitors}
        monitor={monitor}
        onMonitor={setMonitor}
        onFullScreen={() => void fullScreen(desk.current)}
        onDone={() => desk.current?.querySelector<HTMLElement>(".ears")?.focus({ preventScroll: true })}
        bar={toolbar}
      />
      <Stage
        session={session}
        screen={screen}
        onScreen={setScreen}
        zoom={zoom}
        monitor={monitor}
        control={control}
        onLeave={() => toolbar.current?.querySelector("button")?.focus()}
        veil={veil(view)}
        hidden={!view.granted.has("view")}
      />
    </div>
  );
}

function veil(view: Snapshot): string | undefined {
  if (view.state !== State.LIVE) return stateSentence(view.state === State.JOINING ? State.PAUSED : view.state);
  return view.granted.has("view") ? undefined : t("The customer does not show the screen now.");
}

/** In full screen Chromium also hands over keys that it keeps otherwise (Escape, Alt+Tab, Super …). */
async function fullScreen(desk: HTMLElement | null): Promise<void> {
  if (document.fullscreenElement) return document.exitFullscreen();
  await desk?.requestFullscreen();
  const keyboard = (navigator as { keyboard?: { lock?(): Promise<void> } }).keyboard;
  await keyboard?.lock?.().catch(() => undefined);
}
