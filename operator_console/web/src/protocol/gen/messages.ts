// Made by scripts/generate.ts from protocol/schema.py. Do not edit.

/** Everything up to `number` on `lane` has been handled (for the screen: drawn), that one `ms` milliseconds after it came: what is late by more is late by the line. */
export interface Ack {
  readonly t: "ack";
  readonly lane: number;
  readonly number: number;
  readonly ms: number;
}

export type AgentToBroker = Hello | Probe | ProbeAck | CodeRequest | CodeDead | CpaceB | ConfirmB | PairOk | PairAbort | Refused | Receipt | PermissionChanged | ChannelDown | ResumeRequest | End | BillRequest | Opinion | Suspicion;

/** A rectangle of the desktop. */
export type Area = readonly [number, number, number, number];

/** B→A: what the provider charges for a session, in the language of its consent. The provider's word, unsigned. `state`: `held` until an administrator decides, `none` where there is nothing to charge by. `provisional`: it may still be classified otherwise. `explanation`: line by line, in order. `rated`: the customer has rated the help. */
export interface Bill {
  readonly type: "bill";
  readonly session_id: string;
  readonly state: "charged" | "dismissed" | "held" | "none";
  readonly provisional: boolean;
  readonly rated: boolean;
  readonly lang: "en" | "es";
  readonly facts: readonly (Fact)[];
  readonly explanation: readonly (string)[];
}

/** A→B, after `ended`: what has it come to? Answered to the run alone whose key is in the session's log. */
export interface BillRequest {
  readonly type: "bill_request";
  readonly session_id: string;
}

export type BrokerToAgent = Challenge | RegistrationDenied | Probe | ProbeAck | ProbeUpload | ProbeResult | CodeIssued | CodeDead | PairOffer | NotServed | CpaceA | ConfirmA | PairAbort | Ticket | ReceiptAck | PermissionAck | Joined | Meter | ResumeDenied | Ended | Bill | OpinionAck | SuspicionAck | Failure;

export type BrokerToConsole = Welcome | PairDenied | PairOffer | CpaceB | ConfirmB | PairAbort | Ticket | ReceiptAck | Joined | Meter | ResumeDenied | Ended | Failure;

/** B→A, first on the connection: a nonce to sign and the versions that the broker speaks. */
export interface Challenge {
  readonly type: "challenge";
  readonly nonce_b: string;
  readonly versions: readonly (string)[];
  readonly utc: string;
}

/** A→B or C→B: the line of generation `g` was lost. */
export interface ChannelDown {
  readonly type: "channel_down";
  readonly session_id: string;
  readonly g: number;
}

/** What the provider's policy says about the price of this session. `covers`: `tariff` per hour; `covered` by a contract; `balance`: from `minutes_left`, then the tariff by the minute; `fixed`: `Tariff.unit_minor` once, for about `expected_minutes`; `free`. `weight`: what an hour counts as now. */
export interface Charging {
  readonly covers: "balance" | "covered" | "fixed" | "free" | "tariff";
  readonly minutes_left: number;
  readonly expected_minutes: number;
  readonly weight: string;
}

/** A→B: this code must open nothing any more. B→A: it opens nothing any more, its tries are gone; the agent asks for the next. `tries_refused`: each try had the right server part and was refused all the same; `tries_spent`: at least one had a wrong one. */
export interface CodeDead {
  readonly type: "code_dead";
  readonly code_id: string;
  readonly reason: "cancelled" | "pairing_interrupted" | "rotated" | "tries_refused" | "tries_spent" | "used" | "wrong_tag";
}

/** B→A: the ID and the server's three symbols. `shown_s`: how long to show them. */
export interface CodeIssued {
  readonly type: "code_issued";
  readonly id: string;
  readonly code_id: string;
  readonly server_part: string;
  readonly shown_s: number;
}

/** A→B: a code is wanted; `code_id` and `nonce_agent` are the agent's own. */
export interface CodeRequest {
  readonly type: "code_request";
  readonly code_id: string;
  readonly nonce_agent: string;
}

/** C→B→A: the console's tag; it confirms first. */
export interface ConfirmA {
  readonly type: "confirm_a";
  readonly session_id: string;
  readonly ta: string;
}

/** A→B→C: the agent's tag. */
export interface ConfirmB {
  readonly type: "confirm_b";
  readonly session_id: string;
  readonly tb: string;
}

