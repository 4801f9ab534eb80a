"""`/healthz` for whoever watches the service, `/metrics` for Prometheus."""

import hmac
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


@router.get("/metrics", dependencies=[open_to("the metrics token; without one, nobody")])
async def metrics(request: Request, services: Annotated[Services, needs_services]) -> Response:
    """Counters and gauges in Prometheus' text format; no names of people, no addresses.

    Where a request comes from proves nothing: a proxy on this computer speaks for anybody.
    """
    token = services.settings.metrics_token
    shown = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token is None or not hmac.compare_digest(shown.encode(), token.get_secret_value().encode()):
        raise NotSignedIn
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_LATEST)
