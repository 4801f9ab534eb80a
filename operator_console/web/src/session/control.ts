/**
 * The control connection to the broker (`/ws/console`): validated messages in and out, and, when it is lost, which
 * failure it was. One connection; calling again is the runner's decision. Signed in by the page's cookie.
 */
import { fromText, toText } from "../protocol/codec.ts";
import type { BrokerToConsole, ConsoleToBroker } from "../protocol/gen/messages.ts";
import { LIMITS } from "../protocol/gen/limits.ts";
import type { FailureWord } from "./ending.ts";

export interface ControlEvents {
  message(message: BrokerToConsole): void;
  /** What came is no message. The connection is closed by then. */
  malformed(error: unknown): void;
  /** `final`: calling again would meet the same answer. */
  lost(reason: FailureWord, final: boolean): void;
}

/** Close codes of the broker that mean more than "lost". */
const REFUSALS: Readonly<Record<number, FailureWord>> = {
  4400: "protocol",
  4401: "signed_out",
  4403: "forbidden",
  4409: "replaced",
  4413: "protocol",
  4426: "version",
  4429: "too_many",
};

export class ControlConnection {
  readonly #socket: WebSocket;
  readonly #events: ControlEvents;
  #done = false;

  constructor(events: ControlEvents) {
    this.#events = events;
    this.#socket = new WebSocket(socketAddress("/ws/console"));
    this.#socket.onmessage = ({ data }) => this.#received(data);
    this.#socket.onclose = ({ code, reason }) => void this.#closed(code, reason);
    const patience = setTimeout(() => this.#socket.readyState === WebSocket.CONNECTING && this.#socket.close(), LIMITS.HELLO * 1000);
    this.#socket.onopen = () => clearTimeout(patience);
  }

  /** Send now; a message for a connection that is down is dropped: whoever calls again says anew what matters. */
  send(message: ConsoleToBroker): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(toText(message));
  }

  /** No event comes after this. */
  close(): void {
    this.#done = true;
    this.#socket.close(1000);
  }

  #received(data: unknown): void {
    if (this.#done) return;
    let message: BrokerToConsole;
    try {
      message = fromText(String(data));
    } catch (error) {
      this.close();
      this.#events.malformed(error);
      return;
    }
    this.#events.message(message);
  }

  async #closed(code: number, reason: string): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    const refusal = reason === "operator_disabled" ? "disabled" : REFUSALS[code];
    this.#events.lost(refusal ?? (await whatFailed()), refusal !== undefined);
  }
}

/** Which part does not work, as far as a page can find out: the network, the service, the sign-in, lasting connections. */
async function whatFailed(): Promise<FailureWord> {
  if (!navigator.onLine) return "no_network";
  try {
    // The service refuses a socket in a way that a page cannot read, and then says why here.
    const answer = await fetch("/api/v1/me", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (answer.status === 401) return "signed_out";
    if (!answer.ok) return "broker_failed";
    const { role } = (await answer.json()) as { role?: unknown };
    return role === "auditor" ? "forbidden" : "sockets_blocked";
  } catch {
    return navigator.onLine ? "broker_unreachable" : "no_network";
  }
}

/** A path of this origin, or an absolute address that is as safe as the page. Throws `TypeError` for anything else. */
export function socketAddress(address: string): string {
  const url = new URL(address, location.href);
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol === "http:") url.protocol = "ws:";
  const safe = url.protocol === "wss:" || (url.protocol === "ws:" && location.protocol === "http:");
  if (!safe) throw new TypeError(`${url.protocol} is no safe connection`);
  return url.href;
}
