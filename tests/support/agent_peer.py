"""The customer's program reduced to the protocol: no screen, no window.  The real one is `client_agent`."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from websockets.asyncio.client import connect

from protocol import codec, control, limits, receipt
from protocol.code import AGENT_SYMBOLS, random_symbols
from protocol.pairing import AgentKnows, AgentRun, SessionKeys
from protocol.text import b64url, sha256, unb64url
from tests.support.peer import Line, Peer, Provider, nonce

UTC = "2026-11-22T15:00:00Z"


@dataclass
class ShownCode:
    """What the customer reads out."""

    id: str
    code_id: str
    nonce_agent: str
    server_part: str
    agent_part: str

    @property
    def password(self) -> str:
        return self.server_part + self.agent_part


@dataclass
class AgentSession:
    """What an agent keeps of a session."""

    keys: SessionKeys
    offer: bytes
    terms_version: int
    terms_sha256: str
    line: Line | None = None
    g: int = 0
    granted: tuple[control.Permission, ...] = field(default=())


class AgentPeer(Peer[control.BrokerToAgent]):
    """The customer's program."""

    provider: Provider
    key: Ed25519PrivateKey

    @classmethod
    async def connect(cls, provider: Provider, key: Ed25519PrivateKey | None = None, **options: Any) -> "AgentPeer":
        """Connect, say nothing yet."""
        peer = cls(await connect(provider.socket("/ws/agent"), compression=None, proxy=None, **options), codec.TO_AGENT)
        peer.provider, peer.key, peer.way = provider, key or Ed25519PrivateKey.generate(), options
        return peer

    @property
    def pk(self) -> bytes:
        """The run's public key."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def hello(self, nonce_b: str, **changes: Any) -> control.Hello:
        """A right hello, but for `changes`, which are signed too."""
        fields: dict[str, Any] = {
            "version": limits.VERSION, "program": "peer", "platform": "test", "org_id": self.provider.org_id,
            "pk_agent": b64url(self.pk), "terms_version": self.provider.terms_version,
            "terms_sha256": self.provider.terms_sha256, "terms_accepted_utc": UTC, "lang": "es",
            "computer": "PC-DE-ANA", "user": "ana", "sig": "",
        }  # fmt: skip
        return receipt.signed(control.Hello(**fields | changes), self.key.sign, self.provider.origin, nonce_b)

    async def greet(self, **changes: Any) -> None:
        """Steps 1 and 2."""
        challenge = await self.expect(control.Challenge)
        await self.send(self.hello(challenge.nonce_b, **changes))

    async def register(self, **changes: Any) -> control.ProbeResult:
        """Steps 1 to 3."""
        await self.greet(**changes)
        return await self.be_measured()

    async def be_measured(self) -> control.ProbeResult:
        """Step 3: acknowledge what comes, send what is asked for."""
        to_send = under_way = seq = 0
        chunk = ""
        while True:
            message = await self.receive()
            match message:
                case control.Probe():
                    await self.send(control.ProbeAck(seq=message.seq))
                case control.ProbeUpload():
                    to_send, under_way = message.total_bytes // message.chunk_bytes, 0
                    chunk = b64url(secrets.token_bytes(message.chunk_bytes))
                    window = message.window
                    while under_way < window and to_send:
                        await self.send(control.Probe(seq=seq, data=chunk))
                        seq, to_send, under_way = seq + 1, to_send - 1, under_way + 1
                case control.ProbeAck():
                    if to_send:
                        await self.send(control.Probe(seq=seq, data=chunk))
                        seq, to_send = seq + 1, to_send - 1
                case control.ProbeResult():
                    return message
                case _:
                    self.missed.append(message)
                    if isinstance(message, control.RegistrationDenied):
                        raise AssertionError(message)

    async def code(self) -> ShownCode:
        """Steps 4 and 5."""
        request = control.CodeRequest(code_id=nonce(), nonce_agent=nonce())
        await self.send(request)
        issued = await self.expect(control.CodeIssued)
        assert issued.code_id == request.code_id
        agent_part = random_symbols(AGENT_SYMBOLS, secrets.randbelow)
        return ShownCode(issued.id, issued.code_id, request.nonce_agent, issued.server_part, agent_part)

    async def run(self, code: ShownCode) -> AgentSession:
        """Steps 9 to 14: the agent's part of one pairing.  Raises `PairingFailed` as the real agent would."""
        offer = await self.expect(control.PairOffer)
        knows = AgentKnows(
            version=limits.VERSION, public_origin=self.provider.origin, org_id=self.provider.org_id,
            terms_version=self.provider.terms_version, terms_sha256=self.provider.terms_sha256,
            code_id=code.code_id, nonce_agent=code.nonce_agent,
        )  # fmt: skip
        context, terms = knows.context(offer)
        run = AgentRun(context, code.agent_part, self.pk, secrets.token_bytes(64))
        await self.send(run.asked(await self.expect(control.CpaceA)))
        await self.send(run.confirmed(await self.expect(control.ConfirmA)))
        await self.send(control.PairOk(session_id=offer.session_id))
        return AgentSession(run.keys, unb64url(offer.offer), terms.terms_version, terms.terms_sha256)

    async def open_line(self, session: AgentSession) -> Line:
        """Steps 15 and 16."""
        ticket = await self.expect(control.Ticket)
        assert ticket.g > session.g
        session.g, session.line = ticket.g, await Line.open(self.provider, ticket, "agent", **self.way)
        return session.line

    def receipt(self, session: AgentSession, *granted: control.Permission, **changes: Any) -> control.Receipt:
        """Step 20's receipt, but for `changes` of the consent, which are signed too."""
        fields: dict[str, Any] = {
            "session_id": session.keys.session_id, "sid": session.keys.sid, "shares_sha256":
            session.keys.shares_sha256(), "offer_sha256": sha256(session.offer), "terms_version":
            session.terms_version, "terms_sha256": unb64url(session.terms_sha256), "granted": granted, "utc": UTC,
            "lang": "es",
        }  # fmt: skip
        body = receipt.Consent(**fields | changes).body()
        return control.Receipt(
            session_id=session.keys.session_id, granted=granted, utc=UTC, lang="es", body=b64url(body),
            sig=b64url(self.key.sign(body)),
        )  # fmt: skip

    async def consent(self, session: AgentSession, *granted: control.Permission) -> control.ReceiptAck:
        """Steps 20 and 21: the customer clicks *Accept*."""
        session.granted = granted or ("view", "control")
        await self.send(self.receipt(session, *session.granted))
        return await self.expect(control.ReceiptAck)

    def ending(self, session: AgentSession, reason: control.EndReason, connected_s: int = 1) -> control.End:
        """Step 28's signed end."""
        end = control.End(session_id=session.keys.session_id, reason=reason, utc=UTC, connected_s=connected_s, sig="")
        return receipt.signed(end, self.key.sign)

    async def end(self, session: AgentSession, reason: control.EndReason = "customer") -> control.Ended:
        """Steps 26 to 29: the customer clicks *Disconnect*."""
        session.keys.erase()
        if session.line is not None:
            await session.line.close()
        await self.send(self.ending(session, reason))
        return await self.expect(control.Ended)
