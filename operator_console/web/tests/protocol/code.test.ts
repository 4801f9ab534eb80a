import { expect, test } from "vitest";

import { ALPHABET, normaliseId, normalisePassword, SEPARATORS, showId, TWINS } from "../../src/protocol/code.ts";
import { InvalidCode } from "../../src/protocol/errors.ts";
import { vectors } from "../support.ts";

interface Wrong {
  typed: string;
  error: "length" | "symbol";
  symbol?: string;
}

interface Vectors {
  alphabet: string;
  twins: Record<string, string>;
  separators: string;
  passwords: (Wrong | { typed: string; server_part: string; agent_part: string })[];
  ids: (Wrong | { typed: string; id: string; shown?: string })[];
}

const shared = vectors<Vectors>("code.json");

test("alphabet, twins and separators are the agent's", () => {
  expect({ alphabet: ALPHABET, twins: TWINS, separators: SEPARATORS }).toEqual({
    alphabet: shared.alphabet,
    twins: shared.twins,
    separators: shared.separators,
  });
});

test.each(shared.passwords)("password $typed", (vector) => {
  if ("error" in vector) expectInvalid(() => normalisePassword(vector.typed), vector);
  else expect(normalisePassword(vector.typed)).toEqual({ serverPart: vector.server_part, agentPart: vector.agent_part });
});

test.each(shared.ids)("ID $typed", (vector) => {
  if ("error" in vector) expectInvalid(() => normaliseId(vector.typed), vector);
  else expect(normaliseId(vector.typed)).toBe(vector.id);
});

test("an ID is shown in threes", () => {
  expect(showId("123456789")).toBe("123 456 789");
});

function expectInvalid(normalise: () => unknown, wrong: Wrong): void {
  try {
    normalise();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidCode);
    expect((error as InvalidCode).symbol).toBe(wrong.symbol);
    return;
  }
  expect.fail("it was accepted");
}