export type ConsoleToBroker = PairRequest | CpaceA | ConfirmA | PairOk | PairAbort | ChannelDown | ResumeRequest | EndRequest;

/** C→B→A: the console's share. */
export interface CpaceA {
  readonly type: "cpace_a";
  readonly session_id: string;
  readonly ya: string;
  readonly ada: string;
}

/** A→B→C: the agent's share; `adb` carries its public key. */
export interface CpaceB {
  readonly type: "cpace_b";
  readonly session_id: string;
  readonly yb: string;
  readonly adb: string;
}

/** A→C: where the pointer is, when the customer moves it. */
export interface CursorAt {
  readonly t: "cursor_at";
  readonly x: number;
  readonly y: number;
}

/** A→C: the pointer's picture, RGBA, not premultiplied, row by row; empty for none. */
export interface CursorShape {
  readonly t: "cursor";
  readonly width: number;
  readonly height: number;
  readonly hot_x: number;
  readonly hot_y: number;
  readonly rgba: Uint8Array;
}

/** C→A: the moving pictures that this console can draw, the best first; again on every line, and when it changes. Until it came the agent sends tiles only, and after an empty one too. */
export interface Decodes {
  readonly t: "decodes";
  readonly video: readonly ("h264" | "vp9")[];
}

/** A→B: the session ended here, for good. Repeated until `Ended` comes. `connected_s` is by the agent's monotonic clock. */
export interface End {
  readonly type: "end";
  readonly session_id: string;
  readonly reason: "agent_closed" | "broker_lost" | "consent_timeout" | "customer" | "inactivity" | "integrity" | "limit" | "line_lost" | "no_end_message" | "operator_disabled" | "pairing_failed" | "receipt_timeout" | "refused" | "screen_locked" | "signed_out" | "sleep" | "technician";
  readonly utc: string;
  readonly connected_s: number;
  readonly sig: string;
}

/** C→B: the technician ends the session. */
export interface EndRequest {
  readonly type: "end_request";
  readonly session_id: string;
}

/** B→A, C: the end is in the log. `connected_s` is what counts; signed by the broker's log key. */
export interface Ended {
  readonly type: "ended";
  readonly session_id: string;
  readonly reason: "agent_closed" | "broker_lost" | "consent_timeout" | "customer" | "inactivity" | "integrity" | "limit" | "line_lost" | "no_end_message" | "operator_disabled" | "pairing_failed" | "receipt_timeout" | "refused" | "screen_locked" | "signed_out" | "sleep" | "technician";
  readonly connected_s: number;
  readonly utc: string;
  readonly seq: number;
  readonly head: string;
  readonly sig: string;
}

/** One line of a bill: what it is, and how much. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** B→A or B→C: a message was refused and nothing changed. `reason` is a stable word; the connection may stay. */
export interface Failure {
  readonly type: "failure";
  readonly reason: string;
  readonly session_id: string | null;
}

/** Either end: the session is over. */
export interface Goodbye {
  readonly t: "end";
  readonly reason: "agent_closed" | "broker_lost" | "consent_timeout" | "customer" | "inactivity" | "integrity" | "limit" | "line_lost" | "no_end_message" | "operator_disabled" | "pairing_failed" | "receipt_timeout" | "refused" | "screen_locked" | "signed_out" | "sleep" | "technician";
}

/** A→C: the customer agreed. `body`/`sig` are the consent receipt; `ack_…` the broker's countersignature. */
export interface Grant {
  readonly t: "grant";
  readonly granted: readonly ("control" | "view")[];
  readonly body: Uint8Array;
  readonly sig: Uint8Array;
  readonly ack_seq: number;
  readonly ack_head: Uint8Array;
  readonly ack_utc: string;
  readonly ack_sig: Uint8Array;
}

/** A→B: who this run is. `sig` is by `pk_agent`, with (public origin, `nonce_b`) as context; `id` asks for the ID that it had. */
export interface Hello {
  readonly type: "hello";
  readonly version: string;
  readonly program: string;
  readonly platform: string;
  readonly org_id: string;
  readonly pk_agent: string;
  readonly terms_version: number;
  readonly terms_sha256: string;
  readonly terms_accepted_utc: string;
  readonly lang: "en" | "es";
  readonly computer: string;
  readonly user: string;
  readonly id: string | null;
  readonly sig: string;
}

