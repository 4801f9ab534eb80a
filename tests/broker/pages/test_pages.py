"""The public pages: whole without a script, in both languages, and nothing on them is ever more than text."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import NotFound
from broker.pages.console import inside, policy
from broker.pages.downloads import Downloads
from broker.permissions import Role
from tests.support.office import ORIGIN, Office, office

PAGES = ("download", "terms", "report", "request")
HOSTILE = "<script>alert(1)</script>\"'{{7*7}}"


def offer(desk: Office, name: str, data: bytes = b"program") -> Path:
    folder = desk.services.settings.data_dir / "downloads" / desk.home.id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.clause("Q9")
async def test_the_download_page_guides_from_the_file_to_the_code(desk: Office) -> None:
    """Q9."""
    data = b"a program" * 1000
    offer(desk, "relevo-agent", data)
    offer(desk, "relevo-agent.sha256", b"beside it")
    offer(desk, "relevo-agent.exe")
    async with desk.client(**{"Accept-Language": "en"}) as client:
        page = (await client.get(f"/download/{desk.home.id}")).text
        assert hashlib.sha256(data).hexdigest() in page
        assert page.count('class="button"') == 2
        assert page.index("Download the program") < page.index("Open it") < page.index("accept them")
        assert page.index("accept them") < page.index("Tell the technician") < page.index("Look who asks")
        assert "1024 kbit/s" in page
        file = await client.get(f"/download/{desk.home.id}/files/relevo-agent")
        assert file.content == data
        assert file.headers["content-type"] == "application/octet-stream"
        assert file.headers["content-disposition"].startswith("attachment")
        assert (await client.get(f"/download/{desk.home.id}/files/relevo-agent.sha256")).content == b"beside it"


async def test_a_program_that_was_replaced_has_its_new_hash(desk: Office) -> None:
    offer(desk, "relevo-agent", b"old")
    async with desk.client() as client:
        await client.get(f"/download/{desk.home.id}")
        offer(desk, "relevo-agent", b"newer")
        assert hashlib.sha256(b"newer").hexdigest() in (await client.get(f"/download/{desk.home.id}")).text


async def test_without_a_program_the_page_says_what_to_do(desk: Office) -> None:
    async with desk.client(**{"Accept-Language": "en"}) as client:
        assert "Ask your technician" in (await client.get(f"/download/{desk.home.id}")).text


async def test_a_page_speaks_the_readers_language_and_the_one_that_is_chosen(desk: Office) -> None:
    async with desk.client(**{"Accept-Language": "es-ES"}) as spanish:
        for page in PAGES:
            shown = await spanish.get(f"/{page}/{desk.home.id}")
            chosen = await spanish.get(f"/{page}/{desk.home.id}?lang=en")
            assert (await spanish.get(f"/{page}/{'A' * 22}")).status_code == 404
            assert '<html lang="es">' in shown.text
            assert '<html lang="en">' in chosen.text
            assert shown.headers["content-language"] == "es"
            assert "Español" in chosen.text
            assert "script" not in shown.text


async def test_what_an_administrator_writes_is_shown_as_text(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        await admin.patch("/api/v1/organisation", json={"name": HOSTILE})
        await admin.post("/api/v1/organisation/terms", json={"es": HOSTILE, "en": HOSTILE})
        for page in PAGES:
            shown = (await admin.get(f"/{page}/{desk.home.id}")).text
            assert "<script" not in shown
            assert "&lt;script&gt;" in shown
            assert "49" not in shown.split("</header>")[0]


async def test_with_several_providers_none_is_named(desk: Office) -> None:
    async with desk.client() as client:
        assert (await client.get("/download")).headers["location"] == f"/download/{desk.home.id}"
        other = await desk.services.organisations.add("Otra empresa")
        page = await client.get("/download")
    assert page.status_code == 200
    assert not any(word in page.text for word in (desk.home.name, desk.home.id, other.name, other.id))


@pytest.mark.clause("Q12")
async def test_a_report_from_the_page_reaches_the_administrators(desk: Office) -> None:
    """Q12."""
    async with desk.client() as customer:
        sent = await customer.post(
            f"/report/{desk.home.id}", data={"text": f"Me llamó {HOSTILE}", "contact": "600 000 000"}
        )
        assert sent.status_code == 200
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        (report,) = (await admin.get("/api/v1/suspicions")).json()["items"]
    assert report["text"] == f"Me llamó {HOSTILE}"
    assert (report["contact"], report["source"], report["state"]) == ("600 000 000", "page", "open")
    assert report["id"] in sent.text


async def test_a_report_that_cannot_be_taken_comes_back_as_it_was_filled_in(desk: Office) -> None:
    async with desk.client(**{"Accept-Language": "en"}) as customer:
        empty = await customer.post(f"/report/{desk.home.id}", data={"text": "  ", "contact": HOSTILE})
        assert empty.status_code == 422
        assert "in a few words" in empty.text
        assert "&lt;script&gt;" in empty.text
        for _ in range(5):
            await customer.post(f"/report/{desk.home.id}", data={"text": "Otra vez"})
        many = await customer.post(f"/report/{desk.home.id}", data={"text": "Otra vez más"})
    assert many.status_code == 429
    assert "Otra vez más" in many.text


NO_NAMES = (
        "..%2f..%2fmaster.key", "%2e%2e%2fmaster.key", "%2e%2e", ".hidden", "a%00b", "%2fetc%2fpasswd", "a/b",
        "x" * 200, "link",
)  # fmt: skip


async def test_a_file_name_leads_nowhere_else(desk: Office) -> None:
    file = offer(desk, ".hidden")
    (file.parent / "link").symlink_to(desk.services.settings.data_dir / "master.key")
    async with desk.client() as client:
        for name in NO_NAMES:
            assert (await client.get(f"/download/{desk.home.id}/files/{name}")).status_code == 404, name


@given(st.text(max_size=60))
def test_no_name_at_all_leads_out_of_the_downloads(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "some"
    (folder / "downloads" / "org").mkdir(parents=True, exist_ok=True)
    (folder / "master.key").write_bytes(b"key")
    with pytest.raises(NotFound):
        Downloads(folder).file("org", name)


@given(st.one_of(st.text(max_size=60), st.from_regex(r"(\.\./|/|\\|%2e|a){1,12}secret", fullmatch=True)))
def test_no_address_at_all_leads_out_of_the_console(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "built"
    (folder / "dist").mkdir(parents=True, exist_ok=True)
    (folder / "secret").write_bytes(b"key")
    with pytest.raises(NotFound):
        inside(folder / "dist", name)


def test_the_page_may_open_a_relay_of_its_own() -> None:
    assert "connect-src 'self' wss://a.example wss://relay.example:99;" in policy(
        "https://a.example", "wss://relay.example:99/relay"
    )


async def test_the_built_console_is_served_with_its_own_policy(tmp_path: Path) -> None:
    """Pairing rule 12."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>")
    (dist / "assets" / "index-abc.js").write_text("1")
    async with office(tmp_path / "data", web_dist=dist) as opened, opened.client() as client:
        assert (await client.get("/")).headers["location"] == "/console/"
        page = await client.get("/console/")
        policy = page.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert f"wss://{ORIGIN.removeprefix('https://')}" in policy
        assert "unsafe-inline" not in policy
        assert page.headers["cache-control"] == "no-cache"
        script = await client.get("/console/assets/index-abc.js")
        assert "immutable" in script.headers["cache-control"]
        assert (await client.get("/console/assets/none.js")).status_code == 404
