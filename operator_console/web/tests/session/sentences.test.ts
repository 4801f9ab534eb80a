import { expect, test } from "vitest";

import schema from "../../src/protocol/gen/schema.json" with { type: "json" };
import type { DenialReason, Ending, EndReason } from "../../src/session/ending.ts";
import { State } from "../../src/session/states.ts";
import { endingSentence, stateSentence } from "../../src/session/sentences.ts";

const endReasons = schema.$defs.Ended.properties.reason.enum as EndReason[];
const denials = schema.$defs.PairDenied.properties.reason.enum as DenialReason[];

const endings: Ending[] = [
  ...endReasons.map((reason) => ({ kind: "ended" as const, reason })),
  ...denials.map((reason) => ({ kind: "denied" as const, why: "Not now.", reason })),
  ...["wrong_tag", "offer_operator", "anything"].map((reason) => ({ kind: "pairing" as const, reason })),
];

test.each(endings)("$kind: $reason is put into words", (ending) => {
  const { what } = endingSentence(ending);
  expect(what).toMatch(/^[A-Z].*\.$/);
  expect(what).not.toContain("_");
});

test("no two denials sound alike", () => {
  expect(new Set(denials.map((reason) => endingSentence({ kind: "denied", why: "Not now.", reason }).what)).size).toBe(denials.length);
});

test("every state is put into words", () => {
  for (const state of Object.values(State)) expect(stateSentence(state)).not.toBe("");
});
