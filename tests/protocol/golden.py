"""The golden values of pairing, channel and signatures, from fixed inputs: what the `FILES` of `tests/vectors` hold.

`python -m tests.protocol.golden` writes them anew; a test fails when the code no longer gives what they hold.
"""

import json
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from protocol import codec, control, cpace, noise, receipt
from protocol.channel import pack
from protocol.inner import Lane
from protocol.lanes import Frame
from protocol.offer import Offer, Tariff
from protocol.pairing import AgentKnows, AgentRun, ConsoleKnows, ConsoleRun, Context, agent_data, console_data
from protocol.receipt import Consent
from protocol.text import b64url, sha256
from protocol.ticket import RelayTicket, issue

VECTORS = Path(__file__).parents[1] / "vectors"


def _sixteen(first: int) -> str:
    return b64url(bytes(range(first, first + 16)))


def _bytes(first: int, count: int) -> bytes:
    return bytes((first + 7 * i) % 256 for i in range(count))


AGENT_PART = "U9XDT"
PK_AGENT = _bytes(1, 32)
SEED_CONSOLE, SEED_AGENT = _bytes(3, 64), _bytes(5, 64)

OFFER = Offer(
    operator_id=_sixteen(0x10), operator_name="Íñigo Núñez Baró", org_id=_sixteen(0x20),
    org_name="Soporte «Norte», S.L.", service="Asistencia remota",
    tariff=Tariff(currency="EUR", unit_minor=4500, minimum_minutes=60, increment_minutes=30, tax_percent="21"),
    price_note="", terms_version=3, terms_sha256=b64url(sha256(b"terms")), wanted=("view", "control"), inactivity_s=900,
)  # fmt: skip
OFFER_BYTES = codec.offer_bytes(OFFER)

MESSAGE = control.PairOffer(
    session_id=_sixteen(0x30), request_id=_sixteen(0x40), code_id=_sixteen(0x50), nonce_console=_sixteen(0x60),
    nonce_agent=_sixteen(0x70), offer=b64url(OFFER_BYTES),
)  # fmt: skip

CONSOLE = ConsoleKnows(
    version="1", public_origin="https://ayuda.example", org_id=OFFER.org_id, operator_id=OFFER.operator_id,
    operator_name=OFFER.operator_name, service=OFFER.service, wanted=OFFER.wanted, nonce_console=MESSAGE.nonce_console,
)  # fmt: skip
AGENT = AgentKnows(
    version="1", public_origin="https://ayuda.example", org_id=OFFER.org_id, terms_version=OFFER.terms_version,
    terms_sha256=OFFER.terms_sha256, code_id=MESSAGE.code_id, nonce_agent=MESSAGE.nonce_agent,
)  # fmt: skip


def pairing() -> dict[str, Any]:
    """Inputs, and every value that follows from them. Bytes are hexadecimal unless a message carries them."""
    context, _ = CONSOLE.context(MESSAGE)
    assert AGENT.context(MESSAGE)[0] == context
    console = ConsoleRun(context, AGENT_PART, SEED_CONSOLE)
    agent = AgentRun(context, AGENT_PART, PK_AGENT, SEED_AGENT)
    cpace_a = console.start()
    cpace_b = agent.asked(cpace_a)
    confirm_a = console.answered(cpace_b)
    confirm_key = bytes(console._confirm_key)
    confirm_b = agent.confirmed(confirm_a)
    console.confirmed(confirm_b)
    keys = console.keys
    return {
        "about": "A pairing run and its connections from fixed inputs (docs/protocol.md). Values are hexadecimal;"
        " fields of messages are base64url, as on the line. Scalars are the seeds reduced modulo the group's order.",
        "input": {
            "agent_part": AGENT_PART, "version": context.version, "public_origin": context.public_origin,
            "offer": OFFER_BYTES.decode(),
            "pair_offer": json.loads(codec.to_text(MESSAGE)),
            "pk_agent": PK_AGENT.hex(),
            "seed_console": SEED_CONSOLE.hex(), "seed_agent": SEED_AGENT.hex(),
        },
        "derived": {
            "offer_sha256": sha256(OFFER_BYTES).hex(),
            "ci": context.ci().hex(), "sid": context.sid().hex(),
            "generator": cpace.generator(AGENT_PART.encode(), context.ci(), context.sid()).hex(),
            "scalar_console": cpace.scalar(SEED_CONSOLE).hex(), "scalar_agent": cpace.scalar(SEED_AGENT).hex(),
            "ya": keys.ya.hex(), "yb": keys.yb.hex(),
            "isk": _isk(context).hex(),
            "confirm_key": confirm_key.hex(), "resume_key": keys.resume_key.hex(),
            "h_ci": keys.h_ci.hex(), "shares_sha256": keys.shares_sha256().hex(),
        },
        "messages": {
            "cpace_a": json.loads(codec.to_text(cpace_a)), "cpace_b": json.loads(codec.to_text(cpace_b)),
            "confirm_a": json.loads(codec.to_text(confirm_a)), "confirm_b": json.loads(codec.to_text(confirm_b)),
        },
        "generations": [_generation(g, keys.psk(g), keys.prologue(g)) for g in (1, 2)],
    }  # fmt: skip


def _isk(context: Context) -> bytearray:
    prs, ci, sid = AGENT_PART.encode(), context.ci(), context.sid()
    a = cpace.Exchange(cpace.Role.INITIATOR, prs, ci, sid, cpace.scalar(SEED_CONSOLE))
    b = cpace.Exchange(cpace.Role.RESPONDER, prs, ci, sid, cpace.scalar(SEED_AGENT))
    return a.key(console_data(context.version), b.share, agent_data(context.version, PK_AGENT))


