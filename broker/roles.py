"""Who may do what: roles, the permissions that each holds, and the person whom the broker takes a request for.

Roles hold within one organisation; an organisation's data is always looked up by the principal's `org_id`.  What a
route asks for is declared with `permissions.py`; this knows no web framework, so the command line starts without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from broker.errors import Forbidden


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
