"""Remote Utilities, support by licence: its support policy, told as what happens around one Thanksgiving.

Counterpart: docs/providers/remote-utilities.md, which walks through the same.
"""

from pathlib import Path

import pytest
from playwright.async_api import expect

from broker.policies import files
from broker.work.verify import verify
from tests.providers.pages import add_customer, make_contract, work_of
from tests.support.firm import Firm, firm

pytestmark = pytest.mark.e2e
LICENCES = ("FREE", "STARTER", "RESELLER", "PRO", "SITE")
"""In the order in which their owners ask."""


@pytest.mark.clause("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9")
async def test_who_is_helped_first_by_what_means_and_for_nothing(tmp_path: Path) -> None:
    products = ("Remote Utilities", "Remote Utilities Server")
    async with firm(tmp_path, "remote-utilities", "Remote Utilities", products, "2026-11-25 15:30") as house:
        for licence in LICENCES:
            facts = {"E-mail": f"{licence.lower()}@customer.example", "Licence_key": f"RU-{licence}-2026"}
            customer = await add_customer(house, f"{licence} Inc.", Language="en", **facts)
            await make_contract(house, customer, Plan=licence, First_day="2026-01-01", Months="12")
        await house.picture(house.admin, "remote-utilities-licence")
        await the_queue(house)
        await a_free_licence(house)
        await a_paid_licence(house)
        await thanksgiving(house)
        await what_it_costs(house)
        await an_old_program(house)


async def tickets_from_the_form(house: Firm) -> list[str]:
    """Each customer sends the form of the provider's page, known by the e-mail of the registration (R6); the secrets of
    the links that they keep."""
    page, secrets = await house.page_of(None), []
    for licence in LICENCES:
        await page.goto(f"{house.broker.provider.origin}/request/{house.org_id}?lang=en")
        await page.locator("#subject").fill(f"From {licence}")
        await page.locator("#text").fill("Version 7.6. The host does not start.")
        await page.locator("#email").fill(f"{licence.lower()}@customer.example")
        if licence == "PRO":
            await house.picture(page, "remote-utilities-form")
        await page.get_by_role("button", name="Send the request").click()
        await expect(page.get_by_role("status")).to_contain_text("Your request has number")
        secrets.append((await page.locator("main code").inner_text()).partition("#")[2])
    await page.context.close()
    assert all(secrets)
    return secrets


async def the_queue(house: Firm) -> None:
    page = house.technician
    await house.call(  # R9: SITE or not, an e-mail is at the provider's discretion, after every ticket
        page, "POST", "/tickets",
        {"channel": "email", "subject": "By e-mail", "email": "site@customer.example"},
    )  # fmt: skip
    await house.passes(15)
    secrets = await tickets_from_the_form(house)
    await house.passes(15)  # 16:00 on Wednesday
    refused = await house.call(  # R3: resellers are supported by ticket only
        page, "POST", "/tickets",
        {"channel": "phone", "subject": "A reseller calls", "email": "reseller@customer.example"},
    )  # fmt: skip
    assert (refused["state"], refused["reason"]["clause"]) == ("refused", "R3")

    await page.goto(house.address("records/queue"))
    rows = page.get_by_role("region", name="Queue").locator("tbody tr")
    asked = ["From SITE", "From PRO", "From STARTER", "From RESELLER", "From FREE", "By e-mail"]
    await expect(rows).to_have_count(6)
    for row, subject in zip(await rows.all(), asked, strict=True):
        await expect(row).to_contain_text(subject)  # R1, R3, R9
    # Targets in support hours (R1, R2), asked at 15:45 on Wednesday with 1:15 left of the day; Thursday is
    # Thanksgiving.  SITE: 2 h, so 0:45 on Friday.  FREE: 24 h, so 9 on Friday, 9 on Monday, 4:45 on Tuesday.
    tickets = {one["subject"]: one for one in (await house.call(page, "GET", "/tickets"))["items"]}
    assert tickets["From SITE"]["target_utc"] == "2026-11-27T16:45:00.000000Z"  # Friday 08:45
    assert tickets["From FREE"]["target_utc"] == "2026-12-01T20:45:00.000000Z"  # Tuesday 12:45
    await expect(rows.first).to_contain_text("1:45:00")  # R1: of SITE's two hours
    await house.picture(page, "remote-utilities-queue")

    starter = next(
        one for one in (await house.call(house.admin, "GET", "/contracts"))["items"] if one["plan"] == "STARTER"
    )
    await house.call(house.admin, "POST", f"/contracts/{starter['id']}/plan", {"plan": "SITE"})
    await page.goto(house.address("records/queue"))
    await expect(rows.nth(0)).to_contain_text("From STARTER")  # R1: an upgrade counts at once; this one asked before
    await expect(rows.nth(1)).to_contain_text("From SITE")
    await page.get_by_role("button", name="Take the next").click()
    await expect(page.get_by_role("heading", name="From STARTER")).to_be_visible()
    for file in (one for one in house.folder.iterdir() if one.is_file()):
        assert not any(secret.encode() in file.read_bytes() for secret in secrets), file  # R7


