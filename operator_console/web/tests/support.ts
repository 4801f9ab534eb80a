/** What several tests need: the shared golden vectors and hexadecimal bytes. */
import { readFileSync } from "node:fs";

import type { Bytes } from "../src/protocol/text.ts";

/** The project's `tests/vectors/<name>`, read by pytest as well. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../tests/vectors/${name}`, import.meta.url), "utf-8")) as T;
}

export function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
