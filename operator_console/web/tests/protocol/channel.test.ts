import { expect, test } from "vitest";

import { Channel, type Frame, Lane, LaneNumbers, packFrames, unpackFrames } from "../../src/protocol/channel.ts";
import { IntegrityError, TooLarge } from "../../src/protocol/errors.ts";
import { Initiator, Responder, type Transport } from "../../src/protocol/noise.ts";
import { encodeText } from "../../src/protocol/text.ts";
import { hex, unhex, vectors } from "../support.ts";

const payload = (text: string) => encodeText(text);

async function transports(): Promise<[Transport, Transport]> {
  const inputs = (ephemeral: number) => ({
    psk: new Uint8Array(32).fill(1),
    prologue: new Uint8Array(0),
    ephemeral: new Uint8Array(32).fill(ephemeral),
  });
  const [initiator, responder] = [new Initiator(inputs(2)), new Responder(inputs(3))];
  await responder.read(await initiator.write());
  const { message, transport } = await responder.write();
  return [(await initiator.read(message)).transport, transport];
}

async function channels(numbers = { sent: new LaneNumbers(), received: new LaneNumbers() }) {
  const [console, agent] = await transports();
  return {
    console: new Channel(console, new LaneNumbers(), numbers.received),
    agent: new Channel(agent, numbers.sent, new LaneNumbers()),
  };
}

interface Golden {
  records: { frames: { lane: Frame["lane"]; number: number; payload: string }[]; plaintext: string }[];
}

test.each(vectors<Golden>("frames.json").records)("golden record %#", ({ frames, plaintext }) => {
  const unpacked = frames.map((frame) => ({ ...frame, payload: unhex(frame.payload) }));
  expect(hex(packFrames(unpacked))).toBe(plaintext);
  expect(unpackFrames(unhex(plaintext))).toEqual(unpacked);
});

test("a frame is laid out as the protocol says", () => {
  expect(hex(packFrames([{ lane: Lane.SCREEN, number: 258, payload: payload("ab") }]))).toBe("02" + "00000102" + "0002" + "6162");
});

test("frames come apart as they were put together", () => {
  const frames: Frame[] = [
    { lane: 0, number: 1, payload: payload("") },
    { lane: 3, number: 2 ** 32 - 1, payload: payload("x".repeat(65_000)) },
  ];
  expect(unpackFrames(packFrames(frames))).toEqual(frames);
});

test("a record that is cut anywhere, or empty, is refused", () => {
  const whole = packFrames([{ lane: 1, number: 1, payload: payload("abc") }]);
  for (let size = 0; size < whole.length; size++) expect(() => unpackFrames(whole.subarray(0, size))).toThrow(IntegrityError);
});

test("a lane that does not exist is refused", () => {
  expect(() => unpackFrames(Uint8Array.of(4, 0, 0, 0, 1, 0, 0))).toThrow(IntegrityError);
});

test("more than a record holds is refused", () => {
  expect(() => packFrames([{ lane: 0, number: 1, payload: new Uint8Array(65_513) }])).toThrow(TooLarge);
});

test("each lane counts for itself", async () => {
  const { console, agent } = await channels();
  const first = await agent.seal([{ lane: 0, payload: payload("a") }, { lane: 2, payload: payload("b") }]);
  const second = await agent.seal([{ lane: 2, payload: payload("c") }]);
  const opened = await Promise.all([console.open(first), console.open(second)]);
  expect(opened.flat().map(({ lane, number }) => [lane, number])).toEqual([[0, 1], [2, 1], [2, 2]]);
});

test("a record that is left out ends the channel", async () => {
  const { console, agent } = await channels();
  await agent.seal([{ lane: 0, payload: payload("a") }]);
  const second = await agent.seal([{ lane: 0, payload: payload("b") }]);
  await expect(console.open(second)).rejects.toThrow(IntegrityError);
  await expect(console.open(await agent.seal([]))).rejects.toThrow(IntegrityError);
});

test("after a lost line the screen goes on behind what was dropped", async () => {
  const numbers = { sent: new LaneNumbers(), received: new LaneNumbers() };
  const before = await channels(numbers);
  await before.console.open(await before.agent.seal([{ lane: Lane.SCREEN, payload: payload("a") }]));
  await before.agent.seal([{ lane: Lane.SCREEN, payload: payload("dropped") }]);
  const after = await channels(numbers);
  const [frame] = await after.console.open(await after.agent.seal([{ lane: Lane.SCREEN, payload: payload("c") }]));
  expect(frame!.number).toBe(3);
});

test.each([Lane.CURSOR, Lane.FILES])("after a lost line lane %i leaves nothing out", async (lane) => {
  const numbers = { sent: new LaneNumbers(), received: new LaneNumbers() };
  const before = await channels(numbers);
  await before.console.open(await before.agent.seal([{ lane, payload: payload("a") }]));
  await before.agent.seal([{ lane, payload: payload("lost on the way") }]);
  const after = await channels(numbers);
  await expect(after.console.open(await after.agent.seal([{ lane, payload: payload("c") }]))).rejects.toThrow(IntegrityError);
});

test.each([Lane.CONTROL, Lane.SCREEN])("an agent that was restarted begins lane %i anew", async (lane) => {
  const received = new LaneNumbers();
  const before = await channels({ sent: new LaneNumbers(), received });
  for (const text of ["a", "b"]) await before.console.open(await before.agent.seal([{ lane, payload: payload(text) }]));
  const after = await channels({ sent: new LaneNumbers(), received });
  const [frame] = await after.console.open(await after.agent.seal([{ lane, payload: payload("c") }]));
  expect(frame!.number).toBe(1);
});

test("within a connection a number is neither left out nor repeated", async () => {
  const [console, agent] = await transports();
  const channel = new Channel(console, new LaneNumbers(), new LaneNumbers());
  const send = (number: number) => agent.send.seal(packFrames([{ lane: 0, number, payload: payload("") }]));
  await channel.open(await send(5));
  await expect(channel.open(await send(7))).rejects.toThrow(IntegrityError);
});
