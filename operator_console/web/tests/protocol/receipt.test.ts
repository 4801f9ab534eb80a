import { expect, test } from "vitest";

import { Malformed, SignatureRefused } from "../../src/protocol/errors.ts";
import { consentBody, readConsent } from "../../src/protocol/receipt.ts";
import { unb64url } from "../../src/protocol/text.ts";
import { hex, unhex, vectors } from "../support.ts";

interface Signatures {
  public_key: string;
  consent: {
    fields: {
      session_id: string; sid: string; shares_sha256: string; offer_sha256: string; terms_version: number;
      terms_sha256: string; granted: string[]; utc: string; lang: string;
    };
    body: string;
    sig: string;
  };
}

const { public_key, consent } = vectors<Signatures>("signatures.json");
const [body, signature, key] = [unhex(consent.body), unb64url(consent.sig), unb64url(public_key)];

test("a receipt is read as it was signed", () => {
  const read = readConsent(body, signature, key);
  expect({
    session_id: read.sessionId, sid: hex(read.sid), shares_sha256: hex(read.sharesSha256), offer_sha256: hex(read.offerSha256),
    terms_version: read.termsVersion, terms_sha256: hex(read.termsSha256), granted: read.granted, utc: read.utc, lang: read.lang,
  }).toEqual(consent.fields);
  expect(hex(consentBody(read))).toBe(consent.body);
});

test("every changed byte is noticed", () => {
  for (let at = 0; at < body.length; at++) {
    const changed = body.with(at, body[at]! ^ 1);
    expect(() => readConsent(changed, signature, key)).toThrow(SignatureRefused);
  }
});

test("a key or signature that is none is refused", () => {
  expect(() => readConsent(body, new Uint8Array(64), key)).toThrow(SignatureRefused);
  expect(() => readConsent(body, signature.subarray(1), key)).toThrow(SignatureRefused);
  expect(() => readConsent(body, signature, new Uint8Array(32).fill(255))).toThrow(SignatureRefused);
});

test("malformed bodies are only read when they are signed", async () => {
  const { ed25519 } = await import("@noble/curves/ed25519.js");
  const secret = ed25519.utils.randomSecretKey();
  for (const wrong of [unhex("01"), unhex("0161"), unhex(`${consent.body}00`)]) {
    const signed = ed25519.sign(wrong, secret);
    expect(() => readConsent(wrong, signed, ed25519.getPublicKey(secret))).toThrow(Malformed);
  }
});
