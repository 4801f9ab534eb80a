/**
 * CPace, suite CPACE-RISTR255-SHA512 (draft-irtf-cfrg-cpace), initiator-responder form.
 * Counterpart: protocol/cpace.py; both pass the draft's vectors. Pure: the scalar's random bytes are an argument.
 * It must never give a key for the identity element: `@noble/curves` accepts it as an encoding.
 */
import { ristretto255, ristretto255_hasher } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";

import { PairingFailed } from "./errors.ts";
import { type Bytes, concat, encodeText, lv, same, sha512, wipe } from "./text.ts";

type Point = InstanceType<typeof ristretto255.Point>;

const { Point } = ristretto255;
const DSI = "CPaceRistretto255";
const DSI_ISK = "CPaceRistretto255_ISK";
const SHA512_BLOCK = 128;

/** Random bytes that a secret scalar is made of: twice its size, so that its distribution is uniform. */
export const SCALAR_SEED = 64;

/** `prs`: the password's agent part; `ci`: everything both ends must agree on; `sid`: 16 bytes. */
export interface Inputs {
  readonly prs: Uint8Array;
  readonly ci: Uint8Array;
  readonly sid: Uint8Array;
}

/** A secret scalar and its public share. */
export class Share {
  readonly encoded: Bytes;
  #scalar: bigint;

  private constructor(inputs: Inputs, scalar: bigint) {
    this.#scalar = scalar;
    this.encoded = generator(inputs).multiply(scalar).toBytes() as Bytes;
  }

  /** `seed`: 64 fresh random bytes; they are wiped. */
  static make(inputs: Inputs, seed: Uint8Array): Share {
    const scalar = Point.Fn.create(bytesToNumberLE(seed));
    wipe(seed);
    if (scalar === 0n) throw new PairingFailed("identity");
    return new Share(inputs, scalar);
  }

  /** From a published scalar: 32 bytes, little endian. Only for vectors. */
  static fromScalar(inputs: Inputs, scalar: Uint8Array): Share {
    return new Share(inputs, bytesToNumberLE(scalar));
  }

  /** The product with the other end's share. Throws `PairingFailed` for our own share, an invalid one, the identity. */
  combine(other: Uint8Array): Bytes {
    if (same(other, this.encoded)) throw new PairingFailed("reflected");
    return decode(other).multiply(this.#scalar).toBytes() as Bytes;
  }

  /** Forget the secret; this share can combine no more. */
  erase(): void {
    this.#scalar = 0n;
  }
}

/** A share must be a canonical encoding of an element other than the identity. Throws `PairingFailed`. */
export function decode(share: Uint8Array): Point {
  let point: Point;
  try {
    point = Point.fromBytes(share);
  } catch {
    throw new PairingFailed("not_an_element");
  }
  if (point.is0()) throw new PairingFailed("identity");
  return point;
}

/** `g` of the draft: the element that hides the password. */
export function generator({ prs, ci, sid }: Inputs): Point {
  const padding = Math.max(0, SHA512_BLOCK - 1 - lv(prs).length - lv(DSI).length);
  return ristretto255_hasher.deriveToCurve!(sha512(lv(DSI, prs, new Uint8Array(padding), ci, sid)));
}

/** ISK: 64 bytes from the common product `k` and both shares with their associated data; the initiator comes first. */
export function intermediateKey(
  sid: Uint8Array,
  k: Uint8Array,
  initiator: { readonly share: Uint8Array; readonly ad: Uint8Array },
  responder: { readonly share: Uint8Array; readonly ad: Uint8Array },
): Bytes {
  const transcript = concat(lv(initiator.share, initiator.ad), lv(responder.share, responder.ad));
  return sha512(lv(encodeText(DSI_ISK), sid, k), transcript);
}
