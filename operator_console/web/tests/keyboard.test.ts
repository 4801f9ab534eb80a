/** What Option does on macOS; other keyboards are tried in a real browser (tests/operator_console/web/test_input.py). */
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { listenToKeyboard } from "../src/input/keyboard.ts";
import type { InnerFromConsole } from "../src/protocol/gen/messages.ts";

beforeEach(() => vi.stubGlobal("document", new EventTarget()));
afterEach(() => void vi.unstubAllGlobals());

/** Technician's keys on such a computer, written `+code` down and `-code` up, and what is sent. */
function typing(platform: string) {
  vi.stubGlobal("navigator", { platform });
  const field = Object.assign(new EventTarget(), { value: "" });
  const sent: string[] = [];
  const say = (message: InnerFromConsole) => {
    if (message.t === "key") sent.push(`${message.down ? "+" : "-"}${message.key}`);
    else sent.push(message.t === "text" ? message.text : message.t);
  };
  listenToKeyboard(field as unknown as HTMLTextAreaElement, say, { leave: () => sent.push("leave") });
  const held = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false };
  const press = (kind: "keydown" | "keyup", key: string, code: string) => {
    const name = ({ Control: "ctrlKey", Alt: "altKey", Shift: "shiftKey", Meta: "metaKey" } as const)[key];
    if (name) held[name] = kind === "keydown";
    field.dispatchEvent(Object.assign(new Event(kind, { cancelable: true }), { key, code, repeat: false, isComposing: false, getModifierState: () => false, ...held }));
  };
  const down = (key: string, code = key) => press("keydown", key, code);
  const up = (key: string, code = key) => press("keyup", key, code);
  return { sent, down, up };
}

test("what Option gives on macOS goes as the character alone", () => {
  const { sent, down, up } = typing("MacIntel");
  down("Alt", "AltLeft");
  down("@", "Digit2");
  up("@", "Digit2");
  up("Alt", "AltLeft");
  expect(sent).toEqual(["@"]);
  down("Alt", "AltLeft");
  down("Shift", "ShiftLeft");
  down("€", "Digit2");
  up("Shift", "ShiftLeft");
  up("Alt", "AltLeft");
  expect(sent.slice(1)).toEqual(["+Shift", "€", "-Shift"]);
});

test("Option on macOS is Alt where it shapes nothing", () => {
  const { sent, down, up } = typing("MacIntel");
  down("Alt", "AltLeft");
  down("ArrowLeft");
  up("ArrowLeft");
  up("Alt", "AltLeft");
  expect(sent).toEqual(["+Alt", "+ArrowLeft", "-ArrowLeft", "-Alt"]);
  down("Alt", "AltRight");
  document.dispatchEvent(new Event("pointerdown"));
  up("Alt", "AltRight");
  expect(sent.slice(4)).toEqual(["+Alt", "-Alt"]);
  down("Control", "ControlLeft");
  down("Alt", "AltLeft");
  down("t", "KeyT");
  expect(sent.slice(6)).toEqual(["+Control", "+Alt", "+t"]);
});

test("elsewhere Alt is Alt", () => {
  const { sent, down, up } = typing("Linux x86_64");
  down("Alt", "AltLeft");
  down("f", "KeyF");
  up("f", "KeyF");
  up("Alt", "AltLeft");
  expect(sent).toEqual(["+Alt", "+f", "-f", "-Alt"]);
});

test("a key without a code, as of a keyboard on the screen, goes down and up each time", () => {
  const { sent, down, up } = typing("Linux x86_64");
  for (const key of ["Backspace", "Enter", "Backspace"]) {
    down(key, "");
    up(key, "");
  }
  expect(sent).toEqual(["+Backspace", "-Backspace", "+Enter", "-Enter", "+Backspace", "-Backspace"]);
});
