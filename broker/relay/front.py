"""The HTTP of `relevo relay`: reads the head of a request and gives the connection to whoever it is for.

Counterpart: `link.py`, which says what each path means.  Plain asyncio; the request is parsed by the library
(`websockets`).  A head that is not there within `limits.HELLO`, is too long or is none is answered and closed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Final

from websockets.exceptions import HeaderLineTooLong, RequestLineTooLong, TooManyHeaders
from websockets.http11 import Request
from websockets.streams import StreamReader

from broker.relay.opening import answer
from protocol import limits

HEAD: Final = 16 * 1024
"""Bytes of a request's head at most."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Arrival:
    """A connection whose request has come; it is not read any more.  `address`: of who connected, perhaps a proxy;
    `data`: everything that came, `rest` its end."""

    transport: asyncio.Transport
    address: str
    request: Request
    data: bytes
    rest: bytes

    @property
    def path(self) -> str:
        return self.request.path.partition("?")[0]

    def sender(self, proxies: Sequence[Network]) -> str:
        """Who counts for it: behind one of `proxies`, the last address that none of them is."""
        said = [one.strip() for line in self.request.headers.get_all("X-Forwarded-For") for one in line.split(",")]
        passed = [*said, self.address]
        return next((one for one in reversed(passed) if not _within(one, proxies)), passed[0])

    def answer(self, status: HTTPStatus, body: str = "") -> None:
        """Answer as HTTP, and close."""
        self.transport.write(answer(status, body))
        self.transport.close()


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


class Front(asyncio.Protocol):
    """One connection until its request is read; then `arrived` has it.  `seen`: what another process read of it."""

    def __init__(self, arrived: Callable[[Arrival], None], seen: bytes = b"") -> None:
        self._arrived, self._before = arrived, seen
        self._stream, self._seen = StreamReader(), bytearray()
        self._request = Request.parse(self._stream.read_line)
        self._transport: asyncio.Transport | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._patience = asyncio.get_running_loop().call_later(limits.HELLO, transport.abort)
        if self._before:
            self.data_received(self._before)

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return  # it is answered, and closing
        self._seen += data
        self._stream.feed_data(data)
        try:
            next(self._request)
        except StopIteration as whole:
            self._hand_over(whole.value)
        except (RequestLineTooLong, HeaderLineTooLong, TooManyHeaders):
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        except (ValueError, NotImplementedError, EOFError):
            self._refuse(HTTPStatus.BAD_REQUEST)
        else:
            if len(self._seen) > HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()

    def _hand_over(self, request: Request) -> None:
        transport = self._done()
        if transport is None or transport.is_closing():
            return
        transport.pause_reading()
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else "unknown"
        self._arrived(Arrival(transport, address, request, bytes(self._seen), bytes(self._stream.buffer)))

    def _refuse(self, status: HTTPStatus) -> None:
        if (transport := self._done()) is not None:
            transport.write(answer(status))
            transport.close()

    def _done(self) -> asyncio.Transport | None:
        if self._patience is not None:
            self._patience.cancel()
        transport, self._transport = self._transport, None
        return transport
