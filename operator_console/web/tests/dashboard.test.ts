/** From figures to lists, and what stands beside the charts. */
import { describe, expect, test } from "vitest";

import type { Dashboard } from "../src/api/dashboard.ts";
import { parseRoute } from "../src/app/router.ts";
import { shortened, unitOf } from "../src/pages/dashboard/labels.ts";
import { isEmpty, sessionsBehind, ticketsBehind, workBehind } from "../src/pages/dashboard/links.ts";
import { dayField, startOf } from "../src/pages/records/parts.tsx";

const SPAN = { from_utc: "2026-11-08T23:00:00.000000Z", to_utc: "2026-11-09T23:00:00.000000Z" };
const asked = (link: string) => {
  const { segments, params } = parseRoute(link);
  return [segments.join("/"), Object.fromEntries(params)];
};

describe("a figure leads to what stands behind it", () => {
  test("sessions of that time, narrowed as the figures are", () => {
    expect(asked(sessionsBehind(SPAN, { operator: "o", customer: "c", service: "Redes & más", kind: "session", top: "1" }))).toEqual([
      "sessions",
      { from: SPAN.from_utc, to: SPAN.to_utc, operator: "o", customer_id: "c", service: "Redes & más", connected: "true" },
    ]);
  });

  test("what a bar says goes before what the page is narrowed to", () => {
    expect(asked(sessionsBehind(SPAN, {}, { customer_id: "-", connected: "false" }))[1]).toEqual({ from: SPAN.from_utc, to: SPAN.to_utc, customer_id: "-", connected: "false" });
  });

  test("tickets by their first answer, work by why it costs what it costs", () => {
    expect(asked(ticketsBehind(SPAN, { kind: "phone", service: "Correo" }, "missed"))).toEqual(["records/tickets", { from: SPAN.from_utc, to: SPAN.to_utc, channel: "phone", target: "missed" }]);
    expect(asked(workBehind(SPAN, {}, { basis: "plan", plan: "poliza", ordered: null }))).toEqual(["records/work", { since: SPAN.from_utc, until: SPAN.to_utc, state: "charged", basis: "plan", plan: "poliza" }]);
    expect(asked(workBehind(SPAN, { customer: "c" }))[1]).toEqual({ since: SPAN.from_utc, until: SPAN.to_utc, state: "charged", customer: "c" });
  });
});

describe("the limits of a list", () => {
  test("an instant stays what it is, and its field shows the day", () => {
    expect(startOf(SPAN.from_utc)).toBe(SPAN.from_utc);
    expect(startOf(SPAN.to_utc, 1)).toBe(SPAN.to_utc);
    const midnight = new Date("2026-11-09T00:00:00");
    expect(dayField(midnight.toISOString(), false)).toBe("2026-11-09");
    expect(dayField(midnight.toISOString(), true)).toBe("2026-11-08");
  });

  test("a day is one of the reader's calendar; what is neither is no limit", () => {
    expect(startOf("2026-11-09", 1)).toBe(new Date("2026-11-10T00:00:00").toISOString());
    expect(dayField("2026-11-09", true)).toBe("2026-11-09");
    expect(startOf("Tuesday")).toBe("");
    expect(startOf(undefined)).toBe("");
  });
});

test("a label that is too long is cut, letter by letter", () => {
  expect(shortened("Panadería Ñandú", 15)).toBe("Panadería Ñandú");
  expect(shortened("Panadería Ñandú", 11)).toBe("Panadería…");
  expect(shortened("🥖🥖🥖", 2)).toBe("🥖…");
});

test("durations are drawn in what an axis of whole numbers can say", () => {
  expect(unitOf(3 * 3600)).toEqual({ seconds: 3600, word: "h" });
  expect(unitOf(3 * 3600 - 1)).toEqual({ seconds: 60, word: "min" });
});

test("a time is empty when nobody asked, wrote or was charged", () => {
  const nothing = { total: { sessions: 0, unconnected: 0, connected_s: 0 }, answers: { within: 0, missed: 0, waiting: 0, none: 0 }, revenue: [] };
  expect(isEmpty(nothing as unknown as Dashboard)).toBe(true);
  expect(isEmpty({ ...nothing, answers: { ...nothing.answers, none: 1 } } as unknown as Dashboard)).toBe(false);
});
