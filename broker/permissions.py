"""The declaration that every route must make of who may use it.

`allow(Permission.X)` is a dependency that returns the `Principal`; `open_to("why")` declares a route that needs no
sign-in or checks another proof itself (a one-time link, an agent's signature, a relay's credential).  A route with
neither keeps the application from starting.  The roles and what they may are in `roles.py`, named here as well for the
routes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.requests import HTTPConnection, Request
from starlette.routing import BaseRoute

from broker.errors import UndeclaredPermission
from broker.roles import ALLOWED, Permission, Principal, Role

__all__ = [
    "ALLOWED", "Allowed", "Open", "Permission", "Principal", "Role", "allow", "check_every_route", "declaration",
    "open_to", "routes",
]  # fmt: skip


class Authenticator(Protocol):
    """What `allow` asks: `OperatorService` is the one."""

    async def authenticate_request(self, request: HTTPConnection) -> Principal: ...


@dataclass(frozen=True, slots=True)
class Allowed:
    """The dependency behind :func:`allow`."""

    permission: Permission

    async def __call__(self, request: Request) -> Principal:
        authenticator: Authenticator = request.app.state.services.operators
        principal = await authenticator.authenticate_request(request)
        principal.require(self.permission)
        return principal


@dataclass(frozen=True, slots=True)
class Open:
    """The dependency behind :func:`open_to`.  `why` says what stands in place of a sign-in."""

    why: str

    async def __call__(self) -> None:
        """Nothing to check here."""


Declaration = Allowed | Open


def allow(permission: Permission) -> Any:
    """Declare that a route is for accounts that hold `permission`; gives the `Principal`."""
    return Depends(Allowed(permission))


def open_to(why: str) -> Any:
    """Declare that a route is for anyone, or checks another proof itself: `why` names it."""
    return Depends(Open(why))


def routes(found: Iterable[BaseRoute]) -> Iterator[RouteContext]:
    """Every route of an application, those of included routers with their whole path."""
    return iter_route_contexts(list(found))


def declaration(route: RouteContext) -> Declaration | None:
    """What a route declared, None when nothing.  Of several the one that asks for a sign-in counts."""
    dependant: Dependant | None = getattr(route, "dependant", None)
    declared = list(_declared(dependant)) if dependant is not None else []
    return next((one for one in declared if isinstance(one, Allowed)), declared[0] if declared else None)


def check_every_route(found: Iterable[BaseRoute]) -> None:
    """Raise `UndeclaredPermission` if any route has no declaration."""
    bare = [f"{route.path} ({route.name})" for route in routes(found) if declaration(route) is None]
    if bare:
        raise UndeclaredPermission(bare)


def _declared(dependant: Dependant) -> Iterator[Declaration]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, Allowed | Open):
            yield inner.call
        yield from _declared(inner)
