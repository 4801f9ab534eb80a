"""The page behind an invitation's link: date, time, and how to cancel (I10, I11).

Unlike the other pages it needs a script: the secret stands behind the `#` of the link, which reaches no server (R7).
"""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.responses import Response

from broker.pages.render import FOLDER, SCRIPTED, page
from broker.permissions import open_to

router = APIRouter(include_in_schema=False, dependencies=[open_to("public: the page of an invitation, without it")])


@router.get("/appointment")
async def invitation(request: Request) -> Response:
    """The same for everyone: what it shows, its script asks for with the secret."""
    answer = page(request, "appointment.html", organisation=None)
    answer.headers["Content-Security-Policy"] = SCRIPTED
    return answer


@router.get("/pages/appointment.js")
async def script() -> Response:
    """The page's script."""
    return FileResponse(FOLDER / "static" / "appointment.js", headers={"Cache-Control": "no-cache"})
