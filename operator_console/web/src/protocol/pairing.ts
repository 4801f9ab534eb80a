/**
 * The pairing run: offer checked, CPace, key confirmation; then the keys of the session. Steps 9–14 of docs/protocol.md.
 * Counterpart: protocol/pairing.py; golden values: tests/vectors/pairing.json.
 *
 * The console starts and confirms first. A run gives keys once or fails for good, whatever a step throws. It never keeps
 * the password: that is in the generator, and gone, before the first message is made.
 *
 *     console   ready ──start──▶ awaiting_share ──answered──▶ awaiting_tag ──confirmed──▶ paired
 *     agent     ready ──asked─────────────────────────────▶ awaiting_tag ──confirmed──▶ paired
 */
import { readOffer } from "./codec.ts";
import { type Inputs, intermediateKey, Share } from "./cpace.ts";
import { BadTransition, Malformed, PairingFailed } from "./errors.ts";
import type { ConfirmA, ConfirmB, CpaceA, CpaceB, Offer, PairOffer, PairOk } from "./gen/messages.ts";
import { b64url, type Bytes, encodeText, hkdfSha512, hmacSha512, lv, same, sha256, sha512, unb64url, wipe } from "./text.ts";

const KEY_BYTES = 32;

/** Everything that both ends bind into the key (step 10). One field that differs, and there is no key. */
export interface Context {
  readonly version: string;
  readonly publicOrigin: string;
  readonly orgId: string;
  readonly sessionId: string;
  readonly operatorId: string;
  readonly operatorName: string;
  readonly codeId: string;
  readonly nonceConsole: string;
  readonly nonceAgent: string;
  /** The exact bytes, as they came. */
  readonly offer: Bytes;
}

/** CPace's channel identifier. */
export function channelIdentifier(context: Context): Bytes {
  const { version, publicOrigin, orgId, sessionId, operatorId, operatorName, codeId, offer } = context;
  return lv("relevo-pair-1", version, publicOrigin, orgId, sessionId, operatorId, operatorName, codeId, sha256(offer));
}

/** CPace's session identifier, 16 bytes. */
export function sessionIdentifier({ sessionId, nonceConsole, nonceAgent }: Context): Bytes {
  return sha512(encodeText("relevo-sid"), lv(sessionId, nonceConsole, nonceAgent)).slice(0, 16);
}

/** What the console knows of its own: its configuration, its sign-in, its request. */
export interface ConsoleKnows {
  readonly version: string;
  readonly publicOrigin: string;
  readonly orgId: string;
  readonly operatorId: string;
  readonly operatorName: string;
  readonly service: string;
  readonly wanted: readonly string[];
  readonly nonceConsole: string;
}

/** The run's context (step 9). Throws `PairingFailed` when the offer is not what was asked for. */
export function consoleContext(knows: ConsoleKnows, message: PairOffer): { context: Context; offer: Offer } {
  const { raw, offer } = openOffer(message);
  demand("nonce", message.nonce_console === knows.nonceConsole);
  demand("organisation", offer.org_id === knows.orgId);
  demand("operator", offer.operator_id === knows.operatorId && offer.operator_name === knows.operatorName);
  demand("service", offer.service === knows.service);
  demand("wanted", new Set(offer.wanted).symmetricDifference(new Set(knows.wanted)).size === 0);
  return { context: contextOf(knows.version, knows.publicOrigin, message, offer, raw), offer };
}

export function contextOf(version: string, publicOrigin: string, message: PairOffer, offer: Offer, raw: Bytes): Context {
  return {
    version,
    publicOrigin,
    orgId: offer.org_id,
    sessionId: message.session_id,
    operatorId: offer.operator_id,
    operatorName: offer.operator_name,
    codeId: message.code_id,
    nonceConsole: message.nonce_console,
    nonceAgent: message.nonce_agent,
    offer: raw,
  };
}

/** What a pairing leaves at each end. `resumeKey` is handed to `keys.ts`, which makes it unreadable and wipes this. */
export interface SessionKeys {
  readonly version: string;
  readonly sessionId: string;
  readonly sid: Bytes;
  /** SHA-512 of CI. */
  readonly hCi: Bytes;
  readonly ya: Bytes;
  readonly yb: Bytes;
  /** The agent's Ed25519 key, 32 bytes: bound into the run, so the console can hold it to its signatures. */
  readonly pkAgent: Bytes;
  readonly offerSha256: Bytes;
  readonly resumeKey: Bytes;
}

