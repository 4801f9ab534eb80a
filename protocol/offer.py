"""The offer: what a session is about and what it costs, as the broker puts it and both ends bind it into their key.

Travels as exact bytes (`PairOffer.offer`); nobody re-serialises it.  The price is put into words locally from `Tariff`
(pairing rule 5).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol.control import Permission
from protocol.fields import Count, Identifier, Key, ShortText, whole


class Tariff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A price per hour of connected time.  `unit_minor` in the currency's minor unit; minutes are whole; tax in per
    cent."""

    currency: Annotated[str, Meta(pattern=whole("[A-Z]{3}"))]
    unit_minor: Count
    minimum_minutes: Count
    increment_minutes: Annotated[int, Meta(ge=1, le=1440)]
    tax_percent: Annotated[str, Meta(pattern=whole(r"[0-9]{1,2}(\.[0-9]{1,2})?"))]


class Charging(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the provider's policy says about the price of this session.

    `covers`: `tariff` per hour; `covered` by a contract; `balance`: from `minutes_left`, then the tariff by the minute;
    `fixed`: `Tariff.unit_minor` once, for about `expected_minutes`; `free`.  `weight`: what an hour counts as now.
    """

    covers: Literal["tariff", "covered", "balance", "fixed", "free"]
    minutes_left: Count
    expected_minutes: Count
    weight: Annotated[str, Meta(pattern=whole(r"[0-9]{1,3}(\.[0-9]{1,3})?"))]


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tariff` is None when there is no price per hour; `price_note` is the organisation's own sentence, or empty.

    `charging` is None where the organisation has no policy; then `tariff` None means that no price is set.
    """

    operator_id: Identifier
    operator_name: ShortText
    org_id: Identifier
    org_name: ShortText
    service: ShortText
    tariff: Tariff | None
    price_note: ShortText
    terms_version: Count
    terms_sha256: Key
    wanted: tuple[Permission, ...]
    inactivity_s: Count
    charging: Charging | None = None
