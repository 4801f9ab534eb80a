import { describe, expect, test } from "vitest";

import { decode, generator, intermediateKey, Share } from "../../src/protocol/cpace.ts";
import { PairingFailed } from "../../src/protocol/errors.ts";
import { hex, unhex, vectors } from "../support.ts";

interface Draft {
  vectors: {
    G_Coffee25519: Record<"PRS" | "CI" | "sid" | "g" | "ya" | "ADa" | "Ya" | "yb" | "ADb" | "Yb" | "K" | "ISK_IR", string>;
    G_Coffee25519_points: {
      Valid: { s: string; X: string; [product: string]: string };
      [invalid: string]: string | Record<string, string>;
    };
  };
}

const { G_Coffee25519: run, G_Coffee25519_points: points } = vectors<Draft>("cpace-ristretto255.json").vectors;
const inputs = { prs: unhex(run.PRS), ci: unhex(run.CI), sid: unhex(run.sid) };
const lower = (text: string) => text.toLowerCase();

describe("the draft's vectors", () => {
  const ours = Share.fromScalar(inputs, unhex(run.ya));
  const theirs = Share.fromScalar(inputs, unhex(run.yb));

  test("generator and shares", () => {
    expect(hex(generator(inputs).toBytes())).toBe(lower(run.g));
    expect(hex(ours.encoded)).toBe(lower(run.Ya));
    expect(hex(theirs.encoded)).toBe(lower(run.Yb));
  });

  test("the common product and the key", () => {
    expect(hex(ours.combine(theirs.encoded))).toBe(lower(run.K));
    expect(hex(theirs.combine(ours.encoded))).toBe(lower(run.K));
    const key = intermediateKey(
      inputs.sid,
      unhex(run.K),
      { share: ours.encoded, ad: unhex(run.ADa) },
      { share: theirs.encoded, ad: unhex(run.ADb) },
    );
    expect(hex(key)).toBe(lower(run.ISK_IR));
  });

  test("invalid points are refused", () => {
    for (const [name, point] of Object.entries(points)) {
      if (name.startsWith("Invalid") && typeof point === "string") {
        expect(() => decode(unhex(point)), name).toThrow(PairingFailed);
      }
    }
  });
});

test("the identity is refused", () => {
  expect(() => decode(new Uint8Array(32))).toThrow(PairingFailed);
});

test("a share of a wrong length is refused", () => {
  for (const size of [0, 31, 33]) expect(() => decode(new Uint8Array(size).fill(1))).toThrow(PairingFailed);
});

test("the seed is wiped", () => {
  const seed = new Uint8Array(64).fill(7);
  Share.make(inputs, seed);
  expect(seed).toEqual(new Uint8Array(64));
});