export type State = "ready" | "awaiting_share" | "awaiting_tag" | "paired" | "failed";
type Event = "start" | "share" | "tag" | "abandon";
type Table = { readonly [S in State]?: { readonly [E in Event]?: State } };

const ANYWHERE = { abandon: "failed" } as const;
const CONSOLE: Table = {
  ready: { start: "awaiting_share", ...ANYWHERE },
  awaiting_share: { share: "awaiting_tag", ...ANYWHERE },
  awaiting_tag: { tag: "paired", ...ANYWHERE },
};
const AGENT: Table = {
  ready: { share: "awaiting_tag", ...ANYWHERE },
  awaiting_tag: { tag: "paired", ...ANYWHERE },
};

interface Half {
  readonly share: Uint8Array;
  readonly ad: Uint8Array;
}

/** What the two ends have in common. */
abstract class Run {
  #state: State = "ready";
  readonly #table: Table;
  protected readonly context: Context;
  protected readonly share: Share;
  readonly #sid: Bytes;
  readonly #ci: Bytes;
  #transcript: Bytes = new Uint8Array(0);
  #confirmKey: Bytes = new Uint8Array(0);
  #keys: SessionKeys | undefined;

  constructor(table: Table, context: Context, agentPart: string, seed: Uint8Array) {
    this.#table = table;
    this.context = context;
    this.#ci = channelIdentifier(context);
    this.#sid = sessionIdentifier(context);
    const inputs: Inputs = { prs: encodeText(agentPart), ci: this.#ci, sid: this.#sid };
    this.share = Share.make(inputs, seed);
    wipe(inputs.prs);
  }

  get state(): State {
    return this.#state;
  }

  /** Throws `BadTransition` before the run is paired. */
  get keys(): SessionKeys {
    if (this.#state !== "paired" || !this.#keys) throw new BadTransition("A pairing run", this.#state, "a request for keys");
    return this.#keys;
  }

  /** Too late, or the line was lost: no keys can come of this run any more. */
  abandon(): void {
    this.step("abandon", undefined, () => this.#forget());
  }

  /** One row of the table: the next state if `act` succeeds; otherwise the run has failed, for good. */
  protected step<T>(event: Event, sessionId: string | undefined, act: () => T): T {
    try {
      const after = this.#table[this.#state]?.[event];
      if (after === undefined) throw new BadTransition("A pairing run", this.#state, event);
      if (sessionId !== undefined && sessionId !== this.context.sessionId) throw new PairingFailed("other_session");
      const result = act();
      this.#state = after;
      return result;
    } catch (error) {
      this.#state = "failed";
      this.#forget();
      throw error;
    }
  }

  /** Step 12: from shares to the confirmation key and the session's keys; ISK and scalar are erased. */
  protected agree(peerShare: Uint8Array, console: Half, agent: Half, pkAgent: Bytes): void {
    const common = this.share.combine(peerShare);
    this.share.erase();
    const isk = intermediateKey(this.#sid, common, console, agent);
    this.#transcript = lv(console.share, console.ad, agent.share, agent.ad);
    this.#confirmKey = hkdfSha512(isk, this.#sid, "confirm", 64);
    this.#keys = {
      version: this.context.version,
      sessionId: this.context.sessionId,
      sid: this.#sid,
      hCi: sha512(this.#ci),
      ya: console.share.slice() as Bytes,
      yb: agent.share.slice() as Bytes,
      pkAgent,
      offerSha256: sha256(this.context.offer),
      resumeKey: hkdfSha512(isk, this.#sid, "resume", KEY_BYTES),
    };
    wipe(common, isk);
  }

  protected tag(who: "a" | "b"): Bytes {
    // The transcript's fields already carry their lengths: this is lv(who, Ya, ADa, Yb, ADb).
    const named = lv(who);
    const message = new Uint8Array(named.length + this.#transcript.length);
    message.set(named);
    message.set(this.#transcript, named.length);
    return hmacSha512(this.#confirmKey, message);
  }

  protected checkTag(who: "a" | "b", tag: Uint8Array): void {
    if (!same(this.tag(who), tag)) throw new PairingFailed("wrong_tag");
  }

  protected eraseConfirmKey(): void {
    wipe(this.#confirmKey);
  }

  #forget(): void {
    this.share.erase();
    wipe(this.#confirmKey);
    if (this.#keys) wipe(this.#keys.resumeKey);
    this.#keys = undefined;
  }
}

/** The console's end. After `answered` the caller must never use that password again, whatever comes (rule 1). */
export class ConsoleRun extends Run {
  readonly #ad: Bytes;

  /** `agentPart`: five normalised symbols; `seed`: 64 random bytes, wiped here. */
  constructor(context: Context, agentPart: string, seed: Uint8Array) {
    super(CONSOLE, context, agentPart, seed);
    this.#ad = consoleData(context.version);
  }

  /** Step 11. */
  start(): CpaceA {
    return this.step("start", undefined, () => ({
      type: "cpace_a",
      session_id: this.context.sessionId,
      ya: b64url(this.share.encoded),
      ada: b64url(this.#ad),
    }));
  }

  /** Step 13. Throws `PairingFailed` for a share or data that cannot be an agent's. */
  answered(message: CpaceB): ConfirmA {
    return this.step("share", message.session_id, () => {
      const ad = unb64url(message.adb);
      const pkAgent = ad.slice(-KEY_BYTES);
      if (!same(ad, agentData(this.context.version, pkAgent))) throw new PairingFailed("peer_data");
      const share = unb64url(message.yb);
      this.agree(share, { share: this.share.encoded, ad: this.#ad }, { share, ad }, pkAgent);
      return { type: "confirm_a", session_id: message.session_id, ta: b64url(this.tag("a")) };
    });
  }

  /** Step 14. Throws `PairingFailed("wrong_tag")`: someone in between does not know the password; warn. */
  confirmed(message: ConfirmB): PairOk {
    return this.step("tag", message.session_id, () => {
      this.checkTag("b", unb64url(message.tb));
      this.eraseConfirmKey();
      return { type: "pair_ok", session_id: message.session_id };
    });
  }
}

/** The agent's end, here for tests against the other implementation. */
export class AgentRun extends Run {
  readonly #ad: Bytes;
  readonly #pkAgent: Bytes;

  /** `pkAgent`: the run's Ed25519 key; `seed`: 64 random bytes, wiped here. */
  constructor(context: Context, agentPart: string, pkAgent: Bytes, seed: Uint8Array) {
    super(AGENT, context, agentPart, seed);
    this.#pkAgent = pkAgent;
    this.#ad = agentData(context.version, pkAgent);
  }

  /** Step 12. */
  asked(message: CpaceA): CpaceB {
    return this.step("share", message.session_id, () => {
      const ad = unb64url(message.ada);
      if (!same(ad, consoleData(this.context.version))) throw new PairingFailed("peer_data");
      const share = unb64url(message.ya);
      this.agree(share, { share, ad }, { share: this.share.encoded, ad: this.#ad }, this.#pkAgent);
      return { type: "cpace_b", session_id: message.session_id, yb: b64url(this.share.encoded), adb: b64url(this.#ad) };
    });
  }

  /** Step 14. */
  confirmed(message: ConfirmA): ConfirmB {
    return this.step("tag", message.session_id, () => {
      this.checkTag("a", unb64url(message.ta));
      const tb = b64url(this.tag("b"));
      this.eraseConfirmKey();
      return { type: "confirm_b", session_id: message.session_id, tb };
    });
  }
}

/** ADa (step 11). */
export function consoleData(version: string): Bytes {
  return lv("relevo-console", version);
}

/** ADb (step 12). */
export function agentData(version: string, pkAgent: Uint8Array): Bytes {
  return lv("relevo-agent", version, pkAgent);
}

function openOffer(message: PairOffer): { raw: Bytes; offer: Offer } {
  try {
    const raw = unb64url(message.offer);
    return { raw, offer: readOffer(raw) };
  } catch (error) {
    if (error instanceof Malformed) throw new PairingFailed("offer_malformed");
    throw error;
  }
}

function demand(what: string, holds: boolean): void {
  if (!holds) throw new PairingFailed(`offer_${what}`);
}
