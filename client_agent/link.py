"""The agent's lines: HTTPS for terms, a control connection to the broker, a data connection to the relay.

TLS is verified, with a provider's own authority beside the system's; an HTTP CONNECT proxy with authentication is
passed through; nothing is compressed.  Counterparts: `/api/v1/public`, `/ws/agent` and `/relay` of the broker.
Must never fall back to an unverified line, and never write a proxy's password anywhere.
"""

import asyncio
import http.client
import ipaddress
import logging
import ssl
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from client_agent.dataconnection import DataConnection
from client_agent.diagnosis import HttpAnswered, ProxyAnswered, diagnose
from client_agent.errors import LinkFailure
from client_agent.failures import FailureKind
from protocol import limits
from protocol.codec import TO_AGENT, to_text
from protocol.control import AgentToBroker, BrokerToAgent
from protocol.errors import ProtocolError

log = logging.getLogger(__name__)

OPEN_TIMEOUT = 15.0
"""Seconds for name, TCP, proxy, TLS and WebSocket together."""
PING_INTERVAL, PING_TIMEOUT = 10.0, 15.0
"""Seconds: a dead control line is noticed after their sum at most."""
FETCH_LIMIT = 512 * 1024
"""Bytes of an HTTP answer at most."""
BACKOFF = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before the next attempt; the last one repeats.  Spread, so that agents do not come in step."""

_SYSTEM_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
"""Where Linux keeps its authorities: a frozen program's OpenSSL may have been told another place."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP CONNECT proxy.  `url` may hold a name and a password: it is for the connection only."""

    url: str
    host: str
    port: int
    authorization: str | None

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"

    @classmethod
    def parse(cls, text: str) -> "Proxy":
        """`http://[name:password@]host:port`, the scheme may be absent.  Raises `LinkFailure`."""
        url = text if "://" in text else f"http://{text}"
        try:
            parts = urllib.parse.urlsplit(url)
            host, port = parts.hostname, parts.port or 80
            if parts.scheme != "http" or host is None:
                raise ValueError
        except ValueError:
            raise LinkFailure(FailureKind.PROXY, "the proxy's address is not http://host:port") from None
        authorization = None
        if parts.username is not None:
            pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            authorization = "Basic " + b64encode(pair.encode()).decode()
            url = f"http://{parts.username}:{parts.password or ''}@{parts.netloc.rpartition('@')[2]}"
        return cls(url, host, port, authorization)


