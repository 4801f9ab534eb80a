"""Who may do what: roles, permissions, and the declaration that every route must make.

`allow(Permission.X)` is a dependency that returns the `Principal`; `open_to("why")` declares a route that needs no
sign-in or checks another proof itself (a one-time link, an agent's signature, a relay's credential).  A route with
neither keeps the application from starting.  Roles hold within one organisation; an organisation's data is always
looked up by the principal's `org_id`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.requests import HTTPConnection, Request
from starlette.routing import BaseRoute

from broker.errors import Forbidden, UndeclaredPermission


class Role(StrEnum):
    """What an account is within its organisation."""

    OPERATOR = "operator"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One thing that an account can be allowed to do."""

    SIGNED_IN = "signed_in"
    CONNECT = "connect"
    SESSIONS_OWN = "sessions_own"
    SESSIONS_ALL = "sessions_all"
    SESSIONS_ERASE = "sessions_erase"
    OPERATORS_MANAGE = "operators_manage"
    ORGANISATION_MANAGE = "organisation_manage"
    TERMS_READ = "terms_read"
    SUSPICIONS_READ = "suspicions_read"
    SUSPICIONS_HANDLE = "suspicions_handle"
    ALERTS_READ = "alerts_read"
    LOG_READ = "log_read"
    RECORDS_READ = "records_read"
    RECORDS_WRITE = "records_write"
    BILLING_READ = "billing_read"
    BILLING_WRITE = "billing_write"


_P = Permission
ALLOWED: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.OPERATOR: frozenset({_P.SIGNED_IN, _P.CONNECT, _P.SESSIONS_OWN, _P.RECORDS_READ, _P.RECORDS_WRITE}),
    Role.AUDITOR: frozenset({
        _P.SIGNED_IN, _P.SESSIONS_OWN, _P.SESSIONS_ALL, _P.TERMS_READ, _P.SUSPICIONS_READ, _P.ALERTS_READ, _P.LOG_READ,
        _P.RECORDS_READ, _P.BILLING_READ,
    }),
    Role.ADMIN: frozenset(Permission),
}  # fmt: skip
"""`SESSIONS_OWN` opens the lists of sessions; whoever lacks `SESSIONS_ALL` is shown their own."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom the broker takes a request for."""

    operator_id: str
    name: str
    email: str
    role: Role
    org_id: str
    org_name: str
    sign_in_id: str
    lang: str

    def may(self, permission: Permission) -> bool:
        """Whether the role holds `permission`."""
        return permission in ALLOWED[self.role]

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the role holds `permission`."""
        if not self.may(permission):
            raise Forbidden


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
