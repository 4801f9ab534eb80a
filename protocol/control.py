"""The messages on the control connections: agent–broker (`/ws/agent`) and console–broker (`/ws/console`).

JSON text, one message a WebSocket frame, its kind in `type`.  The order in which they go is `docs/protocol.md`.
The broker relays the `Cpace…` and `Confirm…` messages between the two ends and cannot make use of them.
What their fields may hold is `fields`'; what a session costs stands in `price`.
Must never hold a secret of the customer's: the agent's five symbols have no place in any of these.
"""

from typing import Annotated, Literal

from msgspec import Meta

from protocol import limits
from protocol.fields import (
    AgentId,
    Bytes,
    Count,
    Generation,
    Identifier,
    Key,
    LongText,
    Nonce,
    OfferBytes,
    ProbeBytes,
    ServerPart,
    ShortText,
    Signature,
    Token,
    Utc,
    Version,
)
from protocol.message import Message as Message
from protocol.price import Bill as Bill
from protocol.price import BillRequest as BillRequest
from protocol.price import Fact as Fact
from protocol.price import Meter as Meter
from protocol.price import NotServed as NotServed
from protocol.price import Opinion as Opinion
from protocol.price import OpinionAck as OpinionAck

Permission = Literal["view", "control"]
"""What a customer can grant.  Files, chat, clipboard, call and recording join with the features that need them."""

DenialReason = Literal[
    "denied", "expired", "busy", "policy", "agent_silent", "version", "unknown_service", "not_served", "unknown_record",
]  # fmt: skip
"""`denied` is the only one that is given before a right server part (pairing step 7).  `unknown_record`: the customer,
order or ticket named is not the organisation's, or they do not belong together."""

EndReason = Literal[
    "customer", "technician", "inactivity", "integrity", "line_lost", "broker_lost", "refused", "consent_timeout",
    "receipt_timeout", "agent_closed", "screen_locked", "sleep", "operator_disabled", "signed_out", "pairing_failed",
    "no_end_message", "limit",
]  # fmt: skip
"""`customer`: by a click; `limit`: the time that the customer had set was over, and they did not say to go on."""

RegistrationDenial = Literal["version", "terms", "organisation", "too_many", "signature"]


# Register (1–5) ------------------------------------------------------------------------------------------------------


class Challenge(Message, frozen=True, kw_only=True):
    """B→A, first on the connection: a nonce to sign and the versions that the broker speaks."""

    nonce_b: Nonce
    versions: tuple[Version, ...]
    utc: Utc


class Hello(Message, frozen=True, kw_only=True):
    """A→B: who this run is.  `sig` is by `pk_agent`, with (public origin, `nonce_b`) as context; `id` asks for the ID
    that it had."""

    version: Version
    program: ShortText
    platform: ShortText
    org_id: Identifier
    pk_agent: Key
    terms_version: Count
    terms_sha256: Key
    terms_accepted_utc: Utc
    lang: Literal["es", "en"]
    computer: ShortText = ""
    user: ShortText = ""
    id: AgentId | None = None
    sig: Signature


class RegistrationDenied(Message, frozen=True, kw_only=True):
    """B→A: no credentials, and why.  The broker closes after it.  For `version`, `update_url` says where a newer
    program is."""

    reason: RegistrationDenial
    update_url: ShortText = ""


class Probe(Message, frozen=True, kw_only=True):
    """A chunk of random bytes, either way, to measure the line."""

    seq: Count
    data: ProbeBytes


class ProbeAck(Message, frozen=True, kw_only=True):
    """The chunk `seq` has arrived."""

    seq: Count


class ProbeUpload(Message, frozen=True, kw_only=True):
    """B→A: now send `Probe`s of `chunk_bytes` each, `window` ahead of the acks, until `ProbeResult` comes or
    `total_bytes` were sent."""

    total_bytes: Annotated[int, Meta(ge=1, le=limits.PROBE_TOTAL)]
    chunk_bytes: Annotated[int, Meta(ge=1, le=limits.PROBE_CHUNK)]
    window: Annotated[int, Meta(ge=1, le=64)]


