/**
 * The key from which every connection of a session gets its own (step 17): kept by the runtime as a key that cannot be
 * read out, so that it may lie in the browser's storage and survive a reload (pairing rule 11).
 */
import type { SessionKeys } from "./pairing.ts";
import { type Bytes, lv, wipe } from "./text.ts";

/** What a session's connections are made from. Can be stored as it is (structured clone). */
export interface ConnectionKeys extends Omit<SessionKeys, "resumeKey"> {
  readonly resumeKey: CryptoKey;
}

/** Move the key into the runtime; the readable copy is wiped. */
export async function keepKeys(keys: SessionKeys): Promise<ConnectionKeys> {
  const resumeKey = await crypto.subtle.importKey("raw", keys.resumeKey, "HKDF", false, ["deriveBits"]);
  wipe(keys.resumeKey);
  return { ...keys, resumeKey };
}

/** The pre-shared key of generation `g`, 32 bytes, which the handshake wipes. */
export async function connectionPsk({ resumeKey, sid, sessionId }: ConnectionKeys, g: number): Promise<Bytes> {
  const info = lv("psk", sessionId, String(g));
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-512", salt: sid, info }, resumeKey, 256));
}

/** What both ends of generation `g` must agree on in clear. */
export function connectionPrologue({ version, sessionId, hCi, ya, yb }: ConnectionKeys, g: number): Bytes {
  return lv("relevo-chan-1", version, sessionId, String(g), hCi, ya, yb);
}
