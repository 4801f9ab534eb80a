"""The golden values of pairing and channel, from fixed inputs: what `tests/vectors/pairing.json` must hold.

`python -m tests.protocol.golden` writes the file anew; a test fails when the code no longer gives what it holds.
"""

import json
from pathlib import Path
from typing import Any

from protocol import codec, control, cpace, noise
from protocol.offer import Offer, Tariff
from protocol.pairing import AgentKnows, AgentRun, ConsoleKnows, ConsoleRun, Context, agent_data, console_data
from protocol.text import b64url, sha256

PATH = Path(__file__).parents[1] / "vectors/pairing.json"


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


def values() -> dict[str, Any]:
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


if __name__ == "__main__":
    PATH.write_text(json.dumps(values(), indent=1, ensure_ascii=False) + "\n")
