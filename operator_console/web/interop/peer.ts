/**
 * Plays the console for the Python implementation: JSON lines in, JSON lines out (tests/protocol/interop.md).
 * Run by plain Node: `node interop/peer.ts`. It must never be part of the page: it prints keys.
 */
import { createInterface } from "node:readline";

import { type Frame, packFrames, unpackFrames } from "../src/protocol/channel.ts";
import { BadTransition, IntegrityError, Malformed, PairingFailed } from "../src/protocol/errors.ts";
import { type ConnectionKeys, connectionPrologue, connectionPsk, keepKeys } from "../src/protocol/keys.ts";
import { Initiator, type Transport } from "../src/protocol/noise.ts";
import { ConsoleRun } from "../src/protocol/pairing.ts";
import { b64url, type Bytes, unb64url } from "../src/protocol/text.ts";

type Request = Readonly<Record<string, unknown>>;

let run: ConsoleRun | undefined;
let sessionId = "";
let keys: ConnectionKeys | undefined;
let handshake: Initiator | undefined;
let transport: Transport | undefined;

const operations: Record<string, (request: Request) => Promise<object> | object> = {
  pair_start(request) {
    forget();
    sessionId = text(request, "session_id");
    run = new ConsoleRun(
      {
        version: text(request, "version"),
        publicOrigin: text(request, "public_origin"),
        orgId: text(request, "org_id"),
        sessionId,
        operatorId: text(request, "operator_id"),
        operatorName: text(request, "operator_name"),
        codeId: text(request, "code_id"),
        nonceConsole: text(request, "nonce_console"),
        nonceAgent: text(request, "nonce_agent"),
        offer: unb64url(text(request, "offer_b64")),
      },
      text(request, "prs"),
      random(64),
    );
    const { ya, ada } = run.start();
    return { ya: hex(unb64url(ya)), ada: hex(unb64url(ada)) };
  },

  pair_answer(request) {
    const [yb, adb] = [b64url(bytes(request, "yb")), b64url(bytes(request, "adb"))];
    const { ta } = ready(run).answered({ type: "cpace_b", session_id: sessionId, yb, adb });
    return { ta: hex(unb64url(ta)) };
  },

  async pair_confirm(request) {
    const paired = ready(run);
    paired.confirmed({ type: "confirm_b", session_id: sessionId, tb: b64url(bytes(request, "tb")) });
    const answer = { ok: true, resume_key: hex(paired.keys.resumeKey), pk_agent: hex(paired.keys.pkAgent) };
    keys = await keepKeys(paired.keys);
    return answer;
  },

  async noise_start(request) {
    const of = ready(keys);
    const g = Number(request["g"]);
    const inputs = { psk: await connectionPsk(of, g), prologue: connectionPrologue(of, g), ephemeral: random(32) };
    transport = undefined;
    handshake = new Initiator(inputs);
    return { m1: hex(await handshake.write()) };
  },

  async noise_finish(request) {
    const begun = ready(handshake);
    handshake = undefined;
    ({ transport } = await begun.read(bytes(request, "m2")));
    return { ok: true };
  },

  async seal(request) {
    const { send } = ready(transport);
    const frames = (request["frames"] as { lane: Frame["lane"]; number: number; payload: string }[]).map((frame) => ({
      ...frame,
      payload: unhex(frame.payload),
    }));
    return { record: hex(await send.seal(packFrames(frames))) };
  },

  async open(request) {
    const open = ready(transport);
    try {
      const frames = unpackFrames(await open.receive.open(bytes(request, "record")));
      return { frames: frames.map((frame) => ({ ...frame, payload: hex(frame.payload) })) };
    } catch (error) {
      transport = undefined;
      throw error;
    }
  },
};

function forget(): void {
  run = keys = handshake = transport = undefined;
}

function ready<T>(step: T | undefined): T {
  if (step === undefined) throw new BadTransition("The peer", "not that far", "this operation");
  return step;
}

function text(request: Request, field: string): string {
  const value = request[field];
  if (typeof value !== "string") throw new Malformed("A request", `${field} is missing`);
  return value;
}

function bytes(request: Request, field: string): Bytes {
  return unhex(text(request, field));
}

function unhex(value: string): Bytes {
  return new Uint8Array(Buffer.from(value, "hex"));
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

function errorName(error: unknown): string {
  if (error instanceof PairingFailed) return error.reason;
  if (error instanceof IntegrityError) return "integrity";
  if (error instanceof BadTransition) return "bad_transition";
  if (error instanceof Malformed || error instanceof SyntaxError) return "malformed";
  throw error;
}

async function answer(line: string): Promise<object> {
  try {
    const request = JSON.parse(line) as Request;
    const operation = operations[String(request["op"])];
    if (!operation) throw new Malformed("A request", "its operation is unknown");
    return await operation(request);
  } catch (error) {
    return { error: errorName(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(line))}\n`);
}
