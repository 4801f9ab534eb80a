"""The web console in a real Chromium: from the code to the end, over lost lines and reloads."""

import asyncio
import secrets

import pytest
from playwright.async_api import expect

from protocol import codec, inner
from tests.operator_console.web.desk import HEIGHT, WIDTH, Desk
from tests.operator_console.web.sealed_agent import exact, fill

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_from_the_code_to_the_picture_and_back_to_the_customer(desk: Desk) -> None:
    agent = await desk.go_live()
    await desk.shows(5, 5, [10, 20, 30])

    noise = secrets.token_bytes(16 * 8 * 3)
    await agent.show(
        inner.Tiles(frame=2, last=True, tiles=(exact(32, 40, 16, 8, noise), fill(33, 41, 1, 1, (1, 2, 3))))
    )
    await agent.drawn(3)
    await desk.shows(32, 40, list(noise[:3]))
    await desk.shows(33, 41, [1, 2, 3])

    await desk.page.locator("canvas.screen").click(position={"x": 0, "y": 0})
    press = await agent.expect(inner.PointerButton)
    assert (press.x, press.y, press.button, press.down) == (0, 0, 1, True)
    assert not (await agent.expect(inner.PointerButton)).down

    await desk.page.keyboard.press("Shift+A")
    keys = [await agent.expect(inner.Key) for _ in range(4)]
    assert [(key.key, key.down) for key in keys] == [("Shift", True), ("A", True), ("A", False), ("Shift", False)]
    await desk.page.keyboard.insert_text("¿Año? ¡Pingüino!")
    assert (await agent.expect(inner.Text)).text == "¿Año? ¡Pingüino!"

    await agent.send(inner.Goodbye(reason="customer"))
    ended = await agent.peer.end(agent.session)
    assert await desk.ending() == "ended:customer"
    async with desk.page.expect_download() as download:
        await desk.page.get_by_role("link", name="Save the log's witness").click()
    assert codec.TO_CONSOLE.read((await (await download.value).path()).read_bytes()) == ended
    assert desk.complaints == []


async def test_the_agents_five_symbols_never_leave_the_browser(desk: Desk) -> None:
    await desk.go_live()
    left = " ".join(desk.sent)
    assert f'"server_part":"{desk.code.server_part}"' in left
    assert desk.code.agent_part not in left


async def test_a_wrong_password_is_denied_and_says_so(desk: Desk) -> None:
    wrong = "A" if desk.code.server_part[0] != "A" else "C"
    await desk.type_code(wrong + desk.code.password[1:])
    assert await desk.ending() == "denied:denied"


async def test_what_cannot_be_a_password_is_refused_before_anything_is_sent(desk: Desk) -> None:
    await desk.type_code("K7QU-9X")
    await expect(desk.page.get_by_role("alert")).to_contain_text("8 symbols")
    assert not any("pair_request" in sent for sent in desk.sent)


async def test_the_customer_says_no(desk: Desk) -> None:
    agent = await desk.pair()
    await agent.send(inner.Refusal(reason="refused"))
    assert await desk.ending() == "ended:refused"


async def test_a_consent_that_another_key_signed_ends_the_session(desk: Desk) -> None:
    agent = await desk.pair()
    await agent.send(
        inner.Grant(
            granted=("view",), body=b"\0", sig=bytes(64), ack_seq=1, ack_head=bytes(32), ack_utc="", ack_sig=bytes(64)
        )
    )
    assert await desk.ending() == "ended:integrity"


async def test_the_technician_ends_it(desk: Desk) -> None:
    agent = await desk.go_live()
    await desk.page.get_by_role("button", name="End session").click()
    assert (await agent.expect(inner.Goodbye)).reason == "technician"
    assert await desk.ending() == "ended:technician"


