"""The rules about organisations: what they are, who may change them is the endpoints' declaration.

Every method is one transaction.  What it gives is frozen and safe to keep, but `get` again for each new session: an
administrator may have changed the price since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.errors import Conflict, NotFound
from broker.i18n import N_
from broker.ids import new_id
from broker.organisations.logo import checked_logo
from broker.organisations.repository import Logo, OrganisationRepository
from broker.organisations.terms import default_terms, terms_sha256
from broker.policies.repository import PolicyRepository
from broker.policies.service import engine_of
from broker.store.engine import Store
from broker.store.tables import OrganisationRow, TermsRow
from protocol import limits
from protocol.offer import Tariff

DEFAULT_SERVICES = ("Soporte general",)


@dataclass(frozen=True, slots=True)
class Organisation:
    """A provider, with what holds now: its policy where that says something, else its own settings.

    `tariff` None: no price set.  `fixed`: the fields that the policy in force decides.
    """

    id: str
    name: str
    services: tuple[str, ...]
    tariff: Tariff | None
    price_note: str
    bandwidth_floor_kbit: int
    inactivity_s: int
    terms_version: int
    terms_sha256: str
    has_logo: bool
    fixed: tuple[str, ...]


class OrganisationService:
    """Reads and changes organisations."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def get(self, org_id: str) -> Organisation:
        """The organisation as it is now.  Raises `NotFound`."""
        async with self._store.reading() as session:
            return await _organisation(session, org_id)

    async def only_one(self) -> str | None:
        """The ID of the organisation of an installation that has just one; None when there are none or several."""
        async with self._store.reading() as session:
            found = await OrganisationRepository(session).all()
        return found[0].id if len(found) == 1 else None

    async def list_all(self) -> list[Organisation]:
        """Every provider of this installation, oldest first: for the command line, never for a request."""
        async with self._store.reading() as session:
            return [await _organisation(session, row.id) for row in await OrganisationRepository(session).all()]

    async def add(self, name: str) -> Organisation:
        """A new organisation with the default terms."""
        async with self._store.transaction() as session:
            return await self.add_within(session, name)

    async def add_within(self, session: AsyncSession, name: str) -> Organisation:
        """The same within a transaction that the caller holds (the first administrator's)."""
        repository = OrganisationRepository(session)
        org_id, now = new_id(), self._clock.utc()
        await repository.add(
            OrganisationRow(
                id=org_id, name=name, services=list(DEFAULT_SERVICES), tariff=None, price_note="", logo=None,
                logo_type=None, bandwidth_floor_kbit=limits.BANDWIDTH_FLOOR_KBIT,
                inactivity_s=int(limits.INACTIVITY_DEFAULT), created_utc=now,
            )
        )  # fmt: skip
        await repository.add_terms(self._terms_row(org_id, 1, default_terms("es"), default_terms("en"), by="Relevo"))
        return await _organisation(session, org_id)

    async def change(self, org_id: str, values: Mapping[str, Any]) -> Organisation:
        """Set the given fields, already validated (`OrganisationPatch`).  Raises `Conflict` for what a policy fixes."""
        async with self._store.transaction() as session:
            row = await OrganisationRepository(session).by_id_to_change(org_id)
            if row is None:
                raise NotFound
            present = await _organisation(session, org_id)
            for name, value in values.items():
                if name not in present.fixed:
                    setattr(row, name, list(value) if isinstance(value, tuple) else value)
                elif value != getattr(present, name):
                    raise Conflict(N_("The policy in force says this: adopt another policy to change it."))
            await session.flush()
            return await _organisation(session, org_id)

    async def set_logo(self, org_id: str, data: bytes | None) -> None:
        """Store an image, or with None take it away.  Raises `Unacceptable` for what is no small PNG, JPEG or WebP."""
        logo = None if data is None else Logo(data, checked_logo(data))
        async with self._store.transaction() as session:
            await OrganisationRepository(session).set_logo(org_id, logo)

    async def logo(self, org_id: str) -> Logo:
        """Raises `NotFound` when there is none."""
        async with self._store.reading() as session:
            found = await OrganisationRepository(session).logo(org_id)
        if found is None:
            raise NotFound
        return found

    async def add_terms(self, org_id: str, es: str, en: str, by: str) -> TermsRow:
        """The next version, in force at once unless the policy in force names another."""
        async with self._store.transaction() as session:
            repository = OrganisationRepository(session)
            if await repository.by_id_to_change(org_id) is None:
                raise NotFound
            present = await repository.present_terms(org_id)
            row = self._terms_row(org_id, (present.version if present else 0) + 1, es, en, by)
            await repository.add_terms(row)
            return row

    async def terms(self, org_id: str, version: int) -> TermsRow:
        """Raises `NotFound`."""
        async with self._store.reading() as session:
            found = await OrganisationRepository(session).terms(org_id, version)
        if found is None:
            raise NotFound
        return found

    async def terms_history(self, org_id: str) -> list[TermsRow]:
        """Every version, newest first."""
        async with self._store.reading() as session:
            return list(await OrganisationRepository(session).terms_history(org_id))

    def _terms_row(self, org_id: str, version: int, es: str, en: str, by: str) -> TermsRow:
        digest, now = terms_sha256(version, es, en), self._clock.utc()
        return TermsRow(org_id=org_id, version=version, es=es, en=en, sha256=digest, by=by, created_utc=now)


async def _organisation(session: AsyncSession, org_id: str) -> Organisation:
    repository = OrganisationRepository(session)
    row, adopted = await repository.by_id(org_id), await PolicyRepository(session).in_force(org_id)
    policy = engine_of(adopted.text).policy if adopted else None
    pinned = policy.terms_version if policy and policy.terms_version != "newest" else None
    terms = await (repository.present_terms(org_id) if pinned is None else repository.terms(org_id, pinned))
    if row is None or terms is None:
        raise NotFound
    floor = policy.bandwidth_floor_kbit if policy else None
    said = {"bandwidth_floor_kbit": floor, "terms_version": pinned}
    return Organisation(
        id=row.id, name=row.name, services=tuple(row.services), tariff=Tariff(**row.tariff) if row.tariff else None,
        price_note=row.price_note, bandwidth_floor_kbit=row.bandwidth_floor_kbit if floor is None else floor,
        inactivity_s=row.inactivity_s, terms_version=terms.version, terms_sha256=terms.sha256,
        has_logo=row.logo_type is not None, fixed=tuple(name for name, value in said.items() if value is not None),
    )  # fmt: skip
