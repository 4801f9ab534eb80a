"""A server of uvicorn's within the test's own loop: it answers when the block begins, and is gone when it ends."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn


@asynccontextmanager
async def served(server: uvicorn.Server, *listening: socket.socket) -> AsyncIterator[None]:
    """What `server.serve()` does, step by step: that has no event for having begun, and looks for its end now and then.

    `listening`: the sockets to serve, instead of the settings' address.
    """
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    sockets = list(listening) or None
    await server.startup(sockets)
    ticking = asyncio.create_task(server.main_loop())
    try:
        yield
    finally:
        ticking.cancel()
        await server.shutdown(sockets)
