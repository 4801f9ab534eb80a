/**
 * The keyboard, by way of a text field that has the focus while the technician types: keys go as they go down and up,
 * and what the browser composes (dead keys, input methods, spoken text) goes as text. Losing the focus lets go of all.
 *
 * Never forwarded: what only shapes characters here (AltGr, Caps Lock, Num Lock, dead keys): the characters arrive
 * shaped. So on macOS does what Option shapes; it goes as Alt once something comes that it does not shape. Keys that
 * repeat are not sent again: the far keyboard repeats by itself.
 */
import type { InnerFromConsole } from "../protocol/gen/messages.ts";

const LOCAL = new Set(["AltGraph", "CapsLock", "NumLock", "ScrollLock", "Fn", "FnLock", "Symbol", "SymbolLock"]);
const COMPOSING = new Set(["Dead", "Process", "Compose", "Unidentified"]);
/** Windows puts a Control before an AltGr that nobody pressed, at the very same time. */
const FALSE_CONTROL_MS = 20;
/** Letters of one text message. */
const TEXT_PIECE = 1024;

export interface KeyboardHooks {
  /** Ctrl+Alt+Shift: the technician wants to leave the customer's screen. */
  leave(): void;
}

/** Until the result is called. */
export function listenToKeyboard(field: HTMLTextAreaElement, send: (message: InnerFromConsole) => void, hooks: KeyboardHooks): () => void {
  const stop = new AbortController();
  /** Physical key → the `key` that it went down with. */
  const held = new Map<string, string>();
  const mac = /^Mac/.test(navigator.platform);
  let composing = false;
  let controlAt = -Infinity;
  /** An Option that is down and not sent. */
  let option: string | undefined;

  const release = () => {
    composing = false;
    option = undefined;
    field.value = "";
    if (held.size === 0) return;
    held.clear();
    send({ t: "release" });
  };
  const down = (key: string, code: string) => {
    held.set(code || key, key); // Keys on a screen have no code.
    send({ t: "key", key, code, down: true });
  };
  const sendOption = () => {
    if (option) down("Alt", option);
    option = undefined;
  };
  const up = (code: string) => {
    if (code === option) option = undefined;
    const key = held.get(code);
    if (key === undefined) return;
    held.delete(code);
    send({ t: "key", key, code, down: false });
  };
  const typed = () => {
    composing = false;
    sendText(field.value, send);
    field.value = "";
  };
  const on = <K extends keyof HTMLElementEventMap>(kind: K, listener: (event: HTMLElementEventMap[K]) => void) =>
    field.addEventListener(kind, listener, { signal: stop.signal });

  on("keydown", (event) => {
    const { key, code } = event;
    if (event.ctrlKey && event.altKey && event.shiftKey && !isPrintable(key)) {
      event.preventDefault();
      release();
      hooks.leave();
      return;
    }
    // The field takes what is composed; it comes back as an input event.
    if (event.isComposing || COMPOSING.has(key)) {
      composing = true;
      return;
    }
    if (composing && isPrintable(key)) return;
    composing = false;
    event.preventDefault();
    if (event.repeat || held.has(code || key)) return;
    if (key === "AltGraph" && event.timeStamp - controlAt < FALSE_CONTROL_MS) up("ControlLeft");
    if (LOCAL.has(key)) return;
    const shaped = event.getModifierState("AltGraph") || (mac && event.altKey && !event.ctrlKey && !event.metaKey);
    if (isPrintable(key) && shaped) return sendText(key, send);
    if (mac && key === "Alt") return void (option = code);
    if (key !== "Shift") sendOption(); // Shift may be for the same character.
    if (code === "ControlLeft") controlAt = event.timeStamp;
    down(key, code);
  });
  on("keyup", ({ key, code }) => {
    up(code || key);
    // macOS reports no keyup of what went down while Command was held.
    if (key === "Meta") release();
  });
  on("input", (event) => {
    if (!(event as InputEvent).isComposing) typed();
  });
  on("compositionend", typed);
  on("blur", release);
  document.addEventListener("pointerdown", sendOption, { signal: stop.signal, capture: true });
  document.addEventListener("visibilitychange", () => document.hidden && release(), { signal: stop.signal });

  return () => {
    stop.abort();
    release();
  };
}

/** Type a text that was composed or inserted, in pieces that never split a character. */
export function sendText(text: string, send: (message: InnerFromConsole) => void): void {
  const letters = [...text];
  for (let at = 0; at < letters.length; at += TEXT_PIECE) send({ t: "text", text: letters.slice(at, at + TEXT_PIECE).join("") });
}

function isPrintable(key: string): boolean {
  return [...key].length === 1;
}
