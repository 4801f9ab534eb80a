"""What every HTTP answer has in common: how a refusal reads, the security headers, what reaches the log.

A refusal is `{"error": "<stable word>", "message": "<sentence in the reader's language>"}`.  Nothing that was sent is
ever repeated in an answer, and an unexpected failure shows nothing of its cause.
"""

from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.errors import (
    BrokerError,
    Malformed,
    NotFound,
    Refused,
    TooLarge,
    TooMany,
    Unacceptable,
)
from broker.i18n import N_, preferred
from broker.pages.render import language, page
from broker.schemas import Reply

log = structlog.get_logger(__name__)

MAX_BODY: Final = 64 * 1024
"""Bytes of a request's body, where its route says nothing else."""

HSTS: Final = "max-age=31536000"


class ErrorReply(Reply):
    """Every refusal."""

    error: str
    message: str


class WrongMethod(Refused):
    """Something is there, but not for this method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    word = "wrong_method"
    text = N_("That cannot be done at this address.")


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"model": ErrorReply, "description": "Refused; nothing changed."}
}
"""What any route of the API may answer, for its description."""

_BY_STATUS: Final[dict[int, type[Refused]]] = {
    400: Malformed, 404: NotFound, 405: WrongMethod, 413: TooLarge, 415: Malformed, 431: TooLarge,
}  # fmt: skip


def answer_refusals(app: FastAPI) -> None:
    """Give every kind of failure its one form."""
    app.add_exception_handler(BrokerError, _own)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _frameworks)
    app.add_exception_handler(Exception, _unexpected)


def refusal(request: Request, error: BrokerError) -> Response:
    """An error as an answer, in the reader's language."""
    answer = _as_page(request, error) if _wants_page(request) else _as_json(request, error)
    answer.headers["Cache-Control"] = "no-store"
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _wants_page(request: Request) -> bool:
    """A person followed a link to a page; everything under `/api` is for programs."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


def _as_page(request: Request, error: BrokerError) -> Response:
    sentence = error.sentence(language(request))
    return page(request, "refusal.html", error.status, organisation=None, sentence=sentence)


def _as_json(request: Request, error: BrokerError) -> Response:
    lang = preferred(request.headers.get("accept-language"))
    body = {"error": error.word, "message": error.sentence(lang)}
    return JSONResponse(body, error.status, {"Content-Language": lang})


async def _own(request: Request, error: Exception) -> Response:
    assert isinstance(error, BrokerError)
    if not isinstance(error, Refused):
        log.error("request_failed", path=_route(request), exc_info=error)
        return refusal(request, BrokerError())
    return refusal(request, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    kinds = {found["type"] for found in error.errors()}
    if kinds <= {"json_invalid", "missing", "model_attributes_type"} and "json_invalid" in kinds:
        return refusal(request, Malformed())
    places = sorted(
        {".".join(str(part) for part in found["loc"][1:] if isinstance(part, str)) for found in error.errors()}
    )
    known = [place for place in places if place]
    if "extra_forbidden" in kinds or not known:  # a field that the sender named is not repeated
        return refusal(request, Unacceptable())
    return refusal(request, Unacceptable(N_("A value cannot be taken: {fields}"), fields=", ".join(known)))


async def _frameworks(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = refusal(request, _BY_STATUS.get(error.status_code, Malformed)())
    if allowed := (error.headers or {}).get("Allow"):
        answer.headers["Allow"] = allowed
    return answer


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=_route(request), exc_info=error)
    return refusal(request, BrokerError())


def _route(request: Request) -> str:
    """The route's pattern: an address as it was sent may hold anything."""
    return getattr(request.scope.get("route"), "path_format", "")


class LimitBodies:
    """Refuses a body over `MAX_BODY`, or over what its route says.  The framework counts; the answer has our form.

    Sits inside `SecurityHeaders`, which the framework's own place for its limit would be outside of.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = RequestBodyLimitMiddleware(app, MAX_BODY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        replaced = False

        async def send_in_our_form(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_frameworks_refusal(message):
                replaced = True
                await refusal(Request(scope), TooLarge())(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app(scope, receive, send_in_our_form)


def _is_frameworks_refusal(start: Message) -> bool:
    plain = Headers(raw=start["headers"]).get("content-type", "").startswith("text/plain")
    return plain and start["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class SecurityHeaders:
    """Adds to every answer what keeps a browser strict (pairing rule 12).

    A page that says nothing else may load nothing at all; whoever serves one gives it its own policy.
    """

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
                if self._secure:
                    headers["Strict-Transport-Security"] = HSTS
            await send(message)

        await self._app(scope, receive, send_with_headers)
