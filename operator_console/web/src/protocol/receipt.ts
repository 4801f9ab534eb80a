/**
 * The consent receipt: what the customer agreed to, signed by the agent's key that the pairing bound (steps 20, 22).
 * Counterpart: protocol/receipt.py.
 */
import { ed25519 } from "@noble/curves/ed25519.js";

import { Malformed, SignatureRefused } from "./errors.ts";
import type { Grant } from "./gen/messages.ts";
import type { SessionKeys } from "./pairing.ts";
import { decodeText, same, sha256, unlv } from "./text.ts";

/** What the console holds a receipt to. */
export type PairedWith = Pick<SessionKeys, "sessionId" | "sid" | "ya" | "yb" | "pkAgent" | "offerSha256">;

/**
 * Throws `SignatureRefused` unless the agent of this very pairing signed the grant's receipt for this offer and these
 * permissions, and `Malformed` when the receipt has no consent's form.
 */
export function checkGrant(grant: Grant, paired: PairedWith): void {
  if (!verifies(grant.sig, grant.body, paired.pkAgent)) throw new SignatureRefused("the consent receipt");
  const [label, sessionId, sid, shares, offer, _version, _terms, granted, _utc, _lang, ...more] = unlv(grant.body);
  if (!label || !sessionId || !sid || !shares || !offer || !granted || !_lang || more.length > 0) {
    throw new Malformed("A consent receipt", "its fields are not a consent's");
  }
  const holds =
    decodeText(label) === "relevo-consent-1" &&
    decodeText(sessionId) === paired.sessionId &&
    same(sid, paired.sid) &&
    same(shares, sha256(paired.ya, paired.yb)) &&
    same(offer, paired.offerSha256) &&
    unlv(granted).map(decodeText).join() === grant.granted.join();
  if (!holds) throw new SignatureRefused("the consent receipt, which is for something else,");
}

function verifies(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey);
  } catch {
    return false;
  }
}
