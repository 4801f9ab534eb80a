/**
 * Makes src/protocol/gen/ from the messages' one definition:
 *
 *     python -m protocol.schema | node scripts/generate.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";

import { generate, type MessageSchema } from "./generated.ts";

const folder = new URL("../src/protocol/gen/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(generate(JSON.parse(await text(process.stdin)) as MessageSchema))) {
  writeFileSync(new URL(name, folder), content);
}
