/**
 * The consent receipt: what the customer agreed to, signed by the agent's key that the pairing bound (steps 20, 22).
 * Counterpart: protocol/receipt.py; both pass tests/vectors/signatures.json.
 */
import { ed25519 } from "@noble/curves/ed25519.js";

import { Malformed, SignatureRefused } from "./errors.ts";
import type { Grant } from "./gen/messages.ts";
import type { SessionKeys } from "./pairing.ts";
import { decodeText, lv, same, sha256, unlv } from "./text.ts";

export interface Consent {
  readonly sessionId: string;
  readonly sid: Uint8Array;
  /** SHA-256(Ya ‖ Yb), which names the run whose keys the session uses. */
  readonly sharesSha256: Uint8Array;
  readonly offerSha256: Uint8Array;
  readonly termsVersion: number;
  readonly termsSha256: Uint8Array;
  readonly granted: readonly string[];
  readonly utc: string;
  readonly lang: string;
}

/** What the console holds a receipt to. */
export type PairedWith = Pick<SessionKeys, "sessionId" | "sid" | "ya" | "yb" | "pkAgent" | "offerSha256">;

/** The bytes that the agent's key signs. */
export function consentBody(consent: Consent): Uint8Array {
  const { sessionId, sid, sharesSha256, offerSha256, termsVersion, termsSha256, granted, utc, lang } = consent;
  const terms = [String(termsVersion), termsSha256] as const;
  return lv("relevo-consent-1", sessionId, sid, sharesSha256, offerSha256, ...terms, lv(...granted), utc, lang);
}

/** The consent that `pkAgent` signed. Throws `SignatureRefused`, or `Malformed` when no consent has this body. */
export function readConsent(body: Uint8Array, signature: Uint8Array, pkAgent: Uint8Array): Consent {
  if (!verifies(signature, body, pkAgent)) throw new SignatureRefused("the consent receipt");
  const [label, sessionId, sid, sharesSha256, offerSha256, terms, termsSha256, granted, utc, lang] = unlv(body);
  if (!label || !sessionId || !sid || !sharesSha256 || !offerSha256 || !terms || !termsSha256 || !granted || !utc || !lang) {
    throw new Malformed("A consent receipt", "its fields are not a consent's");
  }
  const consent = {
    sessionId: decodeText(sessionId),
    sid,
    sharesSha256,
    offerSha256,
    termsVersion: Number(decodeText(terms)),
    termsSha256,
    granted: unlv(granted).map(decodeText),
    utc: decodeText(utc),
    lang: decodeText(lang),
  };
  if (!same(consentBody(consent), body)) throw new Malformed("A consent receipt", "it is not in the one form that it has");
  return consent;
}

/** Throws unless the agent of this very pairing signed the grant's receipt, for this offer and these permissions. */
export function checkGrant(grant: Grant, paired: PairedWith): void {
  const consent = readConsent(grant.body, grant.sig, paired.pkAgent);
  const holds =
    consent.sessionId === paired.sessionId &&
    same(consent.sid, paired.sid) &&
    same(consent.sharesSha256, sha256(paired.ya, paired.yb)) &&
    same(consent.offerSha256, paired.offerSha256) &&
    same(lv(...consent.granted), lv(...grant.granted));
  if (!holds) throw new SignatureRefused("the consent receipt, which is for something else,");
}

function verifies(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
