/** How a session ended, or why there is none: one closed set of words. Their sentences are in sentences.ts. */
import type { Ended, PairDenied } from "../protocol/gen/messages.ts";

export type EndReason = Ended["reason"];
export type DenialReason = PairDenied["reason"];

/** Found by the console itself (Q14: which it is). */
export type FailureWord =
  | "no_network" // this computer has no network
  | "broker_unreachable" // nothing answers at the service's address: DNS, firewall, proxy, certificate or the service
  | "sockets_blocked" // the service answers, but a proxy or firewall stops lasting connections
  | "relay_unreachable" // the data connection cannot be made
  | "signed_out"
  | "disabled" // the account, by an administrator
  | "forbidden"
  | "replaced" // another tab or computer took the connection
  | "version" // broker and console do not speak the same version
  | "too_many"
  | "broker_failed"
  | "protocol" // a message that no honest service sends
  | "pairing_timeout";

export type Ending =
  /** The session's end as the agent or the broker reported it. */
  | { readonly kind: "ended"; readonly reason: EndReason }
  /** No pairing: the broker's word; `why` is the policy's sentence when it does not serve. */
  | { readonly kind: "denied"; readonly reason: DenialReason; readonly why: string }
  /** The pairing gave no key: a word of `PairingFailed`. */
  | { readonly kind: "pairing"; readonly reason: string }
  | { readonly kind: "failure"; readonly reason: FailureWord };
