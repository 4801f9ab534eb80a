"""The agent's lines: verified TLS or none, a real proxy with a password, and every failure told apart (Q14)."""

import asyncio
import datetime as dt
import errno
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_agent import link
from client_agent.diagnosis import diagnose
from client_agent.errors import LinkFailure
from client_agent.failures import FailureKind
from client_agent.link import ControlLine, Lines, Proxy
from protocol import control
from scripts.processes import Processes, free_port, listening
from tests.client_agent.support.web import Authority, Service, authority, cut_off, service
from tests.support.patience import PATIENCE


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path / "ca")


async def both_ways(lines: Lines) -> list[FailureKind]:
    """How the control connection and the HTTPS request end."""
    ends = []
    for attempt in (_challenged(lines), lines.fetch("/api/v1/x")):
        with pytest.raises(LinkFailure) as caught:
            await attempt
        ends.append(caught.value.kind)
    return ends


async def _challenged(lines: Lines) -> control.BrokerToAgent:
    async with ControlLine.opened(lines) as line:
        return await line.receive()


async def test_a_providers_own_authority_is_enough(ca: Authority) -> None:
    async with service(ca.server("localhost")) as here:
        lines = Lines(f"https://localhost:{here.port}", ca.file, proxy="")
        assert isinstance(await _challenged(lines), control.Challenge)
        assert await lines.fetch("/x") == b"hi"


async def test_a_message_that_cannot_be_sent_ends_the_line(caplog: pytest.LogCaptureFixture) -> None:
    """So the agent makes a new one: a line that says nothing any more would look alive."""
    async with service() as here, ControlLine.opened(Lines(f"http://127.0.0.1:{here.port}")) as line:
        await line.receive()
        line.post(control.CodeDead(code_id="\ud800", reason="used"))
        with pytest.raises(LinkFailure):
            async with asyncio.timeout(PATIENCE):
                await line.receive()
    assert "cannot be sent" in caplog.text


@pytest.mark.parametrize("flaw", ["unknown authority", "another name", "expired"])
async def test_a_bad_certificate_is_refused_and_never_retried(ca: Authority, tmp_path: Path, flaw: str) -> None:
    names = ("elsewhere.example",) if flaw == "another name" else ("localhost",)
    starts = dt.timedelta(days=-30 if flaw == "expired" else -1)
    trusted = authority(tmp_path / "other") if flaw == "unknown authority" else ca
    async with service(ca.server(*names, starts=starts)) as here:
        lines = Lines(f"https://localhost:{here.port}", trusted.file, proxy="")
        assert await both_ways(lines) == [FailureKind.CERTIFICATE] * 2
        assert here.visits == 0
    assert not LinkFailure(FailureKind.CERTIFICATE).retried


async def test_a_certificate_of_tomorrow_is_this_computers_clock(ca: Authority) -> None:
    async with service(ca.server("localhost", starts=dt.timedelta(days=2))) as here:
        lines = Lines(f"https://localhost:{here.port}", ca.file, proxy="")
        assert await both_ways(lines) == [FailureKind.CLOCK] * 2


async def test_plain_http_is_for_loopback_alone() -> None:
    for origin in ("http://broker.example", "ftp://localhost", "https://", "https://a@b", "https://b/path"):
        with pytest.raises(ValueError, match="origin"):
            Lines(origin)
    for plain in ("ws://relay.example/relay", "ws://127.0.0.1:631/", "http://localhost/"):
        with pytest.raises(LinkFailure):
            Lines("https://broker.example").websocket_url(plain)
    assert Lines("https://broker.example").websocket_url("/relay") == "wss://broker.example/relay"
    assert Lines("http://127.0.0.1:8080").websocket_url("/relay") == "ws://127.0.0.1:8080/relay"


