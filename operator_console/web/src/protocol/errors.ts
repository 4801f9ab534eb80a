/**
 * The error tree of the protocol:
 *
 *   ProtocolError
 *   ├── Malformed         what came is no message (TooLarge: it is over its limit)
 *   ├── InvalidCode       what was typed cannot be an ID or a password
 *   ├── BadTransition     a machine was given an event that its state does not have
 *   ├── PairingFailed     a pairing that must not give a key
 *   ├── SignatureRefused  a signature that does not hold
 *   └── IntegrityError    a record that was changed, repeated, lost or made with another key
 *
 * Counterpart: protocol/errors.py. Errors carry data; the pages put them into words.
 */

export class ProtocolError extends Error {
  override readonly name: string = "ProtocolError";
}

export class Malformed extends ProtocolError {
  override readonly name: string = "Malformed";
  readonly what: string;
  readonly reason: string;

  constructor(what: string, reason: string) {
    super(`${what} is malformed: ${reason}`);
    this.what = what;
    this.reason = reason;
  }
}

/** `size` and `limit` are in bytes. */
export class TooLarge extends Malformed {
  override readonly name = "TooLarge";
  readonly size: number;
  readonly limit: number;

  constructor(what: string, size: number, limit: number) {
    super(what, `${size} bytes are more than the ${limit} allowed`);
    this.size = size;
    this.limit = limit;
  }
}

/** `symbol` is the first one that has no meaning; without it the length is wrong. */
export class InvalidCode extends ProtocolError {
  override readonly name = "InvalidCode";
  readonly what: "id" | "password";
  readonly expected: number;
  readonly symbol: string | undefined;

  constructor(what: "id" | "password", expected: number, symbol?: string) {
    super(symbol === undefined ? `The ${what} has ${expected} symbols` : `The ${what} has no symbol ${JSON.stringify(symbol)}`);
    this.what = what;
    this.expected = expected;
    this.symbol = symbol;
  }
}

export class BadTransition extends ProtocolError {
  override readonly name = "BadTransition";

  constructor(machine: string, state: string, event: string) {
    super(`${machine} cannot take ${event} while ${state}`);
  }
}

/**
 * `reason` is a stable word: `offer_malformed`, `offer_nonce`, `offer_organisation`, `offer_operator`, `offer_service`,
 * `offer_wanted` (what came is not what was asked for); `identity`, `not_an_element`, `reflected`, `peer_data` (no usable
 * share); `other_session`; `wrong_tag` (the other end had another password, or somebody changed something on the way).
 */
export class PairingFailed extends ProtocolError {
  override readonly name = "PairingFailed";
  readonly reason: string;

  constructor(reason: string) {
    super(`The pairing was stopped: ${reason}`);
    this.reason = reason;
  }
}

export class SignatureRefused extends ProtocolError {
  override readonly name = "SignatureRefused";

  constructor(what: string) {
    super(`The signature on ${what} does not hold`);
  }
}

export class IntegrityError extends ProtocolError {
  override readonly name = "IntegrityError";
}
