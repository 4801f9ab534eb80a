import { expect, test } from "vitest";

import { Meter } from "../../src/session/meter.ts";

test("round trip, rate and pictures per second", () => {
  const meter = new Meter(0);
  const nonce = meter.ask(100)!;
  meter.answered(nonce, 130);
  for (const frame of [1, 1, 2, 3, 3]) meter.drawn(frame, frame === 2 ? "h264" : "exact");
  expect(meter.read(2000, 250_000)).toEqual({ roundTripMs: 30, kbitPerSecond: 1000, framesPerSecond: 1.5, makings: ["h264", "exact"] });
  expect(meter.read(4000, 250_000)).toEqual({ roundTripMs: 30, kbitPerSecond: 0, framesPerSecond: 0, makings: ["h264", "exact"] });
});

test("a line that answers is not silent, however rarely it is asked", () => {
  const meter = new Meter(0);
  const nonce = meter.ask(0)!;
  meter.answered(nonce, 50);
  expect(meter.silent(60_000)).toBe(false);
});

test("three questions and six seconds without an answer are silence", () => {
  const meter = new Meter(0);
  meter.ask(0);
  for (const now of [2000, 4000, 6000]) {
    expect(meter.ask(now)).toBeUndefined();
    expect(meter.silent(now)).toBe(false);
  }
  expect(meter.silent(6001)).toBe(true);
});

test("a clock that stood still in a hidden tab is no silence", () => {
  const meter = new Meter(0);
  meter.ask(0);
  meter.ask(60_000);
  expect(meter.silent(60_000)).toBe(false);
});

test("an answer to something else is no answer", () => {
  const meter = new Meter(0);
  const nonce = meter.ask(0)!;
  meter.answered(nonce + 1, 10);
  expect(meter.read(2000, 0).roundTripMs).toBeUndefined();
});