def _generation(g: int, psk: bytes, prologue: bytes) -> dict[str, Any]:
    ephemeral_console, ephemeral_agent = _bytes(10 + g, 32), _bytes(100 + g, 32)
    initiator = noise.Initiator(psk, prologue, ephemeral_console)
    message_2, at_agent = noise.respond(psk, prologue, ephemeral_agent, initiator.message)
    at_console = initiator.finish(message_2)
    return {
        "g": g, "psk": psk.hex(), "prologue": prologue.hex(),
        "ephemeral_console": ephemeral_console.hex(), "ephemeral_agent": ephemeral_agent.hex(),
        "message_1": initiator.message.hex(), "message_2": message_2.hex(),
        "handshake_hash": at_console.handshake_hash.hex(),
        "console_sends": [_record(at_console.sending, text) for text in (b"", b"one", b"two")],
        "agent_sends": [_record(at_agent.sending, text) for text in (b"", b"uno", b"dos")],
    }  # fmt: skip


def _record(cipher: noise.CipherState, plaintext: bytes) -> dict[str, str]:
    return {"plaintext": plaintext.hex(), "record": cipher.encrypt(plaintext).hex()}


SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
UTC = "2026-11-22T10:00:00Z"

FRAMES = [
    [Frame(Lane.CONTROL, 1, b"")],
    [Frame(Lane.CONTROL, 2, b"\x81\xa1t\xa7refresh"), Frame(Lane.SCREEN, 0x01020304, b"abc")],
    [Frame(Lane.FILES, 2**32 - 1, bytes(300)), Frame(Lane.CURSOR, 7, b"\xff")],
]


def frames() -> dict[str, Any]:
    """Frames and the plaintext of the record that carries them."""
    return {
        "about": "Records' plaintexts and the frames in them (docs/protocol.md). Payloads here are any bytes.",
        "records": [
            {
                "frames": [{"lane": f.lane, "number": f.number, "payload": f.payload.hex()} for f in record],
                "plaintext": pack(record).hex(),
            }
            for record in FRAMES
        ],
    }


def signatures() -> dict[str, Any]:
    """Everything that is signed, with the bytes that the signature is over. Ed25519 gives one signature for each."""
    key_id, public = _sixteen(1), b64url(SIGNING_KEY.public_key().public_bytes_raw())
    consent = Consent(
        session_id=MESSAGE.session_id, sid=_bytes(1, 16), shares_sha256=_bytes(2, 32), offer_sha256=_bytes(3, 32),
        terms_version=3, terms_sha256=_bytes(4, 32), granted=("view", "control"), utc=UTC, lang="es",
    )  # fmt: skip
    hello = control.Hello(
        version="1", program="relevo 0.1.0", platform="Linux", org_id=OFFER.org_id, pk_agent=public, terms_version=3,
        terms_sha256=OFFER.terms_sha256, terms_accepted_utc=UTC, lang="es", computer="Caja 2", user="íñigo", sig="",
    )  # fmt: skip
    end = control.End(session_id=MESSAGE.session_id, reason="customer", utc=UTC, connected_s=61, sig="")
    changed = control.PermissionChanged(session_id=MESSAGE.session_id, name="control", on=False, utc=UTC, sig="")
    ack = control.ReceiptAck(
        session_id=MESSAGE.session_id, receipt_sha256=b64url(_bytes(5, 32)), seq=7, head=b64url(_bytes(6, 32)), utc=UTC,
        sig="",
    )  # fmt: skip
    ended = control.Ended(
        session_id=MESSAGE.session_id, reason="customer", connected_s=60, utc=UTC, seq=9, head=b64url(_bytes(6, 32)),
        sig="",
    )  # fmt: skip
    ticket = RelayTicket(
        kid="k1", aud="relay-1", pair_id=key_id, role="agent", g=2, jti=_sixteen(9), iat=1_800_000_000.0,
        exp=1_800_000_030.0, rate_to_console=2_000_000, rate_to_agent=1_000_000, max_bytes=10**12,
    )  # fmt: skip
    body, sig = consent.body(), b64url(SIGNING_KEY.sign(consent.body()))
    return {
        "about": "Signed messages, the consent receipt and a relay ticket, all by one key (docs/protocol.md)."
        " `signed` is what the signature is over, hexadecimal; `context` stands before a message's own fields.",
        "seed": bytes(range(32)).hex(), "public_key": public,
        "messages": [
            _signed(hello, "https://ayuda.example", _sixteen(0x60)), _signed(replace(hello, id="012345678"), "x", "y"),
            _signed(end), _signed(changed), _signed(ack), _signed(ended),
        ],
        "consent": {
            "fields": {
                "session_id": consent.session_id, "sid": consent.sid.hex(), "terms_version": consent.terms_version,
                "shares_sha256": consent.shares_sha256.hex(), "offer_sha256": consent.offer_sha256.hex(),
                "terms_sha256": consent.terms_sha256.hex(), "granted": consent.granted, "utc": UTC, "lang": "es",
            },
            "body": body.hex(), "sig": sig, "receipt_sha256": receipt.receipt_sha256(body, sig),
        },
        "ticket": {"fields": msgspec.to_builtins(ticket), "token": issue(ticket, SIGNING_KEY.sign)},
    }  # fmt: skip


def _signed(message: receipt.Signed, *context: str) -> dict[str, Any]:
    made = receipt.signed(message, SIGNING_KEY.sign, *context)
    return {
        "context": context,
        "signed": receipt.signed_bytes(made, *context).hex(),
        "message": json.loads(codec.to_text(made)),
    }


FILES = {"pairing.json": pairing, "frames.json": frames, "signatures.json": signatures}


def text(name: str) -> str:
    """What the file `name` must hold."""
    return json.dumps(FILES[name](), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in FILES:
        (VECTORS / name).write_text(text(name))
