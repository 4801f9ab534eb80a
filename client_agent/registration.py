"""Steps 1 and 2: challenge and hello, and what a refusal means to the customer.

Counterpart: the broker's `agents/connection.py`.
"""

import asyncio
import getpass
import platform

from client_agent.build_config import Build
from client_agent.errors import LinkFailure
from client_agent.events import Language
from client_agent.failures import FailureKind
from client_agent.identity import Identity
from client_agent.link import ControlLine
from protocol import control, limits, receipt
from protocol.text import b64url

PROGRAM = "relevo-agent 0.1.0"

_DENIALS = {
    "version": FailureKind.VERSION,
    "organisation": FailureKind.ORGANISATION,
    "too_many": FailureKind.BUSY,
}
"""What the broker says → what the customer is told; the rest is a fault of this program."""


class TermsChanged(Exception):
    """The broker wants other terms than those that were accepted."""


async def register(line: ControlLine, build: Build, identity: Identity, lang: Language) -> None:
    """Prove this run to the broker, with the terms accepted already.  Raises `LinkFailure`."""
    try:
        async with asyncio.timeout(limits.HELLO):
            challenge = await line.receive()
    except TimeoutError:
        raise LinkFailure(FailureKind.BROKER_DOWN, "no challenge") from None
    if not isinstance(challenge, control.Challenge):
        raise LinkFailure(FailureKind.INTERNAL, "the broker did not begin with a challenge")
    if limits.VERSION not in challenge.versions:
        raise LinkFailure(FailureKind.VERSION, f"the service speaks {', '.join(challenge.versions)}")
    terms = identity.terms
    if terms is None:
        raise LinkFailure(FailureKind.INTERNAL, "no terms were accepted")
    hello = control.Hello(
        version=limits.VERSION, program=PROGRAM, platform=_short(platform.platform()),
        org_id=build.org_id, pk_agent=b64url(identity.pk), terms_version=terms.version, terms_sha256=terms.sha256,
        terms_accepted_utc=terms.utc, lang=lang, computer=_short(platform.node()),
        user=user(), id=identity.id, sig="",
    )  # fmt: skip
    line.post(receipt.signed(hello, identity.sign, build.public_origin, challenge.nonce_b))


def denied(message: control.RegistrationDenied) -> Exception:
    """What to raise: `TermsChanged`, or a `LinkFailure` that says which it is."""
    if message.reason == "terms":
        return TermsChanged()
    kind = _DENIALS.get(message.reason, FailureKind.INTERNAL)
    return LinkFailure(kind, f"not let in: {message.reason}", message.update_url)


def user() -> str:
    """Whose desktop this is, as the system names them; empty where it does not say."""
    try:
        return _short(getpass.getuser())
    except (OSError, KeyError, ImportError):  # Windows has no `pwd` to fall back to
        return ""


def _short(name: str) -> str:
    """A name as a message takes it: a byte that was no letter in the system's encoding is a question mark."""
    return name.encode("utf-8", "replace").decode()[: limits.SHORT_TEXT]
