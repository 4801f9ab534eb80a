/** The broker's and the agent's words to a session machine: a real pairing, no sockets. */
import { ed25519 } from "@noble/curves/ed25519.js";

import type { ConsoleToBroker, Grant, Offer, PairOffer, Ticket, Welcome } from "../../src/protocol/gen/messages.ts";
import { AgentRun, contextOf } from "../../src/protocol/pairing.ts";
import { b64url, type Bytes, encodeText, lv, sha256, unb64url } from "../../src/protocol/text.ts";
import { ANYONE, type Request, SessionMachine } from "../../src/session/machine.ts";
import type { Command, Event, Permission } from "../../src/session/states.ts";

const id = (n: number) => b64url(new Uint8Array(16).fill(n));

export const SESSION = id(1);
export const UTC = "2026-11-22T12:00:00Z";

export const REQUEST: Request = {
  id: "123456789",
  serverPart: "K7Q",
  agentPart: "U9XDT",
  service: "Asistencia",
  wanted: ["view", "control"],
  publicOrigin: "https://ayuda.example",
  for: ANYONE,
};

export const WELCOME: Welcome = {
  type: "welcome",
  operator_id: id(2),
  operator_name: "Íñigo Núñez",
  org_id: id(3),
  org_name: "Soporte Norte",
  role: "operator",
  services: ["Asistencia"],
  versions: ["1"],
  utc: UTC,
};

const OFFER: Offer = {
  operator_id: WELCOME.operator_id,
  operator_name: WELCOME.operator_name,
  org_id: WELCOME.org_id,
  org_name: WELCOME.org_name,
  service: REQUEST.service,
  tariff: null,
  price_note: "",
  terms_version: 1,
  terms_sha256: b64url(new Uint8Array(32)),
  wanted: ["view", "control"],
  inactivity_s: 900,
  charging: null,
};

/** Both far ends at once, driven by what the machine sends. */
export class Customer {
  readonly machine: SessionMachine;
  readonly sent: ConsoleToBroker[] = [];
  readonly commands: Command[] = [];
  readonly #password: string;
  readonly #secret = ed25519.utils.randomSecretKey();
  #run: AgentRun | undefined;
  #offered: PairOffer | undefined;

  constructor(password = REQUEST.agentPart) {
    this.#password = password;
    this.machine = new SessionMachine(REQUEST, random);
    this.#do(this.machine.begin());
  }

  get state() {
    return this.machine.snapshot.state;
  }

  get ending() {
    return this.machine.snapshot.ending;
  }

  happen(event: Event): Command[] {
    const commands = this.machine.handle(event);
    this.#do(commands);
    return commands;
  }

  /** The last message of that kind that the machine sent. */
  last<T extends ConsoleToBroker["type"]>(type: T): Extract<ConsoleToBroker, { type: T }> {
    const found = this.sent.findLast((message) => message.type === type);
    if (!found) throw new Error(`No ${type} was sent`);
    return found as Extract<ConsoleToBroker, { type: T }>;
  }

  offer(change: Partial<Offer> = {}): PairOffer {
    return {
      type: "pair_offer",
      session_id: SESSION,
      request_id: this.last("pair_request").request_id,
      code_id: id(5),
      nonce_console: this.last("pair_request").nonce_console,
      nonce_agent: id(6),
      offer: b64url(encodeText(JSON.stringify({ ...OFFER, ...change }))),
    };
  }

  offered(): void {
    this.happen(WELCOME);
    this.#offered = this.offer();
    this.happen(this.#offered);
  }

  exchanged(): void {
    this.offered();
    const raw = unb64url(this.#offered!.offer);
    const context = contextOf("1", REQUEST.publicOrigin, this.#offered!, OFFER, raw);
    this.#run = new AgentRun(context, this.#password, ed25519.getPublicKey(this.#secret) as Bytes, random(64));
    this.happen(this.#run.asked(this.last("cpace_a")));
  }

  paired(): void {
    this.exchanged();
    this.happen(this.#run!.confirmed(this.last("confirm_a")));
  }

  ticket(g: number): Ticket {
    return { type: "ticket", session_id: SESSION, relay_url: "/relay", g, token: "t" };
  }

  connected(): void {
    this.paired();
    this.happen(this.ticket(1));
    this.happen({ type: "line_ready", granted: [] });
  }

  live(): void {
    this.connected();
    this.happen({ type: "grant", message: this.grant() });
  }

  /** The receipt as the agent signs it, but for `change` of what it is about. */
  grant(granted: readonly Permission[] = ["view", "control"], change: { offer?: Bytes; secret?: Uint8Array } = {}): Grant {
    const { sid, ya, yb } = this.#run!.keys;
    const offer = change.offer ?? sha256(unb64url(this.#offered!.offer));
    const body = lv("relevo-consent-1", SESSION, sid, sha256(ya, yb), offer, "1", new Uint8Array(32), lv(...granted), UTC, "es");
    return {
      t: "grant",
      granted,
      body,
      sig: ed25519.sign(body, change.secret ?? this.#secret),
      ack_seq: 3,
      ack_head: new Uint8Array(32),
      ack_utc: UTC,
      ack_sig: new Uint8Array(64),
    };
  }

  #do(commands: readonly Command[]): void {
    this.commands.push(...commands);
    for (const command of commands) if (command.do === "send" || command.do === "send_last") this.sent.push(command.message);
  }
}

export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}