class ProbeResult(Message, frozen=True, kw_only=True):
    """B→A: what was measured, in kbit/s and ms, and whether it reaches the organisation's floor (Q10)."""

    down_kbit: Count
    up_kbit: Count
    rtt_ms: Count
    floor_kbit: Count
    ok: bool


class CodeRequest(Message, frozen=True, kw_only=True):
    """A→B: a code is wanted; `code_id` and `nonce_agent` are the agent's own."""

    code_id: Identifier
    nonce_agent: Nonce


class CodeIssued(Message, frozen=True, kw_only=True):
    """B→A: the ID and the server's three symbols.  `shown_s`: how long to show them."""

    id: AgentId
    code_id: Identifier
    server_part: ServerPart
    shown_s: Count


class CodeDead(Message, frozen=True, kw_only=True):
    """A→B: this code must open nothing any more.  B→A: it opens nothing any more, its tries are gone; the agent asks
    for the next.  `tries_refused`: each try had the right server part and was refused all the same; `tries_spent`: at
    least one had a wrong one."""

    code_id: Identifier
    reason: Literal["wrong_tag", "pairing_interrupted", "cancelled", "rotated", "used", "tries_spent", "tries_refused"]


# Pair (6–14) ---------------------------------------------------------------------------------------------------------


class Welcome(Message, frozen=True, kw_only=True):
    """B→C, first on the connection: whom the broker takes the console for."""

    operator_id: Identifier
    operator_name: ShortText
    org_id: Identifier
    org_name: ShortText
    role: Literal["operator", "admin", "auditor"]
    services: tuple[ShortText, ...]
    versions: tuple[Version, ...]
    utc: Utc


class PairRequest(Message, frozen=True, kw_only=True):
    """C→B: the ID and the server's part of the password; the agent's part stays in the console."""

    request_id: Identifier
    id: AgentId
    server_part: ServerPart
    service: ShortText
    wanted: tuple[Permission, ...]
    nonce_console: Nonce
    public_origin: ShortText
    version: Version
    customer_id: Identifier | None = None
    order_id: Identifier | None = None
    ticket_id: Identifier | None = None
    urgent: bool = False
    """Whom the session is for and under what order, as the provider's records know them: they decide its price."""


class PairDenied(Message, frozen=True, kw_only=True):
    """B→C: no pairing.  `why` (with `reason` `not_served`): the policy's, in the operator's language."""

    request_id: Identifier
    reason: DenialReason
    why: LongText = ""


class PairOffer(Message, frozen=True, kw_only=True):
    """B→C, A: what is being agreed.  `offer` holds the exact bytes of an `offer.Offer`, bound into the key exchange."""

    session_id: Identifier
    request_id: Identifier
    code_id: Identifier
    nonce_console: Nonce
    nonce_agent: Nonce
    offer: OfferBytes


class CpaceA(Message, frozen=True, kw_only=True):
    """C→B→A: the console's share."""

    session_id: Identifier
    ya: Key
    ada: Bytes


class CpaceB(Message, frozen=True, kw_only=True):
    """A→B→C: the agent's share; `adb` carries its public key."""

    session_id: Identifier
    yb: Key
    adb: Bytes


class ConfirmA(Message, frozen=True, kw_only=True):
    """C→B→A: the console's tag; it confirms first."""

    session_id: Identifier
    ta: Signature


class ConfirmB(Message, frozen=True, kw_only=True):
    """A→B→C: the agent's tag."""

    session_id: Identifier
    tb: Signature


class PairOk(Message, frozen=True, kw_only=True):
    """A→B and C→B: the other's tag was right."""

    session_id: Identifier


class PairAbort(Message, frozen=True, kw_only=True):
    """Either end, relayed: this run gives no key.  `reason` is a word of `PairingFailed`."""

    session_id: Identifier
    reason: ShortText


# Connect, consent (15–23) --------------------------------------------------------------------------------------------


class Ticket(Message, frozen=True, kw_only=True):
    """B→A, C: where the relay is, and the ticket that opens it once.  `relay_url` may be a path of the same origin."""

    session_id: Identifier
    relay_url: ShortText
    g: Generation
    token: Token


class Refused(Message, frozen=True, kw_only=True):
    """A→B: the customer said no, or nothing."""

    session_id: Identifier
    reason: Literal["refused", "consent_timeout"]


