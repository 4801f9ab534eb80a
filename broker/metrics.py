"""Counters and gauges, one registry per application.  Labels are closed sets of words: never a person or an ID."""

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds."""


class Metrics:
    """What `/metrics` shows; other features add theirs to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "relevo_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "relevo_http_seconds", "Time to answer.", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.sign_ins = Counter("relevo_sign_ins", "Attempts to sign in.", ["result"], registry=self.registry)
        self._agents = Gauge("relevo_agents", "Customers' programs that are known now.", registry=self.registry)
        self._sessions = Gauge("relevo_sessions", "Sessions that have not ended.", registry=self.registry)

    def watch(self, agents: Callable[[], int], sessions: Callable[[], int]) -> None:
        """Ask these whenever somebody looks."""
        self._agents.set_function(agents)
        self._sessions.set_function(sessions)


class CountRequests:
    """Counts and times every HTTP request, by the route's pattern and not by the address that was asked for."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path_format", None) or "none"
            method = scope["method"] if scope["method"] in ("GET", "POST", "PATCH", "PUT", "DELETE") else "other"
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)
