"""Who counts for a connection: nobody says so of themselves."""

import asyncio
from ipaddress import ip_network

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request

from broker.relay.front import Arrival

PROXIES = (ip_network("127.0.0.1"), ip_network("10.1.0.0/16"))


@pytest.mark.parametrize(
    ("peer", "said", "counts"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.7"], "203.0.113.9"),  # no proxy of ours
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["192.0.2.1, 198.51.100.7"], "198.51.100.7"),  # what they said themselves stands before it
        ("127.0.0.1", ["192.0.2.1", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        ("127.0.0.1", ["10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", ["nonsense"], "nonsense"),
        ("127.0.0.1", [], "127.0.0.1"),
    ],
)
def test_what_a_listed_proxy_says_counts(peer: str, said: list[str], counts: str) -> None:
    headers = Headers([("X-Forwarded-For", line) for line in said])
    arrival = Arrival(asyncio.Transport(), peer, Request("/relay", headers, "GET", "HTTP/1.1"), b"", b"")
    assert arrival.sender(PROXIES) == counts
    assert arrival.sender(()) == peer
