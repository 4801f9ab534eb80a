"""The customer's pages of a request: the form, whole without a script, and the ticket to come back to.

The form's answer holds the link to the ticket, this once.  Its secret stands behind the `#`, which reaches no server:
that page needs a script.  Counterparts: `public.py` (the same for programs), templates `request.html`, `ticket.html`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from broker.errors import TooMany
from broker.i18n import N_, Lang, translate
from broker.invoices import amounts
from broker.operators.throttle import REPORTS
from broker.pages.render import FOLDER, SCRIPTED, language, page
from broker.permissions import open_to
from broker.policies.schema import Policy
from broker.schemas import Identifier
from broker.services import Services, needs_services
from broker.tickets import schemas, terms
from broker.tickets.service import Opened
from broker.tickets.states import State
from broker.work.quote import knows_urgency

router = APIRouter(include_in_schema=False, dependencies=[open_to("public: a customer's request, few per address")])

Needs = Annotated[Services, needs_services]
Typed = Annotated[str, Field(max_length=20_000)]

LABELS: Final = {
    "subject": N_("What is it about?"),
    "text": N_("What happened? (optional)"),
    "contact": N_("Your name"),
    "email": N_("Your e-mail address"),
    "phone": N_("Your telephone number"),
    "company": N_("Company"),
    "tax_id": N_("Tax id"),
    "contract_number": N_("Contract number"),
    "licence_key": N_("Licence key"),
    "category": N_("Kind of request"),
    "priority": N_("How pressing is it?"),
}
"""The fields by name, in the order of the form."""
CATEGORIES: Final = {
    "incident": N_("Something does not work"),
    "question": N_("A question"),
    "advice": N_("Advice"),
}
"""The shipped policies' words; any other is shown as it is."""
PRIORITIES: Final = {"high": N_("very: I cannot work"), "medium": N_("somewhat"), "low": N_("it can wait")}


class Filled(BaseModel):
    """The form as it came, to be shown again if something is wrong with it; a ticked box says `yes`."""

    subject: Typed = ""
    text: Typed = ""
    contact: Typed = ""
    email: Typed = ""
    phone: Typed = ""
    company: Typed = ""
    tax_id: Typed = ""
    contract_number: Typed = ""
    licence_key: Typed = ""
    category: Typed = ""
    priority: Typed = ""
    urgent: Typed = ""
    accepted: Typed = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the terms in force want on a request; `tariff`: what urgent help without a contract costs (I7)."""

    lines: tuple[str, ...]
    required: frozenset[str]
    categories: dict[str, str]
    priorities: dict[str, str]
    urgent: bool
    tariff: str


@router.get("/request/{org_id}")
async def form(org_id: Identifier, request: Request, services: Needs) -> Response:
    """What the policy in force wants to know (I8)."""
    return await _page(services, request, org_id, Filled())


@router.post("/request/{org_id}")
async def ask(org_id: Identifier, request: Request, services: Needs, filled: Annotated[Filled, Form()]) -> Response:
    """Opens a ticket; with a problem the form comes back as it was filled in."""
    lang = language(request)
    try:
        body = schemas.FormBody(**_said(filled))
        await services.throttle.hit(REPORTS, "tickets", request.client.host if request.client else "unknown")
        channel = await services.tickets.form_channel((await services.organisations.get(org_id)).id)
        opened = await services.tickets.open_from_form(org_id, terms.Request(channel=channel, **body.model_dump()))
    except ValidationError as wrong:
        names = tuple(dict.fromkeys(str(error["loc"][0]) for error in wrong.errors()))
        fields = ", ".join(translate(lang, LABELS.get(name, name)) for name in names)
        problem = translate(lang, N_("Look again at: {fields}")).format(fields=fields)
        return await _page(services, request, org_id, filled, 422, problem=problem, wrong=names)
    except TooMany as refused:
        return await _page(services, request, org_id, filled, int(refused.status), problem=refused.sentence(lang))
    return await _page(services, request, org_id, filled, opened=opened)


@router.get("/ticket")
async def ticket(request: Request) -> Response:
    """The same for everyone: what it shows, its script asks for with the secret."""
    answer = page(request, "ticket.html", organisation=None)
    answer.headers["Content-Security-Policy"] = SCRIPTED
    return answer


@router.get("/pages/ticket.js")
async def script() -> Response:
    """The page's script."""
    return FileResponse(FOLDER / "static" / "ticket.js", headers={"Cache-Control": "no-cache"})


async def _page(
    services: Services, request: Request, org_id: str, filled: Filled, status: int = 200, *,
    problem: str = "", wrong: tuple[str, ...] = (), opened: Opened | None = None,
) -> Response:  # fmt: skip
    organisation, lang = await services.organisations.get(org_id), language(request)
    policy = await services.policies.in_force(org_id)
    answer = page(
        request, "request.html", status, organisation=organisation, filled=filled, problem=problem, wrong=wrong,
        wanted=_wanted(policy, lang, services.clock.utc()), made=_made(services, opened, policy, lang),
        labels={name: translate(lang, label) for name, label in LABELS.items()},
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _said(filled: Filled) -> dict[str, Any]:
    said: dict[str, Any] = filled.model_dump()
    return said | {name: said[name] == "yes" for name in ("urgent", "accepted")}


def _wanted(policy: Policy | None, lang: Lang, now: datetime) -> Wanted:
    usual = ("contact", "email", "phone")
    if policy is None:
        return Wanted(usual, frozenset(), {}, {}, False, "")
    required = frozenset(policy.tickets.required)
    known = {*usual, *required, *policy.recognised_by}
    tariff = ""
    if policy.contractless.answer == "accepted_urgent":
        hourly = policy.tariff_on(now.astimezone(policy.zone).date()).hourly
        tariff = amounts.shown(amounts.minor(hourly, policy.currency), policy.currency, lang)
        required -= {"contract_number"}  # who accepts the tariff needs none
    return Wanted(
        lines=tuple(name for name in LABELS if name in known),
        required=required,
        categories={word: translate(lang, CATEGORIES.get(word, word)) for word in policy.queue.categories},
        priorities={
            word: translate(lang, PRIORITIES[word]) for word in PRIORITIES if word in policy.tickets.priorities
        },
        urgent=knows_urgency(policy),
        tariff=tariff,
    )


def _made(services: Services, opened: Opened | None, policy: Policy | None, lang: Lang) -> dict[str, Any] | None:
    if opened is None:
        return None
    row, link = opened.row, f"/ticket?lang={lang}#{opened.token}"
    due = row.target_utc.astimezone(policy.zone) if row.target_utc and policy else None
    return {
        "number": row.number,
        "refused": schemas.reason_reply(row, lang) if row.state == State.REFUSED else None,
        "due": f"{amounts.shown_time(due, lang)} ({due.tzinfo})" if due else "",
        "link": link,
        "address": f"{services.settings.public_origin}/ticket#{opened.token}",
    }