async def test_a_cut_line_is_made_anew_in_the_same_session(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.cut()
    ready = await agent.join()
    assert ready.g == 2
    await expect(desk.page.locator(".desk")).to_have_attribute("data-state", "live")
    await agent.show(inner.ScreenSize(width=WIDTH, height=HEIGHT))
    await agent.show(inner.Tiles(frame=2, last=True, tiles=(fill(0, 0, WIDTH, HEIGHT, (7, 8, 9)),)))
    await agent.drawn(4)
    await desk.shows(5, 5, [7, 8, 9])


async def test_a_reloaded_tab_goes_on_with_its_session(desk: Desk) -> None:
    agent = await desk.go_live()
    await desk.page.reload()
    await agent.cut()
    await agent.join()
    await expect(desk.page.locator(".desk")).to_have_attribute("data-state", "live")
    await agent.show(inner.ScreenSize(width=WIDTH, height=HEIGHT))
    await agent.show(inner.Tiles(frame=2, last=True, tiles=(fill(0, 0, WIDTH, HEIGHT, (7, 8, 9)),)))
    await agent.drawn(4)
    await desk.shows(5, 5, [7, 8, 9])


async def test_a_second_tab_never_takes_over(desk: Desk) -> None:
    agent = await desk.go_live()
    end = asyncio.create_task(agent.expect(inner.Goodbye))  # pings are answered while the other tab waits
    other = await desk.page.context.new_page()
    await other.goto(f"{desk.broker.provider.origin}/console/#/session")
    await expect(other.get_by_role("heading", name="There is no session in this tab")).to_be_visible()
    await expect(desk.page.locator(".desk")).to_have_attribute("data-state", "live")
    await desk.page.get_by_role("button", name="End session").click()
    assert (await end).reason == "technician"


async def test_after_the_end_nothing_of_the_session_is_left_in_the_browser(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.send(inner.Goodbye(reason="customer"))
    await desk.ending()
    await desk.page.wait_for_function(
        """() => new Promise(done => {
            const open = indexedDB.open("relevo", 1);
            open.onsuccess = () => {
                const all = open.result.transaction("sessions").objectStore("sessions").count();
                all.onsuccess = () => { open.result.close(); done(all.result === 0); };
            };
        })"""
    )
    await desk.page.reload()
    await expect(desk.page.get_by_role("heading", name="There is no session in this tab")).to_be_visible()


async def test_control_that_is_taken_back_takes_mouse_and_keyboard_away(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.send(inner.PermissionSet(name="control", on=False))
    await expect(desk.page.get_by_label("Keyboard of the customer's computer")).to_be_disabled()
    await desk.page.locator("canvas.screen").click()
    await agent.send(inner.PermissionSet(name="control", on=True))
    await expect(desk.page.get_by_label("Keyboard of the customer's computer")).to_be_focused()
    agent.heard.clear()
    await desk.page.keyboard.press("b")
    assert (await agent.expect(inner.Key)).key == "b"
    assert not [message for message in agent.heard if isinstance(message, inner.PointerButton)]


async def test_a_picture_that_is_not_what_it_says_ends_the_session(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.show(inner.Tiles(frame=2, last=True, tiles=(exact(0, 0, 16, 16, b"too little"),)))
    assert await desk.ending() == "failure:protocol"


async def test_keys_that_the_browser_keeps_go_by_a_menu(desk: Desk) -> None:
    agent = await desk.go_live()
    await desk.page.get_by_role("button", name="Keys").click()
    await desk.page.get_by_role("button", name="Ctrl+Alt+Del").click()
    keys = [await agent.expect(inner.Key) for _ in range(6)]
    assert [(key.key, key.down) for key in keys] == [
        ("Control", True), ("Alt", True), ("Delete", True), ("Delete", False), ("Alt", False), ("Control", False),
    ]  # fmt: skip
    await expect(desk.page.get_by_role("button", name="Ctrl+Alt+Del")).to_be_hidden()
    await desk.page.keyboard.press("x")
    assert (await agent.expect(inner.Key)).key == "x"


async def test_escape_leads_out_of_the_menu_of_keys(desk: Desk) -> None:
    agent = await desk.go_live()
    await desk.page.get_by_role("button", name="Keys").click()
    await desk.page.keyboard.press("Tab")
    await expect(desk.page.get_by_role("button", name="Ctrl+Alt+Del")).to_be_focused()
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_role("button", name="Ctrl+Alt+Del")).to_be_hidden()
    await expect(desk.page.locator("summary", has_text="Keys")).to_be_focused()
    assert not [message for message in agent.heard if isinstance(message, inner.Key)]


async def test_signing_out_ends_the_session_and_leaves_nothing(desk: Desk) -> None:
    agent = await desk.go_live()
    await desk.page.goto(f"{desk.broker.provider.origin}/console/#/sessions")
    await desk.page.get_by_role("button", name="Sign out").click()
    assert (await agent.expect(inner.Goodbye)).reason == "technician"
    await desk.page.get_by_label("E-mail").wait_for()
    assert await desk.page.evaluate("indexedDB.databases().then(all => all.map(one => one.name))") in ([], ["relevo"])


async def test_a_service_that_is_out_of_reach_is_named(desk: Desk) -> None:
    await desk.page.goto(f"{desk.broker.provider.origin}/console/")
    await desk.page.get_by_label("ID").fill(desk.code.id)
    await desk.page.get_by_label("Password").fill(desk.code.password)
    await desk.page.route("**/api/v1/me", lambda route: route.abort())
    await desk.page.route_web_socket("**/ws/console", lambda socket: socket.close())
    await desk.page.get_by_role("button", name="Connect").click()
    assert await desk.ending() == "failure:broker_unreachable"


async def test_a_way_that_lets_no_socket_through_is_named(desk: Desk) -> None:
    await desk.page.route_web_socket("**/ws/console", lambda socket: socket.close())
    await desk.type_code()
    assert await desk.ending() == "failure:sockets_blocked"


async def test_the_loss_of_the_brokers_connection_alone_interrupts_nothing(desk: Desk) -> None:
    agent = await desk.go_live()
    (connected,) = (one for one in desk.broker.plane.consoles if one.principal.operator_id == desk.technician.id)
    async with desk.page.expect_websocket(lambda socket: socket.url.endswith("/ws/console")):
        connected.line.close(1012, "restarting")
        await agent.show(inner.Tiles(frame=2, last=True, tiles=(fill(0, 0, 8, 8, (7, 8, 9)),)))
        await agent.drawn(3)
    await desk.shows(5, 5, [7, 8, 9])
    await expect(desk.page.locator(".desk")).to_have_attribute("data-state", "live")

    await agent.cut()
    await agent.join()
    await expect(desk.page.locator(".desk")).to_have_attribute("data-state", "live")


async def test_what_the_customer_stops_showing_does_not_stay_on_the_technicians_screen(desk: Desk) -> None:
    agent = await desk.go_live()
    await agent.send(inner.PermissionSet(name="view", on=False))
    veil = desk.page.locator(".veil.opaque")
    await expect(veil).to_have_text("The customer does not show the screen now.")
    assert "rgb(20, 24, 28)" in await veil.evaluate("veil => getComputedStyle(veil).background")
