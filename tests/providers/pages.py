"""What administrators and technicians do on the console's pages, a step each; the labels are the English ones."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from broker.work.verify import verify
from tests.support.firm import Firm
from tests.support.patience import eventually


async def add_customer(firm: Firm, name: str, **facts: str) -> str:
    """Write a customer down, `facts` by the form's labels with `_` for a space; the customer's ID."""
    page = firm.admin
    await page.goto(firm.address("records/customers"))
    await page.locator("summary", has_text="New customer").click()
    await page.get_by_label("Name", exact=True).fill(name)
    for label, value in facts.items():
        field = page.get_by_label(label.replace("_", " "), exact=True)
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    return page.url.rpartition("/")[2]


async def make_contract(firm: Firm, customer: str, **chosen: str) -> str:
    """Make a contract, `chosen` by the form's labels with `_` for a space; its number.  Ends on the customer's page."""
    page = firm.admin
    await page.goto(firm.address(f"records/customers/{customer}"))
    await page.get_by_role("button", name="Make a contract").click()
    dialog = page.get_by_role("dialog")
    for label, value in chosen.items():
        field = dialog.get_by_label(label.replace("_", " "), exact=True)
        if await field.evaluate("field => field.tagName") == "SELECT":
            await field.select_option(value)
        else:
            await field.fill(value)
    await dialog.get_by_role("button", name="Make", exact=True).click()
    await expect(dialog).to_have_count(0)
    contracts = (await firm.call(page, "GET", f"/contracts?customer={customer}"))["items"]
    return str(contracts[-1]["number"])


async def work_of(firm: Firm, who: str) -> Locator:
    """The rows of the page Work that name `who`."""
    await firm.record_work()
    await firm.admin.goto(firm.address("records/work"))
    return firm.admin.get_by_role("row").filter(has_text=who)


async def issue_invoice(firm: Firm, customer: str) -> Page:
    """Put a customer's charged work on an invoice; the page shows it."""
    page = firm.admin
    await page.goto(firm.address("records/invoices"))
    await page.locator("summary", has_text="Issue an invoice").click()
    await page.get_by_label("For the customer").select_option(customer)
    await page.get_by_role("button", name="Issue", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice ")
    return page


async def worked(firm: Firm, customer: str, count: int) -> list[dict[str, Any]]:
    """What a customer's sessions and entries have become once there are `count` of them, the newest first."""

    async def rated() -> list[dict[str, Any]]:
        await firm.record_work()
        answer = await firm.call(firm.admin, "GET", f"/time-entries?customer={customer}")
        items: list[dict[str, Any]] = answer["items"]
        return items if len(items) == count else []

    found: list[dict[str, Any]] = await eventually(rated)
    return found


async def nothing_differs(firm: Firm) -> None:
    """Every bill, computed again from the log and the policies, is what stands there: `relevo bill verify`."""
    checked = await verify(firm.broker.services.store, firm.org_id)
    assert checked.charges > 0
    assert checked.differences == ()
