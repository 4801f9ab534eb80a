import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { generate, type MessageSchema } from "../../scripts/generated.ts";

const folder = new URL("../../src/protocol/gen/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf-8");

test("the committed types and validators are what the schema makes", () => {
  const made = generate(JSON.parse(read("schema.json")) as MessageSchema);
  for (const [name, content] of Object.entries(made)) expect(read(name), name).toBe(content);
});

test("the validators need no eval", () => {
  expect(read("validators.js")).not.toMatch(/\beval\b|new Function|require\(/);
});