async def test_no_redirect_is_followed() -> None:
    async with service(status=HTTPStatus.TEMPORARY_REDIRECT) as here:
        assert await both_ways(Lines(f"http://127.0.0.1:{here.port}")) == [FailureKind.FIREWALL] * 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (HTTPStatus.BAD_GATEWAY, FailureKind.BROKER_DOWN),
        (HTTPStatus.SERVICE_UNAVAILABLE, FailureKind.BROKER_DOWN),
        (HTTPStatus.TOO_MANY_REQUESTS, FailureKind.BUSY),
        (HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED, FailureKind.NO_NETWORK),
        (HTTPStatus.FORBIDDEN, FailureKind.FIREWALL),
    ],
)
async def test_an_answer_that_is_not_the_brokers_is_told_apart(status: HTTPStatus, kind: FailureKind) -> None:
    async with service(status=status) as here:
        assert await both_ways(Lines(f"http://127.0.0.1:{here.port}")) == [kind] * 2


@pytest.mark.clause("Q14")
async def test_nobody_at_the_port_is_a_broker_that_is_down() -> None:
    assert await both_ways(Lines(f"http://127.0.0.1:{free_port()}")) == [FailureKind.BROKER_DOWN] * 2


async def test_a_line_that_is_cut_at_the_first_byte_is_a_firewall() -> None:
    async with cut_off() as port:
        assert await both_ways(Lines(f"http://127.0.0.1:{port}")) == [FailureKind.FIREWALL] * 2


async def test_silence_is_a_firewall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "OPEN_TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(LinkFailure) as caught:
            await Lines(f"http://127.0.0.1:{port}").open("/ws/agent", 1024)
    assert caught.value.kind in (FailureKind.FIREWALL, FailureKind.NO_NETWORK)


@pytest.mark.parametrize(
    ("error", "route", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), True, FailureKind.DNS),
        (socket.gaierror(socket.EAI_AGAIN, "no answer"), False, FailureKind.NO_NETWORK),
        (OSError(errno.ENETUNREACH, "unreachable"), True, FailureKind.NO_NETWORK),
        (OSError(errno.EHOSTUNREACH, "unreachable"), False, FailureKind.NO_NETWORK),
        (TimeoutError(), False, FailureKind.NO_NETWORK),
        (TimeoutError(), True, FailureKind.FIREWALL),
        (ConnectionResetError(errno.ECONNRESET, "reset"), True, FailureKind.FIREWALL),
        (ssl.SSLError(1, "wrong version number"), True, FailureKind.FIREWALL),
    ],
)
@pytest.mark.clause("Q14")
def test_what_the_system_says_is_put_down_to_its_cause(error: Exception, route: bool, kind: FailureKind) -> None:
    assert diagnose(error, "broker.example", None, lambda: route).kind is kind


class _Tinyproxy:
    def __init__(self, processes: Processes, folder: Path) -> None:
        self.port = free_port()
        folder.mkdir()
        config = folder / "tinyproxy.conf"
        config.write_text(
            f"Port {self.port}\nListen 127.0.0.1\nTimeout 30\nMaxClients 20\nBasicAuth relevo pass-word\n"
            f'LogFile "{folder / "log"}"\nLogLevel Info\nAllow 127.0.0.1\n'
        )
        processes.start("tinyproxy", ["tinyproxy", "-d", "-c", config])
        processes.wait_for("tinyproxy", lambda: listening(self.port))
        self.log = folder / "log"


@pytest.fixture
def tinyproxy(processes: Processes, tmp_path: Path) -> _Tinyproxy:
    return _Tinyproxy(processes, tmp_path / "proxy")


async def test_a_proxy_with_a_password_lets_us_through(ca: Authority, tinyproxy: _Tinyproxy) -> None:
    async with service(ca.server("localhost")) as here:
        lines = Lines(
            f"https://localhost:{here.port}", ca.file, proxy=f"http://relevo:pass%2Dword@127.0.0.1:{tinyproxy.port}"
        )
        assert isinstance(await _challenged(lines), control.Challenge)
        assert await lines.fetch("/x") == b"hi"
    assert "CONNECT localhost" in tinyproxy.log.read_text()


