/**
 * One data connection of a session: ticket, handshake, `ready`, then sealed messages both ways, in order. A new
 * generation is a new line. It must never send a byte of a session in clear: before the channel stands nothing is sent
 * but the ticket and the handshake.
 */
import { fromBytes, toBytes } from "../protocol/codec.ts";
import { Channel, type Frame, Lane, LaneNumbers, type PerLane } from "../protocol/channel.ts";
import { IntegrityError, ProtocolError } from "../protocol/errors.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { InnerFromAgent, InnerFromConsole, Ready, Ticket } from "../protocol/gen/messages.ts";
import { type ConnectionKeys, connectionPrologue, connectionPsk } from "../protocol/keys.ts";
import { Initiator } from "../protocol/noise.ts";
import type { Bytes } from "../protocol/text.ts";
import { socketAddress } from "./control.ts";

export interface LineEvents {
  /** The channel stands and both have shown it; what was granted stands. */
  ready(message: Ready): void;
  /** In order; the next one waits for this. `number` is what an ack names. */
  message(message: InnerFromAgent, lane: Lane, number: number): void;
  /** The same for the screen's frames, which are read where they are drawn. Their memory is the receiver's. */
  pictures(frames: readonly Frame[]): void;
  lost(why: "cut" | "integrity" | "unreachable"): void;
}

/** Numbers of frames, for as long as the session lives. */
export interface Numbers {
  readonly sent: LaneNumbers;
  readonly received: LaneNumbers;
}

/** From opening the connection to `ready` of the agent, which may come a little later than this end. */
const JOIN_SECONDS = LIMITS.TICKET_LIFE;

export class Line {
  /** `undefined` where the ticket names no address that may be called. */
  readonly #socket: WebSocket | undefined;
  readonly #events: LineEvents;
  readonly #numbers: Numbers;
  /** Its generation. */
  readonly g: number;
  readonly #patience: ReturnType<typeof setTimeout>;
  #handshake: Initiator | undefined;
  #channel: Channel | undefined;
  #ready = false;
  #done = false;
  #opened = false;
  /** Messages that wait for the record before them to be sealed. */
  #waiting: InnerFromConsole[] = [];
  /** Records that are being sealed. */
  #sealing = 0;
  /** Records are handled one after another. */
  #turn: Promise<void> = Promise.resolve();
  /** Bytes of records that came. */
  bytesReceived = 0;

