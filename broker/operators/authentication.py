"""Who is behind a request or a socket: the cookie or bearer it carries, and the page it comes from (pairing rule 7).

A browser sends the cookie by itself, whichever page asks; so with a cookie the `Origin` must be ours for everything but
reading, and for every socket.  A bearer is put there by a program on purpose; a page never has one, so a socket with a
bearer must have no `Origin`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocket

from broker.clock import Clock
from broker.errors import NotSignedIn, WrongOrigin
from broker.i18n import preferred
from broker.ids import fingerprint
from broker.operators.repository import LiveSignIn, OperatorRepository
from broker.roles import Permission, Principal, Role
from broker.settings import Settings
from broker.store.engine import Store
from broker.store.tables import SignInRow

COOKIE: Final = "relevo_session"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SEEN_EVERY: Final = timedelta(minutes=1)
"""How fine `last_seen` is: not every request is a write."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a connection carries as proof."""

    token: str
    is_cookie: bool


class Authentication:
    """Finds the principal of a connection, or raises `NotSignedIn` or `WrongOrigin`."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store, self._clock, self._settings = store, clock, settings

    async def request(self, request: HTTPConnection) -> Principal:
        """The principal of an HTTP request, who reads the language that it asks for, otherwise the account's."""
        shown = _shown(request)
        if shown.is_cookie and request.scope["method"] not in READING:
            require_origin(request, self._settings)
        principal, wanted = await self._principal(shown), request.headers.get("accept-language")
        return replace(principal, lang=preferred(wanted)) if wanted else principal

    async def socket(self, socket: WebSocket) -> Principal:
        """The principal of a WebSocket that has not been accepted yet."""
        shown = _shown(socket)
        if shown.is_cookie:
            require_origin(socket, self._settings)
        else:
            refuse_origin(socket)
        principal = await self._principal(shown)
        principal.require(Permission.SIGNED_IN)
        return principal

    async def _principal(self, shown: Shown) -> Principal:
        async with self._store.reading() as session:
            live = await OperatorRepository(session).live_sign_in(fingerprint(shown.token))
        now = self._clock.utc()
        if live is None or live.operator.disabled or is_over(live.sign_in, now, self._settings):
            raise NotSignedIn
        if now - live.sign_in.last_seen_utc >= SEEN_EVERY:
            async with self._store.transaction() as session:
                await OperatorRepository(session).seen(live.sign_in.id, live.operator.id, now)
        return _principal(live)


def is_over(sign_in: SignInRow, now: datetime, settings: Settings) -> bool:
    """Whether a sign-in that nobody has ended has run out by itself."""
    life, idle = timedelta(seconds=settings.sign_in_life), timedelta(seconds=settings.sign_in_idle)
    return now - sign_in.created_utc >= life or now - sign_in.last_seen_utc >= idle


def require_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Raise `WrongOrigin` unless exactly our own page sent this."""
    if connection.headers.getlist("origin") != [settings.public_origin]:
        raise WrongOrigin


def refuse_origin(connection: HTTPConnection) -> None:
    """Raise `WrongOrigin` if any page sent this: agents, relays and programs are none."""
    if connection.headers.getlist("origin"):
        raise WrongOrigin


def set_cookie(response: Response, token: str, settings: Settings) -> None:
    """Give the browser its sign-in; no script can read it and no other site sends it."""
    response.set_cookie(
        COOKIE, token, max_age=settings.sign_in_life, path="/", secure=settings.secure, httponly=True, samesite="strict"
    )


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the browser's sign-in away."""
    response.delete_cookie(COOKIE, path="/", secure=settings.secure, httponly=True, samesite="strict")


def _shown(connection: HTTPConnection) -> Shown:
    scheme, _, value = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return Shown(value.strip(), is_cookie=False)
    if cookie := connection.cookies.get(COOKIE):
        return Shown(cookie, is_cookie=True)
    raise NotSignedIn


def _principal(live: LiveSignIn) -> Principal:
    operator = live.operator
    return Principal(
        operator_id=operator.id, name=operator.name, email=operator.email, role=Role(operator.role),
        org_id=operator.org_id, org_name=live.org_name, sign_in_id=live.sign_in.id, lang=operator.lang,
    )  # fmt: skip
