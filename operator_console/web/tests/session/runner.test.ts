/** The runner on real cryptography and storage; only the sockets are played, by the broker and the agent below. */
import "fake-indexeddb/auto";

import { decode, encode } from "@msgpack/msgpack";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Channel, Lane, LaneNumbers } from "../../src/protocol/channel.ts";
import type { BrokerToConsole, InnerFromAgent, InnerFromConsole } from "../../src/protocol/gen/messages.ts";
import { type ConnectionKeys, connectionPrologue, connectionPsk, keepKeys } from "../../src/protocol/keys.ts";
import { Responder } from "../../src/protocol/noise.ts";
import type { SessionLock } from "../../src/session/keep.ts";
import { LiveSession, type Picture } from "../../src/session/runner.ts";
import { State } from "../../src/session/states.ts";
import { Customer, random, SESSION, WELCOME } from "./customer.ts";

/** For what will happen: a busy machine takes its time. */
const PATIENCE = { timeout: 60_000 };

/** A socket whose other end is the test. */
class Socket {
  static readonly OPEN = 1;
  static readonly CLOSED = 3;
  static readonly all: Socket[] = [];
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "";
  onopen: (() => void) | undefined;
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onclose: ((event: { code: number; reason: string }) => void) | undefined;
  readonly sent: (string | Uint8Array)[] = [];

  constructor() {
    Socket.all.push(this);
  }

  open(): void {
    this.readyState = Socket.OPEN;
    this.onopen?.();
  }

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = Socket.CLOSED;
    this.onclose?.({ code: 1000, reason: "" });
  }

  says(message: BrokerToConsole): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  record(data: Uint8Array): void {
    this.onmessage?.({ data: data.slice().buffer });
  }

  /** The next thing that is sent over it. */
  async next<T extends string | Uint8Array>(): Promise<T> {
    await vi.waitFor(() => expect(this.sent.length).toBeGreaterThan(0), PATIENCE);
    return this.sent.shift() as T;
  }
}

/** The agent's end of one line: shakes hands, says that it is ready, then answers every ping and notes the rest. */
async function answer(socket: Socket, keys: ConnectionKeys, g: number) {
  const hands = new Responder({ psk: await connectionPsk(keys, g), prologue: connectionPrologue(keys, g), ephemeral: random(32) });
  await hands.read(await socket.next<Uint8Array>());
  const { message, transport } = await hands.write();
  socket.record(message);
  const channel = new Channel(transport, new LaneNumbers(), new LaneNumbers());
  /** One record with such messages in it. */
  const say = async (lane: Lane, ...words: InnerFromAgent[]) => socket.record(await channel.seal(words.map((word) => ({ lane, payload: encode(word) }))));
  await channel.open(await socket.next<Uint8Array>());
  await say(Lane.CONTROL, { t: "ready", g, acks: [0, 0, 0, 0], granted: ["view"] });
  const heard: InnerFromConsole[] = [];
  const agent = { say, heard, answered: 0 };
  socket.send = (data) =>
    void channel.open(data as Uint8Array).then(async (frames) => {
      for (const { payload } of frames) {
        const word = decode(payload) as InnerFromConsole;
        if (word.t !== "ping") {
          heard.push(word);
          continue;
        }
        await say(Lane.CONTROL, { t: "pong", nonce: word.nonce });
        agent.answered++;
      }
    });
  return agent;
}

/** A session after a reload, with its agent; the network takes `delayMs` to connect them. */
async function live(delayMs = 0) {
  const customer = new Customer();
  customer.live();
  const found = customer.commands.find((one) => one.do === "keep_keys");
  if (found?.do !== "keep_keys") throw new Error("No keys were kept");
  const keys = await keepKeys(found.keys);
  const kept = { sessionId: SESSION, session: customer.machine.resumable!, keys, at: Date.now() };
  const session = LiveSession.goOn(kept, { release: () => undefined } as SessionLock);
  await vi.waitFor(() => expect(Socket.all).toHaveLength(1), PATIENCE);
  const broker = Socket.all[0]!;
  broker.open();
  broker.says(WELCOME);
  broker.says(customer.ticket(2));
  const line = Socket.all[1]!;
  vi.advanceTimersByTime(delayMs);
  line.open();
  expect(await line.next<string>()).toBe("t");
  const agent = await answer(line, keys, 2);
  await vi.waitFor(() => expect(session.view.value.state).toBe(State.LIVE), PATIENCE);
  return { session, agent };
}

/** Nothing is ever drawn on it. */
function blank() {
  const shown: number[] = [];
  const picture: Picture = { show: (_, frames) => void shown.push(...frames.map(({ number }) => number)), pause: () => undefined, point: () => undefined };
  return { shown, picture };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("location", { href: "http://127.0.0.1/console/", protocol: "http:" });
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("removeEventListener", () => undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Socket.all.length = 0;
});

test("a line that was slow to come up is not taken for a silent one", async () => {
  const { session, agent } = await live(2000);
  for (let tick = 1; tick <= 5 && session.view.value.state === State.LIVE; tick++) {
    vi.advanceTimersByTime(2000);
    await vi.waitFor(() => expect(agent.answered === tick || session.view.value.state !== State.LIVE).toBe(true), PATIENCE);
  }
  expect(session.view.value.state).toBe(State.LIVE);
  session.end();
}, 3 * PATIENCE.timeout);

test("what a page that was left had not drawn is acknowledged by the next one, which asks for the whole picture", async () => {
  const { session, agent } = await live();
  const left = blank();
  const leave = session.attach(() => left.picture);
  await agent.say(Lane.SCREEN, { t: "screen", width: 8, height: 8, monitors: [] });
  await vi.waitFor(() => expect(left.shown).toEqual([1]), PATIENCE);
  leave();
  agent.heard.length = 0;
  session.attach(() => blank().picture);
  await vi.waitFor(() => expect(agent.heard).toContainEqual({ t: "refresh" }), PATIENCE);
  expect(agent.heard.filter(({ t }) => t !== "decodes")).toEqual([{ t: "ack", lane: Lane.SCREEN, number: 1, ms: expect.any(Number) }, { t: "refresh" }]);
  session.end();
}, 3 * PATIENCE.timeout);

test.each<[string, Lane, InnerFromAgent[]]>([
  ["large pictures", Lane.SCREEN, [{ t: "video", frame: 1, key: true, last: false, areas: [], data: new Uint8Array(65_000) }]],
  ["small words", Lane.CONTROL, Array.from({ length: 2000 }, () => ({ t: "paused", reason: "locked" }))],
])("an agent that sends %s without end while no page shows them is not borne", async (_what, lane, words) => {
  const { session, agent } = await live();
  for (let sent = 0; sent < 1100 && session.view.value.state === State.LIVE; sent++) await agent.say(lane, ...words);
  await vi.waitFor(() => expect(session.view.value.ending).toMatchObject({ reason: "integrity" }), PATIENCE);
}, 3 * PATIENCE.timeout);