export type InnerFromAgent = Ready | Ack | Grant | Refusal | PermissionSet | Goodbye | Ping | Pong | Synced | CursorShape | CursorAt | ScreenSize | Tiles | VideoStart | Video | Paused;

export type InnerFromConsole = Ready | Ack | Goodbye | Ping | Pong | Sync | Refresh | Decodes | PointerMove | PointerButton | Wheel | Key | Text | ReleaseAll;

/** B→A, C: the session's time counts from `utc`. */
export interface Joined {
  readonly type: "joined";
  readonly session_id: string;
  readonly utc: string;
}

/** C→A: a key went down or up. `key` is the DOM `KeyboardEvent.key` value (a character, or a name such as `Enter`, `F5`, `Shift`, `AltGraph`), `code` the DOM `KeyboardEvent.code` (`KeyA`) for the physical key. */
export interface Key {
  readonly t: "key";
  readonly key: string;
  readonly code: string;
  readonly down: boolean;
}

/** B→A, C, now and then while joined: what the session has come to so far. `charged_minor` in the currency's minor unit, before tax; `minutes_left` of the contract's balance, None where there is none to count. */
export interface Meter {
  readonly type: "meter";
  readonly session_id: string;
  readonly connected_s: number;
  readonly rounded_minutes: number;
  readonly charged_minor: number;
  readonly currency: string;
  readonly minutes_left: number | null;
}

/** B→A: a technician asked, and the provider's terms do not allow a session now; the code stays good. */
export interface NotServed {
  readonly type: "not_served";
  readonly es: string;
  readonly en: string;
}

/** `tariff` is None when there is no price per hour; `price_note` is the organisation's own sentence, or empty. `charging` is None where the organisation has no policy; then `tariff` None means that no price is set. */
export interface Offer {
  readonly operator_id: string;
  readonly operator_name: string;
  readonly org_id: string;
  readonly org_name: string;
  readonly service: string;
  readonly tariff: Tariff | null;
  readonly price_note: string;
  readonly terms_version: number;
  readonly terms_sha256: string;
  readonly wanted: readonly ("control" | "view")[];
  readonly inactivity_s: number;
  readonly charging: Charging | null;
}

/** A→B: how the help was, from 1 (very bad) to 5 (very good), in a session that this run had. Taken once. */
export interface Opinion {
  readonly type: "opinion";
  readonly session_id: string;
  readonly stars: number;
  readonly comment: string;
}

/** B→A: the opinion has been stored; not `taken`: there was one already, by the receipt's link. */
export interface OpinionAck {
  readonly type: "opinion_ack";
  readonly session_id: string;
  readonly taken: boolean;
}

/** Either end, relayed: this run gives no key. `reason` is a word of `PairingFailed`. */
export interface PairAbort {
  readonly type: "pair_abort";
  readonly session_id: string;
  readonly reason: string;
}

/** B→C: no pairing. `why` (with `reason` `not_served`): the policy's, in the operator's language. */
export interface PairDenied {
  readonly type: "pair_denied";
  readonly request_id: string;
  readonly reason: "agent_silent" | "busy" | "denied" | "expired" | "not_served" | "policy" | "unknown_record" | "unknown_service" | "version";
  readonly why: string;
}

/** B→C, A: what is being agreed. `offer` holds the exact bytes of an `offer.Offer`, bound into the key exchange. */
export interface PairOffer {
  readonly type: "pair_offer";
  readonly session_id: string;
  readonly request_id: string;
  readonly code_id: string;
  readonly nonce_console: string;
  readonly nonce_agent: string;
  readonly offer: string;
}

/** A→B and C→B: the other's tag was right. */
export interface PairOk {
  readonly type: "pair_ok";
  readonly session_id: string;
}

/** C→B: the ID and the server's part of the password; the agent's part stays in the console. */
export interface PairRequest {
  readonly type: "pair_request";
  readonly request_id: string;
  readonly id: string;
  readonly server_part: string;
  readonly service: string;
  readonly wanted: readonly ("control" | "view")[];
  readonly nonce_console: string;
  readonly public_origin: string;
  readonly version: string;
  readonly customer_id: string | null;
  readonly order_id: string | null;
  readonly ticket_id: string | null;
  readonly urgent: boolean;
}

/** A→C: the screen cannot be shown now, and why (view was taken back, the screen is locked). The next picture ends it. */
export interface Paused {
  readonly t: "paused";
  readonly reason: "capture_failed" | "locked" | "none" | "view_off";
}

