"""The rules about accounts: who is on a connection, who may come in, and what ends an account's access.

What an operator does with the own account is in `sign_in`.  A link is made once, shown once and stored as a hash; its
token stands in the address's fragment, which browsers send to nobody (pairing rule 10).
"""

from datetime import timedelta
from typing import Final, Literal

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from broker.clock import Clock
from broker.errors import Conflict, LinkSpent, NotFound
from broker.i18n import N_
from broker.ids import fingerprint, new_id, new_token
from broker.operators.authentication import Authentication
from broker.operators.passwords import Passwords
from broker.operators.repository import OperatorRepository
from broker.operators.revocations import Revocations, Revoked
from broker.organisations.repository import OrganisationRepository
from broker.organisations.service import OrganisationService
from broker.roles import Principal, Role
from broker.settings import Settings
from broker.store.engine import Store
from broker.store.tables import LinkRow, OperatorRow

__all__ = ["OperatorService", "Principal", "Revocations", "Revoked"]

LinkKind = Literal["setup", "invitation", "reset"]
LIFE: Final[dict[LinkKind, timedelta]] = {
    "setup": timedelta(hours=24),
    "invitation": timedelta(days=7),
    "reset": timedelta(hours=24),
}
"""How long a link opens something."""

TAKEN: Final = N_("This e-mail address already has an account.")
LAST_ADMIN: Final = N_("This is the last administrator. Make another one first.")


