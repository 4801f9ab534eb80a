/**
 * Performs the session machine's commands on the real parts: sockets, timers, storage. One object is one session of this
 * tab, from the technician's request (or a reload) to the end. Its stores are what the pages show.
 */
import { Store } from "../app/store.ts";
import { type Frame, Lane, LaneNumbers } from "../protocol/channel.ts";
import { Malformed } from "../protocol/errors.ts";
import type { Ended, InnerFromAgent, InnerFromConsole, Meter as Cost, Paused, ReceiptAck, Ticket } from "../protocol/gen/messages.ts";
import { type ConnectionKeys, keepKeys } from "../protocol/keys.ts";
import type { Bytes } from "../protocol/text.ts";
import { decodes } from "../screen/abilities.ts";
import type { PointerMessage, ScreenEvents } from "../screen/screen.ts";
import { type VideoCodec, WAITING } from "../screen/talk.ts";
import { ControlConnection } from "./control.ts";
import { erase, keep, type Kept, SessionLock } from "./keep.ts";
import { Line, type Numbers } from "./line.ts";
import { type Request, SessionMachine, type Snapshot } from "./machine.ts";
import { type Command, type Event, State, type TimerName } from "./states.ts";
import { Meter, type Reading, SILENT } from "./meter.ts";

/** Where pictures go. */
export interface Picture {
  show(g: number, frames: readonly Frame[]): void;
  pause(message: Paused): void;
  point(message: PointerMessage): void;
}

const TICK_MS = 2000;
const KEEP_MS = 10_000;
const CALL_AGAIN_MS = [300, 1000, 2000, 4000];
/** After the end: how long to wait for the broker's figures. */
const FIGURES_MS = 5000;
/** What keeping a message takes besides its own bytes, roughly. */
const KEPT_BYTES = 256;

export class LiveSession {
  readonly view: Store<Snapshot>;
  readonly reading = new Store<Reading>(SILENT);
  /** The latest head of the log that the broker signed for this session: whoever keeps it can tell a cut log (rule 8). */
  readonly witness = new Store<ReceiptAck | Ended | undefined>(undefined);
  /** What the session has come to so far, as the broker counts it. */
  readonly cost = new Store<Cost | undefined>(undefined);
  readonly #machine: SessionMachine;
  readonly #numbers: Numbers = { sent: new LaneNumbers(), received: new LaneNumbers() };
  readonly #timers = new Map<TimerName, ReturnType<typeof setTimeout>>();
  readonly #beats: ReturnType<typeof setInterval>[];
  #control: ControlConnection | undefined;
  #calls = 0;
  #line: Line | undefined;
  #lineClosed: Promise<void> = Promise.resolve();
  #keys: Promise<ConnectionKeys> | undefined;
  #lock: SessionLock | undefined;
  #stored: Promise<void> = Promise.resolve();
  /** Of the line that is ready: before that nothing can be asked over it. */
  #meter: Meter | undefined;
  #picture: Picture | undefined;
  /** When pictures came that are not drawn yet, by the number of the last one in a record. */
  #came: { readonly number: number; readonly at: number }[] = [];
  /** What came while there was no canvas, and its bytes: no more than an honest agent has on its way. */
  readonly #unshown: ((picture: Picture) => void)[] = [];
  #unshownBytes = 0;
  /** Moving pictures that this browser said it could decode, and could not. */
  readonly #undecodable = new Set<VideoCodec>();

