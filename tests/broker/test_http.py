"""What every answer has in common: the form of a refusal, strict headers, whose address counts, what is counted."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import Request

from broker.permissions import Role, open_to
from tests.support.office import Office, office

PROXY, BROWSER = "10.0.0.7", "198.51.100.20"


@pytest.fixture
async def behind_a_proxy(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path, trusted_proxies=("10.0.0.0/24",)) as opened:

        @opened.app.get("/seen", dependencies=[open_to("a test")])
        def seen(request: Request) -> str:
            return request.client.host if request.client else ""

        yield opened


REFUSED = [
    ("GET", "/nowhere", 404, "not_found"),
    ("GET", "/api/v1/nowhere", 404, "not_found"),
    ("DELETE", "/api/v1/setup", 405, "wrong_method"),
    ("GET", "/api/v1/me", 401, "not_signed_in"),
    ("GET", "/api/v1/public/organisations/short", 422, "unacceptable"),
    ("GET", "/api/v1/me/", 404, "not_found"),
]


async def test_a_refusal_is_a_stable_word_and_a_sentence(desk: Office) -> None:
    async with desk.client() as client:
        for method, path, status, word in REFUSED:
            answer = await client.request(method, path)
            assert (answer.status_code, answer.json()["error"]) == (status, word), path
            assert set(answer.json()) == {"error", "message"}
            assert answer.json()["message"].endswith((".", "id"))


async def test_the_sentence_is_in_the_language_of_whoever_asks(desk: Office) -> None:
    async def said(header: str) -> str:
        async with desk.client(**{"Accept-Language": header}) as client:
            answer = await client.get("/api/v1/me")
            assert answer.headers["content-language"] in ("es", "en")
            return str(answer.json()["message"])

    assert await said("en") == await said("fr-FR,xx;q=0.5") == await said("") == "Please sign in."
    assert await said("es-CL,es;q=0.9,en;q=0.8") == await said("en;q=0.1, es") == "Inicie la sesión."


async def test_what_is_no_json_is_refused_and_never_repeated(desk: Office) -> None:
    async with desk.client(**{"Content-Type": "application/json"}) as client:
        for body in (b"{", b"\xff\xfe", b"[1,2", b'{"a":' * 3000, b"NaN", b"\x00"):
            answer = await client.post("/api/v1/sign-in", content=body)
            assert answer.status_code in (400, 422), body
            assert set(answer.json()) == {"error", "message"}


async def test_nothing_that_was_sent_comes_back(desk: Office) -> None:
    async with desk.client() as client:
        sent = {"email": "canary-email", "password": 5, "want": "canary-want", "canary-field": "canary-value"}
        answers = [
            await client.post("/api/v1/sign-in", json=sent),
            await client.post(
                "/api/v1/invitations/accept", json={"token": "canary-token", "name": "x", "password": "canary"}
            ),
            await client.get("/canary-path"),
            await client.get("/api/v1/public/organisations/canary-organisation"),
        ]
    assert not any("canary" in answer.text for answer in answers)


@pytest.mark.parametrize(("lang", "sentence"), [("en", "That is too large."), ("es", "Es demasiado grande.")])
async def test_a_body_over_its_limit_is_refused_unread(desk: Office, lang: str, sentence: str) -> None:
    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 4096

    async with desk.client(**{"Accept-Language": lang, "Content-Type": "application/json"}) as client:
        declared = await client.post("/api/v1/sign-in", json={"email": "x" * 70_000})
        undeclared = await client.post("/api/v1/sign-in", content=without_end())
    for answer in (declared, undeclared):
        assert answer.status_code == 413
        assert answer.json() == {"error": "too_large", "message": sentence}
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_failure_of_ours_says_nothing_of_its_cause(desk: Office, capsys: pytest.CaptureFixture[str]) -> None:
    @desk.app.get("/broken", dependencies=[open_to("a test")])
    def broken() -> None:
        raise RuntimeError("canary-cause")

    async with desk.client() as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "canary" not in answer.text


async def test_a_person_who_follows_a_wrong_link_reads_a_page_and_a_program_json(desk: Office) -> None:
    async with desk.client(Accept="text/html,*/*;q=0.8", **{"Accept-Language": "es"}) as browser:
        for path in ("/nowhere", f"/download/{'A' * 22}", "/report/short"):
            answer = await browser.get(path)
            assert answer.status_code in (404, 422)
            assert '<html lang="es">' in answer.text
        assert (await browser.get("/api/v1/nowhere")).json()["error"] == "not_found"


async def test_every_answer_is_strict(desk: Office) -> None:
    async with desk.client() as client:
        for path in ("/api/v1/setup", "/nowhere", f"/download/{desk.home.id}", "/healthz", "/"):
            headers = (await client.get(path)).headers
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert headers["strict-transport-security"].startswith("max-age=")
            assert "server" not in headers


async def test_the_description_of_the_api_is_not_served(desk: Office) -> None:
    async with desk.client() as client:
        for path in ("/openapi.json", "/docs", "/redoc"):
            assert (await client.get(path)).status_code == 404


async def seen(opened: Office, address: str, forwarded: str) -> str:
    async with opened.client(None, address, **{"X-Forwarded-For": forwarded}) as client:
        return str((await client.get("/seen")).json())


async def test_only_a_listed_proxy_says_where_a_request_comes_from(behind_a_proxy: Office) -> None:
    """Pairing rule 7."""
    assert await seen(behind_a_proxy, PROXY, BROWSER) == BROWSER
    assert await seen(behind_a_proxy, PROXY, f"1.2.3.4, {BROWSER}") == BROWSER, "what came before is the sender's word"
    assert await seen(behind_a_proxy, PROXY, f"{BROWSER}, 10.0.0.8") == BROWSER, "a chain of our own proxies"
    assert await seen(behind_a_proxy, BROWSER, "1.2.3.4") == BROWSER, "no listed proxy"


METRICS_TOKEN = "a secret for prometheus"


async def test_metrics_name_nobody(tmp_path: Path) -> None:
    async with office(tmp_path, metrics_token=METRICS_TOKEN) as desk:
        await desk.employ("ana@example.com", Role.ADMIN)
        await desk.sign_in("ana@example.com")
        async with desk.client(METRICS_TOKEN) as prometheus:
            await prometheus.get("/api/v1/public/organisations/" + desk.home.id)
            text = (await prometheus.get("/metrics")).text
    assert 'relevo_sign_ins_total{result="signed_in"} 1.0' in text
    assert "relevo_agents 0.0\n" in text
    assert "relevo_sessions 0.0\n" in text
    assert 'relevo_http_requests_total{method="POST",route="/sign-in",status="200"} 1.0' in text
    assert not any(word in text for word in ("ana@", desk.home.id, "203.0.113"))


async def test_metrics_want_their_token(tmp_path: Path) -> None:
    async with office(tmp_path, metrics_token=METRICS_TOKEN) as opened:
        assert await metrics(opened, None) == await metrics(opened, "wrong") == await metrics(opened, "é") == 401
        assert await metrics(opened, METRICS_TOKEN) == 200


async def test_without_a_token_nobody_gets_metrics(desk: Office) -> None:
    """Not even loopback: nginx on the same computer comes from there too."""
    assert await metrics(desk, None) == await metrics(desk, "None") == 401


async def metrics(opened: Office, token: str | None) -> int:
    headers = {b"authorization": f"Bearer {token}".encode()} if token else {}
    async with opened.client(address="127.0.0.1") as client:
        return (await client.get("/metrics", headers=httpx2.Headers(headers))).status_code


async def test_it_says_that_it_is_well_and_when_it_is_not(desk: Office) -> None:
    async with desk.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        await desk.services.store.close()
        (desk.services.settings.data_dir / "relevo.db").write_bytes(b"no database " * 1000)
        assert (await client.get("/healthz")).status_code == 500
