"""Wires the broker: one application from settings, a clock and the folder of the built console.  No rule lives here.

Every feature's router is included by name.  A route that declares no permission keeps the application from being made.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from broker.agents import endpoints as agents
from broker.alerts import endpoints as alerts
from broker.appointments import endpoints as appointments
from broker.appointments import page as appointment_page
from broker.clock import Clock, SystemClock
from broker.contracts import endpoints as contracts
from broker.customers import endpoints as customers
from broker.dashboard import endpoints as dashboard
from broker.http import REFUSALS, LimitBodies, SecurityHeaders, answer_refusals
from broker.invoices import endpoints as invoices
from broker.log import endpoints as log_endpoints
from broker.mail import endpoints as mail
from broker.metrics import CountRequests
from broker.operators import endpoints as operators
from broker.opinions import endpoints as opinions
from broker.opinions import page as opinion_page
from broker.orders import checklist_endpoints
from broker.orders import endpoints as orders
from broker.organisations import endpoints as organisations
from broker.pages import endpoints as pages
from broker.pages import health
from broker.pages.console import console_router
from broker.pairing import endpoints as pairing
from broker.permissions import check_every_route
from broker.plane import Plane
from broker.policies import endpoints as policies
from broker.queue import endpoints as queue
from broker.relay import endpoints as relay
from broker.services import Services
from broker.sessions import endpoints as sessions
from broker.settings import Settings
from broker.store.schema import upgrade
from broker.suspicions import endpoints as suspicions
from broker.tickets import endpoints as tickets
from broker.tickets import page as ticket_page
from broker.tickets import public as public_tickets
from broker.wiring import build_services
from broker.work import endpoints as work


def create_app(settings: Settings, *, clock: Clock | None = None, web_dist: Path | None = None) -> FastAPI:
    """The whole broker.  `web_dist`: the folder of the built console.

    Raises `SettingsRefused` and `UndeclaredPermission`.
    """
    services = build_services(settings, clock or SystemClock())
    app = FastAPI(
        title="Relevo", version="1", openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan,
        redirect_slashes=False, routes=_routes(),
    )  # fmt: skip
    app.state.services, app.state.plane = services, Plane.of(services)
    services.metrics.watch(lambda: len(list(app.state.plane.presence)), lambda: len(app.state.plane.live))
    answer_refusals(app)
    app.include_router(console_router(web_dist, settings.public_origin, settings.relay_url))
    check_every_route(app.routes)
    # The last one added sees a request first: the sender's address is put right before anything looks at it.
    app.add_middleware(LimitBodies)
    app.add_middleware(CountRequests, metrics=services.metrics)
    app.add_middleware(SecurityHeaders, secure=settings.secure)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
    return app


@cache
def _routes() -> list[BaseRoute]:
    """What every broker answers.  Routes know nothing of a broker (its services are in the request's application),
    and 150 of them take a third of a second to make: a process that starts several brokers makes them once."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(_api(), prefix="/api/v1", responses=REFUSALS)
    for sockets in (agents, pairing, relay):
        app.include_router(sockets.router)
    app.include_router(health.router)
    app.include_router(pages.router)
    app.include_router(appointment_page.router)
    app.include_router(opinion_page.router)
    app.include_router(ticket_page.router)
    app.include_router(orders.pages)
    return app.routes


def _api() -> APIRouter:
    api = APIRouter()
    api.include_router(operators.router, tags=["accounts"])
    api.include_router(organisations.router, tags=["organisation"])
    api.include_router(agents.api, tags=["agents"])
    api.include_router(sessions.router, tags=["sessions"])
    api.include_router(suspicions.router, tags=["suspicions"])
    api.include_router(alerts.router, tags=["alerts"])
    api.include_router(customers.router, tags=["customers"])
    api.include_router(orders.router, tags=["orders"])
    api.include_router(log_endpoints.router, tags=["log"])
    api.include_router(policies.router, tags=["policies"])
    api.include_router(contracts.router, tags=["contracts"])
    api.include_router(work.router, tags=["work"])
    api.include_router(dashboard.router, tags=["dashboard"])
    api.include_router(checklist_endpoints.router, tags=["orders"])
    api.include_router(invoices.router, tags=["invoices"])
    api.include_router(tickets.router, tags=["tickets"])
    api.include_router(public_tickets.router, tags=["tickets"])
    api.include_router(appointments.router, tags=["appointments"])
    api.include_router(queue.router, tags=["queue"])
    api.include_router(mail.router, tags=["mail"])
    api.include_router(opinions.router, tags=["opinions"])
    return api


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services, plane = app.state.services, app.state.plane
    assert isinstance(services, Services)
    assert isinstance(plane, Plane)
    try:
        await upgrade(services.store)
        await plane.start()
        yield
    finally:
        await plane.stop()
        services.passwords.close()
        await services.store.close()