@pytest.mark.parametrize("user", ["", "relevo:wrong@"])
async def test_a_proxy_that_wants_another_password_is_told_apart(
    ca: Authority, tinyproxy: _Tinyproxy, user: str
) -> None:
    async with service(ca.server("localhost")) as here:
        lines = Lines(f"https://localhost:{here.port}", ca.file, proxy=f"http://{user}127.0.0.1:{tinyproxy.port}")
        assert await both_ways(lines) == [FailureKind.PROXY_AUTH] * 2


async def test_a_certificate_is_verified_through_a_proxy_too(ca: Authority, tinyproxy: _Tinyproxy) -> None:
    async with service(ca.server("elsewhere.example")) as here:
        lines = Lines(
            f"https://localhost:{here.port}", ca.file, proxy=f"http://relevo:pass%2Dword@127.0.0.1:{tinyproxy.port}"
        )
        assert await both_ways(lines) == [FailureKind.CERTIFICATE] * 2
        assert here.visits == 0


async def test_a_proxy_that_is_not_there_is_told_apart_from_a_broker_that_is_not() -> None:
    lines = Lines("https://broker.example", proxy=f"http://127.0.0.1:{free_port()}")
    assert await both_ways(lines) == [FailureKind.PROXY] * 2


async def test_a_broker_that_is_down_behind_a_proxy_is_the_brokers_fault(tinyproxy: _Tinyproxy) -> None:
    lines = Lines(f"https://localhost:{free_port()}", proxy=f"http://relevo:pass%2Dword@127.0.0.1:{tinyproxy.port}")
    assert await both_ways(lines) == [FailureKind.BROKER_DOWN] * 2


def test_the_environments_proxy_is_used_but_not_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://u:secret@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    found = Lines("https://broker.example").proxy_for("https://broker.example")
    assert found is not None
    assert (found.host, found.port) == ("proxy.example", 3128)
    assert "secret" not in repr(found)
    assert Lines("https://a.inside.example").proxy_for("https://a.inside.example") is None
    assert Lines("http://127.0.0.1:1").proxy_for("http://127.0.0.1:1") is None
    assert Lines("https://broker.example", proxy="").proxy_for("https://broker.example") is None


@pytest.mark.parametrize("text", ["socks5://proxy:1080", "http://", "http://proxy:port", "http://[::1"])
def test_a_proxy_address_that_is_none_is_a_proxy_failure(text: str) -> None:
    with pytest.raises(LinkFailure) as caught:
        Proxy.parse(text)
    assert caught.value.kind is FailureKind.PROXY


@given(st.text(max_size=40))
def test_any_proxy_text_is_parsed_or_refused(text: str) -> None:
    with suppress(LinkFailure):
        assert Proxy.parse(text).host


# What a broker may send ----------------------------------------------------------------------------------------------


async def _first(change: Callable[[Service], None]) -> control.BrokerToAgent:
    async with service() as here:
        change(here)
        return await _challenged(Lines(f"http://127.0.0.1:{here.port}"))


@pytest.mark.parametrize(
    "text", ["", "{}", "null", '{"type":"challenge"}', '{"type":"hello"}', "[" * 60_000, "x" * 70_000]
)
async def test_what_is_no_message_ends_the_line_with_a_typed_error(text: str) -> None:
    def say(here: Service) -> None:
        here.said = text

    with pytest.raises(LinkFailure):
        await _first(say)


async def test_messages_go_out_in_their_order_and_post_never_waits() -> None:
    async with service() as here, ControlLine.opened(Lines(f"http://127.0.0.1:{here.port}")) as line:
        for seq in range(100):
            line.post(control.ProbeAck(seq=seq))
        async with asyncio.timeout(PATIENCE):
            await line.flush()