class OperatorService:
    """Accounts of every organisation; each method but the command line's is bound to one organisation."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: Settings,
        passwords: Passwords,
        revocations: Revocations,
        organisations: OrganisationService,
    ) -> None:
        self._store, self._clock, self._settings = store, clock, settings
        self._passwords, self._revocations, self._organisations = passwords, revocations, organisations
        self._authentication = Authentication(store, clock, settings)

    # Who is there

    async def authenticate_request(self, request: HTTPConnection) -> Principal:
        """The principal of an HTTP request.  Raises `NotSignedIn` or `WrongOrigin`."""
        return await self._authentication.request(request)

    async def authenticate_socket(self, ws: WebSocket) -> Principal:
        """The principal of a socket not yet accepted: a cookie wants our `Origin`, a bearer none.

        Raises `NotSignedIn` (close 4401) or `WrongOrigin` (4403).  Check the permission with `Principal.require`.
        """
        return await self._authentication.socket(ws)

    async def brief(self, operator_id: str) -> tuple[OperatorRow, str]:
        """An account that has just signed in, with the name of its organisation."""
        async with self._store.reading() as session:
            repository = OperatorRepository(session)
            row = await repository.by_id(operator_id)
            if row is None:
                raise NotFound
            return row, await repository.organisation_name(row.org_id) or ""

    # Administrators

    async def everyone(self, org_id: str) -> list[OperatorRow]:
        """Every account of an organisation, oldest first."""
        async with self._store.reading() as session:
            return list(await OperatorRepository(session).of_organisation(org_id))

    async def invite(self, org_id: str, email: str, name: str, role: Role, lang: str) -> str:
        """A new account without a password, and the link that lets its owner choose one.  Raises `Conflict`."""
        async with self._store.transaction() as session:
            await _present(session, org_id)
            row = self._row(org_id, email, name, role, lang, None)
            await _add(OperatorRepository(session), row)
            return await self._link(session, "invitation", row.id)

    async def reset_link(self, org_id: str, operator_id: str) -> str:
        """A link for a new password; for an account that is still invited, a new invitation.  Older ones die."""
        async with self._store.transaction() as session:
            row = await _of_organisation(OperatorRepository(session), operator_id, org_id)
            if row.disabled:
                raise Conflict(N_("The account is disabled."))
            return await self._link(session, "reset" if row.password_hash else "invitation", row.id)

    async def change(
        self,
        org_id: str,
        operator_id: str,
        *,
        name: str | None = None,
        role: Role | None = None,
        disabled: bool | None = None,
        remove_totp: bool = False,
    ) -> OperatorRow:
        """Change an account.  Disabling ends its sign-ins, a new role closes its sockets, both before this returns.

        Raises `NotFound`, and `Conflict` for what would leave the organisation without an administrator.
        """
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            await OrganisationRepository(session).by_id_to_change(org_id)
            row = await _of_organisation(repository, operator_id, org_id)
            before = (row.role, row.disabled)
            row.name = name or row.name
            row.role = role or row.role
            row.disabled = row.disabled if disabled is None else disabled
            if remove_totp:
                row.totp_enabled, row.totp_sealed = False, None
            await session.flush()
            if before == (Role.ADMIN, False) and await repository.active_admins(org_id) == 0:
                raise Conflict(LAST_ADMIN)
            if row.disabled:
                await repository.end_sign_ins(row.id, self._clock.utc())
                await repository.drop_links("reset", row.id, self._clock.utc())
                await repository.drop_links("invitation", row.id, self._clock.utc())
        if row.disabled and not before[1]:
            await self._revocations.publish(Revoked(row.id, None, "operator_disabled"))
        elif row.role != before[0]:
            await self._revocations.publish(Revoked(row.id, None, "role_changed"))
        return row

    # One-time links

    async def accept_invitation(self, token: str, name: str, password: str) -> None:
        """The invited person chooses a password.  Raises `LinkSpent`."""
        await self._look_at_link("invitation", token)
        hashed = await self._passwords.hash(password)
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            row = await self._spend(repository, "invitation", token)
            row.name, row.password_hash = name, hashed

    async def accept_reset(self, token: str, password: str) -> None:
        """A new password; every sign-in of the account ends.  A second factor stays.  Raises `LinkSpent`."""
        await self._look_at_link("reset", token)
        hashed = await self._passwords.hash(password)
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            row = await self._spend(repository, "reset", token)
            row.password_hash = hashed
            ended = await repository.end_sign_ins(row.id, self._clock.utc())
        for sign_in_id in ended:
            await self._revocations.publish(Revoked(row.id, sign_in_id, "password_changed"))

    async def setup_is_open(self) -> bool:
        """Whether nobody administers this installation yet."""
        async with self._store.reading() as session:
            return await OperatorRepository(session).active_admins() == 0

    async def setup_link(self) -> str | None:
        """A link that makes the first administrator; None when there is one.  For a terminal, never for a log."""
        async with self._store.transaction() as session:
            if await OperatorRepository(session).active_admins() > 0:
                return None
            return await self._link(session, "setup", None)

    async def set_up(self, token: str, organisation: str, email: str, name: str, password: str, lang: str) -> None:
        """The first administrator, with an organisation, in one transaction.  Raises `LinkSpent` or `Conflict`."""
        await self._look_at_link("setup", token)
        hashed = await self._passwords.hash(password)
        async with self._store.transaction() as session:
            repository = OperatorRepository(session)
            spent = await repository.spend_link("setup", fingerprint(token), self._clock.utc())
            if spent is None or await repository.active_admins() > 0:
                raise LinkSpent
            org = await self._organisations.add_within(session, organisation)
            await _add(repository, self._row(org.id, email, name, Role.ADMIN, lang, hashed))

    # The command line

    async def add(self, org_id: str, email: str, name: str, role: Role, password: str) -> str:
        """An account that can sign in at once; its id.  Raises `NotFound` (no such organisation) or `Conflict`."""
        hashed = await self._passwords.hash(password)
        async with self._store.transaction() as session:
            await _present(session, org_id)
            row = self._row(org_id, email, name, role, "es", hashed)
            await _add(OperatorRepository(session), row)
            return row.id

    def _row(self, org_id: str, email: str, name: str, role: Role, lang: str, hashed: str | None) -> OperatorRow:
        return OperatorRow(
            id=new_id(), org_id=org_id, email=email, name=name, role=role, lang=lang, password_hash=hashed,
            totp_sealed=None, totp_enabled=False, totp_last_step=0, disabled=False, created_utc=self._clock.utc(),
            last_seen_utc=None,
        )  # fmt: skip

    async def _link(self, session: AsyncSession, kind: LinkKind, operator_id: str | None) -> str:
        repository, token, now = OperatorRepository(session), new_token(), self._clock.utc()
        await repository.drop_links(kind, operator_id, now)
        await repository.add_link(
            LinkRow(
                token_sha256=fingerprint(token),
                kind=kind,
                operator_id=operator_id,
                expires_utc=now + LIFE[kind],
                used_utc=None,
            )
        )
        return f"{self._settings.public_origin}/console/#/{kind}?token={token}"

    async def _look_at_link(self, kind: LinkKind, token: str) -> None:
        """Raise `LinkSpent` before any work is put into a token that opens nothing."""
        async with self._store.reading() as session:
            if not await OperatorRepository(session).link_opens(kind, fingerprint(token), self._clock.utc()):
                raise LinkSpent

    async def _spend(self, repository: OperatorRepository, kind: LinkKind, token: str) -> OperatorRow:
        link = await repository.spend_link(kind, fingerprint(token), self._clock.utc())
        row = await repository.by_id(link.operator_id) if link and link.operator_id else None
        if row is None or row.disabled:
            raise LinkSpent
        return row


async def _present(session: AsyncSession, org_id: str) -> None:
    if await OrganisationRepository(session).by_id(org_id) is None:
        raise NotFound(N_("There is no such organisation."))


async def _add(repository: OperatorRepository, row: OperatorRow) -> None:
    try:
        await repository.add(row)
    except IntegrityError:
        raise Conflict(TAKEN) from None


async def _of_organisation(repository: OperatorRepository, operator_id: str, org_id: str) -> OperatorRow:
    row = await repository.by_id(operator_id, org_id)
    if row is None:
        raise NotFound
    return row
