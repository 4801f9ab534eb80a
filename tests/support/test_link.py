"""The user-space line: rate and delay by a clock in hand, order and completeness over real sockets."""

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.link import HEADERS, QUEUE, SEGMENT, Link, Shape, Wire


def test_a_full_queue_leaves_at_the_rate_headers_included() -> None:
    wire, now, arrived = Wire(Shape(kbit=1024, rtt_ms=40)), 5.0, []
    for _ in range(500):
        now = max(now, wire.full_until(now))
        arrived.append(wire.put(SEGMENT, now))
    seconds = arrived[-1] - arrived[0]
    assert 499 * (SEGMENT + HEADERS) * 8 / seconds == pytest.approx(1_024_000)
    assert wire.carried == 500 * SEGMENT


def test_a_lone_segment_takes_its_own_time_and_half_the_round_trip() -> None:
    wire = Wire(Shape(kbit=256, rtt_ms=200))
    assert wire.put(SEGMENT, 7.0) == pytest.approx(7.0 + (SEGMENT + HEADERS) / 32_000 + 0.1)
    assert wire.put(10, 9.0) == pytest.approx(9.0 + (10 + HEADERS) / 32_000 + 0.1), "it waits for nobody"


def test_the_queue_is_bounded() -> None:
    wire, put = Wire(Shape(kbit=1024)), 0
    while wire.full_until(0.0) <= 0.0:
        wire.put(SEGMENT, 0.0)
        put += SEGMENT + HEADERS
    assert QUEUE - SEGMENT - HEADERS <= put <= QUEUE
    assert wire.full_until(0.0) == pytest.approx((put - QUEUE + SEGMENT + HEADERS) / 128_000)


def test_a_line_that_becomes_slower_takes_the_longer_for_what_waits() -> None:
    wire = Wire(Shape(kbit=8000))
    for _ in range(10):
        wire.put(SEGMENT, 1.0)
    before = wire.waits(1.0)
    wire.reshape(1000, 1.0)
    assert wire.waits(1.0) == pytest.approx(8 * before)
    assert wire.put(SEGMENT, 1.0) == pytest.approx(1.0 + 8 * before + (SEGMENT + HEADERS) / 125_000)


def test_without_a_rate_nothing_waits() -> None:
    wire = Wire(Shape())
    assert wire.put(1 << 20, 3.0) == 3.0
    assert wire.full_until(3.0) <= 3.0


@asynccontextmanager
async def echoed(shape: Shape, **options: bool) -> AsyncIterator[tuple[Link, list[tuple[int, int]]]]:
    """A line to a server that sends everything back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    counts: list[tuple[int, int]] = []
    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        link = Link(port, shape, counted=lambda there, back, _: counts.append((there, back)), **options)
        running = asyncio.create_task(link.run())
        yield link, counts
        running.cancel()


async def there_and_back(port: int, data: bytes, greeting: bytes = b"") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    if greeting:
        writer.write(greeting)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")

    async def send() -> None:
        writer.write(data)
        await writer.drain()
        writer.write_eof()

    sending = asyncio.create_task(send())
    back = await reader.read()
    await sending
    writer.close()
    return back


@pytest.mark.parametrize("shape", [Shape(), Shape(kbit=8000, rtt_ms=20)])
async def test_everything_arrives_in_its_order_on_each_connection(shape: Shape) -> None:
    chance = random.Random(3)
    sent = [chance.randbytes(size) for size in (300_000, 70_001, 1)]
    async with echoed(shape) as (link, counts):
        back = await asyncio.gather(*(there_and_back(link.port, data) for data in sent))
    assert [hashlib.sha256(one).digest() for one in back] == [hashlib.sha256(one).digest() for one in sent]
    assert counts[-1] == (370_002, 370_002)


async def test_a_line_is_no_faster_than_its_rate_and_no_nearer_than_its_delay() -> None:
    data = bytes(200_000)
    async with echoed(Shape(kbit=4000, rtt_ms=60)) as (link, _):
        began = time.monotonic()
        await there_and_back(link.port, b"x")
        assert time.monotonic() - began >= 0.06
        began = time.monotonic()
        await there_and_back(link.port, data)
        assert time.monotonic() - began >= len(data) * 8 / 4_000_000


async def test_it_passes_for_an_http_proxy() -> None:
    greeting = b"CONNECT anywhere.example:443 HTTP/1.1\r\nHost: anywhere.example:443\r\n\r\n"
    async with echoed(Shape(), tunnel=True) as (link, _):
        assert await there_and_back(link.port, b"hello", greeting) == b"hello"


async def test_a_target_that_is_not_there_closes_the_connection() -> None:
    link = Link(1, Shape())
    running = asyncio.create_task(link.run())
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    assert await reader.read() == b""
    writer.close()
    running.cancel()