  private constructor(machine: SessionMachine) {
    this.#machine = machine;
    this.view = new Store(machine.snapshot);
    this.#beats = [setInterval(() => this.#tick(), TICK_MS), setInterval(() => this.#note(), KEEP_MS)];
    addEventListener("pagehide", this.#note);
    addEventListener("online", this.#callNow);
  }

  static start(request: Request): LiveSession {
    const session = new LiveSession(new SessionMachine(request, random));
    session.#perform(session.#machine.begin());
    return session;
  }

  /** Go on after a reload. */
  static goOn(kept: Kept, lock: SessionLock): LiveSession {
    const session = new LiveSession(new SessionMachine(kept.session, random));
    session.#keys = Promise.resolve(kept.keys);
    session.#lock = lock;
    session.#perform(session.#machine.begin());
    return session;
  }

  /** Input and wishes for the agent; dropped while the line is down. */
  send(message: InnerFromConsole): void {
    this.#line?.send(message);
  }

  /** Bytes that the line has not taken yet. */
  get backlog(): number {
    return this.#line?.backlog ?? 0;
  }

  /** The technician ends the session. */
  end(): void {
    this.#happen({ type: "end_asked" });
  }

  /** Where pictures go from now on: what waits for a canvas, or the whole screen anew if another canvas had it. */
  attach(make: (events: ScreenEvents) => Picture): () => void {
    const picture = make({
      drawn: (g, number, pictures) => {
        if (this.#line?.g !== g) return;
        this.#line.send({ t: "ack", lane: Lane.SCREEN, number, ms: this.#sinceItCame(number) });
        for (const { frame, making } of pictures) this.#meter?.drawn(frame, making);
      },
      undecodable: (codec) => {
        this.#undecodable.add(codec);
        void this.#sayDecodes().then(() => this.send({ t: "refresh" }));
      },
      lost: () => this.send({ t: "refresh" }),
      refused: (what, reason) => {
        if (what === "message" && this.#line) this.#line.distrust();
        else this.#fail(what === "fault" ? new Error(reason) : new Malformed("A picture", reason));
      },
    });
    this.#picture = picture;
    for (const show of this.#unshown.splice(0)) show(picture);
    this.#unshownBytes = 0;
    const last = this.#came.at(-1);
    if (last) {
      // What the canvas before did not come to will not be drawn: the agent must not wait for that for ever.
      this.send({ t: "ack", lane: Lane.SCREEN, number: last.number, ms: this.#sinceItCame(last.number) });
      this.send({ t: "refresh" });
    }
    return () => {
      if (this.#picture === picture) this.#picture = undefined;
    };
  }

  #happen(event: Event): void {
    let commands: Command[];
    try {
      commands = this.#machine.handle(event);
    } catch (error) {
      commands = this.#machine.fail(error);
    }
    this.view.set(this.#machine.snapshot);
    this.#perform(commands);
    this.#note();
  }

  #perform(commands: readonly Command[]): void {
    for (const command of commands) {
      switch (command.do) {
        case "send":
          this.#control?.send(command.message);
          break;
        case "send_last": {
          const { message } = command;
          void this.#lineClosed.then(() => this.#control?.send(message));
          break;
        }
        case "send_inner":
          this.#line?.send(command.message);
          break;
        case "keep_keys":
          this.#keys = keepKeys(command.keys);
          void SessionLock.take(command.keys.sessionId).then((lock) => (this.#lock = lock));
          break;
        case "open_line":
          this.#open(command.ticket);
          break;
        case "close_line":
          if (this.#line) this.#lineClosed = this.#line.close();
          this.#line = undefined;
          break;
        case "call_broker":
          this.#call();
          break;
        case "start_timer":
          this.#startTimer(command.timer, command.seconds * 1000);
          break;
        case "stop_timer":
          clearTimeout(this.#timers.get(command.timer));
          break;
        case "forget":
          this.#forget();
          break;
      }
    }
  }

  #call(): void {
    const wait = this.#calls === 0 ? 0 : CALL_AGAIN_MS[Math.min(this.#calls - 1, CALL_AGAIN_MS.length - 1)];
    this.#calls++;
    setTimeout(this.#callNow, wait);
  }

  readonly #callNow = (): void => {
    if (this.#control || this.#machine.snapshot.state === State.ENDED) return;
    this.#control = new ControlConnection({
      message: (message) => {
        if (message.type === "welcome") this.#calls = 1;
        if (message.type === "receipt_ack" || message.type === "ended") this.witness.set(message);
        // The log's own affairs: nothing here depends on them.
        if (message.type === "meter") this.cost.set(message);
        else if (message.type !== "receipt_ack" && message.type !== "joined") this.#happen(message);
      },
      malformed: (error) => {
        this.#control = undefined;
        this.#fail(error);
      },
      lost: (reason, final) => {
        this.#control = undefined;
        this.#happen({ type: "control_lost", reason, final });
      },
    });
  };

  #open(ticket: Ticket): void {
    if (!this.#keys) return this.#fail(new Error("A ticket came before there were keys"));
    this.#meter = undefined;
    this.#came = [];
    const line: Line = new Line(ticket, this.#keys, this.#numbers, random, {
      ready: ({ granted }) => {
        this.#meter = new Meter(performance.now());
        void this.#sayDecodes();
        this.#happen({ type: "line_ready", granted });
      },
      pictures: (frames) => {
        this.#came.push({ number: frames.at(-1)!.number, at: performance.now() });
        this.#draw((picture) => picture.show(line.g, frames), frames.reduce((sum, { payload }) => sum + payload.length, 0));
      },
      message: (message, lane, number) => this.#received(line, message, lane, number),
      lost: (why) => {
        if (this.#line === line) this.#line = undefined;
        this.#happen({ type: "line_lost", why });
      },
    });
    this.#line = line;
  }

  #received(line: Line, message: InnerFromAgent, lane: Lane, number: number): void {
    switch (message.t) {
      case "grant":
      case "refusal":
      case "permission":
        this.#happen({ type: message.t, message } as Event);
        return;
      case "end":
        this.#happen({ type: "goodbye", message });
        return;
      case "ping":
        line.send({ t: "pong", nonce: message.nonce });
        return;
      case "synced": // Only the command line asks for it.
        return;
      case "pong":
        this.#meter?.answered(message.nonce, performance.now());
        return;
      case "ready":
        this.#fail(new Error("A second ready came over one line"));
        return;
      case "ack":
        return;
      case "paused":
        this.#draw((picture) => picture.pause(message));
        return;
      case "cursor":
      case "cursor_at":
        this.#draw((picture) => {
          picture.point(message);
          if (lane !== Lane.CONTROL) line.send({ t: "ack", lane, number, ms: 0 });
        }, message.t === "cursor" ? message.rgba.length : 0);
        return;
      case "screen":
      case "tiles":
      case "video_start":
      case "video":
        this.#fail(new Malformed("A picture", `it came on lane ${lane}`));
        return;
      default:
        message satisfies never;
    }
  }

  /** Milliseconds since a picture of the screen lane came; those before it are forgotten. */
  #sinceItCame(number: number): number {
    while (this.#came.length > 1 && this.#came[0]!.number < number) this.#came.shift();
    const came = this.#came[0];
    return came && came.number >= number ? Math.min(60_000, Math.round(performance.now() - came.at)) : 0;
  }

  /** Now, or as soon as there is a canvas; `bytes` are kept until then. */
  #draw(show: (picture: Picture) => void, bytes = 0): void {
    if (this.#picture) return show(this.#picture);
    this.#unshown.push(show);
    this.#unshownBytes += bytes + KEPT_BYTES;
    if (this.#unshownBytes > WAITING) this.#line?.distrust();
  }

  /** Tell the agent which moving pictures can be drawn here. */
  async #sayDecodes(): Promise<void> {
    const able = await decodes();
    this.send({ t: "decodes", video: able.filter((codec) => !this.#undecodable.has(codec)) });
  }

  #tick(): void {
    const [line, meter] = [this.#line, this.#meter];
    if (!line || !meter) return this.reading.set(SILENT);
    const now = performance.now();
    if (meter.silent(now)) return line.giveUp();
    const nonce = meter.ask(now);
    if (nonce !== undefined) line.send({ t: "ping", nonce });
    this.reading.set(meter.read(now, line.bytesReceived));
  }

  #startTimer(timer: TimerName, ms: number): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.set(timer, setTimeout(() => this.#happen({ type: "timed_out", timer }), ms));
  }

  /** Note what a reload needs. */
  readonly #note = (): void => {
    const session = this.#machine.resumable;
    if (!session || !this.#keys) return;
    const note = { sessionId: session.paired.sessionId, session, at: Date.now() };
    const keys = this.#keys;
    this.#store(async () => (this.#machine.resumable ? keep({ ...note, keys: await keys }) : undefined));
  };

  /** One after another, so that nothing is written after it was erased. */
  #store(step: () => Promise<void>): void {
    // Without storage (a private window) a reload ends the session; the session itself goes on.
    this.#stored = this.#stored.then(step).catch(() => undefined);
  }

  #fail(error: unknown): void {
    const commands = this.#machine.fail(error);
    this.view.set(this.#machine.snapshot);
    this.#perform(commands);
  }

  #forget(): void {
    this.#keys = undefined;
    this.#unshown.length = 0;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const beat of this.#beats) clearInterval(beat);
    removeEventListener("pagehide", this.#note);
    removeEventListener("online", this.#callNow);
    this.reading.set(SILENT);
    const { sessionId } = this.#machine.snapshot;
    this.#store(async () => (sessionId ? erase(sessionId) : undefined));
    this.#store(async () => this.#lock?.release());
    setTimeout(() => this.#control?.close(), FIGURES_MS);
  }
}

function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}
