import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { LaneNumbers } from "../../src/protocol/channel.ts";
import type { ConnectionKeys } from "../../src/protocol/keys.ts";
import { Line } from "../../src/session/line.ts";
import { Customer, random } from "./customer.ts";

beforeEach(() => vi.stubGlobal("location", { href: "https://ayuda.example/console/", protocol: "https:" }));
afterEach(() => void vi.unstubAllGlobals());

// As a browser would take it for the page above: the rest is refused before a socket is asked for.
test.each(["ws://relay.example/relay", "ftp://relay.example/", "javascript:0", "https://[", "wss://relay.example:99999/"])(
  "a relay at %s cannot be reached, which is said once the line is made",
  async (relay_url) => {
    const lost = vi.fn();
    const keys = new Promise<ConnectionKeys>(() => undefined);
    const numbers = { sent: new LaneNumbers(), received: new LaneNumbers() };
    const line = new Line({ ...new Customer().ticket(1), relay_url }, keys, numbers, random, { ready: vi.fn(), message: vi.fn(), pictures: vi.fn(), lost });
    expect(lost).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(lost.mock.calls).toEqual([["unreachable"]]);
    expect(line.backlog).toBe(0);
    await line.close();
  },
);
