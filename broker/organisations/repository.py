"""The queries about organisations and their terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.store.tables import OrganisationRow, TermsRow


@dataclass(frozen=True, slots=True)
class Logo:
    """An image as it was stored, with its verified media type."""

    data: bytes
    media_type: str


class OrganisationRepository:
    """Bound to one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, row: OrganisationRow) -> None:
        self._session.add(row)
        await self._session.flush()

    async def all(self) -> Sequence[OrganisationRow]:
        return (await self._session.scalars(select(OrganisationRow).order_by(OrganisationRow.created_utc))).all()

    async def by_id(self, org_id: str) -> OrganisationRow | None:
        return await self._session.get(OrganisationRow, org_id)

    async def by_id_to_change(self, org_id: str) -> OrganisationRow | None:
        """Locked until the transaction ends."""
        return await self._session.get(OrganisationRow, org_id, with_for_update=True)

    async def logo(self, org_id: str) -> Logo | None:
        columns = select(OrganisationRow.logo, OrganisationRow.logo_type).where(OrganisationRow.id == org_id)
        found = (await self._session.execute(columns)).one_or_none()
        return Logo(found[0], found[1]) if found is not None and found[0] is not None and found[1] is not None else None

    async def set_logo(self, org_id: str, logo: Logo | None) -> None:
        values: dict[str, Any] = {"logo": logo and logo.data, "logo_type": logo and logo.media_type}
        await self._session.execute(update(OrganisationRow).where(OrganisationRow.id == org_id).values(**values))

    async def add_terms(self, row: TermsRow) -> None:
        self._session.add(row)
        await self._session.flush()

    async def present_terms(self, org_id: str) -> TermsRow | None:
        newest = select(TermsRow).where(TermsRow.org_id == org_id).order_by(TermsRow.version.desc()).limit(1)
        return (await self._session.scalars(newest)).one_or_none()

    async def terms(self, org_id: str, version: int) -> TermsRow | None:
        return await self._session.get(TermsRow, (org_id, version))

    async def terms_history(self, org_id: str) -> Sequence[TermsRow]:
        every = select(TermsRow).where(TermsRow.org_id == org_id).order_by(TermsRow.version.desc())
        return (await self._session.scalars(every)).all()
