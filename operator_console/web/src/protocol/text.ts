/**
 * Bytes that both ends must build alike: length-prefixed fields, hashes, keyed derivation, base64url.
 * Counterpart: protocol/text.py. Nothing here keeps or logs what it is given.
 */
import { equalBytes } from "@noble/curves/utils.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { base64urlnopad } from "@scure/base";

import { Malformed } from "./errors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Field = string | Uint8Array;

const utf8 = new TextEncoder();

export function encodeText(text: string): Bytes {
  return utf8.encode(text);
}

/** Throws `Malformed` for bytes that are no UTF-8. */
export function decodeText(data: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new Malformed("Text", "it is not UTF-8");
  }
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The fields one after another, each behind its length as unsigned LEB128 (CPace draft, `prepend_len`). Injective. */
export function lv(...fields: readonly Field[]): Bytes {
  return concat(...fields.flatMap((field) => {
    const data = typeof field === "string" ? utf8.encode(field) : field;
    return [leb128(data.length), data];
  }));
}

/** The fields that `lv` was given. Throws `Malformed` for anything that `lv` cannot have built. */
export function unlv(data: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  let at = 0;
  while (at < data.length) {
    let length = 0;
    let scale = 1;
    let byte: number;
    do {
      const next = data[at++];
      if (next === undefined || scale > 2 ** 28) throw new Malformed("A list of fields", "a length is cut short or too long");
      byte = next;
      length += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80);
    if ((byte === 0 && scale > 128) || at + length > data.length) {
      throw new Malformed("A list of fields", "a length does not match its field");
    }
    fields.push(data.subarray(at, at + length));
    at += length;
  }
  return fields;
}

function leb128(length: number): Bytes {
  const out: number[] = [];
  for (; length > 0x7f; length >>>= 7) out.push((length & 0x7f) | 0x80);
  out.push(length);
  return Uint8Array.from(out);
}

export function sha256(...parts: readonly Uint8Array[]): Bytes {
  return nobleSha256(concat(...parts)) as Bytes;
}

export function sha512(...parts: readonly Uint8Array[]): Bytes {
  return nobleSha512(concat(...parts)) as Bytes;
}

export function hmacSha512(key: Uint8Array, message: Uint8Array): Bytes {
  return hmac(nobleSha512, key, message) as Bytes;
}

/** HKDF-SHA-512, extract and expand (RFC 5869); `length` in bytes. */
export function hkdfSha512(key: Uint8Array, salt: Uint8Array, info: Field, length: number): Bytes {
  return hkdf(nobleSha512, key, salt, typeof info === "string" ? utf8.encode(info) : info, length) as Bytes;
}

/** Compares without saying by its time where they differ. */
export function same(left: Uint8Array, right: Uint8Array): boolean {
  return equalBytes(left, right);
}

/** Overwrite secrets in place. Copies that the runtime made cannot be reached. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

/** Base64url without padding (RFC 4648, section 5). */
export function b64url(data: Uint8Array): string {
  return base64urlnopad.encode(data);
}

/** Throws `Malformed` for padding, other symbols or spare bits that are not zero. */
export function unb64url(text: string): Bytes {
  try {
    return base64urlnopad.decode(text) as Bytes;
  } catch {
    throw new Malformed("Base64url text", "it has other symbols, a wrong length or spare bits");
  }
}
