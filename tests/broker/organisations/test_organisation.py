"""What an administrator sets about the organisation, and what of it anyone may know."""

import io

import pytest
from PIL import Image

from broker.organisations.terms import default_terms, terms_sha256
from broker.permissions import Role
from protocol.offer import Tariff
from tests.support.office import Office

TARIFF = {"currency": "EUR", "unit_minor": 4500, "minimum_minutes": 60, "increment_minutes": 30, "tax_percent": "21"}


def picture(kind: str, size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


async def test_what_is_absent_stays_and_what_is_given_changes(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        changed = await admin.patch("/api/v1/organisation", json={"tariff": TARIFF, "services": ["Correo", "Redes"]})
        assert changed.json()["tariff"] == TARIFF
        assert changed.json()["name"] == "Soporte Cuásar"
        floor = await admin.patch("/api/v1/organisation", json={"bandwidth_floor_kbit": 2048, "inactivity_s": 120})
        assert floor.json()["services"] == ["Correo", "Redes"]
        found = await desk.services.organisations.get(desk.home.id)
        assert found.tariff == Tariff(**TARIFF)  # type: ignore[arg-type]
        assert (found.bandwidth_floor_kbit, found.inactivity_s) == (2048, 120)
        assert (await admin.patch("/api/v1/organisation", json={"tariff": None})).json()["tariff"] is None


NO_CHANGES: tuple[object, ...] = (
        {"name": ""}, {"name": "  "}, {"name": "a\u202eb"}, {"name": "a\nb"}, {"name": "x" * 201}, {"name": None},
        {"id": "x"}, {"name": 5}, {"services": {"a": "b"}},
        {"services": [""]}, {"services": ["x"] * 101}, {"services": "Correo"}, {"bandwidth_floor_kbit": -1},
        {"bandwidth_floor_kbit": "1024"}, {"inactivity_s": 0}, {"tariff": {**TARIFF, "currency": "eur"}},
        {"tariff": {**TARIFF, "tax_percent": "121"}}, {"tariff": {**TARIFF, "unit_minor": 1.5}}, {"tariff": {}},
        [], "x", 5, None,
)  # fmt: skip


async def test_a_value_that_cannot_be_is_refused_and_nothing_changes(desk: Office) -> None:
    before = await desk.services.organisations.get(desk.home.id)
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        for body in NO_CHANGES:
            answer = await admin.patch("/api/v1/organisation", json=body)
            assert (answer.status_code, answer.json()["error"]) == (422, "unacceptable"), body
    assert await desk.services.organisations.get(desk.home.id) == before


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
async def test_a_logo_is_shown_to_anyone_as_what_it_is(desk: Office, kind: str, media_type: str) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin, desk.client() as anyone:
        data = picture(kind)
        where = f"/api/v1/public/organisations/{desk.home.id}"
        put = await admin.put("/api/v1/organisation/logo", content=data, headers={"Content-Type": "text/html"})
        assert put.status_code == 204
        shown = await anyone.get(f"{where}/logo")
        assert (shown.content, shown.headers["content-type"]) == (data, media_type)
        assert "sandbox" in shown.headers["content-security-policy"]
        assert (await anyone.get(where)).json()["has_logo"] is True
        assert (await admin.delete("/api/v1/organisation/logo")).status_code == 204
        assert (await anyone.get(f"{where}/logo")).status_code == 404


NO_LOGOS = {
    "nothing": (b"", 422),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
    "gif": (picture("GIF"), 422),
    "cut short": (picture("PNG")[:60], 422),
    "too many pixels": (picture("JPEG", (4000, 4000)), 422),
    "too many bytes": (b"\x89PNG" + bytes(300_000), 413),
}


async def test_what_is_no_small_picture_is_no_logo(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN)) as admin:
        for what, (data, status) in NO_LOGOS.items():
            assert (await admin.put("/api/v1/organisation/logo", content=data)).status_code == status, what
        assert (await admin.get("/api/v1/organisation")).json()["has_logo"] is False


@pytest.mark.clause("Q8")
async def test_a_new_version_of_the_terms_holds_at_once_and_the_old_stays_readable(desk: Office) -> None:
    async with desk.client(await desk.hire(Role.ADMIN, name="Ana")) as admin, desk.client() as anyone:
        made = await admin.post("/api/v1/organisation/terms", json={"es": "Uno.\r\n\r\nDos.", "en": "One."})
        assert made.json() == {"version": 2, "sha256": terms_sha256(2, "Uno.\n\nDos.", "One.")}
        items = (await admin.get("/api/v1/organisation/terms")).json()["items"]
        assert [(item["version"], item["by"]) for item in items] == [(2, "Ana"), (1, "Relevo")]
        where = f"/api/v1/public/organisations/{desk.home.id}"
        public = (await anyone.get(where)).json()
        assert (public["terms_version"], public["terms_sha256"]) == (2, made.json()["sha256"])
        assert (await anyone.get(f"{where}/terms/1")).json()["es"] == default_terms("es")
        assert (await anyone.get(f"{where}/terms/2")).json()["en"] == "One."
        assert (await anyone.get(f"{where}/terms/3")).status_code == 404


@pytest.mark.clause("Q8")
def test_the_default_terms_speak_of_the_own_device_and_of_back_ups() -> None:
    """Q8, Art. 5."""
    assert all(words in default_terms("es") for words in ("Su equipo", "copia de seguridad"))
    assert all(words in default_terms("en") for words in ("Your device", "back-up"))


def test_the_hash_of_the_terms_is_what_an_agent_computes() -> None:
    """SHA-256 over lv("relevo-terms-1", version, es, en), base64url."""
    assert terms_sha256(1, "a", "b") == "6HJg8PofeYj14DHdydMaqilC0U48u7sFAC2-yx2clyQ"
