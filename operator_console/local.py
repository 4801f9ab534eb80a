"""`relevo console`: the technician's own page, served from their own computer (pairing rule 7).

The page comes from this installation, so the broker cannot put in a script that reads what is typed (rule 1).  Whoever
opens the page proves it with a token that this run printed; calls and sockets are passed on to the broker with its
certificate checked, and the broker's sign-in cookie stays in this process.  A relay elsewhere is reached through here
too: the page is told a path of ours for it, and its policy need not know the address.
Binds loopback alone; must never pass on a request of another origin, nor follow one to a host that the broker did not
name as a relay in a ticket.
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx2 as httpx
import msgspec
import websockets
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection

from operator_console.client import Way
from operator_console.errors import Unreachable, WrongCertificate
from protocol.codec import TO_CONSOLE, to_text
from protocol.control import Ticket
from protocol.errors import ProtocolError
from protocol.text import b64url, sha256

COOKIE: Final = "relevo_local"
CONTROL, RELAY = "/ws/console", "/relay"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'; trusted-types relevo"
)
SCRIPT_POLICY: Final = "default-src 'none'"
"""A worker has the policy of its own file: it reads what a customer's program sent, and reaches nothing."""
RELAYS: Final = 8
"""Relays that are remembered: a broker has one, or moves to another."""
REASON: Final = 60
"""Characters of a close reason: RFC 6455 allows 123 bytes."""
_BODY_LIMIT: Final = 1024 * 1024
_PASSED_UP: Final = ("accept", "accept-language", "content-type")
_PASSED_DOWN: Final = ("content-type", "content-disposition", "retry-after")


class Guard:
    """Lets in only this run's browser: the token once, then a cookie; this host and this origin alone."""

    def __init__(self, app: ASGIApp, origin: str, token: str) -> None:
        self.app, self.origin = app, origin
        self._token, self._cookie = token, secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if self._opens(scope, headers):
            answer = RedirectResponse("/console/", status_code=303)
            answer.set_cookie(COOKIE, self._cookie, httponly=True, samesite="strict")
            await answer(scope, receive, send)
        elif self._allows(scope, headers):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocket(scope, receive, send).close(4403)
        else:
            text = "Open this page with the address that “relevo console” printed."
            await PlainTextResponse(text, status_code=403)(scope, receive, send)

    def _opens(self, scope: Scope, headers: dict[str, str]) -> bool:
        path = scope["path"]
        if scope["type"] != "http" or not path.startswith("/open/") or not self._here(headers):
            return False
        if not self._token or not hmac.compare_digest(path.removeprefix("/open/").encode(), self._token.encode()):
            return False
        self._token = ""
        return True

    def _allows(self, scope: Scope, headers: dict[str, str]) -> bool:
        cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";"))
        known = hmac.compare_digest(cookies.get(COOKIE, "").encode(), self._cookie.encode())
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        own = headers.get("origin", self.origin if reads else "") == self.origin
        return known and own and self._here(headers)

    def _here(self, headers: dict[str, str]) -> bool:
        """A name that leads to loopback is not enough: the Host must be the address that was printed."""
        return headers.get("host", "") == urlsplit(self.origin).netloc