/** B→A: the change is in the log as event `seq`. */
export interface PermissionAck {
  readonly type: "permission_ack";
  readonly session_id: string;
  readonly name: "control" | "view";
  readonly on: boolean;
  readonly seq: number;
}

/** A→B: the customer gave or took a permission. Off has acted already; on acts after the ack. */
export interface PermissionChanged {
  readonly type: "permission_changed";
  readonly session_id: string;
  readonly name: "control" | "view";
  readonly on: boolean;
  readonly utc: string;
  readonly sig: string;
}

/** A→C: a permission was given or taken back. */
export interface PermissionSet {
  readonly t: "permission";
  readonly name: "control" | "view";
  readonly on: boolean;
}

/** Either end; answered by `Pong` with the same number at once. */
export interface Ping {
  readonly t: "ping";
  readonly nonce: number;
}

/** C→A: buttons are numbered 1 left, 2 middle, 3 right, 8 back, 9 forward. */
export interface PointerButton {
  readonly t: "button";
  readonly x: number;
  readonly y: number;
  readonly button: 1 | 2 | 3 | 8 | 9;
  readonly down: boolean;
}

/** C→A: coalesced by the console, one per animation frame. */
export interface PointerMove {
  readonly t: "move";
  readonly x: number;
  readonly y: number;
}

/** Answer to `Ping`. */
export interface Pong {
  readonly t: "pong";
  readonly nonce: number;
}

/** A chunk of random bytes, either way, to measure the line. */
export interface Probe {
  readonly type: "probe";
  readonly seq: number;
  readonly data: string;
}

/** The chunk `seq` has arrived. */
export interface ProbeAck {
  readonly type: "probe_ack";
  readonly seq: number;
}

/** B→A: what was measured, in kbit/s and ms, and whether it reaches the organisation's floor (Q10). */
export interface ProbeResult {
  readonly type: "probe_result";
  readonly down_kbit: number;
  readonly up_kbit: number;
  readonly rtt_ms: number;
  readonly floor_kbit: number;
  readonly ok: boolean;
}

/** B→A: now send `Probe`s of `chunk_bytes` each, `window` ahead of the acks, until `ProbeResult` comes or `total_bytes` were sent. */
export interface ProbeUpload {
  readonly type: "probe_upload";
  readonly total_bytes: number;
  readonly chunk_bytes: number;
  readonly window: number;
}

/** First record of each side in a generation. `acks[lane]`: the last number received on it; `granted`: what stands (agent only). */
export interface Ready {
  readonly t: "ready";
  readonly g: number;
  readonly acks: readonly [number, number, number, number];
  readonly granted: readonly ("control" | "view")[];
}

/** A→B: the customer agreed. `body` is `receipt.Consent.body()`, signed by `pk_agent`. */
export interface Receipt {
  readonly type: "receipt";
  readonly session_id: string;
  readonly granted: readonly ("control" | "view")[];
  readonly utc: string;
  readonly lang: "en" | "es";
  readonly body: string;
  readonly sig: string;
}

/** B→A, C: the consent is in the log as event `seq` with chain head `head`; signed by the broker's log key. */
export interface ReceiptAck {
  readonly type: "receipt_ack";
  readonly session_id: string;
  readonly receipt_sha256: string;
  readonly seq: number;
  readonly head: string;
  readonly utc: string;
  readonly sig: string;
}

/** C→A: the whole screen is wanted again (a canvas was lost). */
export interface Refresh {
  readonly t: "refresh";
}

/** A→C: the customer did not agree. */
export interface Refusal {
  readonly t: "refusal";
  readonly reason: "consent_timeout" | "refused";
}

/** A→B: the customer said no, or nothing. */
export interface Refused {
  readonly type: "refused";
  readonly session_id: string;
  readonly reason: "consent_timeout" | "refused";
}

/** B→A: no credentials, and why. The broker closes after it. For `version`, `update_url` says where a newer program is. */
export interface RegistrationDenied {
  readonly type: "registration_denied";
  readonly reason: "organisation" | "signature" | "terms" | "too_many" | "version";
  readonly update_url: string;
}

/** C→A: no key or button is held any more (the page lost the focus). */
export interface ReleaseAll {
  readonly t: "release";
}

