/**
 * The console's session, from the first call to the end: events in, commands out. No socket, no clock, no storage; the
 * one who performs the commands is runner.ts. States and table: states.ts; steps are those of docs/protocol.md.
 *
 * What the table does not have throws `BadTransition`: the runner ends the session over it.
 */
import { BadTransition, PairingFailed, ProtocolError } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { ConsoleToBroker, Offer, Ticket } from "../protocol/gen/messages.ts";
import { consoleContext, type ConsoleKnows, ConsoleRun } from "../protocol/pairing.ts";
import { checkGrant, type PairedWith } from "../protocol/receipt.ts";
import { b64url, type Bytes } from "../protocol/text.ts";
import type { Ending, EndReason, FailureWord } from "./ending.ts";
import {
  type Command, type Event, type Inner, type Permission, type Received, State, type TimerName, TRANSITIONS,
} from "./states.ts";

const { CALLING, REQUESTING, EXCHANGING, CONFIRMING, PAIRED, JOINING, CONSENT, LIVE, PAUSED, ENDED } = State;

/** What the technician asked for. The password's agent part is dropped when the exchange has begun. */
export interface Request {
  readonly id: string;
  readonly serverPart: string;
  readonly agentPart: string;
  readonly service: string;
  readonly wanted: readonly Permission[];
  readonly publicOrigin: string;
  readonly for: SessionFor;
}

/** Whom the session is for and under what order, as the provider's records know them: they decide its price. */
export interface SessionFor {
  readonly customer_id: string | null;
  readonly order_id: string | null;
  readonly ticket_id: string | null;
  readonly urgent: boolean;
}

/** Somebody whom the records do not know. */
export const ANYONE: SessionFor = { customer_id: null, order_id: null, ticket_id: null, urgent: false };

/** A session that this tab had before it was reloaded. */
export interface Resumable {
  readonly paired: PairedWith;
  readonly offer: Offer;
  readonly agentId: string;
  /** The last generation that was used. */
  readonly g: number;
  readonly consented: boolean;
  readonly granted: readonly Permission[];
}

/** What pages show; a new object after every change. */
export interface Snapshot {
  readonly state: State;
  readonly agentId: string;
  readonly sessionId: string | undefined;
  readonly offer: Offer | undefined;
  readonly granted: ReadonlySet<Permission>;
  readonly ending: Ending | undefined;
  /** Seconds that count, once the broker has said so. */
  readonly connectedSeconds: number | undefined;
}

export class SessionMachine {
  #state: State = CALLING;
  #request: Request | undefined;
  #run: ConsoleRun | undefined;
  #paired: PairedWith | undefined;
  #offer: Offer | undefined;
  readonly #agentId: string;
  #sessionId: string | undefined;
  #granted: ReadonlySet<Permission> = new Set();
  #consented = false;
  #g = 0;
  #knows: ConsoleKnows | undefined;
  #ending: Ending | undefined;
  #connectedSeconds: number | undefined;
  /** No data connection was ever made: `undefined` before the first attempt, `false` once there was one. */
  #unreachable: boolean | undefined;
  readonly #random: (size: number) => Bytes;

  /** `random`: fresh random bytes. */
  constructor(start: Request | Resumable, random: (size: number) => Bytes) {
    this.#random = random;
    if ("paired" in start) {
      this.#paired = start.paired;
      this.#sessionId = start.paired.sessionId;
      this.#offer = start.offer;
      this.#agentId = start.agentId;
      this.#g = start.g;
      this.#consented = start.consented;
      this.#granted = new Set(start.granted);
    } else {
      this.#request = start;
      this.#agentId = start.id;
    }
  }

  get snapshot(): Snapshot {
    return {
      state: this.#state,
      agentId: this.#agentId,
      sessionId: this.#sessionId,
      offer: this.#offer,
      granted: this.#granted,
      ending: this.#ending,
      connectedSeconds: this.#connectedSeconds,
    };
  }

