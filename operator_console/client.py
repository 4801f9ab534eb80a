"""The Python library of the technician's side: sign in, pair, see, type, end.

    async with Console.sign_in(broker, email, password) as console:
        session = await console.pair("123 456 789", "K7QU-9XDT", service="", wanted=("view", "control"))
        await session.consent()
        ...
        await session.end()

Counterpart: the browser's `web/src/session/`.  The agent's part of the password is used once and kept nowhere.
"""

import asyncio
import ipaddress
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar, cast
from urllib.parse import urlsplit

import httpx2 as httpx
import websockets
from websockets.asyncio.client import ClientConnection, connect

from operator_console.errors import (
    BadAuthority,
    ConsoleError,
    NotSignedIn,
    NotTheService,
    PairingDenied,
    Tampering,
    Unreachable,
    WrongCertificate,
    _,
)
from operator_console.session import RemoteSession
from protocol import codec, control, limits
from protocol.code import normalise_id, normalise_password
from protocol.control import Permission
from protocol.errors import PairingFailed, ProtocolError
from protocol.pairing import ConsoleKnows, ConsoleRun
from protocol.text import b64url

FRAME = max(limits.CONTROL_FRAME, limits.RECORD)
"""Bytes of a WebSocket message, at most."""

M = TypeVar("M", bound=control.Message)


