import { expect, test } from "vitest";

import { IntegrityError } from "../../src/protocol/errors.ts";
import { Initiator, Responder } from "../../src/protocol/noise.ts";
import { encodeText } from "../../src/protocol/text.ts";
import { hex, unhex, vectors } from "../support.ts";

interface Vector {
  init_prologue: string;
  init_psks: [string];
  init_ephemeral: string;
  resp_prologue: string;
  resp_psks: [string];
  resp_ephemeral: string;
  handshake_hash: string;
  messages: { payload: string; ciphertext: string }[];
}

const published = vectors<{ vectors: Vector[] }>("noise-nnpsk0.json").vectors;

function ends(vector: Vector) {
  return {
    initiator: new Initiator({
      psk: unhex(vector.init_psks[0]),
      prologue: unhex(vector.init_prologue),
      ephemeral: unhex(vector.init_ephemeral),
    }),
    responder: new Responder({
      psk: unhex(vector.resp_psks[0]),
      prologue: unhex(vector.resp_prologue),
      ephemeral: unhex(vector.resp_ephemeral),
    }),
  };
}

test.each(published)("published vector %#", async (vector) => {
  const { initiator, responder } = ends(vector);
  const [first, second, ...records] = vector.messages;
  const opening = await initiator.write(unhex(first!.payload));
  expect(hex(opening)).toBe(first!.ciphertext);
  expect(hex(await responder.read(opening))).toBe(first!.payload);
  const answer = await responder.write(unhex(second!.payload));
  expect(hex(answer.message)).toBe(second!.ciphertext);
  const { payload, transport } = await initiator.read(answer.message);
  expect(hex(payload)).toBe(second!.payload);
  expect(hex(transport.handshakeHash)).toBe(vector.handshake_hash);

  for (const [n, record] of records.entries()) {
    const [from, to] = n % 2 === 0 ? [transport, answer.transport] : [answer.transport, transport];
    const sealed = await from.send.seal(unhex(record.payload));
    expect(hex(sealed)).toBe(record.ciphertext);
    expect(hex(await to.receive.open(sealed))).toBe(record.payload);
  }
});

test.each(["psk", "prologue"] as const)("another %s gives no channel", async (what) => {
  const vector = published[0]!;
  const changed = what === "psk" ? { ...vector, resp_psks: ["00".repeat(32)] as [string] } : { ...vector, resp_prologue: "00" };
  const { initiator, responder } = ends(changed);
  await expect(responder.read(await initiator.write())).rejects.toThrow(IntegrityError);
});

test("a key of low order is refused", async () => {
  const { initiator } = ends(published[0]!);
  await initiator.write();
  await expect(initiator.read(new Uint8Array(48))).rejects.toThrow(IntegrityError);
});

test("records that are sealed together open in their order and in no other", async () => {
  const { initiator, responder } = ends(published[0]!);
  await responder.read(await initiator.write());
  const { message, transport: agent } = await responder.write();
  const { transport: console } = await initiator.read(message);
  const records = await Promise.all(["a", "b", "c"].map((text) => agent.send.seal(encodeText(text))));
  expect(await console.receive.open(records[0]!)).toEqual(encodeText("a"));
  await expect(console.receive.open(records[2]!)).rejects.toThrow(IntegrityError);
});
