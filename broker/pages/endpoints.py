"""The public pages, whole without a script: guided download (Q9), terms (Q8), report of a suspicion (Q12)."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from broker.errors import TooMany
from broker.i18n import N_, translate
from broker.operators.throttle import REPORTS
from broker.pages.downloads import Platform
from broker.pages.render import FOLDER, language, page
from broker.permissions import open_to
from broker.schemas import Identifier, Line0, Report
from broker.services import Services, needs_services

router = APIRouter(include_in_schema=False, dependencies=[open_to("public: pages for customers")])

Needs = Annotated[Services, needs_services]

SYSTEMS: Final[dict[Platform, str]] = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
CHECKS: Final[dict[Platform, str]] = {
    "linux": "sha256sum",
    "windows": "certutil -hashfile",
    "macos": "shasum -a 256",
}
FILE_HEADERS: Final = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-cache"}

_text, _contact = TypeAdapter(Report), TypeAdapter(Line0)


@router.get("/pages/style.css")
async def style() -> Response:
    """The pages' one style sheet."""
    return FileResponse(FOLDER / "static" / "style.css", headers={"Cache-Control": "no-cache"})


@router.get("/download")
async def choose(request: Request, services: Needs) -> Response:
    """With one provider on this installation, its page; of several none is named here."""
    only = await services.organisations.only_one()
    if only is not None:
        return RedirectResponse(f"/download/{only}", 303)
    return page(request, "choose.html", organisation=None)


@router.get("/download/{org_id}")
async def download(org_id: Identifier, request: Request, services: Needs) -> Response:
    """Step by step from the file to ID and password (Q9)."""
    organisation = await services.organisations.get(org_id)
    programs = await asyncio.to_thread(services.downloads.programs, organisation.id)
    return page(request, "download.html", organisation=organisation, programs=programs, systems=SYSTEMS, checks=CHECKS)


@router.get("/download/{org_id}/files/{name}")
async def file(org_id: Identifier, name: str, services: Needs) -> Response:
    """One program, or a file that goes with it; always saved, never shown."""
    found = services.downloads.file(org_id, name)
    return FileResponse(found, media_type="application/octet-stream", filename=found.name, headers=FILE_HEADERS)


@router.get("/terms/{org_id}")
async def terms(org_id: Identifier, request: Request, services: Needs) -> Response:
    """The terms that hold now, in the reader's language (Q8)."""
    organisation = await services.organisations.get(org_id)
    row = await services.organisations.terms(org_id, organisation.terms_version)
    text = row.es if language(request) == "es" else row.en
    return page(request, "terms.html", organisation=organisation, terms=row, paragraphs=text.split("\n\n"))


@router.get("/report/{org_id}")
async def report_form(org_id: Identifier, request: Request, services: Needs) -> Response:
    """The form for a report (Q12)."""
    organisation = await services.organisations.get(org_id)
    return page(request, "report.html", organisation=organisation, received="", problem="", text="", contact="")


@router.post("/report/{org_id}")
async def report(
    org_id: Identifier,
    request: Request,
    services: Needs,
    text: Annotated[str, Form(max_length=20_000)] = "",
    contact: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    """Store a report; with a problem the form comes back as it was filled in."""
    organisation = await services.organisations.get(org_id)
    address = request.client.host if request.client else "unknown"
    lang, received, problem, status = language(request), "", "", 200
    try:
        said, reach = _text.validate_python(text), _contact.validate_python(contact)
        await services.throttle.hit(REPORTS, "reports", address)
        received = await services.suspicions.report_from_page(org_id, said, reach, None, address)
    except ValidationError:
        problem, status = translate(lang, N_("Write in a few words what happened, as plain text.")), 422
    except TooMany as refused:
        problem, status = refused.sentence(lang), int(refused.status)
    return page(
        request, "report.html", status, organisation=organisation, received=received, problem=problem,
        text=text, contact=contact,
    )  # fmt: skip
