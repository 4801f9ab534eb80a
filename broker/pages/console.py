"""Serves the built web console, which is handed in as a folder of files: the broker imports none of it."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from starlette.responses import Response

from broker.errors import NotFound
from broker.permissions import open_to

IMMUTABLE: Final = "public, max-age=31536000, immutable"
PUBLIC: Final = open_to("public: static files; what they show comes from the API")


def policy(public_origin: str, relay_url: str = "") -> str:
    """What the page may do: our scripts, our and the relay's sockets, no frame around it (pairing rule 12)."""
    origins = [_origin(url) for url in (public_origin, relay_url) if url]
    sockets = " ".join(dict.fromkeys(f"ws{origin.removeprefix('http')}" for origin in origins))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"font-src 'self'; connect-src 'self' {sockets}; worker-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types relevo"
    )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.replace('ws', 'http', 1)}://{parts.netloc}"


def console_router(folder: Path | None, public_origin: str, relay_url: str = "") -> APIRouter:
    """The routes for the console.  `folder` None, or one without a built console: its addresses answer 404."""
    router = APIRouter(include_in_schema=False, dependencies=[PUBLIC])
    page_headers = {"Content-Security-Policy": policy(public_origin, relay_url), "Cache-Control": "no-cache"}

    @router.get("/")
    async def start() -> Response:
        return RedirectResponse("/console/", 303)

    @router.get("/setup")
    async def setup() -> Response:
        return RedirectResponse("/console/#/setup", 303)

    @router.get("/console")
    async def without_slash() -> Response:
        return RedirectResponse("/console/", 303)

    @router.get("/console/config.json")
    async def config() -> Response:
        return JSONResponse({"public_origin": public_origin})

    @router.get("/console/{path:path}")
    async def file(path: str) -> Response:
        found = inside(folder, path or "index.html")
        if found.suffix == ".html":
            return FileResponse(found, headers=page_headers)
        hashed = found.parent.name == "assets"
        # A worker has the policy of its own file: what every answer has, which allows nothing.
        return FileResponse(found, headers={"Cache-Control": IMMUTABLE if hashed else "no-cache"})

    return router


def inside(folder: Path | None, name: str) -> Path:
    """The file `name` of `folder`.  Raises `NotFound` for one that is not there, is outside, or is none."""
    if folder is None or "\x00" in name or len(name) > 1000:
        raise NotFound
    root = folder.resolve()
    try:
        found = (root / name).resolve()
        if found.is_relative_to(root) and found.is_file():
            return found
    except OSError:
        pass
    raise NotFound
