import { describe, expect, test } from "vitest";

import { PairingFailed, ProtocolError } from "../../src/protocol/errors.ts";
import type { ConfirmA, ConfirmB, CpaceA, CpaceB, PairOffer } from "../../src/protocol/gen/messages.ts";
import { connectionPrologue, connectionPsk, keepKeys } from "../../src/protocol/keys.ts";
import { Initiator } from "../../src/protocol/noise.ts";
import {
  AgentRun,
  channelIdentifier,
  consoleContext,
  type ConsoleKnows,
  ConsoleRun,
  type Context,
  sessionIdentifier,
} from "../../src/protocol/pairing.ts";
import { b64url, encodeText } from "../../src/protocol/text.ts";
import { hex, unhex, vectors } from "../support.ts";

interface Golden {
  input: {
    agent_part: string;
    version: string;
    public_origin: string;
    offer: string;
    pair_offer: PairOffer;
    pk_agent: string;
    seed_console: string;
    seed_agent: string;
  };
  derived: Record<"offer_sha256" | "ci" | "sid" | "ya" | "yb" | "resume_key" | "h_ci", string>;
  messages: { cpace_a: CpaceA; cpace_b: CpaceB; confirm_a: ConfirmA; confirm_b: ConfirmB };
  generations: {
    g: number;
    psk: string;
    prologue: string;
    ephemeral_console: string;
    message_1: string;
    message_2: string;
    handshake_hash: string;
    console_sends: { plaintext: string; record: string }[];
    agent_sends: { plaintext: string; record: string }[];
  }[];
}

const golden = vectors<Golden>("pairing.json");
const { input, derived, messages } = golden;
const pkAgent = unhex(input.pk_agent);
const offered = JSON.parse(input.offer) as { org_id: string; operator_id: string; operator_name: string; service: string };

const knows: ConsoleKnows = {
  version: input.version,
  publicOrigin: input.public_origin,
  orgId: offered.org_id,
  operatorId: offered.operator_id,
  operatorName: offered.operator_name,
  service: offered.service,
  wanted: ["control", "view"],
  nonceConsole: input.pair_offer.nonce_console,
};
const { context } = consoleContext(knows, input.pair_offer);

const consoleRun = (of: Context = context, part = input.agent_part) => new ConsoleRun(of, part, unhex(input.seed_console));
const agentRun = (of: Context = context) => new AgentRun(of, input.agent_part, pkAgent, unhex(input.seed_agent));

function pair(console: ConsoleRun, agent: AgentRun): void {
  console.confirmed(agent.confirmed(console.answered(agent.asked(console.start()))));
}

describe("the golden run", () => {
  test("identifiers", () => {
    expect(hex(channelIdentifier(context))).toBe(derived.ci);
    expect(hex(sessionIdentifier(context))).toBe(derived.sid);
  });

  test("every message and every key is the other implementation's", () => {
    const [console, agent] = [consoleRun(), agentRun()];
    const cpaceA = console.start();
    const cpaceB = agent.asked(cpaceA);
    const confirmA = console.answered(cpaceB);
    const confirmB = agent.confirmed(confirmA);
    console.confirmed(confirmB);
    expect({ cpace_a: cpaceA, cpace_b: cpaceB, confirm_a: confirmA, confirm_b: confirmB }).toEqual(messages);
    expect(hex(console.keys.resumeKey)).toBe(derived.resume_key);
    expect(hex(console.keys.offerSha256)).toBe(derived.offer_sha256);
    expect(hex(console.keys.hCi)).toBe(derived.h_ci);
    expect(console.keys.pkAgent).toEqual(pkAgent);
  });

  test.each(golden.generations)("connection $g", async (connection) => {
    const [console, agent] = [consoleRun(), agentRun()];
    pair(console, agent);
    const keys = await keepKeys(console.keys);
    const psk = await connectionPsk(keys, connection.g);
    const prologue = connectionPrologue(keys, connection.g);
    expect(hex(psk)).toBe(connection.psk);
    expect(hex(prologue)).toBe(connection.prologue);
    const initiator = new Initiator({ psk, prologue, ephemeral: unhex(connection.ephemeral_console) });
    expect(hex(await initiator.write())).toBe(connection.message_1);
    const { transport } = await initiator.read(unhex(connection.message_2));
    expect(hex(transport.handshakeHash)).toBe(connection.handshake_hash);
    for (const { plaintext, record } of connection.console_sends) {
      expect(hex(await transport.send.seal(unhex(plaintext)))).toBe(record);
    }
    for (const { plaintext, record } of connection.agent_sends) {
      expect(hex(await transport.receive.open(unhex(record)))).toBe(plaintext);
    }
  });
});

