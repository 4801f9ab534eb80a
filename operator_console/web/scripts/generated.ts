/**
 * From the JSON Schema of the messages (protocol/schema.py): their TypeScript types, and validators as plain functions,
 * so that the page needs no `eval`. A test fails when the committed files are not what this makes.
 */
import { _, Ajv } from "ajv";
import { default as standaloneModule } from "ajv/dist/standalone/index.js";

/** The part of JSON Schema that msgspec writes. */
interface Node {
  $ref?: string;
  anyOf?: Node[];
  enum?: (string | number)[];
  type?: string;
  description?: string;
  contentEncoding?: string;
  properties?: Record<string, Node>;
  items?: Node | Node[] | false;
  prefixItems?: Node[];
  discriminator?: { propertyName: string; mapping: Record<string, string> };
  [keyword: string]: unknown;
}

export interface MessageSchema {
  $defs: Record<string, Node>;
  limits: Record<string, number | string>;
}

/** The unions that the console reads: each gets a table from a message's tag to its validator. */
const READ = ["BrokerToConsole", "InnerFromAgent"];
/** Single structures that the console reads. */
const READ_ALONE = ["Offer"];

const HEADER = "// Made by scripts/generate.ts from protocol/schema.py. Do not edit.\n";

/** ajv's way of exporting a CommonJS default differs between Node and TypeScript. */
const standaloneCode = (standaloneModule as unknown as { default?: typeof standaloneModule }).default ?? standaloneModule;

/** File name in src/protocol/gen/ → content. */
export function generate(schema: MessageSchema): Record<string, string> {
  return {
    "schema.json": `${JSON.stringify(schema, null, 1)}\n`,
    "limits.ts": limits(schema.limits),
    "messages.ts": types(schema),
    "validators.js": validators(schema),
    "validators.d.ts": validatorTypes(),
  };
}

function limits(numbers: MessageSchema["limits"]): string {
  const lines = Object.entries(numbers).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`);
  return `${HEADER}\n/** protocol/limits.py: sizes in bytes, times in seconds. */\nexport const LIMITS = {\n${lines.join("")}} as const;\n`;
}

function types(schema: MessageSchema): string {
  const declarations = Object.entries(schema.$defs).map(([name, node]) => {
    const comment = node.description ? `/** ${node.description.replace(/\s+/g, " ")} */\n` : "";
    if (!node.properties) return `${comment}export type ${name} = ${typeOf(node)};\n`;
    // A default is always written by a sender and filled in by the validator: every field is there.
    const fields = Object.entries(node.properties).map(([field, type]) => `  readonly ${field}: ${typeOf(type)};\n`);
    return `${comment}export interface ${name} {\n${fields.join("")}}\n`;
  });
  return `${HEADER}\n${declarations.join("\n")}`;
}

function typeOf(node: Node): string {
  if (node.$ref) return messageName(node.$ref);
  if (node.anyOf) return node.anyOf.map(typeOf).join(" | ");
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (node.contentEncoding) return "Uint8Array";
  if (node.prefixItems) return `readonly [${node.prefixItems.map(typeOf).join(", ")}]`;
  if (node.type === "array") return `readonly (${typeOf(node.items as Node)})[]`;
  if (node.type === "integer" || node.type === "number") return "number";
  if (node.type === "string" || node.type === "boolean" || node.type === "null") return node.type;
  throw new Error(`The schema has something new: ${JSON.stringify(node)}`);
}

function validators(schema: MessageSchema): string {
  const ajv = new Ajv({ code: { source: true, esm: true }, useDefaults: true, messages: false, strict: true, strictTypes: false });
  ajv.addKeyword({
    keyword: "isBytes",
    schemaType: "boolean",
    code: (context) => context.fail(_`!(${context.data} instanceof Uint8Array)`),
  });
  ajv.addSchema({ $id: "messages", $defs: mapValues(schema.$defs, checkable) });
  const names = new Set([...READ.flatMap((union) => Object.values(members(schema, union))), ...READ_ALONE]);
  const code = standaloneCode(ajv, Object.fromEntries([...names].sort().map((name) => [name, `messages#/$defs/${name}`])));
  return `${HEADER}${withoutRequire(code)}\n${READ.map((union) => table(schema, union)).join("")}`;
}

/** The same schema in the draft that ajv's standalone code is smallest for; bytes are checked as bytes. */
function checkable(node: Node): Node {
  const { description: _description, title: _title, discriminator: _discriminator, ...rest } = node;
  if (rest.contentEncoding) return { isBytes: true };
  if (rest.anyOf) return { ...rest, anyOf: rest.anyOf.map(checkable) };
  if (rest.properties) return { ...rest, properties: mapValues(rest.properties, checkable) };
  if (rest.prefixItems) {
    const { prefixItems, items: _items, ...array } = rest;
    return { ...array, items: prefixItems.map(checkable), additionalItems: false };
  }
  return rest.items ? { ...rest, items: checkable(rest.items as Node) } : rest;
}

/** ajv's one helper, which counts code points, is imported in CommonJS even in an ES module: put it in place. */
function withoutRequire(code: string): string {
  const helper = "((text) => { let count = 0; for (const _ of text) count++; return count; })";
  const out = code.replaceAll('require("ajv/dist/runtime/ucs2length").default', helper);
  if (out.includes("require(")) throw new Error("The validators need something that is not in them");
  return out;
}

function table(schema: MessageSchema, union: string): string {
  const rows = Object.entries(members(schema, union)).map(([tag, name]) => `  [${JSON.stringify(tag)}, ${name}],\n`);
  return `\nexport const read${union} = new Map([\n${rows.join("")}]);\n`;
}

function validatorTypes(): string {
  const tables = READ.map((union) => `export const read${union}: ReadonlyMap<string, Validator<messages.${union}>>;\n`);
  const alone = READ_ALONE.map((name) => `export const ${name}: Validator<messages.${name}>;\n`);
  return `${HEADER}
import type * as messages from "./messages.ts";

/** \`errors\` says what was wrong with the last value. Fields that have a default are filled in. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly { readonly instancePath: string; readonly keyword: string }[] | null;
}

${tables.join("")}${alone.join("")}`;
}

/** Tag → name of the message. */
function members(schema: MessageSchema, union: string): Record<string, string> {
  const mapping = schema.$defs[union]?.discriminator?.mapping;
  if (!mapping) throw new Error(`The schema has no union ${union}`);
  return mapValues(mapping, messageName);
}

function messageName(ref: string): string {
  return ref.replace("#/$defs/", "");
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
