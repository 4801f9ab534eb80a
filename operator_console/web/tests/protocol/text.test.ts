import { expect, test } from "vitest";

import { Malformed } from "../../src/protocol/errors.ts";
import { b64url, concat, encodeText, lv, unb64url, unlv } from "../../src/protocol/text.ts";
import { hex, unhex } from "../support.ts";

test("fields carry their length, short and long", () => {
  expect(hex(lv("1234", "5", "", "678"))).toBe("0431323334" + "0135" + "00" + "03363738");
  expect(hex(lv(new Uint8Array(128)).subarray(0, 2))).toBe("8001");
});

test("what was put together is taken apart again", () => {
  const fields = [encodeText("año"), new Uint8Array(0), new Uint8Array(70_000)];
  expect(unlv(lv(...fields))).toEqual(fields);
});

test.each(["80", "8000", "0561", "ffffffffff01", "05"])("no list of fields is %s", (text) => {
  expect(() => unlv(unhex(text))).toThrow(Malformed);
});

test("base64url has no padding and no spare bits", () => {
  expect(b64url(Uint8Array.of(251, 255))).toBe("-_8");
  expect(unb64url("-_8")).toEqual(Uint8Array.of(251, 255));
  for (const wrong of ["-_8=", "-_9", "+/8", "A", "á"]) expect(() => unb64url(wrong)).toThrow(Malformed);
});

test("concat of nothing is nothing", () => {
  expect(concat()).toEqual(new Uint8Array(0));
});
