"""`/healthz` for whoever watches the service, `/metrics` for Prometheus."""

import hmac
import ipaddress
from typing import Annotated

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from broker.errors import NotSignedIn
from broker.permissions import open_to
from broker.services import Services, needs_services

router = APIRouter(include_in_schema=False)


@router.get("/healthz", dependencies=[open_to("public: says only that it works")])
async def healthz(services: Annotated[Services, needs_services]) -> dict[str, str]:
    """200 when requests are answered and the database is reached."""
    async with services.store.reading() as session:
        await session.execute(text("SELECT 1"))
    return {"status": "ok"}


@router.get("/metrics", dependencies=[open_to("the metrics token, or loopback when none is set")])
async def metrics(request: Request, services: Annotated[Services, needs_services]) -> Response:
    """Counters and gauges in Prometheus' text format; no names of people, no addresses."""
    token = services.settings.metrics_token
    if token is not None:
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        allowed = hmac.compare_digest(shown.encode(), token.get_secret_value().encode())
    else:
        allowed = _from_this_computer(request)
    if not allowed:
        raise NotSignedIn
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _from_this_computer(request: Request) -> bool:
    """Loopback, and not through a proxy on this computer that speaks for somebody else."""
    if "x-forwarded-for" in request.headers:
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