  /** What has to be stored so that a reload can go on; `undefined` before there are keys and after the end. */
  get resumable(): Resumable | undefined {
    if (!this.#paired || !this.#offer || this.#state === ENDED) return undefined;
    return {
      paired: this.#paired,
      offer: this.#offer,
      agentId: this.#agentId,
      g: this.#g,
      consented: this.#consented,
      granted: [...this.#granted],
    };
  }

  /** The first commands. */
  begin(): Command[] {
    return this.#paired ? [this.#pauseTimer(), { do: "call_broker" }] : [{ do: "call_broker" }];
  }

  /** One event. Throws `BadTransition`, after which the machine stands where it stood. */
  handle(event: Event): Command[] {
    const allowed = TRANSITIONS[this.#state][event.type];
    if (!allowed) throw new BadTransition("The session", this.#state, event.type);
    if (this.#state === ENDED) return this.#afterEnd(event);
    const { to, commands } = this.#react(event);
    if (!allowed.includes(to)) throw new BadTransition("The session", `${this.#state} → ${to}`, event.type);
    this.#state = to;
    return to === ENDED ? [...commands, { do: "close_line" }, { do: "forget" }] : commands;
  }

  /** End over something that no honest service or agent does. */
  fail(error: unknown): Command[] {
    if (this.#state === ENDED) return [];
    const commands = this.#tellBoth("integrity");
    this.#finish(error instanceof ProtocolError ? { kind: "failure", reason: "protocol" } : { kind: "failure", reason: "broker_failed" });
    this.#state = ENDED;
    return [...commands, { do: "close_line" }, { do: "forget" }];
  }

  #react(event: Event): { to: State; commands: Command[] } {
    switch (event.type) {
      case "welcome":
        return this.#welcomed(event);
      case "pair_denied":
        return this.#end({ kind: "denied", reason: event.reason, why: event.why });
      case "pair_offer":
        return this.#pairing(() => this.#exchange(event));
      case "cpace_b":
        return this.#pairing(() => to(CONFIRMING, send(this.#running().answered(event))));
      case "confirm_b":
        return this.#pairing(() => this.#confirm(event));
      case "pair_abort":
        return this.#end({ kind: "pairing", reason: event.reason });
      case "ticket":
        return this.#ticketed(event);
      case "resume_denied":
        return this.#end(
          event.reason === "not_yours" ? { kind: "failure", reason: "forbidden" } : { kind: "ended", reason: "no_end_message" },
        );
      case "ended":
        this.#connectedSeconds = event.connected_s;
        return this.#end({ kind: "ended", reason: event.reason });
      case "failure":
        // A refused message: before there are keys nothing can go on; afterwards the retry asks again.
        return this.#paired ? to(this.#state) : this.#end({ kind: "failure", reason: "broker_failed" });
      case "control_lost":
        return this.#controlLost(event.reason, event.final);
      case "line_ready":
        return this.#lineReady(event.granted);
      case "line_lost":
        return this.#lineLost(event.why);
      case "grant":
        return this.#grantCame(event.message);
      case "refusal":
        return this.#end({ kind: "ended", reason: event.message.reason });
      case "permission":
        this.#permit(event.message.name, event.message.on);
        return to(this.#state);
      case "goodbye":
        return this.#end({ kind: "ended", reason: event.message.reason });
      case "end_asked":
        return this.#endAsked();
      case "timed_out":
        return this.#timedOut(event.timer);
    }
  }

  #welcomed(welcome: Received<"welcome">): { to: State; commands: Command[] } {
    if (!welcome.versions.includes(LIMITS.VERSION)) return this.#end({ kind: "failure", reason: "version" });
    if (this.#state === CALLING) return this.#paired ? to(PAUSED, ...this.#askForTicket()) : this.#requestPairing(welcome);
    return this.#state === PAUSED ? to(PAUSED, ...this.#askForTicket()) : to(this.#state);
  }

  #requestPairing(welcome: Received<"welcome">): { to: State; commands: Command[] } {
    const request = this.#requested();
    const nonce = b64url(this.#random(16));
    this.#knows = {
      version: LIMITS.VERSION,
      publicOrigin: request.publicOrigin,
      orgId: welcome.org_id,
      operatorId: welcome.operator_id,
      operatorName: welcome.operator_name,
      service: request.service,
      wanted: request.wanted,
      nonceConsole: nonce,
    };
    return to(
      REQUESTING,
      send({
        type: "pair_request",
        request_id: b64url(this.#random(16)),
        id: request.id,
        server_part: request.serverPart,
        service: request.service,
        wanted: request.wanted,
        nonce_console: nonce,
        public_origin: request.publicOrigin,
        version: LIMITS.VERSION,
        ...request.for,
      }),
      { do: "start_timer", timer: "pairing", seconds: LIMITS.PAIRING_RUN },
    );
  }

  #exchange(message: Received<"pair_offer">): { to: State; commands: Command[] } {
    this.#sessionId = message.session_id;
    const { context, offer } = consoleContext(this.#knows!, message);
    this.#offer = offer;
    this.#run = new ConsoleRun(context, this.#requested().agentPart, this.#random(64));
    this.#request = undefined; // The password is used once.
    return to(EXCHANGING, send(this.#run.start()), { do: "start_timer", timer: "pairing", seconds: LIMITS.PAIRING_RUN });
  }

  #confirm(message: Received<"confirm_b">): { to: State; commands: Command[] } {
    const run = this.#running();
    const ok = run.confirmed(message);
    const { sessionId, sid, ya, yb, pkAgent, offerSha256 } = run.keys;
    this.#paired = { sessionId, sid, ya, yb, pkAgent, offerSha256 };
    this.#run = undefined;
    return to(PAIRED, { do: "stop_timer", timer: "pairing" }, { do: "keep_keys", keys: run.keys }, send(ok), this.#pauseTimer());
  }

  /** A step of the pairing: what it throws ends the session and is said to the other end. */
  #pairing(step: () => { to: State; commands: Command[] }): { to: State; commands: Command[] } {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const reason = error instanceof PairingFailed ? error.reason : "malformed";
      const abort = this.#sessionId ? [send({ type: "pair_abort", session_id: this.#sessionId, reason })] : [];
      return this.#end({ kind: "pairing", reason }, ...abort);
    }
  }

  #ticketed(ticket: Ticket): { to: State; commands: Command[] } {
    // A generation is used once: an old ticket is nobody's honest message.
    if (ticket.g <= this.#g || ticket.session_id !== this.#sessionId) throw new BadTransition("The session", this.#state, "an old ticket");
    this.#g = ticket.g;
    const stood = this.#state === CONSENT || this.#state === LIVE;
    return to(JOINING, { do: "close_line" }, { do: "stop_timer", timer: "retry" }, { do: "open_line", ticket }, ...(stood ? [this.#pauseTimer()] : []));
  }

  #lineReady(granted: readonly Permission[]): { to: State; commands: Command[] } {
    this.#consented ||= granted.length > 0;
    this.#granted = new Set(granted);
    this.#unreachable = false;
    return to(this.#consented ? LIVE : CONSENT, { do: "stop_timer", timer: "pause" }, { do: "stop_timer", timer: "retry" });
  }

  #lineLost(why: "cut" | "integrity" | "unreachable"): { to: State; commands: Command[] } {
    if (why === "integrity" && this.#state !== JOINING) return this.#end({ kind: "ended", reason: "integrity" }, ...this.#tellBroker());
    if (why === "unreachable") this.#unreachable ??= true;
    const down = this.#state !== PAUSED ? [send({ type: "channel_down", session_id: this.#session(), g: Math.max(1, this.#g) })] : [];
    return to(PAUSED, { do: "close_line" }, ...down, ...(this.#state === JOINING ? [] : [this.#pauseTimer()]), {
      do: "start_timer",
      timer: "retry",
      seconds: RETRY_SECONDS,
    });
  }

  #grantCame(message: Inner<"grant">): { to: State; commands: Command[] } {
    try {
      checkGrant(message, this.#paired!);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#end({ kind: "ended", reason: "integrity" }, ...this.#tellBoth("integrity"));
    }
    this.#consented = true;
    this.#granted = new Set(message.granted);
    return to(LIVE);
  }

  #permit(name: Permission, on: boolean): void {
    const granted = new Set(this.#granted);
    if (on) granted.add(name);
    else granted.delete(name);
    this.#granted = granted;
  }

  #controlLost(reason: FailureWord, final: boolean): { to: State; commands: Command[] } {
    if (final || !this.#paired) return this.#end({ kind: "failure", reason });
    return to(this.#state, { do: "call_broker" });
  }

  #endAsked(): { to: State; commands: Command[] } {
    if (!this.#paired) {
      const abort = this.#sessionId ? [send({ type: "pair_abort", session_id: this.#sessionId, reason: "technician" })] : [];
      return this.#end({ kind: "ended", reason: "technician" }, ...abort);
    }
    return this.#end({ kind: "ended", reason: "technician" }, ...this.#tellBoth("technician"));
  }

  #timedOut(timer: TimerName): { to: State; commands: Command[] } {
    switch (timer) {
      case "pairing":
        return this.#end({ kind: "failure", reason: "pairing_timeout" });
      case "retry":
        return this.#state === PAUSED ? to(PAUSED, ...this.#askForTicket()) : to(this.#state);
      case "pause":
        return this.#end(
          this.#unreachable ? { kind: "failure", reason: "relay_unreachable" } : { kind: "ended", reason: "line_lost" },
          ...this.#tellBroker(),
        );
    }
  }

  #afterEnd(event: Event): Command[] {
    // The broker's word on an end that came over the line: its reason was known, its figure is new.
    if (event.type === "ended") this.#connectedSeconds = event.connected_s;
    return [];
  }

  #end(ending: Ending, ...commands: Command[]): { to: State; commands: Command[] } {
    this.#finish(ending);
    return { to: ENDED, commands };
  }

  #finish(ending: Ending): void {
    if (this.#run && this.#run.state !== "failed") this.#run.abandon(); // Its secrets are wiped, whatever ends it.
    this.#ending = ending;
    this.#granted = new Set();
    this.#request = this.#run = undefined;
  }

  #tellBoth(reason: EndReason): Command[] {
    if (!this.#paired) return [];
    return [{ do: "send_inner", message: { t: "end", reason } }, ...this.#tellBroker()];
  }

  #tellBroker(): Command[] {
    return [{ do: "close_line" }, { do: "send_last", message: { type: "end_request", session_id: this.#session() } }];
  }

  #askForTicket(): Command[] {
    return [
      send({ type: "resume_request", session_id: this.#session(), last_g: this.#g }),
      { do: "start_timer", timer: "retry", seconds: ASK_AGAIN_SECONDS },
    ];
  }

  #pauseTimer(): Command {
    return { do: "start_timer", timer: "pause", seconds: LIMITS.RESUME + GRACE_SECONDS };
  }

  #session(): string {
    return this.#sessionId ?? "";
  }

  #requested(): Request {
    if (!this.#request) throw new BadTransition("The session", this.#state, "a second use of the password");
    return this.#request;
  }

  #running(): ConsoleRun {
    if (!this.#run) throw new BadTransition("The session", this.#state, "a pairing message");
    return this.#run;
  }
}

/** From losing a line to asking for another. */
const RETRY_SECONDS = 0.5;
/** From asking to asking again, if no ticket came. */
const ASK_AGAIN_SECONDS = 5;
/** The agent's clock decides when a pause is over (step 24); this end gives up a little later. */
const GRACE_SECONDS = 10;

function to(state: State, ...commands: Command[]): { to: State; commands: Command[] } {
  return { to: state, commands };
}

function send(message: ConsoleToBroker): Command {
  return { do: "send", message };
}
