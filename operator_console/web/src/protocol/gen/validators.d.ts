// Made by scripts/generate.ts from protocol/schema.py. Do not edit.

import type * as messages from "./messages.ts";

/** `errors` says what was wrong with the last value. Fields that have a default are filled in. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly { readonly instancePath: string; readonly keyword: string }[] | null;
}

export const readBrokerToConsole: ReadonlyMap<string, Validator<messages.BrokerToConsole>>;
export const readInnerFromAgent: ReadonlyMap<string, Validator<messages.InnerFromAgent>>;
export const Offer: Validator<messages.Offer>;