async def a_free_licence(house: Firm) -> None:
    """R4: a remote session is for commercial licences; the reason is told to both sides."""
    page = house.technician
    async with house.customer("en") as fred:
        await fred.agrees_to_the_terms()
        _, password = await fred.code()
        await house.connect(fred, reference="RU-FREE-2026")  # R6
        await expect(page.locator("[data-ending]")).to_have_attribute("data-ending", "denied:not_served")
        await fred.sees("A technician asked to help you. Your provider answers: “Not now: ")
        await house.picture(fred, "remote-utilities-refused")
        assert fred.desktop.grabs == 0
        for file in (one for one in house.folder.iterdir() if one.is_file()):
            assert password.encode() not in file.read_bytes()  # R7: half of it never left the two ends


async def a_paid_licence(house: Firm) -> None:
    """R4, R5, R6: a session for whoever has a commercial licence, and for a reseller; free."""
    page = house.technician
    async with house.customer("en") as pro:
        await pro.agrees_to_the_terms()
        await house.connect(pro, reference="RU-PRO-2026")  # R6: by licence key
        await pro.sees("This session is free of charge.")  # R5
        await house.picture(pro, "remote-utilities-free-of-charge")
        await pro.accepts()
        await house.is_live()
        await house.passes(40)
        await pro.disconnects()
        await house.record_work()
        await house.letter(1, "R5")
        await house.connect(pro, reference="reseller@customer.example")  # R6: by e-mail
        await pro.sees("This session is free of charge.")  # R4: resellers too
        await pro.accepts()
        await house.is_live()
        await house.passes(5)
        await page.get_by_role("button", name="End session").click()
        await pro.sees("The technician ended the connection.")


async def thanksgiving(house: Firm) -> None:
    """R2: closed on the holidays of the United States."""
    await house.at("2026-11-26 10:00")
    page = house.technician
    await page.goto(house.address(""))
    await page.get_by_label("Customer (optional)").fill("RU-SITE-2026")
    await page.get_by_role("button", name="Look up").click()
    await expect(page.locator(".quote")).to_contain_text("2026-11-27 08:00 (America/Los_Angeles)")
    await house.picture(page, "remote-utilities-closed")


async def what_it_costs(house: Firm) -> None:
    """R5: 40 minutes of a PRO licence and 5 of a reseller come to nothing, and there is nothing to invoice."""
    rows = await work_of(house, "Inc.")
    await expect(rows).to_have_count(2)
    for row in await rows.all():
        await expect(row).to_contain_text("$0.00")
    await rows.first.get_by_role("button", name="Why?").click()
    await expect(house.admin.locator(".explanation")).to_contain_text("R5")
    page = house.admin
    await page.goto(house.address("records/invoices"))
    await page.locator("summary", has_text="Issue an invoice").click()
    await page.get_by_label("For the customer").select_option("PRO Inc.")
    await page.get_by_role("button", name="Issue", exact=True).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found = await verify(house.broker.services.store, house.org_id)  # what `relevo bill verify` runs
    assert (found.charges, found.invoices, found.differences) == (2, 0, ())


async def an_old_program(house: Firm) -> None:
    """R8: with the next major version out, an older program is told to update, and where."""
    newer = (files.FOLDER / "remote-utilities.toml").read_text("utf-8")
    newer = newer.replace("oldest_agent_major = 0", "oldest_agent_major = 1")
    await house.call(house.admin, "PUT", "/policy", {"toml": newer})
    async with house.customer("en") as late:
        await late.agrees_to_the_terms()
        await late.sees(f"{house.broker.provider.origin}/download/{house.org_id}")