class Way:
    """How the broker is reached: its origin, who vouches for its certificate, through which proxy."""

    def __init__(self, origin: str, authority: str | None = None, proxy: str | None = None) -> None:
        """`authority`: a file of CA certificates, beside the system's; `proxy`: its URL, else the environment's.

        Raises `Unreachable` for plain HTTP off loopback (pairing rule 7), `BadAuthority`.
        """
        self.origin, self.proxy = origin.rstrip("/"), proxy
        _refuse_plain(self.origin)
        self.context = ssl.create_default_context()  # a relay has TLS beside a broker on loopback too
        if authority is not None:
            try:
                self.context.load_verify_locations(authority)
            except OSError as error:  # an `SSLError`, too, for a file that holds no certificate
                raise BadAuthority(authority, str(error)) from error

    def http(self) -> httpx.AsyncClient:
        """A client for the HTTP API."""
        return httpx.AsyncClient(base_url=self.origin, verify=self.context, proxy=self.proxy, timeout=20.0)

    @asynccontextmanager
    async def socket(self, address: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[ClientConnection]:
        """A socket: `address` is a path of the origin, or a whole `wss://` address.

        Raises `Unreachable`; `WrongCertificate` for whoever cannot prove who they are, before anything is sent.
        """
        url = f"ws{self.origin.removeprefix('http')}{address}" if address.startswith("/") else address
        _refuse_plain(url)
        try:
            line = await connect(
                url, additional_headers=headers, compression=None, max_size=FRAME, proxy=self.proxy or True,
                ssl=self.context if url.startswith("wss:") else None,
            )  # fmt: skip
        except ssl.SSLCertVerificationError as error:
            raise WrongCertificate(url, error.verify_message) from error
        except (OSError, websockets.WebSocketException, TimeoutError) as error:
            raise Unreachable(url, str(error)) from error
        async with line:
            yield line


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a session is for, by the IDs of the provider's records: they decide its price."""

    customer_id: str | None = None
    order_id: str | None = None
    ticket_id: str | None = None
    urgent: bool = False


ANYONE = Whom()


class Console:
    """A signed-in technician with a control connection."""

    def __init__(self, way: Way, line: ClientConnection, welcome: control.Welcome, token: str = "") -> None:
        self.way, self.welcome, self._line, self._token = way, welcome, line, token

    @classmethod
    @asynccontextmanager
    async def sign_in(cls, way: Way, email: str, password: str, totp: str | None = None) -> AsyncIterator["Console"]:
        """Sign in, and out at the end.  Raises `NotSignedIn` or `Unreachable`."""
        async with way.http() as http:
            token = await _token(http, email, password, totp)
            try:
                async with way.socket("/ws/console", _bearer(token)) as line:
                    welcome = cast(control.Welcome, await _next(line, control.Welcome))
                    yield cls(way, line, welcome, token)
            finally:
                with suppress(httpx.HTTPError):  # a broker that is gone must not hide why
                    await http.post("/api/v1/sign-out", headers=_bearer(token))

    async def customer(self, reference: str) -> str:
        """The ID of the customer with this contract number, e-mail or licence key.

        Raises `PairingDenied` or `Unreachable`.
        """
        async with self.way.http() as http:
            address, wanted = "/api/v1/customers/recognise", {"reference": reference}
            answer = await _asked(http.get(address, params=wanted, headers=_bearer(self._token)), self.way.origin)
        if answer.status_code != 200:
            raise PairingDenied("unknown_record")
        return _word(answer, "id")

    async def pair(
        self, agent_id: str, password: str, service: str, wanted: Sequence[Permission] = ("view", "control"),
        whom: Whom = ANYONE,
    ) -> RemoteSession:  # fmt: skip
        """Prove the password to the agent and be proved to; the customer's window asks from now on.

        Raises `InvalidCode` before anything is sent, `PairingDenied`, or `Tampering`.
        """
        digits, secret = normalise_id(agent_id), normalise_password(password)
        request = control.PairRequest(
            request_id=_nonce(), id=digits, server_part=secret.server_part, service=service, wanted=tuple(wanted),
            nonce_console=_nonce(), public_origin=self.way.origin, version=limits.VERSION,
            customer_id=whom.customer_id, order_id=whom.order_id, ticket_id=whom.ticket_id, urgent=whom.urgent,
        )  # fmt: skip
        await self._send(request)
        answer = await self._answer(control.PairOffer, request)
        knows = ConsoleKnows(
            version=limits.VERSION, public_origin=self.way.origin, org_id=self.welcome.org_id,
            operator_id=self.welcome.operator_id, operator_name=self.welcome.operator_name, service=service,
            wanted=tuple(wanted), nonce_console=request.nonce_console,
        )  # fmt: skip
        try:
            context, offer = knows.context(answer)
            run = ConsoleRun(context, secret.agent_part, secrets.token_bytes(64))
            await self._send(run.start())
            await self._send(run.answered(await self._answer(control.CpaceB, request, answer.session_id)))
            await self._send(run.confirmed(await self._answer(control.ConfirmB, request, answer.session_id)))
        except ProtocolError as failure:
            reason = failure.reason if isinstance(failure, PairingFailed) else str(failure)
            await self._send(control.PairAbort(session_id=answer.session_id, reason=reason[: limits.SHORT_TEXT]))
            raise Tampering(reason) from failure
        return RemoteSession(self.way.socket, self._line, run.keys, offer, context.offer)

    async def _send(self, message: control.Message) -> None:
        try:
            await self._line.send(codec.to_text(message))
        except websockets.ConnectionClosed as closed:
            raise _hung_up(self._line, closed) from None

    async def _answer(self, kind: type[M], request: control.PairRequest, session_id: str | None = None) -> M:
        """The next message of this kind.  Raises `PairingDenied`, or `Tampering` when the agent gave up."""
        kinds = (kind, control.PairDenied, control.PairAbort, control.Ended, control.Failure)
        message = await _next(self._line, *kinds)
        while not _about(message, request, session_id):
            message = await _next(self._line, *kinds)
        match message:
            case control.PairDenied(reason=reason, why=why):
                raise PairingDenied(reason, why)
            case control.PairAbort(reason="wrong_tag"):
                raise PairingDenied("wrong_password")  # far more often a slip of the ear than an attack
            case control.PairAbort(reason=reason):
                raise Tampering(reason)
            case control.Ended(reason=reason):
                # The agent burns a code whose tag was wrong; the broker ends the session that was begun.
                raise PairingDenied("denied" if reason == "pairing_failed" else reason)
            case control.Failure(reason=reason):
                raise PairingDenied(reason)
        return cast(M, message)


async def _next(line: ClientConnection, *kinds: type[control.Message]) -> control.BrokerToConsole:
    """The next message that is one of `kinds`; others don't concern us here.  Raises `Unreachable`, `NotSignedIn`."""
    try:
        async with asyncio.timeout(limits.PAIRING_RUN * 2):
            while True:
                message = codec.TO_CONSOLE.read(await line.recv())
                if isinstance(message, kinds):
                    return message
    except TimeoutError:
        raise PairingDenied("agent_silent") from None
    except websockets.ConnectionClosed as closed:
        raise _hung_up(line, closed) from None
    except ProtocolError as error:
        raise Tampering(str(error)) from error


def _hung_up(line: ClientConnection, closed: websockets.ConnectionClosed) -> ConsoleError:
    if closed.rcvd is not None and closed.rcvd.code in (4401, 4403):
        return NotSignedIn()
    return Unreachable(str(line.remote_address), str(closed))


def _about(message: control.BrokerToConsole, request: control.PairRequest, session_id: str | None) -> bool:
    """Whether this is about this run, and not a late word about the session before it."""
    if (found := getattr(message, "request_id", None)) is not None:
        return bool(found == request.request_id)
    return getattr(message, "session_id", None) in (None, session_id)


async def _token(http: httpx.AsyncClient, email: str, password: str, totp: str | None) -> str:
    body = {"email": email, "password": password, "want": "bearer"} | ({"totp": totp} if totp else {})
    answer = await _asked(http.post("/api/v1/sign-in", json=body), str(http.base_url))
    if answer.status_code == 429:
        raise NotSignedIn("throttled")
    if answer.status_code == 401:
        raise NotSignedIn(_word(answer, "error"))
    if answer.is_server_error:
        raise Unreachable(str(http.base_url), f"{answer.status_code} {answer.reason_phrase}")
    if answer.status_code != 200:
        raise ConsoleError(f"{http.base_url}: {answer.status_code} {_word(answer, 'error')}")
    return _word(answer, "token")


async def _asked(request: Awaitable[httpx.Response], where: str) -> httpx.Response:
    try:
        return await request
    except httpx.HTTPError as error:
        raise Unreachable(where, str(error)) from error


def _word(answer: httpx.Response, name: str) -> str:
    """One word of the broker's JSON.  Raises `NotTheService` for what no broker says, such as a sign-in page."""
    try:
        return str(answer.json()[name])
    except (ValueError, LookupError, TypeError):
        raise NotTheService(str(answer.url)) from None


def _refuse_plain(url: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if parts.scheme not in ("https", "wss") and not (parts.scheme in ("http", "ws") and loopback):
        raise Unreachable(url, _("only https:// is safe away from this computer"))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _nonce() -> str:
    return b64url(secrets.token_bytes(16))
