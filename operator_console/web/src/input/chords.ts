/** Keys that the technician's browser or system keeps for itself, to be sent from a menu. */
import type { InnerFromConsole } from "../protocol/gen/messages.ts";

interface Stroke {
  readonly key: string;
  readonly code: string;
}

export interface Chord {
  /** As written on keyboards, the same in every language. */
  readonly name: string;
  readonly strokes: readonly Stroke[];
}

const CONTROL = { key: "Control", code: "ControlLeft" };
const ALT = { key: "Alt", code: "AltLeft" };
const SHIFT = { key: "Shift", code: "ShiftLeft" };
const SUPER = { key: "Meta", code: "MetaLeft" };
const named = (key: string) => ({ key, code: key });
const letter = (key: string) => ({ key, code: `Key${key.toUpperCase()}` });

export const CHORDS: readonly Chord[] = [
  { name: "Ctrl+Alt+Del", strokes: [CONTROL, ALT, named("Delete")] },
  { name: "Alt+Tab", strokes: [ALT, named("Tab")] },
  { name: "Alt+F4", strokes: [ALT, named("F4")] },
  { name: "Super", strokes: [SUPER] },
  { name: "Super+D", strokes: [SUPER, letter("d")] },
  { name: "Super+L", strokes: [SUPER, letter("l")] },
  { name: "Ctrl+W", strokes: [CONTROL, letter("w")] },
  { name: "Ctrl+T", strokes: [CONTROL, letter("t")] },
  { name: "Ctrl+N", strokes: [CONTROL, letter("n")] },
  { name: "Ctrl+Tab", strokes: [CONTROL, named("Tab")] },
  { name: "Ctrl+Shift+Esc", strokes: [CONTROL, SHIFT, named("Escape")] },
  { name: "Esc", strokes: [named("Escape")] },
  { name: "F11", strokes: [named("F11")] },
  { name: "PrintScreen", strokes: [named("PrintScreen")] },
  { name: "Menu", strokes: [named("ContextMenu")] },
];

/** All down in order, all up in the other. */
export function sendChord({ strokes }: Chord, send: (message: InnerFromConsole) => void): void {
  for (const stroke of strokes) send({ t: "key", ...stroke, down: true });
  for (const stroke of strokes.toReversed()) send({ t: "key", ...stroke, down: false });
}