@dataclass(frozen=True)
class Lines:
    """Opens lines to one broker.  `origin` is its public origin, `https://host[:port]`; http only on loopback (rule 7).

    `proxy`: an address to use, or None for what the environment or the system says.
    """

    origin: str
    ca_file: Path | None = None
    proxy: str | None = None

    def __post_init__(self) -> None:
        parts = urllib.parse.urlsplit(self.origin)
        plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if (
            not (parts.hostname and (parts.scheme == "https" or plain))
            or parts.path
            or parts.query
            or "@" in parts.netloc
        ):
            raise ValueError(f"{self.origin} is not the https:// origin of a broker")

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Verifies name and chain, always.  Raises `LinkFailure` when the provider's authority cannot be read."""
        context = ssl.create_default_context()
        if not context.cert_store_stats()["x509_ca"]:
            for bundle in filter(lambda name: Path(name).exists(), _SYSTEM_BUNDLES):
                context.load_verify_locations(bundle)
                break
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise LinkFailure(FailureKind.CERTIFICATE, f"{self.ca_file} is no certificate: {error}") from error
        return context

    def proxy_for(self, url: str) -> Proxy | None:
        """The proxy on the way to `url`: the option, else the environment's or the system's, none to loopback."""
        if self.proxy is not None:
            return Proxy.parse(self.proxy) if self.proxy else None
        parts = urllib.parse.urlsplit(url)
        if is_loopback(parts.hostname or "") or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
            return None
        found = urllib.request.getproxies().get("https")
        return Proxy.parse(found) if found else None

    async def open_data(self, url: str) -> DataConnection:
        """A connection to a relay, on which no ticket has been shown.  Raises `LinkFailure`."""
        connection = await self.open(url, limits.RECORD, DataConnection)
        assert isinstance(connection, DataConnection)
        return connection

    async def open(self, url: str, max_size: int, kind: type[ClientConnection] = ClientConnection) -> ClientConnection:
        """A WebSocket to `url` (ws or wss), or to a path of the origin.  `max_size` in bytes.  Raises `LinkFailure`."""
        full = self.websocket_url(url)
        parts = urllib.parse.urlsplit(full)
        proxy = self.proxy_for(full)
        try:
            return await _Connect(
                full,
                ssl=self.tls if parts.scheme == "wss" else None,
                proxy=proxy.url if proxy else None,
                compression=None,
                max_size=max_size,
                open_timeout=OPEN_TIMEOUT,
                ping_interval=PING_INTERVAL,
                ping_timeout=PING_TIMEOUT,
                close_timeout=1,
                user_agent_header=None,
                create_connection=kind,
            )
        except (OSError, EOFError, WebSocketException, TimeoutError) as error:
            raise diagnose(error, parts.hostname or "", proxy.host if proxy else None) from error

    def websocket_url(self, url: str) -> str:
        """`url` as ws or wss.  Raises `LinkFailure` for one without TLS, but for a broker on loopback's on loopback.

        So a broker elsewhere leads this program to nothing that listens on the customer's computer.
        """
        full = urllib.parse.urljoin(self.origin + "/", url)
        parts = urllib.parse.urlsplit(full)
        scheme = {"https": "wss", "http": "ws"}.get(parts.scheme, parts.scheme)
        here = self.origin.startswith("http:") and is_loopback(parts.hostname or "")
        if scheme != "wss" and not (scheme == "ws" and here):
            raise LinkFailure(FailureKind.CERTIFICATE, "a line without TLS was asked for")
        return urllib.parse.urlunsplit(parts._replace(scheme=scheme))

    async def fetch(self, path: str) -> bytes:
        """What `GET path` of the broker answers.  Raises `LinkFailure`."""
        proxy = self.proxy_for(self.origin)
        try:
            return await asyncio.to_thread(self._get, path, proxy)
        except (OSError, EOFError, http.client.HTTPException, ProxyAnswered, HttpAnswered) as error:
            host = urllib.parse.urlsplit(self.origin).hostname or ""
            raise diagnose(error, host, proxy.host if proxy else None) from error

    def _get(self, path: str, proxy: Proxy | None) -> bytes:
        parts = urllib.parse.urlsplit(self.origin)
        secure = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if secure else 80)
        first = (proxy.host, proxy.port) if proxy else (host, port)
        connection = (
            http.client.HTTPSConnection(*first, timeout=OPEN_TIMEOUT, context=self.tls)
            if secure
            else http.client.HTTPConnection(*first, timeout=OPEN_TIMEOUT)
        )
        if proxy:
            connection.set_tunnel(
                host, port, {"Proxy-Authorization": proxy.authorization} if proxy.authorization else {}
            )
        try:
            _connect(connection)
            connection.request("GET", path, headers={"Accept": "*/*"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise HttpAnswered(answer.status)
            body = answer.read(FETCH_LIMIT + 1)
            if len(body) > FETCH_LIMIT:
                raise HttpAnswered(413)
            return body
        finally:
            connection.close()


class _Connect(connect):
    """Follows no redirect: whom we speak to is fixed by the build (pairing rule 7)."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


def _connect(connection: http.client.HTTPConnection) -> None:
    """Connect, telling a proxy's refusal from other errors (the library gives it as text only)."""
    try:
        connection.connect()
    except OSError as error:
        words = str(error).split()
        if words[:3] == ["Tunnel", "connection", "failed:"] and len(words) > 3 and words[3].isdigit():
            raise ProxyAnswered(int(words[3])) from error
        raise


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this computer."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ControlLine:
    """The control connection as typed messages.  `post` never waits: what the network does not take, waits here."""

    def __init__(self, socket: ClientConnection, host: str) -> None:
        self._socket, self._host = socket, host
        self._queue: asyncio.Queue[AgentToBroker] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def opened(cls, lines: Lines) -> AsyncIterator["ControlLine"]:
        """A line for as long as the block runs.  Raises `LinkFailure`."""
        socket = await lines.open("/ws/agent", limits.CONTROL_FRAME)
        line = cls(socket, urllib.parse.urlsplit(lines.origin).hostname or "")
        sender = asyncio.get_running_loop().create_task(line._send_queued())
        try:
            yield line
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            await socket.close()

    def post(self, message: AgentToBroker) -> None:
        """Send, after everything posted before."""
        self._queue.put_nowait(message)

    async def receive(self) -> BrokerToAgent:
        """The next message.  Raises `LinkFailure` when the line is gone or the broker sends what is no message."""
        try:
            data = await self._socket.recv()
            if not isinstance(data, str):
                raise LinkFailure(FailureKind.INTERNAL, "the broker sent a binary frame")
            return TO_AGENT.read(data)
        except ConnectionClosed as error:
            raise diagnose(error, self._host, None) from error
        except ProtocolError as error:
            raise LinkFailure(FailureKind.INTERNAL, str(error)) from error

    async def cut(self) -> None:
        """Close the line; `receive` raises."""
        await self._socket.close()

    async def flush(self) -> None:
        """Wait until everything posted is in the network's hands.  Use with a time limit."""
        await self._queue.join()

    async def _send_queued(self) -> None:
        try:
            while True:
                message = await self._queue.get()
                await self._socket.send(to_text(message))
                self._queue.task_done()
        except ConnectionClosed:
            pass  # `receive` says so
        except Exception:
            log.exception("a message cannot be sent: the line is closed, so that a new one is made")
            await self._socket.close()
