import { expect, test } from "vitest";

import { addressOf, parseRoute } from "../src/app/router.ts";

test("an address is split into decoded segments and parameters", () => {
  const route = parseRoute("#/sessions/a%20b?page=2");
  expect(route.segments).toEqual(["sessions", "a b"]);
  expect(route.params.get("page")).toBe("2");
});

test("a malformed escape is kept as it came", () => {
  expect(parseRoute("#/%zz").segments).toEqual(["%zz"]);
});

test("whoever signs in gets back to the address asked for, with its parameters", () => {
  const asked = parseRoute("#/sessions/a%20b?from=2026-11-22&technician=Ana+%26+Co%3F");
  const signIn = parseRoute(`#/sign-in?${new URLSearchParams({ then: addressOf(asked) })}`);
  const back = parseRoute(`#${signIn.params.get("then")}`);
  expect(back.segments).toEqual(["sessions", "a b"]);
  expect([...back.params]).toEqual([["from", "2026-11-22"], ["technician", "Ana & Co?"]]);
  expect(addressOf(parseRoute("#/"))).toBe("/");
});
