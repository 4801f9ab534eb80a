"""The page behind a receipt's link, on which the customer rates the help.

It needs a script: the secret stands behind the `#` of the link, which reaches no server.
"""

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.responses import Response

from broker.pages.render import FOLDER, SCRIPTED, page
from broker.permissions import open_to

router = APIRouter(include_in_schema=False, dependencies=[open_to("public: the page of a rating, without it")])


@router.get("/opinion")
async def opinion(request: Request) -> Response:
    """The same for everyone."""
    answer = page(request, "opinion.html", organisation=None)
    answer.headers["Content-Security-Policy"] = SCRIPTED
    return answer


@router.get("/pages/opinion.js")
async def script() -> Response:
    """The page's script."""
    return FileResponse(FOLDER / "static" / "opinion.js", headers={"Cache-Control": "no-cache"})