class Upstream:
    """The broker, as this process sees it: one cookie jar, one certificate check."""

    def __init__(self, way: Way) -> None:
        self._way, self.origin = way, way.origin
        self._http = way.http()
        self._relays: dict[str, str] = {}
        """Path of ours → the whole address that a ticket named."""

    async def close(self) -> None:
        """Close the connections to the broker."""
        await self._http.aclose()

    async def call(self, request: Request) -> Response:
        """Pass on one call of the HTTP API."""
        body = await request.body()
        if len(body) > _BODY_LIMIT:
            return _refusal(413, "too_large", "That is more than the service takes.")
        headers = {name: value for name in _PASSED_UP if (value := request.headers.get(name))}
        headers["origin"] = self.origin
        try:
            answer = await self._http.request(
                request.method, request.url.path, params=request.url.query.encode(), content=body, headers=headers
            )
        except httpx.HTTPError as error:
            return _refusal(502, "unreachable", f"The service can't be reached: {error}")
        kept = {name: value for name in _PASSED_DOWN if (value := answer.headers.get(name))}
        return Response(answer.content, status_code=answer.status_code, headers=kept)

    def socket(self, path: str) -> AbstractAsyncContextManager[ClientConnection]:
        """A socket to the broker, signed in by the cookie of this process, or to a relay, which is shown nothing.

        Raises `Unreachable` for a relay that no ticket named; entering it, for one without TLS off loopback.
        """
        if path == CONTROL:
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._http.cookies.jar)
            return self._way.socket(path, {"Cookie": cookies, "Origin": self.origin})
        address = path if path == RELAY else self._relays.get(path)
        if address is None:
            raise Unreachable(path, "the service has named no such relay")
        return self._way.socket(address)

    def for_the_page(self, frame: str) -> str:
        """A control message as the page gets it: a ticket to a relay elsewhere names a path of ours."""
        if '"ticket"' not in frame:
            return frame
        try:
            message = TO_CONSOLE.read(frame)
        except ProtocolError:
            return frame  # the page judges it
        if not isinstance(message, Ticket) or message.relay_url.startswith("/"):
            return frame
        path = f"{RELAY}/{b64url(sha256(message.relay_url.encode()))}"
        self._relays.pop(path, None)
        self._relays[path] = message.relay_url
        while len(self._relays) > RELAYS:
            del self._relays[next(iter(self._relays))]
        return to_text(msgspec.structs.replace(message, relay_url=path))


def create_app(upstream: Upstream, page: Path, own_origin: str, token: str) -> ASGIApp:
    """The whole server: `page` is the folder of the built console, `own_origin` where this run listens."""

    async def call(request: Request) -> Response:
        return await upstream.call(request)

    async def socket(websocket: WebSocket) -> None:
        await _join(websocket, upstream)

    async def config(_request: Request) -> Response:
        return JSONResponse({"public_origin": upstream.origin})

    async def start(_request: Request) -> Response:
        return RedirectResponse("/console/")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await upstream.close()

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    inner = Starlette(
        routes=[
            Route("/", start),
            Route("/console/config.json", config),
            Mount("/console", _WithPolicy(StaticFiles(directory=page, html=True))),
            Route("/api/v1/{rest:path}", call, methods=methods),
            WebSocketRoute(CONTROL, socket),
            WebSocketRoute(RELAY, socket),
            WebSocketRoute(RELAY + "/{name}", socket),
        ],
        lifespan=lifespan,
    )
    return Guard(inner, own_origin, token)


class _WithPolicy:
    """Adds the page's security headers to what is served from disk (pairing rule 12)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        policy = SCRIPT_POLICY if str(scope["path"]).endswith(".js") else POLICY

        async def with_policy(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                assert isinstance(headers, list)
                headers += [
                    (b"content-security-policy", policy.encode()),
                    (b"referrer-policy", b"no-referrer"),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        await self.app(scope, receive, with_policy)  # type: ignore[arg-type]  # a message is a mutable mapping


async def _join(websocket: WebSocket, upstream: Upstream) -> None:
    """Copy both ways until either side closes; the close code goes on to the other."""
    await websocket.accept()
    path = websocket.url.path
    change = upstream.for_the_page if path == CONTROL else str
    try:
        async with upstream.socket(path) as line, asyncio.TaskGroup() as group:
            down = group.create_task(_down(line, websocket, change))
            up = group.create_task(_up(websocket, line))
            await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
            down.cancel()
            up.cancel()
    except* WrongCertificate as wrong:
        await websocket.close(1013, str(wrong.exceptions[0])[:REASON])
    except* (Unreachable, websockets.WebSocketException):
        await websocket.close(1013, "The service can't be reached.")


async def _down(line: ClientConnection, websocket: WebSocket, change: Callable[[str], str]) -> None:
    try:
        async for message in line:
            await (websocket.send_text(change(message)) if isinstance(message, str) else websocket.send_bytes(message))
    except websockets.ConnectionClosedError:
        pass
    await websocket.close(line.close_code if line.close_code not in (None, 1005, 1006) else 1011)


async def _up(websocket: WebSocket, line: ClientConnection) -> None:
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            await line.send(message["bytes"] if text is None else text)
    except (WebSocketDisconnect, websockets.ConnectionClosed):
        return


def _refusal(status: int, word: str, sentence: str) -> Response:
    return JSONResponse({"error": word, "message": sentence}, status_code=status)
