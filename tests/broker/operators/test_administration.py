"""What administrators do with accounts, the one-time links, and the first administrator (pairing rule 10)."""

from urllib.parse import parse_qs, urlsplit

import pyotp

from broker.operators.revocations import Revoked
from broker.permissions import Role
from tests.support.live_broker import Operator
from tests.support.office import ORIGIN, PASSWORD, Office


def token_of(link: str, kind: str) -> str:
    """What stands in a link's fragment, which browsers send to nobody."""
    parts = urlsplit(link)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ORIGIN}/console/"
    assert parts.query == ""
    page, _, query = parts.fragment.partition("?")
    assert page == f"/{kind}"
    return parse_qs(query)["token"][0]


async def invited(desk: Office, boss: Operator, email: str = "eva@example.com") -> str:
    async with desk.client(boss) as admin:
        answer = await admin.post("/api/v1/operators", json={"email": email, "name": "Eva", "role": "operator"})
        assert answer.status_code == 201
        return token_of(answer.json()["invite_url"], "invitation")


async def states(desk: Office, boss: Operator) -> dict[str, str]:
    async with desk.client(boss) as admin:
        return {item["email"]: item["state"] for item in (await admin.get("/api/v1/operators")).json()["items"]}


async def test_an_invited_person_chooses_a_password_once(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    token = await invited(desk, boss)
    assert (await states(desk, boss))["eva@example.com"] == "invited"
    body = {"token": token, "name": "Eva Sanz", "password": PASSWORD}
    async with desk.browser() as browser:
        assert (await browser.post("/api/v1/invitations/accept", json=body)).status_code == 204
        again = await browser.post("/api/v1/invitations/accept", json=body)
        assert (again.status_code, again.json()["error"]) == (410, "link_spent")
    assert (await desk.sign_in("eva@example.com")).json()["operator"]["name"] == "Eva Sanz"
    assert (await states(desk, boss))["eva@example.com"] == "active"


async def test_an_invitation_ends_after_a_week_and_a_new_one_ends_the_old(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    first = await invited(desk, boss)
    async with desk.client(boss) as admin:
        eva = next(i for i in (await admin.get("/api/v1/operators")).json()["items"] if i["state"] == "invited")
        second = (await admin.post(f"/api/v1/operators/{eva['id']}/reset")).json()["reset_url"]
    async with desk.browser() as browser:
        body = {"token": first, "name": "Eva", "password": PASSWORD}
        assert (await browser.post("/api/v1/invitations/accept", json=body)).status_code == 410
        desk.clock.advance(7 * 86_400)
        late = {**body, "token": token_of(second, "invitation")}
        assert (await browser.post("/api/v1/invitations/accept", json=late)).status_code == 410


async def test_a_reset_link_gives_a_new_password_and_ends_every_sign_in(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    operator_id = await desk.employ("ana@example.com")
    old = (await desk.sign_in("ana@example.com")).json()["token"]
    async with desk.client(boss) as admin:
        link = (await admin.post(f"/api/v1/operators/{operator_id}/reset")).json()["reset_url"]
    fresh = "otra frase, también larga"
    async with desk.browser() as browser:
        body = {"token": token_of(link, "reset"), "password": fresh}
        assert (await browser.post("/api/v1/invitations/accept", json={**body, "name": "x"})).status_code == 410
        assert (await browser.post("/api/v1/password-resets/accept", json=body)).status_code == 204
        assert (await browser.post("/api/v1/password-resets/accept", json=body)).status_code == 410
    async with desk.client(old) as before:
        assert (await before.get("/api/v1/me")).status_code == 401
    assert (await desk.sign_in("ana@example.com", password=fresh)).status_code == 200


async def test_disabling_ends_every_sign_in_and_tells_whoever_holds_something_live(desk: Office) -> None:
    heard: list[Revoked] = []

    async def hear(revoked: Revoked) -> None:
        heard.append(revoked)

    desk.services.revocations.subscribe(hear)
    boss, ana = await desk.hire(Role.ADMIN), await desk.hire(Role.OPERATOR)
    async with desk.client(boss) as admin, desk.client(ana) as out:
        answer = await admin.patch(f"/api/v1/operators/{ana.id}", json={"disabled": True})
        assert answer.json()["state"] == "disabled"
        assert heard == [Revoked(ana.id, None, "operator_disabled")]
        assert heard[0].covers(ana.id, ana.sign_in_id)
        assert (await out.get("/api/v1/me")).status_code == 401
        assert (await admin.post(f"/api/v1/operators/{ana.id}/reset")).status_code == 409
        await admin.patch(f"/api/v1/operators/{ana.id}", json={"disabled": False})
        assert (await out.get("/api/v1/me")).status_code == 401, "an ended sign-in stays ended"


async def test_a_new_role_holds_at_once_and_closes_what_was_opened_with_the_old(desk: Office) -> None:
    heard: list[Revoked] = []

    async def hear(revoked: Revoked) -> None:
        heard.append(revoked)

    desk.services.revocations.subscribe(hear)
    boss, ana = await desk.hire(Role.ADMIN), await desk.hire(Role.OPERATOR)
    async with desk.client(boss) as admin, desk.client(ana) as her:
        assert (await her.get("/api/v1/alerts")).status_code == 403
        await admin.patch(f"/api/v1/operators/{ana.id}", json={"role": "auditor"})
        assert (await her.get("/api/v1/alerts")).status_code == 200
    assert heard == [Revoked(ana.id, None, "role_changed")]


async def test_the_last_administrator_cannot_be_lost(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    await invited(desk, boss)
    async with desk.client(boss) as admin:
        for change in ({"disabled": True}, {"role": "auditor"}):
            answer = await admin.patch(f"/api/v1/operators/{boss.id}", json=change)
            assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
        await desk.hire(Role.ADMIN)
        assert (await admin.patch(f"/api/v1/operators/{boss.id}", json={"role": "operator"})).status_code == 200
        assert (await admin.get("/api/v1/operators")).status_code == 403


async def test_an_administrator_helps_somebody_who_lost_the_authenticator(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    ana = await desk.employ("ana@example.com")
    async with desk.client((await desk.sign_in("ana@example.com")).json()["token"]) as hers:
        secret = (await hers.post("/api/v1/me/totp")).json()["secret"]
        await hers.post("/api/v1/me/totp/confirm", json={"code": pyotp.TOTP(secret).at(desk.clock.utc())})
    assert (await desk.sign_in("ana@example.com")).json()["error"] == "totp_needed"
    async with desk.client(boss) as admin:
        assert (await admin.patch(f"/api/v1/operators/{ana}", json={"totp_enabled": True})).status_code == 422
        answer = await admin.patch(f"/api/v1/operators/{ana}", json={"totp_enabled": False})
        assert answer.json()["totp_enabled"] is False
    assert (await desk.sign_in("ana@example.com")).status_code == 200


async def test_one_address_is_one_account(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    await desk.employ("ana@example.com")
    async with desk.client(boss) as admin:
        body = {"email": "ANA@example.com", "name": "Otra", "role": "operator"}
        assert (await admin.post("/api/v1/operators", json=body)).status_code == 409


async def test_the_first_administrator_is_made_once_by_the_link_alone(desk: Office) -> None:
    link = await desk.services.operators.setup_link()
    assert link is not None
    token = token_of(link, "setup")
    body = {
        "token": token, "organisation_name": "Quásar", "name": "Ana", "email": "ana@example.com", "password": PASSWORD,
    }  # fmt: skip
    async with desk.browser() as browser:
        assert (await browser.get("/api/v1/setup")).json() == {"open": True}
        assert (await browser.post("/api/v1/setup", json={**body, "token": "A" * 43})).status_code == 410
        assert (await browser.post("/api/v1/setup", json=body)).status_code == 204
        assert (await browser.get("/api/v1/setup")).json() == {"open": False}
        assert (await browser.post("/api/v1/setup", json={**body, "email": "b@example.com"})).status_code == 410
    me = (await desk.sign_in("ana@example.com")).json()["operator"]
    assert (me["role"], me["org_name"]) == ("admin", "Quásar")
    assert await desk.services.operators.setup_link() is None


async def test_a_set_up_link_dies_after_a_day_with_a_newer_one_and_with_an_administrator(desk: Office) -> None:
    older, newer = [await desk.services.operators.setup_link() for _ in range(2)]
    assert older is not None
    assert newer is not None
    async with desk.browser() as browser:
        body = {"organisation_name": "Q", "name": "Ana", "email": "ana@example.com", "password": PASSWORD}
        answer = await browser.post("/api/v1/setup", json={**body, "token": token_of(older, "setup")})
        assert answer.status_code == 410
        desk.clock.advance(86_400)
        answer = await browser.post("/api/v1/setup", json={**body, "token": token_of(newer, "setup")})
        assert answer.status_code == 410
        last = await desk.services.operators.setup_link()
        assert last is not None
        await desk.hire(Role.ADMIN)
        answer = await browser.post("/api/v1/setup", json={**body, "token": token_of(last, "setup")})
        assert answer.status_code == 410
    assert [one.name for one in await desk.services.organisations.list_all()] == ["Soporte Cuásar"], "nothing half made"


async def test_links_cannot_be_tried_without_end(desk: Office) -> None:
    async with desk.browser() as browser:
        body = {"token": "A" * 43, "password": PASSWORD}
        found = [(await browser.post("/api/v1/password-resets/accept", json=body)).status_code for _ in range(21)]
    assert found == [410] * 20 + [429]
