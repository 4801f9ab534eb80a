"""Who runs the service and on what terms, as the broker publishes it: name, logo, terms in both languages.

Counterpart: `/api/v1/public/organisations/…`.  The terms' hash is computed here, never believed.
"""

from dataclasses import dataclass

import msgspec

from client_agent.errors import LinkFailure
from client_agent.failures import FailureKind
from client_agent.link import Lines
from protocol.text import b64url, lv, sha256

TEXT = 200_000
"""Characters of terms in one language at most."""


class _Organisation(msgspec.Struct, frozen=True):
    name: str
    has_logo: bool
    terms_version: int
    terms_sha256: str


class _Terms(msgspec.Struct, frozen=True):
    version: int
    es: str
    en: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Known:
    """What was found."""

    name: str
    logo: bytes
    version: int
    sha256: str
    es: str
    en: str


def terms_sha256(version: int, es: str, en: str) -> str:
    """Names terms: what the customer accepts and the offer must carry."""
    return b64url(sha256(lv("relevo-terms-1", str(version), es, en)))


class Provider:
    """One organisation of one broker; asked once, until `forget`."""

    def __init__(self, lines: Lines, org_id: str) -> None:
        self._lines, self._path = lines, f"/api/v1/public/organisations/{org_id}"
        self._known: Known | None = None

    def forget(self) -> None:
        """What was found is out of date."""
        self._known = None

    async def ask(self) -> Known:
        """Raises `LinkFailure`."""
        if self._known is None:
            self._known = await self._fetch()
        return self._known

    async def _fetch(self) -> Known:
        try:
            organisation = msgspec.json.decode(await self._lines.fetch(self._path), type=_Organisation)
            version = organisation.terms_version
            terms = msgspec.json.decode(await self._lines.fetch(f"{self._path}/terms/{version}"), type=_Terms)
        except msgspec.MsgspecError as error:
            raise LinkFailure(FailureKind.INTERNAL, f"the organisation's description: {error}") from error
        digest = terms_sha256(version, terms.es, terms.en)
        if terms.version != version or digest != organisation.terms_sha256 or len(terms.es + terms.en) > 2 * TEXT:
            raise LinkFailure(FailureKind.INTERNAL, "the terms are not what their hash says")
        logo = b""
        if organisation.has_logo:
            try:
                logo = await self._lines.fetch(f"{self._path}/logo")
            except LinkFailure:
                pass  # a picture is not worth failing for
        return Known(organisation.name, logo, version, digest, terms.es, terms.en)