/** B→A, C: that session does not go on. */
export interface ResumeDenied {
  readonly type: "resume_denied";
  readonly session_id: string;
  readonly reason: "ended" | "not_yours" | "unknown";
}

/** A→B or C→B: a new line for a session that goes on. */
export interface ResumeRequest {
  readonly type: "resume_request";
  readonly session_id: string;
  readonly last_g: number;
}

/** A→C: the desktop's size, at most `SCREEN_AREA` pixels, and its monitors, the main one first (none told: one). What was drawn before is void and a whole picture follows; a stream of moving pictures is over. */
export interface ScreenSize {
  readonly t: "screen";
  readonly width: number;
  readonly height: number;
  readonly monitors: readonly (Area)[];
}

/** A→B: the customer reports that something is wrong (Q12). */
export interface Suspicion {
  readonly type: "suspicion";
  readonly report_id: string;
  readonly session_id: string | null;
  readonly text: string;
}

/** B→A: the report has been stored and administrators see it. */
export interface SuspicionAck {
  readonly type: "suspicion_ack";
  readonly report_id: string;
}

/** C→A: answered by `Synced` when all input before it was injected or dropped. */
export interface Sync {
  readonly t: "sync";
  readonly nonce: number;
}

/** A→C: answer to `Sync`. */
export interface Synced {
  readonly t: "synced";
  readonly nonce: number;
}

/** A price per hour of connected time. `unit_minor` in the currency's minor unit; minutes are whole; tax in per cent. */
export interface Tariff {
  readonly currency: string;
  readonly unit_minor: number;
  readonly minimum_minutes: number;
  readonly increment_minutes: number;
  readonly tax_percent: string;
}

/** C→A: text to be typed as it is, whatever the two layouts are. */
export interface Text {
  readonly t: "text";
  readonly text: string;
}

/** B→A, C: where the relay is, and the ticket that opens it once. `relay_url` may be a path of the same origin. */
export interface Ticket {
  readonly type: "ticket";
  readonly session_id: string;
  readonly relay_url: string;
  readonly g: number;
  readonly token: string;
}

/** A rectangle of the picture. `rgb`: zlib stream (RFC 1950) of w·h·3 bytes R,G,B; `webp`: a file with one lossless picture (RFC 9649, VP8L); `jpeg`: a file; `fill`: 3 bytes R,G,B; `copy`: u16 x ‖ u16 y, big endian: what the canvas shows there, in a rectangle of this size, before this tile is drawn (a scrolled text). */
export type Tile = readonly [number, number, number, number, "copy" | "fill" | "jpeg" | "rgb" | "webp", Uint8Array];

/** A→C: changed rectangles of picture `frame`, in drawing order; `last` when nothing of the screen is left that the console has not had since `ScreenSize`. But for `fill`s and `copy`s they have no more pixels than the screen. */
export interface Tiles {
  readonly t: "tiles";
  readonly frame: number;
  readonly last: boolean;
  readonly tiles: readonly (Tile)[];
}

/** A→C: the next piece of a coded picture (H.264: Annex B, its parameter sets before each key picture). With its `last` piece the picture is decoded, and of it `areas` are drawn, in desktop coordinates, within `place`; none: it only serves those after it. All its pieces together are at most `limits.VIDEO_PICTURE` bytes. Tiles and moving pictures are drawn in the order of their messages. */
export interface Video {
  readonly t: "video";
  readonly frame: number;
  readonly key: boolean;
  readonly last: boolean;
  readonly areas: readonly (Area)[];
  readonly data: Uint8Array;
}

/** A→C: moving pictures of a part of the screen begin; those before are over. Each decoded picture has `width` × `height` pixels (even numbers) and covers `place`, enlarged if that is greater by more than one pixel a side. */
export interface VideoStart {
  readonly t: "video_start";
  readonly codec: "h264" | "vp9";
  readonly profile: string;
  readonly place: Area;
  readonly width: number;
  readonly height: number;
}

/** B→C, first on the connection: whom the broker takes the console for. */
export interface Welcome {
  readonly type: "welcome";
  readonly operator_id: string;
  readonly operator_name: string;
  readonly org_id: string;
  readonly org_name: string;
  readonly role: "admin" | "auditor" | "operator";
  readonly services: readonly (string)[];
  readonly versions: readonly (string)[];
  readonly utc: string;
}

/** C→A: notches; positive is down and right. */
export interface Wheel {
  readonly t: "wheel";
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}
