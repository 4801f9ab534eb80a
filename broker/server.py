"""Runs the application under uvicorn with the limits that it relies on."""

import socket
from typing import Final

import uvicorn
from starlette.applications import Starlette

from broker.handover import PublicProtocol
from broker.settings import Settings

SOCKET_MESSAGE: Final = 70_000
"""Bytes: above a record and a control frame, so that theirs is the limit that answers (4413)."""
STOP: Final = 10
"""Seconds that open requests and sockets get when the broker is told to stop."""


class _Server(uvicorn.Server):
    """Tells the application that it is to stop before any connection is closed; its lifespan hears it only after."""

    def __init__(self, config: uvicorn.Config, app: Starlette) -> None:
        super().__init__(config)
        self._application = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._application.state.plane.leave()
        await self._application.state.plane.hang_up()
        await super().shutdown(sockets)


def server(app: Starlette, settings: Settings) -> uvicorn.Server:
    """Ready to `run()`.  Compression is off: records are incompressible, and it would tell about secrets (CRIME)."""
    return _Server(
        uvicorn.Config(
            app,
            host=settings.bind,
            port=settings.port,
            http=PublicProtocol,
            ws="websockets-sansio",
            ws_max_size=SOCKET_MESSAGE,
            ws_per_message_deflate=False,
            ws_ping_interval=20,
            ws_ping_timeout=20,
            proxy_headers=False,  # done in `broker.app`, for the listed proxies only
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=STOP,
            h11_max_incomplete_event_size=32 * 1024,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        ),
        app,
    )
