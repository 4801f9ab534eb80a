/**
 * The states of the console's session, what can happen to it, what it has done about it, and the one table of what may
 * follow. Used by machine.ts.
 *
 *     calling ─▶ requesting ─▶ exchanging ─▶ confirming ─▶ paired ─▶ joining ─▶ consent ─▶ live
 *        │                                                              ▲  │        └──┬─────┘
 *        └── after a reload ──────────────────────────────▶ paused ─────┘◀─┴──────────┘
 *
 * Every state may end. Once keys exist, the loss of the broker's connection changes no state: it is called again.
 */
import type {
  BrokerToConsole,
  ConsoleToBroker,
  InnerFromAgent,
  InnerFromConsole,
  Ready,
  Ticket,
} from "../protocol/gen/messages.ts";
import type { SessionKeys } from "../protocol/pairing.ts";
import type { FailureWord } from "./ending.ts";

export type Permission = Ready["granted"][number];

export const State = {
  CALLING: "calling",
  REQUESTING: "requesting",
  EXCHANGING: "exchanging",
  CONFIRMING: "confirming",
  PAIRED: "paired",
  JOINING: "joining",
  CONSENT: "consent",
  LIVE: "live",
  PAUSED: "paused",
  ENDED: "ended",
} as const;
export type State = (typeof State)[keyof typeof State];

export type Received<T extends BrokerToConsole["type"]> = Extract<BrokerToConsole, { type: T }>;
export type Inner<T extends InnerFromAgent["t"]> = Extract<InnerFromAgent, { t: T }>;

/** `joined`, `receipt_ack` and other messages that change nothing here are not passed in. */
export type Event =
  | Received<"welcome" | "pair_denied" | "pair_offer" | "cpace_b" | "confirm_b" | "pair_abort" | "ticket" | "resume_denied" | "ended" | "failure">
  | { readonly type: "control_lost"; readonly reason: FailureWord; readonly final: boolean }
  | { readonly type: "line_ready"; readonly granted: readonly Permission[] }
  /** `integrity`: what came over it was not what the agent sent. */
  | { readonly type: "line_lost"; readonly why: "cut" | "integrity" | "unreachable" }
  | { readonly type: "grant"; readonly message: Inner<"grant"> }
  | { readonly type: "refusal"; readonly message: Inner<"refusal"> }
  | { readonly type: "permission"; readonly message: Inner<"permission"> }
  | { readonly type: "goodbye"; readonly message: Inner<"end"> }
  | { readonly type: "end_asked" }
  | { readonly type: "timed_out"; readonly timer: TimerName };

export type TimerName = "pairing" | "pause" | "retry";

export type Command =
  | { readonly do: "send"; readonly message: ConsoleToBroker }
  /** The same, but only when the line has taken its leave: the other end hears it from this one first. */
  | { readonly do: "send_last"; readonly message: ConsoleToBroker }
  /** The keys of the session, once; the runner keeps them and wipes what it was given. */
  | { readonly do: "keep_keys"; readonly keys: SessionKeys }
  | { readonly do: "open_line"; readonly ticket: Ticket }
  | { readonly do: "send_inner"; readonly message: InnerFromConsole }
  | { readonly do: "close_line" }
  | { readonly do: "call_broker" }
  | { readonly do: "start_timer"; readonly timer: TimerName; readonly seconds: number }
  | { readonly do: "stop_timer"; readonly timer: TimerName }
  /** Erase every key and what was stored of the session. */
  | { readonly do: "forget" };

type Table = { readonly [S in State]: { readonly [E in Event["type"]]?: readonly State[] } };

const { CALLING, REQUESTING, EXCHANGING, CONFIRMING, PAIRED, JOINING, CONSENT, LIVE, PAUSED, ENDED } = State;

/** State → event → the states that may follow. */
export const TRANSITIONS: Table = {
  [CALLING]: { welcome: [REQUESTING, PAUSED, ENDED], control_lost: [CALLING, ENDED], end_asked: [ENDED], timed_out: [ENDED], failure: [ENDED] },
  [REQUESTING]: { pair_offer: [EXCHANGING, ENDED], pair_denied: [ENDED], ...ending() },
  [EXCHANGING]: { cpace_b: [CONFIRMING, ENDED], pair_abort: [ENDED], pair_denied: [ENDED], ...ending() },
  [CONFIRMING]: { confirm_b: [PAIRED, ENDED], pair_abort: [ENDED], pair_denied: [ENDED], ...ending() },
  [PAIRED]: { ticket: [JOINING], pair_abort: [ENDED], welcome: [PAIRED], resume_denied: [ENDED], ...keyed(PAIRED) },
  [JOINING]: {
    line_ready: [CONSENT, LIVE],
    line_lost: [PAUSED, ENDED],
    ticket: [JOINING],
    welcome: [JOINING],
    resume_denied: [ENDED],
    ...keyed(JOINING),
  },
  [CONSENT]: { grant: [LIVE, ENDED], refusal: [ENDED], line_lost: [PAUSED, ENDED], ...keyed(CONSENT), ...online(CONSENT) },
  [LIVE]: { grant: [LIVE, ENDED], permission: [LIVE], line_lost: [PAUSED, ENDED], ...keyed(LIVE), ...online(LIVE) },
  [PAUSED]: { ticket: [JOINING], resume_denied: [ENDED], welcome: [PAUSED], line_lost: [PAUSED], ...keyed(PAUSED) },
  [ENDED]: {
    ended: [ENDED], welcome: [ENDED], control_lost: [ENDED], line_lost: [ENDED], line_ready: [ENDED], goodbye: [ENDED], end_asked: [ENDED],
    timed_out: [ENDED], failure: [ENDED], pair_denied: [ENDED], pair_offer: [ENDED], cpace_b: [ENDED], confirm_b: [ENDED],
    pair_abort: [ENDED], ticket: [ENDED], resume_denied: [ENDED], grant: [ENDED], refusal: [ENDED], permission: [ENDED],
  },
};

/** Before there are keys nothing survives a lost connection. */
function ending() {
  return { control_lost: [ENDED], end_asked: [ENDED], timed_out: [ENDED], failure: [ENDED], ended: [ENDED] } as const;
}

/** With keys the session outlives the broker's connection. */
function keyed<S extends State>(state: S) {
  return { control_lost: [state, ENDED], goodbye: [ENDED], end_asked: [ENDED], ended: [ENDED], failure: [state, ENDED], timed_out: [state, ENDED] } as const;
}

/** While the line stands: a ticket comes when the agent lost a line that this end still believes in. */
function online<S extends State>(state: S) {
  return { welcome: [state], ticket: [JOINING], resume_denied: [ENDED] } as const;
}
