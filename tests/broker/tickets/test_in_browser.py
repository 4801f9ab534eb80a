"""A customer's request in a real browser: the form, and the page to come back to; no barrier on either."""

from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from broker.policies import files
from broker.tickets.repository import Filter
from tests.broker.tickets.test_life import picture
from tests.support.browser import browsing
from tests.support.live_broker import LiveBroker

pytestmark = pytest.mark.e2e


async def no_barrier(page: Page) -> None:
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        found = await Axe().run(page)
        assert found.violations_count == 0, (page.url, scheme, found.generate_report())


@pytest.mark.clause("E5")
@pytest.mark.clause("I16")
async def test_a_customer_asks_by_keyboard_comes_back_and_closes(broker: LiveBroker, tmp_path: Path) -> None:
    services, org_id, operator = broker.services, broker.provider.org_id, broker.operator.id
    await services.policies.adopt(org_id, files.load("informapuntcom").model_copy(
        update={"tickets": files.load("easi").tickets, "contractless": files.load("easi").contractless}
    ), operator)  # fmt: skip
    shot = tmp_path / "pantalla.png"
    shot.write_bytes(picture())
    async with browsing() as browser:
        page = await browser.new_page(locale="es-ES")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{broker.provider.origin}/download/{org_id}")
        await page.get_by_role("link", name="Enviar una petición").click()
        await no_barrier(page)
        await page.get_by_label("¿De qué se trata?").focus()
        for typed in ("No imprime", "Sale en blanco <b>"):
            await page.keyboard.type(typed)
            await page.keyboard.press("Tab")
        await page.get_by_label("¿Cuánto apremia?").select_option("mucho: no puedo trabajar")
        await page.get_by_label("Su nombre").fill("Eva")
        await page.get_by_role("button", name="Enviar la petición").press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Su petición tiene el número 1.")
        await no_barrier(page)

        await page.get_by_role("link", name="Abrir mi petición").click()
        await expect(page.get_by_text("Su petición espera su turno.")).to_be_visible()
        await expect(page.locator("#said li")).to_contain_text("Sale en blanco <b>")
        await page.get_by_label("Escribir más").fill("También el escáner")
        await page.get_by_role("button", name="Enviar", exact=True).press("Enter")
        await expect(page.locator("#said li")).to_have_count(2)
        await page.get_by_label("Añadir una captura").set_input_files(shot)
        await page.get_by_role("button", name="Añadirla").press("Enter")
        await expect(page.locator("#attachments")).to_have_text("1")
        shot.write_bytes(b"no picture")
        await page.get_by_label("Añadir una captura").set_input_files(shot)
        await page.get_by_role("button", name="Añadirla").press("Enter")
        await expect(page.locator("#problem")).not_to_be_empty()
        await no_barrier(page)

        (row,) = (await services.tickets.page(Filter(org_id), 10)).rows
        await services.tickets.answer(org_id, row.id, operator, "¿Está encendida?")
        await page.reload()
        await expect(page.locator("#said li").last).to_contain_text("Soporte")
        await page.get_by_role("link", name="English").click()
        await expect(page.get_by_text("We have answered.")).to_be_visible()
        await page.get_by_role("button", name="It is solved").press("Enter")
        await expect(page.get_by_text("This request is closed.")).to_be_visible()
        await expect(page.get_by_role("button", name="It is solved")).to_be_hidden()
        await no_barrier(page)

        token = page.url.partition("#")[2]
        assert len(token) == 43
        assert not any(token in url.partition("#")[0] for url in asked)
        for wrong in ("", "x", "A" * 43):
            await page.goto("about:blank")
            await page.goto(f"{broker.provider.origin}/ticket#{wrong}")
            await expect(page.get_by_text("Este enlace no es de ninguna petición.")).to_be_visible()
