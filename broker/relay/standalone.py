"""Runs one process of `relevo relay`: its port, its link, and an orderly end when it is told to stop."""

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from broker.errors import SettingsRefused
from broker.relay.front import Arrival, Front
from broker.relay.link import RelaySettings, StandaloneRelay
from broker.tasks import Tasks
from protocol import limits


@asynccontextmanager
async def listening(
    relay: StandaloneRelay, settings: RelaySettings, bound: socket.socket | None = None
) -> AsyncIterator[None]:
    """Its port is open while the block runs; then every line is closed.  Raises what `open_port` raises."""
    server = await open_port(relay.arrived, settings, bound)
    try:
        yield
    finally:
        server.close()
        await relay.server.stop()


async def open_port(
    arrived: Callable[[Arrival], None], settings: RelaySettings, bound: socket.socket | None = None
) -> asyncio.Server:
    """Give every request to `arrived`.  `bound`: a socket instead of the settings' port.

    Raises `OSError` for a port that is taken, `SettingsRefused` for a certificate that is none.
    """
    loop, tls = asyncio.get_running_loop(), _tls(settings)

    def front() -> Front:
        return Front(arrived)

    patience = limits.HELLO if tls else None
    if bound is not None:
        return await loop.create_server(front, sock=bound, ssl=tls, ssl_handshake_timeout=patience)
    return await loop.create_server(front, settings.bind, settings.port, ssl=tls, ssl_handshake_timeout=patience)


async def serve(relay: StandaloneRelay, settings: RelaySettings) -> None:
    """Run a relay until the process is told to stop."""
    told = stop_signal()
    tasks = Tasks()
    async with listening(relay, settings):
        tasks.start(relay.run(), "relay link")
        await told.wait()
    await tasks.close()


def stop_signal() -> asyncio.Event:
    """Set when the process is told to stop: Ctrl-C, or what a service manager sends."""
    told = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    return told


def _tls(settings: RelaySettings) -> ssl.SSLContext | None:
    if settings.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsRefused(
            f"no certificate can be read from {settings.tls_certificate} ({error.strerror})"
        ) from None
    return context
