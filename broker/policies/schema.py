"""The schema of a policy file: everything in which one provider's service differs from another's.

Counterparts: the files beside it (`quasar.toml` …), `files.py` (reads them, names file, key and reason of a mistake),
`broker/rating/engine.py` and `hours.py` (do what they say).  A `clause` names the article of the provider's terms
that a rule carries out; explanations quote it.  Durations say their unit in their name.  Must never hold behaviour.
"""

import itertools
from datetime import date
from typing import Annotated, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

import holidays
from babel.numbers import get_currency_precision, is_currency
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from broker.policies.clock_time import ClockTime, Day, Days, clock
from broker.policies.exact import Amount, Ratio, positive

Kind = Literal["session", "phone", "email", "chat", "onsite"]
"""How time was spent."""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Channel = Literal["ticket", "email", "web", "phone", "chat", "session", "onsite"]
"""How a request comes in."""
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
Clause = Annotated[str, Field(pattern=r"^[A-Z]\d{1,2}$", description="the article of the provider's terms behind it")]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
Sentence = Annotated[str, Field(min_length=1, max_length=500)]
Minutes = Annotated[int, Field(ge=0, le=1_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class Part(BaseModel):
    """A part of a policy: closed, and never changed once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)


class Bilingual(Part):
    """A sentence for people, in both languages."""

    es: Sentence
    en: Sentence


class Tax(Part):
    """The tax on top of the net prices of an invoice."""

    name: Sentence
    percent: Ratio


class Window(Part):
    """Served hours: on `days`, from `opens` (in) until `closes` (out), in the provider's zone; 24:00 is midnight."""

    days: Days
    opens: ClockTime
    closes: ClockTime
    weight: Annotated[Ratio, Field(description="what one hour counts as")] = Ratio(1)
    extraordinary: Annotated[
        bool, Field(description="served when someone is free; targets and next openings do not count it")
    ] = False
    clause: Clause | None = None

    @field_validator("weight")
    @classmethod
    def _above_zero(cls, weight: Ratio) -> Ratio:
        return positive(weight)  # type: ignore[no-any-return]

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.closes <= self.opens:
            raise ValueError("closes must be later than opens")
        return self


class Holidays(Part):
    """Days that count as a Sunday: a country's national public holidays, some added, some dropped."""

    country: Annotated[str, Field(pattern="^[A-Z]{2}$", description="ISO 3166 code, as the library holidays has it")]
    add: tuple[date, ...] = ()
    drop: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.country not in holidays.list_supported_countries():
            raise ValueError(f"no holidays are known for {self.country}")
        if both := set(self.add) & set(self.drop):
            raise ValueError(f"{min(both)} is both added and dropped")
        return self


class Hours(Part):
    """When the provider serves."""

    windows: Annotated[tuple[Window, ...], Field(min_length=1)]
    holidays: Holidays | None = None
    clause: Clause | None = None

    @model_validator(mode="after")
    def _apart(self) -> Self:
        for day in Day:
            on_day = sorted((w.opens, w.closes) for w in self.windows if day in w.days)
            for (_, closes), (opens, _) in itertools.pairwise(on_day):
                if opens < closes:
                    raise ValueError(f"two windows of {day.value} overlap at {clock(opens)}")
        return self


class Price(Part):
    """An amount before tax.  `example`: the provider's terms give none, so this one stands until theirs is set."""

    net: Amount
    example: bool = False


class Tariff(Part):
    """The hourly price in force from a day on, with what it counts at least and in what steps."""

    since: date | None = None
    """Its first day in the provider's zone; None: from the beginning."""
    hourly: Amount
    example: bool = False
    minimum_minutes: Minutes = 0
    increment_minutes: Count = 1
    clause: Clause | None = None


class Size(Part):
    """One size in which a plan is sold."""

    minutes: Count
    price: Price


class Plan(Part):
    """What a contract grants."""

    title: Bilingual
    clause: Clause | None = None
    requests: tuple[Channel, ...] = CHANNELS
    """By which channels the customer may ask for help."""
    requests_clause: Clause | None = None
    kinds: tuple[Kind, ...] = KINDS
    """By what means the work may be done."""
    kinds_clause: Clause | None = None
    balance: Literal["none", "block", "monthly"] = "none"
    """`none`: nothing to count; `block`: bought once; `monthly`: granted each month from the start day, and lapses."""
    minimum_minutes: Minutes = 0
    increment_minutes: Count = 1
    counting_clause: Clause | None = None
    months: tuple[Count, ...] = ()
    """For how long it may be bought; empty: as agreed."""
    sizes: dict[Slug, Size] = {}
    renewal: Literal["never", "automatic"] = "never"
    queue_rank: Count = 100
    """Lower is served first."""
    priority: Annotated[int | None, Field(ge=1, le=9, description="the number that the provider's terms give it")] = (
        None
    )
    first_answer_hours: Annotated[int | None, Field(ge=1, description="target, in support hours")] = None


class Contractless(Part):
    """What happens without a contract in force."""

    answer: Literal["tariff", "accepted_urgent", "refused", "order"]
    """`accepted_urgent`: at the tariff if urgent and accepted beforehand; `order`: a prepaid service is needed."""
    clause: Clause
    exception_clause: Clause | None = None
    queue_rank: Count = 1000


class AddedMinutes(Part):
    """Minutes that something adds, or costs."""

    minutes: Count
    clause: Clause


class Share(Part):
    """A percentage that is added."""

    percent: Ratio
    clause: Clause


class OnSite(Part):
    """Work at the customer's place.  `refused`: the clause by which there is none."""

    refused: Clause | None = None
    clause: Clause | None = None
    minimum_local_minutes: Minutes = 0
    minimum_elsewhere_minutes: Minutes = 0
    factor_of_plan: Ratio = Ratio(1)
    """An hour on site counts as so many hours of a plan."""


class FreeAllowance(Part):
    """Short help that costs nothing, so many times a calendar week."""

    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    up_to_minutes: Count
    per_week: Count
    clause: Clause


class Warranty(Part):
    """Free repair of one's own work."""

    business_days: Count
    clause: Clause


class Appointments(Part):
    """Agreed starts.  What is absent costs nothing and ends nothing by itself."""

    wait_minutes: Count | None = None
    """How long the technician waits before a missing customer is a no-show."""
    cancel_hours: Count | None = None
    """Until how long before it may be cancelled for nothing."""
    no_show: AddedMinutes | None = None
    late_cancel: AddedMinutes | None = None
    begins_by: ClockTime | None = None
    """Regular appointments begin no later than this."""
    clause: Clause | None = None


class ChecklistItem(Part):
    """One thing to do in a service.  `when`: only in this case."""

    text: Bilingual
    when: Literal["always", "server", "virus"] = "always"


class Service(Part):
    """A one-off service with a price of its own: a work order."""

    title: Bilingual
    price: Price | None = None
    """None: quoted per case."""
    expected_minutes: Count | None = None
    region: Sentence | None = None
    local_only: Annotated[Clause | None, Field(description="only in the region, by this clause")] = None
    local_only_on_site: Annotated[Clause | None, Field(description="on site only in the region, by this clause")] = None
    closes_after_working_days: Count | None = None
    """After it was delivered, without a fault reported: then it is done by itself."""
    checklist: tuple[ChecklistItem, ...] = ()
    clause: Clause | None = None


class Reach(Part):
    """A way to reach support: a telephone number, an e-mail address, a page."""

    title: Bilingual
    where: Sentence
    example: bool = False


class Orders(Part):
    """Prepaid one-off services."""

    missing: Clause
    unknown: Clause
    reach: tuple[Reach, ...] = ()
    """What the page of a paid order shows besides the program."""
    services: Annotated[dict[Slug, Service], Field(min_length=1)]


class Queue(Part):
    """Who is served first: compared by each of `by` in turn."""

    by: tuple[Literal["channel", "plan", "priority", "category", "arrival"], ...] = ("arrival",)
    channels: tuple[Channel, ...] = ()
    categories: tuple[Slug, ...] = ()
    clauses: tuple[Clause, ...] = ()


class Tickets(Part):
    """Numbered requests."""

    channels: tuple[Channel, ...] = CHANNELS
    """By which a request may come in."""
    required: tuple[Literal["contract_number", "contact", "phone", "company", "tax_id"], ...] = ()
    close_after_hours: Count | None = None
    """Clock hours after the provider's last answer without one from the customer."""
    first_answer_hours: Annotated[int | None, Field(ge=1, description="target, in support hours")] = None
    priorities: dict[Literal["low", "medium", "high"], Count] = {}
    """Target of the first answer by priority, in support hours."""
    urgent_answer_hours: Annotated[int | None, Field(ge=1, description="target when urgent, in support hours")] = None
    excluded_work: tuple[Bilingual, ...] = ()
    """Work that is not done, for a technician to name when a request is refused."""
    excluded_clause: Clause | None = None
    clause: Clause | None = None


class Issuer(Part):
    """Who stands on an invoice as its sender, where the organisation's name does not say it all."""

    name: Sentence
    tax_id: Annotated[str, Field(max_length=40)] = ""
    address: Annotated[str, Field(max_length=400)] = ""


class Invoices(Part):
    """How bills are made and what happens when they are not paid."""

    prefix: Annotated[str, Field(pattern="^[A-Z]{1,6}$")]
    issuer: Issuer | None = None
    due_days: Count = 30
    delinquent_after_days: Count | None = None
    refuse_delinquent: bool = False
    cancelled_unpaid_at_month_end: bool = False
    change_within_month: bool = False
    change_fee_with_tax: Amount | None = None
    overpayment_fee_percent: Ratio = Ratio(0)
    clauses: tuple[Clause, ...] = ()


class Refunds(Part):
    """When a purchase is given back."""

    within_hours: Count
    over_minutes: Count
    fee_percent: Ratio
    paid_within_working_hours: Count
    clause: Clause


class Rent(Part):
    """Plans that are paid by the month or year, and what an unpaid one leads to."""

    plans: tuple[Slug, ...]
    suspended_on_day: Count
    reconnection_percent_yearly: Ratio
    reconnection_percent_monthly: Ratio
    cancel_notice_days: Count
    clause: Clause


class Policy(Part):
    """One provider's terms, as the software carries them out."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,39}$")]
    title: Sentence
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    time_zone: str
    answers_in: tuple[Literal["es", "en"], ...] = ("es", "en")
    terms_version: Annotated[int, Field(ge=1)] | Literal["newest"] = "newest"
    """The version of the organisation's terms of service that customers accept; it must have been published."""
    bandwidth_floor_kbit: Annotated[int | None, Field(ge=0, le=10_000_000)] = None
    """The least in each direction; absent: the organisation's own setting."""
    recording: Literal["never", "with_consent"] = "never"
    """Whether sessions may be recorded; Relevo cannot record yet, so that none is, whatever stands here."""
    oldest_agent_major: Annotated[int, Field(ge=0)] = 0
    recognised_by: tuple[Literal["contract_number", "email", "licence_key"], ...] = ("contract_number", "email")
    free_of_charge: Clause | None = None
    """All work is free, by this clause."""
    tax: Tax
    hours: Hours
    contractless: Contractless
    plans: dict[Slug, Plan] = {}
    tariffs: tuple[Tariff, ...] = ()
    covered_work: Annotated[Clause | None, Field(description="work outside the contract is at the tariff by it")] = None
    urgent: AddedMinutes | None = None
    report: Share | None = None
    on_site: OnSite = OnSite()
    free_allowance: FreeAllowance | None = None
    warranty: Warranty | None = None
    appointments: Appointments | None = None
    orders: Orders | None = None
    queue: Queue = Queue()
    tickets: Tickets = Tickets()
    invoices: Invoices
    refunds: Refunds | None = None
    rent: Rent | None = None

    @field_validator("currency")
    @classmethod
    def _a_currency(cls, code: str) -> str:
        if not is_currency(code):
            raise ValueError(f"{code} is no ISO 4217 currency")
        return code

    @field_validator("time_zone")
    @classmethod
    def _a_zone(cls, key: str) -> str:
        if key not in available_timezones():
            raise ValueError(f"{key} is no time zone of the IANA database")
        return key

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        days = [tariff.since or date.min for tariff in self.tariffs]
        if days != sorted(set(days)) or date.min not in days[:1] + [date.min] * (not days):
            raise ValueError("tariffs: the first has no “since”, and each begins later than the one before")
        if self.contractless.answer == "order" and self.orders is None:
            raise ValueError("contractless: an order is needed, but there are no orders")
        if not self.tariffs and self.free_of_charge is None and self.orders is None:
            raise ValueError("tariffs: work that no contract covers has no price")
        if self.rent and (unknown := set(self.rent.plans) - set(self.plans)):
            raise ValueError(f"rent.plans: there is no plan {min(unknown)}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The provider's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def minor_digits(self) -> int:
        """Decimal places of the currency: 2, or 0 for the Chilean peso."""
        return get_currency_precision(self.currency)

    def tariff_on(self, day: date) -> Tariff:
        """The tariff in force on a day of the provider's zone.  Raises `LookupError` where there is none at all."""
        in_force = [tariff for tariff in self.tariffs if tariff.since is None or tariff.since <= day]
        if not in_force:
            raise LookupError("this policy has no tariff")
        return in_force[-1]