class Receipt(Message, frozen=True, kw_only=True):
    """A→B: the customer agreed.  `body` is `receipt.Consent.body()`, signed by `pk_agent`."""

    session_id: Identifier
    granted: tuple[Permission, ...]
    utc: Utc
    lang: Literal["es", "en"]
    body: Bytes
    sig: Signature


class ReceiptAck(Message, frozen=True, kw_only=True):
    """B→A, C: the consent is in the log as event `seq` with chain head `head`; signed by the broker's log key."""

    session_id: Identifier
    receipt_sha256: Key
    seq: Count
    head: Key
    utc: Utc
    sig: Signature


class PermissionChanged(Message, frozen=True, kw_only=True):
    """A→B: the customer gave or took a permission.  Off has acted already; on acts after the ack."""

    session_id: Identifier
    name: Permission
    on: bool
    utc: Utc
    sig: Signature


class PermissionAck(Message, frozen=True, kw_only=True):
    """B→A: the change is in the log as event `seq`."""

    session_id: Identifier
    name: Permission
    on: bool
    seq: Count


class Joined(Message, frozen=True, kw_only=True):
    """B→A, C: the session's time counts from `utc`."""

    session_id: Identifier
    utc: Utc


# Loss, resume, end (24–30) -------------------------------------------------------------------------------------------


class ChannelDown(Message, frozen=True, kw_only=True):
    """A→B or C→B: the line of generation `g` was lost."""

    session_id: Identifier
    g: Generation


class ResumeRequest(Message, frozen=True, kw_only=True):
    """A→B or C→B: a new line for a session that goes on."""

    session_id: Identifier
    last_g: Count


class ResumeDenied(Message, frozen=True, kw_only=True):
    """B→A, C: that session does not go on."""

    session_id: Identifier
    reason: Literal["ended", "unknown", "not_yours"]


class EndRequest(Message, frozen=True, kw_only=True):
    """C→B: the technician ends the session."""

    session_id: Identifier


class End(Message, frozen=True, kw_only=True):
    """A→B: the session ended here, for good.  Repeated until `Ended` comes.  `connected_s` is by the agent's monotonic
    clock."""

    session_id: Identifier
    reason: EndReason
    utc: Utc
    connected_s: Count
    sig: Signature


class Ended(Message, frozen=True, kw_only=True):
    """B→A, C: the end is in the log.  `connected_s` is what counts; signed by the broker's log key."""

    session_id: Identifier
    reason: EndReason
    connected_s: Count
    utc: Utc
    seq: Count
    head: Key
    sig: Signature


class Suspicion(Message, frozen=True, kw_only=True):
    """A→B: the customer reports that something is wrong (Q12)."""

    report_id: Identifier
    session_id: Identifier | None = None
    text: LongText


class SuspicionAck(Message, frozen=True, kw_only=True):
    """B→A: the report has been stored and administrators see it."""

    report_id: Identifier


class Failure(Message, frozen=True, kw_only=True):
    """B→A or B→C: a message was refused and nothing changed.  `reason` is a stable word; the connection may stay."""

    reason: ShortText
    session_id: Identifier | None = None


AgentToBroker = (
    Hello | Probe | ProbeAck | CodeRequest | CodeDead | CpaceB | ConfirmB | PairOk | PairAbort | Refused | Receipt
    | PermissionChanged | ChannelDown | ResumeRequest | End | BillRequest | Opinion | Suspicion
)  # fmt: skip
BrokerToAgent = (
    Challenge | RegistrationDenied | Probe | ProbeAck | ProbeUpload | ProbeResult | CodeIssued | CodeDead | PairOffer
    | NotServed | CpaceA | ConfirmA | PairAbort | Ticket | ReceiptAck | PermissionAck | Joined | Meter | ResumeDenied
    | Ended | Bill | OpinionAck | SuspicionAck | Failure
)  # fmt: skip
ConsoleToBroker = PairRequest | CpaceA | ConfirmA | PairOk | PairAbort | ChannelDown | ResumeRequest | EndRequest
BrokerToConsole = (
    Welcome | PairDenied | PairOffer | CpaceB | ConfirmB | PairAbort | Ticket | ReceiptAck | Joined | Meter
    | ResumeDenied | Ended | Failure
)  # fmt: skip
