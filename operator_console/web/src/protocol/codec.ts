/**
 * Message ↔ text or bytes: the only parser of what comes over a line. What it returns keeps every limit of its type;
 * for anything else it throws `Malformed`. Counterparts: protocol/codec.py (control), protocol/inner_codec.py (sealed).
 */
import { decode, encode } from "@msgpack/msgpack";

import { Malformed, TooLarge } from "./errors.ts";
import { LIMITS } from "./gen/limits.ts";
import type { BrokerToConsole, ConsoleToBroker, InnerFromAgent, InnerFromConsole, Offer } from "./gen/messages.ts";
import { Offer as isOffer, readBrokerToConsole, readInnerFromAgent, type Validator } from "./gen/validators.js";
import { type Bytes, decodeText, encodeText } from "./text.ts";

const BOUNDS = {
  maxStrLength: LIMITS.FRAME_PAYLOAD,
  maxBinLength: LIMITS.FRAME_PAYLOAD,
  maxArrayLength: LIMITS.FRAME_PAYLOAD,
  maxMapLength: 64,
  maxExtLength: 0,
};

/** A control message as JSON text. */
export function toText(message: ConsoleToBroker): string {
  return JSON.stringify(message);
}

/** The control message in a text frame from the broker. */
export function fromText(text: string): BrokerToConsole {
  const what = "A message from the broker";
  // A UTF-16 unit is at least one byte: a longer text need not be encoded to be refused.
  const size = text.length > LIMITS.CONTROL_FRAME ? text.length : encodeText(text).length;
  if (size > LIMITS.CONTROL_FRAME) throw new TooLarge(what, size, LIMITS.CONTROL_FRAME);
  return tagged(what, readBrokerToConsole, "type", parse(what, () => JSON.parse(text)));
}

/** The offer in its exact bytes. */
export function readOffer(data: Uint8Array): Offer {
  const what = "An offer";
  if (data.length > LIMITS.OFFER) throw new TooLarge(what, data.length, LIMITS.OFFER);
  return checked(what, isOffer, parse(what, () => JSON.parse(decodeText(data))));
}

/** A sealed message as MessagePack. */
export function toBytes(message: InnerFromConsole): Bytes {
  return encode(message);
}

/** The sealed message in a frame from the agent. Byte fields may share memory with `data`. */
export function fromBytes(data: Uint8Array): InnerFromAgent {
  const what = "A sealed message";
  if (data.length > LIMITS.FRAME_PAYLOAD) throw new TooLarge(what, data.length, LIMITS.FRAME_PAYLOAD);
  return tagged(what, readInnerFromAgent, "t", parse(what, () => decode(data, BOUNDS)));
}

function parse(what: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw new Malformed(what, error instanceof Error ? error.message : "it cannot be read");
  }
}

function tagged<T>(what: string, validators: ReadonlyMap<string, Validator<T>>, tag: string, value: unknown): T {
  const kind = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[tag] : undefined;
  const validator = typeof kind === "string" ? validators.get(kind) : undefined;
  if (!validator) throw new Malformed(what, "its kind is unknown");
  return checked(what, validator, value);
}

function checked<T>(what: string, validator: Validator<T>, value: unknown): T {
  if (validator(value)) return value;
  const [error] = validator.errors ?? [];
  throw new Malformed(what, error ? `${error.instancePath || "it"} breaks "${error.keyword}"` : "it breaks its definition");
}