  constructor(ticket: Ticket, keys: Promise<ConnectionKeys>, numbers: Numbers, random: (size: number) => Bytes, events: LineEvents) {
    this.#events = events;
    this.#numbers = numbers;
    this.g = ticket.g;
    this.#socket = called(ticket.relay_url);
    if (this.#socket) {
      this.#socket.binaryType = "arraybuffer";
      this.#socket.onopen = () => this.#then(() => this.#begin(ticket, keys, random));
      this.#socket.onmessage = ({ data }) => this.#received(data);
      this.#socket.onclose = () => this.#lost(this.#opened ? "cut" : "unreachable");
    } else {
      queueMicrotask(() => this.#lost("unreachable")); // Events come after the line is made, as from a socket.
    }
    this.#patience = setTimeout(() => this.#lost(this.#opened ? "cut" : "unreachable"), JOIN_SECONDS * 1000);
  }

  /** Seal and send. Dropped unless the channel stands: input for a line that is gone is worth nothing. */
  send(message: InnerFromConsole): void {
    if (!this.#ready || this.#done) return;
    if (message.t === "ack") this.#waiting = this.#waiting.filter((other) => other.t !== "ack" || other.lane !== message.lane);
    this.#waiting.push(message);
    this.#flush();
  }

  /** What came over it is no message. */
  distrust(): void {
    this.#lost("integrity");
  }

  /** Bytes that the line has not taken yet: a sign to hold back what can be left out. */
  get backlog(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** What was last received, by lane. */
  get acks(): PerLane<number> {
    return this.#numbers.received.last;
  }

  /** The other end has been silent for too long. */
  giveUp(): void {
    this.#lost("cut");
  }

  /** No event comes after this. Resolved when what was sent before is delivered, or after 200 ms at most (step 27). */
  async close(): Promise<void> {
    this.#done = true;
    clearTimeout(this.#patience);
    while (this.#sealing > 0) await this.#sent;
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    await new Promise<void>((resolve) => {
      socket.onclose = () => resolve();
      socket.close(1000);
      setTimeout(resolve, LIMITS.END_MESSAGE * 1000);
    });
  }

  /** When all records that were made so far are on their way. */
  #sent: Promise<void> = Promise.resolve();

  async #begin(ticket: Ticket, keys: Promise<ConnectionKeys>, random: (size: number) => Bytes): Promise<void> {
    this.#opened = true;
    this.#socket?.send(ticket.token);
    const of = await keys;
    const psk = await connectionPsk(of, ticket.g);
    this.#handshake = new Initiator({ psk, prologue: connectionPrologue(of, ticket.g), ephemeral: random(32) });
    this.#sendRecord(await this.#handshake.write());
  }

  #received(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) return this.#lost("integrity");
    const record = new Uint8Array(data);
    if (record.length > LIMITS.RECORD) return this.#lost("integrity");
    this.bytesReceived += record.length;
    // Opening begins at once, in the order of arrival; handling waits for its turn.
    const frames = this.#channel?.open(record);
    this.#then(async () => (frames ? this.#handle(await frames) : this.#opening(record)));
  }

  /** A record that came before the channel stood: the answer to the handshake, or one right behind it. */
  async #opening(record: Bytes): Promise<void> {
    if (this.#channel) return this.#handle(await this.#channel.open(record));
    const handshake = this.#handshake;
    this.#handshake = undefined;
    if (!handshake) throw new IntegrityError("A record came before the handshake");
    const { transport } = await handshake.read(record);
    this.#channel = new Channel(transport, this.#numbers.sent, this.#numbers.received);
    await this.#seal([{ t: "ready", g: this.g, acks: this.acks, granted: [] }]);
  }

  #handle(frames: readonly Frame[]): void {
    // Frames share the record's memory: it is given away only where nothing else is in it.
    const alone = frames.every(({ lane }) => lane === Lane.SCREEN);
    let pictures: Frame[] = [];
    for (const frame of frames) {
      if (this.#done) return;
      if (this.#ready && frame.lane === Lane.SCREEN) {
        pictures.push(alone ? frame : { ...frame, payload: frame.payload.slice() });
        continue;
      }
      if (pictures.length > 0) this.#events.pictures(pictures);
      pictures = [];
      const message = fromBytes(frame.payload);
      if (this.#ready) this.#events.message(message, frame.lane, frame.number);
      else this.#firstMessage(message);
    }
    if (pictures.length > 0 && !this.#done) this.#events.pictures(pictures);
  }

  #firstMessage(message: InnerFromAgent): void {
    if (message.t !== "ready" || message.g !== this.g) throw new IntegrityError("The first record says not what it must");
    clearTimeout(this.#patience);
    this.#ready = true;
    this.#events.ready(message);
  }

  /** Everything that waits goes into one record, as far as it fits. A key waits for none that is being sealed, unless there are many. */
  #flush(): void {
    while (this.#waiting.length > 0 && this.#sealing < SEALED_AT_ONCE) {
      void this.#seal(this.#waiting.splice(0, MESSAGES_PER_RECORD)).catch(() => this.#lost("integrity"));
    }
  }

  /** Sealing overlaps, sending keeps the order. */
  #seal(messages: readonly InnerFromConsole[]): Promise<void> {
    this.#sealing++;
    const before = this.#sent;
    const sealed = this.#channel!.seal(messages.map((message) => ({ lane: Lane.CONTROL, payload: toBytes(message) })));
    const sent = (async () => {
      const record = await sealed;
      await before;
      this.#sendRecord(record);
    })();
    this.#sent = sent.catch(() => undefined).then(() => {
      this.#sealing--;
      this.#flush();
    });
    return sent;
  }

  #sendRecord(record: Bytes): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(record);
  }

  #then(step: () => void | Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      if (!(error instanceof ProtocolError)) reportError(error);
      this.#lost("integrity");
    });
  }

  #lost(why: "cut" | "integrity" | "unreachable"): void {
    if (this.#done) return;
    this.#done = true;
    clearTimeout(this.#patience);
    this.#socket?.close();
    // Before `ready` a broken handshake only spends its generation (step 25); after it the session ends.
    this.#events.lost(why === "integrity" && !this.#ready ? "cut" : why);
  }
}

/** A socket to the relay, unless the browser or we refuse its address: no URL, or one without TLS. */
function called(relay: string): WebSocket | undefined {
  try {
    return new WebSocket(socketAddress(relay));
  } catch {
    return undefined;
  }
}

/** A message is at most 4 KiB (text is sent in pieces of 1,024 letters), nearly always some 30 bytes: so many fit. */
const MESSAGES_PER_RECORD = 12;
/** While so many records are being sealed, what is sent waits and shares the next one. */
const SEALED_AT_ONCE = 3;
