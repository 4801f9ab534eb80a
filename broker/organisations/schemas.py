"""What the organisation's endpoints take and give.  Bodies are closed: an unknown field is refused."""

from typing import Annotated

from pydantic import Field

from broker.schemas import Body, Line, Line0, Prose, Reply, UtcTime
from protocol import limits


class TariffBody(Body):
    """`protocol.offer.Tariff`: a price per hour of connected time, in the currency's minor unit."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    unit_minor: Annotated[int, Field(ge=0, le=10**9)]
    minimum_minutes: Annotated[int, Field(ge=0, le=1440)]
    increment_minutes: Annotated[int, Field(ge=1, le=1440)]
    tax_percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]


class OrganisationReply(Reply):
    """The organisation as its own people see it.  `fixed_by_policy`: what the policy in force decides, by name."""

    id: str
    name: str
    services: tuple[str, ...]
    tariff: TariffBody | None
    price_note: str
    bandwidth_floor_kbit: int
    inactivity_s: int
    terms_version: int
    has_logo: bool
    fixed_by_policy: tuple[str, ...]


class OrganisationPatch(Body):
    """What an administrator can change; a field that is absent stays.  `tariff` null: no price set."""

    name: Line = ""
    services: Annotated[tuple[Line, ...], Field(max_length=100, strict=False)] = ()
    tariff: TariffBody | None = None
    price_note: Line0 = ""
    bandwidth_floor_kbit: Annotated[int, Field(ge=0, le=1_000_000)] = limits.BANDWIDTH_FLOOR_KBIT
    inactivity_s: Annotated[int, Field(ge=60, le=24 * 3600)] = int(limits.INACTIVITY_DEFAULT)


class TermsBody(Body):
    """A new version, in both languages."""

    es: Prose
    en: Prose


class TermsCreated(Reply):
    """The version that now holds."""

    version: int
    sha256: str


class TermsItem(Reply):
    """One line of the history of the terms."""

    version: int
    created_utc: UtcTime
    by: str
    sha256: str


class TermsList(Reply):
    """Newest first."""

    items: tuple[TermsItem, ...]


class TermsReply(Reply):
    """The whole text of one version."""

    version: int
    es: str
    en: str
    sha256: str


class PublicOrganisation(Reply):
    """What anyone may know: an agent checks it against its build."""

    name: str
    has_logo: bool
    terms_version: int
    terms_sha256: str
