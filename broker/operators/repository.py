"""The queries about accounts, sign-ins and one-time links."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.roles import Role
from broker.store.tables import LinkRow, OperatorRow, OrganisationRow, SignInRow


@dataclass(frozen=True, slots=True)
class LiveSignIn:
    """A sign-in that has not been ended, with its account and the name of its organisation."""

    sign_in: SignInRow
    operator: OperatorRow
    org_name: str


class OperatorRepository:
    """Bound to one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Accounts

    async def add(self, row: OperatorRow) -> None:
        self._session.add(row)
        await self._session.flush()

    async def by_email(self, email: str) -> OperatorRow | None:
        return (await self._session.scalars(select(OperatorRow).where(OperatorRow.email == email))).one_or_none()

    async def by_id(self, operator_id: str, org_id: str | None = None) -> OperatorRow | None:
        """The account; with `org_id` only if it belongs to that organisation.  Locked until the transaction ends."""
        wanted = select(OperatorRow).where(OperatorRow.id == operator_id).with_for_update()
        if org_id is not None:
            wanted = wanted.where(OperatorRow.org_id == org_id)
        return (await self._session.scalars(wanted)).one_or_none()

    async def of_organisation(self, org_id: str) -> Sequence[OperatorRow]:
        everyone = (
            select(OperatorRow).where(OperatorRow.org_id == org_id).order_by(OperatorRow.created_utc, OperatorRow.id)
        )
        return (await self._session.scalars(everyone)).all()

    async def organisation_name(self, org_id: str) -> str | None:
        return await self._session.scalar(select(OrganisationRow.name).where(OrganisationRow.id == org_id))

    async def active_admins(self, org_id: str | None = None) -> int:
        """Administrators who can sign in, of one organisation or of all."""
        count = select(func.count()).where(
            OperatorRow.role == Role.ADMIN, OperatorRow.disabled.is_(False), OperatorRow.password_hash.is_not(None)
        )
        return await self._session.scalar(count if org_id is None else count.where(OperatorRow.org_id == org_id)) or 0

    async def spend_totp_step(self, operator_id: str, step: int) -> bool:
        """Mark a code as used, in one statement, so that two requests cannot both use it."""
        spend = update(OperatorRow).where(OperatorRow.id == operator_id, OperatorRow.totp_last_step < step)
        spent = await self._session.execute(spend.values(totp_last_step=step).returning(OperatorRow.id))
        return spent.one_or_none() is not None

    # Sign-ins

    async def add_sign_in(self, row: SignInRow) -> None:
        self._session.add(row)
        await self._session.flush()

    async def live_sign_in(self, token_sha256: bytes) -> LiveSignIn | None:
        wanted = (
            select(SignInRow, OperatorRow, OrganisationRow.name)
            .join(OperatorRow, SignInRow.operator_id == OperatorRow.id)
            .join(OrganisationRow, OperatorRow.org_id == OrganisationRow.id)
            .where(SignInRow.token_sha256 == token_sha256, SignInRow.ended_utc.is_(None))
        )
        found = (await self._session.execute(wanted)).one_or_none()
        return LiveSignIn(*found) if found is not None else None

    async def sign_ins(self, ids: Collection[str]) -> list[tuple[SignInRow, OperatorRow]]:
        """These sign-ins with their accounts, ended or not."""
        wanted = select(SignInRow, OperatorRow).join(OperatorRow, SignInRow.operator_id == OperatorRow.id)
        return [(row[0], row[1]) for row in await self._session.execute(wanted.where(SignInRow.id.in_(ids)))]

    async def seen(self, sign_in_id: str, operator_id: str, now: datetime) -> None:
        await self._session.execute(update(SignInRow).where(SignInRow.id == sign_in_id).values(last_seen_utc=now))
        await self._session.execute(update(OperatorRow).where(OperatorRow.id == operator_id).values(last_seen_utc=now))

    async def end_sign_ins(
        self, operator_id: str, now: datetime, *, only: str | None = None, but: str | None = None
    ) -> list[str]:
        """End the account's sign-ins: all, `only` one, or all `but` one.  Returns those that were live."""
        end = update(SignInRow).where(SignInRow.operator_id == operator_id, SignInRow.ended_utc.is_(None))
        if only is not None:
            end = end.where(SignInRow.id == only)
        if but is not None:
            end = end.where(SignInRow.id != but)
        return list(await self._session.scalars(end.values(ended_utc=now).returning(SignInRow.id)))

    # One-time links

    async def add_link(self, row: LinkRow) -> None:
        self._session.add(row)
        await self._session.flush()

    async def link_opens(self, kind: str, token_sha256: bytes, now: datetime) -> bool:
        """Whether `spend_link` would find it now."""
        live = select(LinkRow.kind).where(
            LinkRow.token_sha256 == token_sha256,
            LinkRow.kind == kind,
            LinkRow.used_utc.is_(None),
            LinkRow.expires_utc > now,
        )
        return (await self._session.scalars(live)).one_or_none() is not None

    async def spend_link(self, kind: str, token_sha256: bytes, now: datetime) -> LinkRow | None:
        """Use a link up, in one statement; None if there is none, it was used or is too old."""
        spend = update(LinkRow).where(
            LinkRow.token_sha256 == token_sha256,
            LinkRow.kind == kind,
            LinkRow.used_utc.is_(None),
            LinkRow.expires_utc > now,
        )
        return (await self._session.scalars(spend.values(used_utc=now).returning(LinkRow))).one_or_none()

    async def drop_links(self, kind: str, operator_id: str | None, now: datetime) -> None:
        """An older link of the same kind opens nothing any more."""
        older = update(LinkRow).where(LinkRow.kind == kind, LinkRow.used_utc.is_(None))
        same = LinkRow.operator_id.is_(None) if operator_id is None else LinkRow.operator_id == operator_id
        await self._session.execute(older.where(same).values(used_utc=now))
