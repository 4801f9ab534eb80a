/**
 * ID and password as people say, hear and type them: the alphabet, the normaliser, the split (pairing rule 2).
 * Counterpart: protocol/code.py; both pass tests/vectors/code.json. It must never log or store what it is given.
 */
import { InvalidCode } from "./errors.ts";

/** The 29 symbols that survive dictation in Spanish and English: one of each of 0/O, 1/I/L, B/V, S/5, Z/2, M/N. */
export const ALPHABET = "01346789ACDEFGHJKMPQRSTUVWXYZ";

/** A symbol that is not in the alphabet → the kept symbol that it is taken for. */
export const TWINS: Readonly<Record<string, string>> = { O: "0", I: "1", L: "1", B: "V", "5": "S", "2": "Z", N: "M" };

/** Spaces and hyphens that may stand anywhere and mean nothing. */
export const SEPARATORS = " \t\r\n\u00a0\u2007\u2009\u202f-\u2010\u2011\u2012\u2013\u2014\u2015\u2212";

export const ID_DIGITS = 9;
export const SERVER_SYMBOLS = 3;
export const PASSWORD_SYMBOLS = 8;

/** A password's two parts, normalised. `agentPart` is the secret of the key exchange and is sent to no one. */
export interface Password {
  readonly serverPart: string;
  readonly agentPart: string;
}

const DIGITS = new Map([..."0123456789"].map((digit) => [digit, digit]));
const SYMBOLS = new Map(
  [...[...ALPHABET].map((symbol) => [symbol, symbol] as const), ...Object.entries(TWINS)].flatMap(
    ([typed, kept]) => [[typed, kept], [typed.toLowerCase(), kept]] as const,
  ),
);

/** The nine digits that a person meant. Throws `InvalidCode`. */
export function normaliseId(typed: string): string {
  return normalise("id", typed, DIGITS, ID_DIGITS);
}

/** The two parts of the password that a person meant. Throws `InvalidCode`. */
export function normalisePassword(typed: string): Password {
  const symbols = normalise("password", typed, SYMBOLS, PASSWORD_SYMBOLS);
  return { serverPart: symbols.slice(0, SERVER_SYMBOLS), agentPart: symbols.slice(SERVER_SYMBOLS) };
}

/** `123456789` → `123 456 789`. */
export function showId(digits: string): string {
  return digits.replace(/(\d{3})(?=\d)/g, "$1 ");
}

function normalise(what: "id" | "password", typed: string, meaning: ReadonlyMap<string, string>, count: number): string {
  const kept = [...typed].filter((symbol) => !SEPARATORS.includes(symbol));
  const symbols = kept.map((symbol) => {
    const meant = meaning.get(symbol);
    if (meant === undefined) throw new InvalidCode(what, count, symbol);
    return meant;
  });
  if (symbols.length !== count) throw new InvalidCode(what, count);
  return symbols.join("");
}
