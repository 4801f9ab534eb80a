/**
 * The sealed channel's records and frames. A record's plaintext is one frame or more, each
 *
 *     u8 lane ‖ u32 number ‖ u16 length ‖ payload (MessagePack)        big endian
 *
 * `number` counts per lane and direction from 1 over the whole session, all its connections, and goes up by one. Control
 * and screen are dropped when a line is lost, so there the first frame of a connection may have any number; the other
 * lanes are sent again. An end without memory (a reloaded page, a restarted agent) begins at 1, and takes any number.
 * Counterparts: protocol/channel.py, protocol/lanes.py. A flaw is an `IntegrityError`: the session ends, nothing is repaired.
 */
import { IntegrityError, TooLarge } from "./errors.ts";
import { LIMITS } from "./gen/limits.ts";
import type { Transport } from "./noise.ts";
import type { Bytes } from "./text.ts";

/** Priority: a lower number is sent first. */
export const Lane = { CONTROL: 0, CURSOR: 1, SCREEN: 2, FILES: 3 } as const;
export type Lane = (typeof Lane)[keyof typeof Lane];
export type PerLane<T> = readonly [T, T, T, T];

const LANES = 4;
const HEADER = LIMITS.FRAME_HEADER;
const PLAINTEXT = LIMITS.RECORD - LIMITS.AEAD_TAG;
const MAX_NUMBER = 2 ** 32 - 1;

export interface Frame {
  readonly lane: Lane;
  readonly number: number;
  readonly payload: Uint8Array;
}

/** Throws `TooLarge` for more than a record holds. */
export function packFrames(frames: readonly Frame[]): Bytes {
  const size = frames.reduce((sum, { payload }) => sum + HEADER + payload.length, 0);
  if (size > PLAINTEXT) throw new TooLarge("A record", size, PLAINTEXT);
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const { lane, number, payload } of frames) {
    view.setUint8(at, lane);
    view.setUint32(at + 1, number);
    view.setUint16(at + 5, payload.length);
    out.set(payload, at + HEADER);
    at += HEADER + payload.length;
  }
  return out;
}

/** The frames share memory with `plaintext`. Throws `IntegrityError`. */
export function unpackFrames(plaintext: Uint8Array): Frame[] {
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
  const frames: Frame[] = [];
  let at = 0;
  do {
    if (at + HEADER > plaintext.length) throw new IntegrityError("A frame is cut short");
    const lane = view.getUint8(at);
    const end = at + HEADER + view.getUint16(at + 5);
    if (lane >= LANES) throw new IntegrityError("A frame is on a lane that does not exist");
    if (end > plaintext.length) throw new IntegrityError("A frame is longer than its record");
    frames.push({ lane: lane as Lane, number: view.getUint32(at + 1), payload: plaintext.subarray(at + HEADER, end) });
    at = end;
  } while (at < plaintext.length);
  return frames;
}

/** Lanes whose frames are sent again after a lost line. */
const REPLAYED: ReadonlySet<Lane> = new Set([Lane.CURSOR, Lane.FILES]);

/** The numbers of one direction. Lives as long as the session. */
export class LaneNumbers {
  readonly #last: [number, number, number, number] = [0, 0, 0, 0];

  /** The last number on each lane; 0 for none. */
  get last(): PerLane<number> {
    return [...this.#last];
  }

  next(lane: Lane): number {
    if (this.#last[lane] === MAX_NUMBER) throw new IntegrityError("All numbers of this lane are used");
    return ++this.#last[lane];
  }

  reached(lane: Lane, number: number): void {
    this.#last[lane] = number;
  }
}

/** One connection's channel, after its handshake. Seals and opens in the order of the calls, which may overlap. */
export class Channel {
  readonly #transport: Transport;
  readonly #sent: LaneNumbers;
  readonly #received: LaneNumbers;
  /** Lanes on which something has come over this connection. */
  readonly #begun = new Set<Lane>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(transport: Transport, sent: LaneNumbers, received: LaneNumbers) {
    this.#transport = transport;
    this.#sent = sent;
    this.#received = received;
  }

  /** The next record, from payloads in the order in which they are to be handled. */
  seal(payloads: readonly { readonly lane: Lane; readonly payload: Uint8Array }[]): Promise<Bytes> {
    const frames = payloads.map(({ lane, payload }) => ({ lane, number: this.#sent.next(lane), payload }));
    return this.#transport.send.seal(packFrames(frames));
  }

  /** The frames of the next record. Throws `IntegrityError`; nothing can be opened after that. */
  open(record: Uint8Array): Promise<Frame[]> {
    const opening = this.#transport.receive.open(record);
    opening.catch(() => undefined); // Reported by the turn below, which waits for those before it.
    const turn = this.#turn.then(async () => {
      const frames = unpackFrames(await opening);
      for (const frame of frames) this.#count(frame);
      return frames;
    });
    this.#turn = turn;
    turn.catch(() => undefined);
    return turn;
  }

  #count({ lane, number }: Frame): void {
    const last = this.#received.last[lane];
    const any = !this.#begun.has(lane) && (!REPLAYED.has(lane) || last === 0);
    if (number !== last + 1 && !(any && number > 0)) throw new IntegrityError(`Frame ${number} came after ${last} on lane ${lane}`);
    this.#begun.add(lane);
    this.#received.reached(lane, number);
  }
}
