"""Signing in and out: what lets a person in, and what keeps everybody else out in the same words."""

import time

import pyotp

from broker.operators.authentication import COOKIE
from broker.permissions import Role
from tests.support.office import ORIGIN, PASSWORD, Office

ANA = "ana@example.com"


async def test_a_program_gets_a_bearer_and_a_browser_a_cookie_that_no_script_reads(desk: Office) -> None:
    await desk.employ(ANA, Role.ADMIN)
    bearer = (await desk.sign_in("Ana@Example.com")).json()
    assert bearer["operator"]["role"] == "admin"
    async with desk.client(bearer["token"]) as program:
        assert (await program.get("/api/v1/me")).json()["email"] == ANA

    async with desk.browser() as browser:
        answer = await browser.post("/api/v1/sign-in", json={"email": ANA, "password": PASSWORD, "want": "cookie"})
        assert answer.json()["token"] is None
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"))
        assert (await browser.get("/api/v1/me")).status_code == 200


async def test_unknown_wrong_and_disabled_get_the_same_words(desk: Office) -> None:
    await desk.employ("jefe@example.com", Role.ADMIN)
    await desk.employ(ANA)
    out = await desk.employ("fuera@example.com")
    await desk.services.operators.change(desk.home.id, out, disabled=True)
    await desk.services.operators.invite(desk.home.id, "invitada@example.com", "Eva", Role.OPERATOR, "es")
    answers = [
        await desk.sign_in("nadie@example.com"),
        await desk.sign_in(ANA, password="otra contraseña larga"),
        await desk.sign_in("fuera@example.com"),
        await desk.sign_in("invitada@example.com"),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert answers[0].json()["error"] == "denied"


async def test_an_unknown_account_costs_the_same_work_as_a_known_one(desk: Office) -> None:
    passwords = desk.services.passwords
    known = await passwords.hash(PASSWORD)

    async def seconds(stored: str | None) -> float:
        best = 10.0
        for _ in range(3):
            began = time.perf_counter()
            assert not await passwords.verify(stored, "otra")
            best = min(best, time.perf_counter() - began)
        return best

    wrong, unknown = await seconds(known), await seconds(None)
    assert 0.4 < wrong / unknown < 2.5


async def test_after_five_tries_the_right_password_waits_too_and_administrators_are_told(desk: Office) -> None:
    boss = await desk.hire(Role.ADMIN)
    await desk.employ(ANA)
    for _ in range(5):
        assert (await desk.sign_in(ANA, password="otra contraseña larga")).status_code == 401
    refused = await desk.sign_in(ANA)
    assert (refused.status_code, refused.json()["error"]) == (429, "too_many")
    assert 0 < int(refused.headers["retry-after"]) <= 600
    assert (await desk.sign_in(ANA)).status_code == 429
    async with desk.client(boss) as admin:
        alerts = (await admin.get("/api/v1/alerts")).json()["items"]
    assert [alert["kind"] for alert in alerts] == ["sign_in_throttled"], "one alert, however long it goes on"


async def test_an_unknown_account_is_throttled_like_a_known_one(desk: Office) -> None:
    for _ in range(5):
        assert (await desk.sign_in("nadie@example.com")).status_code == 401
    assert (await desk.sign_in("nadie@example.com")).status_code == 429


async def test_a_throttled_address_does_not_keep_the_owner_out_elsewhere(desk: Office) -> None:
    await desk.employ(ANA)
    for _ in range(6):
        await desk.sign_in(ANA, password="otra contraseña larga")
    async with desk.client(address="198.51.100.9") as elsewhere:
        body = {"email": ANA, "password": PASSWORD, "want": "bearer"}
        assert (await elsewhere.post("/api/v1/sign-in", json=body)).status_code == 200


async def test_signing_out_ends_this_sign_in_alone_and_tells_whoever_holds_something_live(desk: Office) -> None:
    ended = []

    async def hear(revoked: object) -> None:
        ended.append(revoked)

    desk.services.revocations.subscribe(hear)
    await desk.employ(ANA)
    one, other = [(await desk.sign_in(ANA)).json()["token"] for _ in range(2)]
    async with desk.client(one) as first, desk.client(other) as second:
        assert (await first.post("/api/v1/sign-out")).status_code == 204
        assert len(ended) == 1
        assert (await first.get("/api/v1/me")).status_code == 401
        assert (await second.get("/api/v1/me")).status_code == 200


async def test_a_sign_in_ends_by_itself_after_its_life_and_when_it_lies_idle(desk: Office) -> None:
    await desk.employ(ANA)
    token = (await desk.sign_in(ANA)).json()["token"]
    async with desk.client(token) as program:
        for _ in range(3):
            desk.clock.advance(3.5 * 3600)
            assert (await program.get("/api/v1/me")).status_code == 200, "used within its idle time"
        desk.clock.advance(2 * 3600)
        assert (await program.get("/api/v1/me")).status_code == 401, "over its life"
    idle = (await desk.sign_in(ANA)).json()["token"]
    desk.clock.advance(4 * 3600)
    async with desk.client(idle) as program:
        assert (await program.get("/api/v1/me")).status_code == 401


async def test_with_a_cookie_only_our_own_page_changes_anything(desk: Office) -> None:
    who = await desk.hire(Role.ADMIN)
    for origin in (None, "https://evil.example", "null", "http://support.example", ORIGIN + ":8443"):
        async with desk.browser(who.token, origin=origin) as page:
            answer = await page.patch("/api/v1/me", json={"name": "Otra"})
            assert (answer.status_code, answer.json()["error"]) == (403, "wrong_origin")
            assert (await page.get("/api/v1/me")).status_code == 200, "reading changes nothing"
    async with desk.browser(who.token) as ours:
        assert (await ours.patch("/api/v1/me", json={"name": "Otra"})).json()["name"] == "Otra"


async def test_a_page_of_another_site_signs_nobody_in(desk: Office) -> None:
    await desk.employ(ANA)
    async with desk.browser(origin="https://evil.example") as page:
        answer = await page.post("/api/v1/sign-in", json={"email": ANA, "password": PASSWORD, "want": "cookie"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_second_factor_is_set_up_asked_for_and_each_code_is_good_once(desk: Office) -> None:
    await desk.employ(ANA)
    token = (await desk.sign_in(ANA)).json()["token"]
    async with desk.client(token) as program:
        offer = (await program.post("/api/v1/me/totp")).json()
        assert offer["uri"].startswith("otpauth://totp/")
        assert offer["qr_svg"].startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        codes = pyotp.TOTP(offer["secret"])
        wrong = f"{(int(codes.at(desk.clock.utc())) + 1) % 1_000_000:06}"
        assert (await desk.sign_in(ANA)).status_code == 200, "not in force before its first code"
        assert (await program.post("/api/v1/me/totp/confirm", json={"code": wrong})).status_code == 401
        assert (
            await program.post("/api/v1/me/totp/confirm", json={"code": codes.at(desk.clock.utc())})
        ).status_code == 204
        assert (await program.post("/api/v1/me/totp")).status_code == 409, "one is in force"

    assert (await desk.sign_in(ANA)).json()["error"] == "totp_needed"
    used = await desk.sign_in(ANA, totp=codes.at(desk.clock.utc()))
    assert used.json()["error"] == "denied", "the code that confirmed it was used"
    desk.clock.advance(30)
    code = codes.at(desk.clock.utc())
    assert (await desk.sign_in(ANA, totp=code)).status_code == 200
    assert (await desk.sign_in(ANA, totp=code)).status_code == 401, "a code that was used is refused"
    desk.clock.advance(90)
    assert (await desk.sign_in(ANA, totp=code)).status_code == 401, "and an old one as well"


async def test_a_wrong_password_never_asks_for_the_second_factor(desk: Office) -> None:
    await desk.employ(ANA)
    token = (await desk.sign_in(ANA)).json()["token"]
    async with desk.client(token) as program:
        secret = (await program.post("/api/v1/me/totp")).json()["secret"]
        await program.post("/api/v1/me/totp/confirm", json={"code": pyotp.TOTP(secret).at(desk.clock.utc())})
        assert (await desk.sign_in(ANA, password="otra contraseña larga")).json()["error"] == "denied"
        assert (await program.request("DELETE", "/api/v1/me/totp", json={"password": "otra"})).status_code == 401
        assert (await program.request("DELETE", "/api/v1/me/totp", json={"password": PASSWORD})).status_code == 204
    assert (await desk.sign_in(ANA)).status_code == 200


async def test_a_new_password_ends_the_other_sign_ins_and_keeps_this_one(desk: Office) -> None:
    await desk.employ(ANA)
    here, there = [(await desk.sign_in(ANA)).json()["token"] for _ in range(2)]
    fresh = "otra frase, también larga"
    async with desk.client(here) as mine, desk.client(there) as other:
        assert (await mine.post("/api/v1/me/password", json={"old": "no", "new": fresh})).status_code == 401
        assert (await mine.post("/api/v1/me/password", json={"old": PASSWORD, "new": "corta"})).status_code == 422
        assert (await other.get("/api/v1/me")).status_code == 200
        assert (await mine.post("/api/v1/me/password", json={"old": PASSWORD, "new": fresh})).status_code == 204
        assert (await mine.get("/api/v1/me")).status_code == 200
        assert (await other.get("/api/v1/me")).status_code == 401
    assert (await desk.sign_in(ANA)).status_code == 401
    assert (await desk.sign_in(ANA, password=fresh)).status_code == 200


async def test_a_cookie_that_is_none_of_ours_is_no_sign_in(desk: Office) -> None:
    for cookies in (f"{COOKIE}=x", f"{COOKIE}=" + "A" * 5000, f"{COOKIE}=a; {COOKIE}=b"):
        async with desk.client(Cookie=cookies) as client:
            assert (await client.get("/api/v1/me")).status_code == 401
