/** What the technician can do besides using the desktop, and what is going on: permissions, line, end. */
import type { RefObject } from "preact";
import { useRef } from "preact/hooks";

import { type Chord, CHORDS, sendChord } from "../../input/chords.ts";
import { Checklist } from "../../pages/records/Checklist.tsx";
import { showId } from "../../protocol/code.ts";
import type { Area } from "../../protocol/gen/messages.ts";
import type { Snapshot } from "../machine.ts";
import { State } from "../states.ts";
import type { LiveSession } from "../runner.ts";
import { t } from "../sentences.ts";
import { Readings } from "./Readings.tsx";
import type { Zoom } from "./Stage.tsx";

interface ToolbarProps {
  readonly session: LiveSession;
  readonly view: Snapshot;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
  readonly monitors: readonly Area[];
  /** The one that is looked at; `undefined` for all. */
  readonly monitor: number | undefined;
  readonly onMonitor: (monitor: number | undefined) => void;
  readonly onFullScreen: () => void;
  /** The technician is done here: the keyboard is the customer's again. */
  readonly onDone: () => void;
  readonly bar: RefObject<HTMLElement | null>;
}

export function Toolbar({ session, view, zoom, onZoom, monitors, monitor, onMonitor, onFullScreen, onDone, bar }: ToolbarProps) {
  const control = view.granted.has("control") && view.state === State.LIVE;
  return (
    <header class="toolbar" ref={bar}>
      <h1>{showId(view.agentId)}</h1>
      <ul class="grants" aria-label={t("What the customer allows")}>
        <Grant name={t("Screen")} on={view.granted.has("view")} />
        <Grant name={t("Mouse and keyboard")} on={view.granted.has("control")} />
      </ul>
      <Readings session={session} expectedMinutes={view.offer?.charging?.expected_minutes ?? 0} />
      <div class="tools">
        {monitors.length > 1 && <Monitors monitors={monitors} chosen={monitor} onChoose={onMonitor} />}
        <button type="button" class="small secondary" aria-pressed={zoom === "fit"} onClick={() => onZoom("fit")}>{t("Fit")}</button>
        <button type="button" class="small secondary" aria-pressed={zoom === "exact"} onClick={() => onZoom("exact")}>1:1</button>
        <button type="button" class="small secondary" onClick={onFullScreen}>{t("Full screen")}</button>
        {view.sessionId && <Tasks sessionId={view.sessionId} />}
        <KeyMenu disabled={!control} onDone={onDone} onChord={(chord) => sendChord(chord, (message) => session.send(message))} />
        <button type="button" class="small end" onClick={() => session.end()}>{t("End session")}</button>
      </div>
    </header>
  );
}

function Grant({ name, on }: { name: string; on: boolean }) {
  return (
    <li class={on ? "on" : "off"}>
      <span aria-hidden="true">{on ? "●" : "○"}</span> {name}
      <span class="hidden">: {on ? t("allowed") : t("not allowed")}</span>
    </li>
  );
}

/** The customer's screens, all together or one of them. */
function Monitors({ monitors, chosen, onChoose }: { monitors: readonly Area[]; chosen: number | undefined; onChoose: (monitor: number | undefined) => void }) {
  return (
    <ul class="monitors" aria-label={t("The customer's screens")}>
      <li>
        <button type="button" class="small secondary" aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>{t("All screens")}</button>
      </li>
      {monitors.map(([, , width, height], n) => (
        <li key={n}>
          <button type="button" class="small secondary" aria-pressed={chosen === n} title={`${width} × ${height}`}
            aria-label={t("Screen {n}", { n: n + 1 })} onClick={() => onChoose(n)}>{n + 1}</button>
        </li>
      ))}
    </ul>
  );
}

/** The service's checklist, where there is one: ticked while the work is done. */
function Tasks({ sessionId }: { sessionId: string }) {
  return (
    <Checklist sessionId={sessionId} mayTick>
      {(list) => <details class="dropdown keys"><summary role="button" class="small secondary">{t("Checklist")}</summary>{list}</details>}
    </Checklist>
  );
}

function KeyMenu({ disabled, onChord, onDone }: { disabled: boolean; onChord: (chord: Chord) => void; onDone: () => void }) {
  const menu = useRef<HTMLDetailsElement>(null);
  // The focus goes first: it would be lost with what is folded away.
  const fold = () => void (menu.current!.open = false);
  const choose = (chord: Chord) => {
    onChord(chord);
    onDone();
    fold();
  };
  const leave = ({ key }: KeyboardEvent) => {
    if (key !== "Escape") return;
    menu.current!.querySelector("summary")!.focus();
    fold();
  };
  if (disabled) return <button type="button" class="small secondary" disabled>{t("Keys")}</button>;
  return (
    <details class="dropdown keys" ref={menu} onKeyDown={leave}>
      <summary role="button" class="small secondary">{t("Keys")}</summary>
      <ul>
        {CHORDS.map((chord) => (
          <li key={chord.name}><button type="button" class="small plain" onClick={() => choose(chord)}>{chord.name}</button></li>
        ))}
      </ul>
    </details>
  );
}
