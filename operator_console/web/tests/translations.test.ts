/** Every sentence of the console stands in Spanish, and the catalogue holds nothing that no page says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { es } from "../src/i18n/es.ts";

const sources = join(import.meta.dirname, "../src");

/** The literal first arguments of `t(…)`, comments left out. */
function sentences(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const name of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
    if (!/\.tsx?$/.test(name) || /\.test\.tsx?$/.test(name)) continue;
    const text = readFileSync(join(sources, name), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    for (const match of text.matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*")/g)) found.add(JSON.parse(match[1] ?? '""') as string);
  }
  return found;
}

describe("the Spanish catalogue", () => {
  test("has every sentence", () => {
    expect([...sentences()].filter((sentence) => !(sentence in es))).toEqual([]);
  });

  test("has no sentence that nobody says", () => {
    const said = sentences();
    expect(Object.keys(es).filter((sentence) => !said.has(sentence))).toEqual([]);
  });

  test("keeps every value of a sentence", () => {
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
    for (const [english, spanish] of Object.entries(es)) expect(values(spanish), english).toEqual(values(english));
  });
});
