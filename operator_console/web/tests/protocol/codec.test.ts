import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";

import { fromBytes, fromText } from "../../src/protocol/codec.ts";
import { Malformed, TooLarge } from "../../src/protocol/errors.ts";
import { encodeText } from "../../src/protocol/text.ts";

const ID = "A".repeat(22);

describe("control messages", () => {
  test("a message comes out as it went in", () => {
    expect(fromText(`{"type":"pair_denied","request_id":"${ID}","reason":"denied","why":""}`)).toEqual({
      type: "pair_denied",
      request_id: ID,
      reason: "denied",
      why: "",
    });
  });

  test("what was left out because it is the default is filled in", () => {
    expect(fromText('{"type":"failure","reason":"malformed"}')).toEqual({
      type: "failure",
      reason: "malformed",
      session_id: null,
    });
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["nothing", "null"],
    ["an unknown kind", '{"type":"hello"}'],
    ["a kind of every object", '{"type":"constructor"}'],
    ["a field too many", `{"type":"pair_denied","request_id":"${ID}","reason":"denied","more":1}`],
    ["a field too few", '{"type":"pair_denied","reason":"denied"}'],
    ["an unknown word", `{"type":"pair_denied","request_id":"${ID}","reason":"because"}`],
    ["a wrong identifier", '{"type":"pair_denied","request_id":"x","reason":"denied"}'],
    ["a line break after an identifier", `{"type":"pair_denied","request_id":"${ID}\\n","reason":"denied"}`],
    ["a broken number", `{"type":"joined","session_id":"${ID}","utc":7}`],
    ["deep nesting", "[".repeat(60_000)],
  ])("%s is malformed", (_what, text) => {
    expect(() => fromText(text)).toThrow(Malformed);
  });

  test("64 KiB is the limit, in bytes and not in letters", () => {
    expect(() => fromText(`"${"ñ".repeat(33_000)}"`)).toThrow(TooLarge);
  });
});

describe("sealed messages", () => {
  test("bytes stay bytes and tuples keep their places", () => {
    const tile = [0, 16, 64, 64, "fill", Uint8Array.of(1, 2, 3)];
    const message = { t: "tiles", frame: 3, last: true, tiles: [tile] };
    expect(fromBytes(encode(message))).toEqual(message);
  });

  test.each<[string, unknown]>([
    ["text for bytes", { t: "tiles", frame: 3, last: true, tiles: [[0, 0, 1, 1, "fill", "abc"]] }],
    ["a tile with too little", { t: "tiles", frame: 3, last: true, tiles: [[0, 0, 1, 1, "fill"]] }],
    ["a tile with too much", { t: "tiles", frame: 3, last: true, tiles: [[0, 0, 1, 1, "fill", new Uint8Array(3), 1]] }],
    ["an empty tile", { t: "tiles", frame: 3, last: true, tiles: [[0, 0, 0, 1, "fill", new Uint8Array(3)]] }],
    ["an unknown encoding", { t: "tiles", frame: 3, last: true, tiles: [[0, 0, 1, 1, "gif", new Uint8Array(3)]] }],
    ["half a pixel", { t: "cursor_at", x: 0.5, y: 0 }],
    ["a negative place", { t: "cursor_at", x: -1, y: 0 }],
    ["no number at all", { t: "cursor_at", x: NaN, y: 0 }],
    ["a console's message", { t: "refresh" }],
    ["acks for other lanes", { t: "ready", g: 1, acks: [0, 0, 0] }],
  ])("%s is malformed", (_what, message) => {
    expect(() => fromBytes(encode(message))).toThrow(Malformed);
  });

  test("every prefix of a message, and bytes after it, are malformed", () => {
    const whole = encode({ t: "ready", g: 1, acks: [1, 2, 3, 4], granted: ["view"] });
    for (let size = 0; size < whole.length; size++) expect(() => fromBytes(whole.subarray(0, size))).toThrow(Malformed);
    expect(() => fromBytes(Uint8Array.of(...whole, 0))).toThrow(Malformed);
  });

  test("a promise of four thousand million elements takes no memory", () => {
    expect(() => fromBytes(Uint8Array.of(0xdd, 255, 255, 255, 255))).toThrow(Malformed);
    expect(() => fromBytes(Uint8Array.of(0xc6, 255, 255, 255, 255))).toThrow(Malformed);
  });

  test("a message over the limit is refused before it is read", () => {
    expect(() => fromBytes(encodeText(" ".repeat(65_513)))).toThrow(TooLarge);
  });
});