test("the kept key cannot be read out, and the readable copy is gone", async () => {
  const console = consoleRun();
  pair(console, agentRun());
  const keys = await keepKeys(console.keys);
  expect(keys.resumeKey.extractable).toBe(false);
  expect(console.keys.resumeKey).toEqual(new Uint8Array(32));
});

describe("the console takes no other offer than it asked for", () => {
  const other = b64url(new Uint8Array(16));
  const offer = (change: object) => ({
    ...input.pair_offer,
    offer: b64url(encodeText(JSON.stringify({ ...JSON.parse(input.offer), ...change }))),
  });

  test.each<[string, PairOffer]>([
    ["offer_nonce", { ...input.pair_offer, nonce_console: other }],
    ["offer_organisation", offer({ org_id: other })],
    ["offer_operator", offer({ operator_id: other })],
    ["offer_operator", offer({ operator_name: "Mallory" })],
    ["offer_service", offer({ service: "Another" })],
    ["offer_wanted", offer({ wanted: ["view"] })],
    ["offer_malformed", offer({ wanted: ["everything"] })],
    ["offer_malformed", offer({ more: 1 })],
    ["offer_malformed", { ...input.pair_offer, offer: "A" }],
  ])("%s", (reason, message) => {
    expect(() => consoleContext(knows, message)).toThrow(expect.objectContaining({ reason }));
  });
});

describe("a run that somebody touches gives no key", () => {
  test.each(Object.keys(context).filter((name) => name !== "offer"))("another %s", (name) => {
    const changed = { ...context, [name]: `${context[name as keyof Context]}x` };
    const [console, agent] = [consoleRun(), agentRun(changed)];
    expect(() => pair(console, agent)).toThrow(PairingFailed);
    expect(console.state === "paired" || agent.state === "paired").toBe(false);
  });

  test("another offer", () => {
    const agent = agentRun({ ...context, offer: encodeText("{}") });
    expect(() => pair(consoleRun(), agent)).toThrow(expect.objectContaining({ reason: "wrong_tag" }));
  });

  test("another password", () => {
    expect(() => pair(consoleRun(context, "U9XDA"), agentRun())).toThrow(expect.objectContaining({ reason: "wrong_tag" }));
  });

  test.each<[string, (message: CpaceB, sent: CpaceA) => CpaceB]>([
    ["reflected", (message, sent) => ({ ...message, yb: sent.ya })],
    ["identity", (message) => ({ ...message, yb: b64url(new Uint8Array(32)) })],
    ["not_an_element", (message) => ({ ...message, yb: b64url(new Uint8Array(32).fill(255)) })],
    ["peer_data", (message, sent) => ({ ...message, adb: sent.ada })],
    ["other_session", (message) => ({ ...message, session_id: context.nonceAgent })],
  ])("%s", (reason, change) => {
    const [console, agent] = [consoleRun(), agentRun()];
    const sent = console.start();
    const answer = change(agent.asked(sent), sent);
    expect(() => console.answered(answer)).toThrow(expect.objectContaining({ reason }));
    expect(console.state).toBe("failed");
    expect(() => console.keys).toThrow(ProtocolError);
  });

  test("a wrong tag at the end", () => {
    const [console, agent] = [consoleRun(), agentRun()];
    const confirmB = agent.confirmed(console.answered(agent.asked(console.start())));
    const wrong = { ...confirmB, tb: `${confirmB.tb.startsWith("A") ? "B" : "A"}${confirmB.tb.slice(1)}` };
    expect(() => console.confirmed(wrong)).toThrow(expect.objectContaining({ reason: "wrong_tag" }));
    expect(() => console.confirmed(confirmB)).toThrow(ProtocolError);
  });
});

test("a run gives one key: no step works twice", () => {
  const [console, agent] = [consoleRun(), agentRun()];
  const answer = agent.asked(console.start());
  console.answered(answer);
  expect(() => console.answered(answer)).toThrow(ProtocolError);
  expect(console.state).toBe("failed");
});
