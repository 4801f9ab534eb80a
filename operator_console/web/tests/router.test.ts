import { expect, test } from "vitest";

import { parseRoute } from "../src/app/router.ts";

test("an address is split into decoded segments and parameters", () => {
  const route = parseRoute("#/sessions/a%20b?page=2");
  expect(route.segments).toEqual(["sessions", "a b"]);
  expect(route.params.get("page")).toBe("2");
});

test("a malformed escape is kept as it came", () => {
  expect(parseRoute("#/%zz").segments).toEqual(["%zz"]);
});
