"""Mouse and keyboard of the technician, as they reach the customer's computer."""

import pytest
from playwright.async_api import FloatRect, expect

from protocol import inner
from tests.operator_console.web.desk import HEIGHT, WIDTH, Desk
from tests.operator_console.web.sealed_agent import SealedAgent

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

KEYBOARD = "Keyboard of the customer's computer"


async def at_the_keyboard(desk: Desk) -> SealedAgent:
    agent = await desk.go_live()
    await expect(desk.page.get_by_label(KEYBOARD)).to_be_focused()
    return agent


async def canvas_box(desk: Desk) -> FloatRect:
    box = await desk.page.locator("canvas.screen").bounding_box()
    assert box is not None
    return box


async def test_a_place_on_the_picture_is_the_same_place_on_the_customers_screen(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    for zoom in ("Fit", "1:1"):
        await desk.page.get_by_role("button", name=zoom).click()
        box = await canvas_box(desk)
        x, y = box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.5
        await desk.page.mouse.click(x, y)
        press = await agent.expect(inner.PointerButton)
        assert abs(press.x - WIDTH * 0.75) <= 1
        assert abs(press.y - HEIGHT * 0.5) <= 1
        await agent.expect(inner.PointerButton)
    exact = await canvas_box(desk)
    assert (round(exact["width"]), round(exact["height"])) == (WIDTH, HEIGHT)


async def test_every_button_goes_down_and_up(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    for name, number in (("left", 1), ("middle", 2), ("right", 3)):
        await desk.page.locator("canvas.screen").click(button=name)  # type: ignore[arg-type]
        down, up = await agent.expect(inner.PointerButton), await agent.expect(inner.PointerButton)
        assert [(down.button, down.down), (up.button, up.down)] == [(number, True), (number, False)]


async def test_of_many_moves_in_one_moment_the_last_one_goes_and_a_press_is_never_left_out(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    await desk.page.locator("canvas.screen").evaluate(
        """canvas => {
            const box = canvas.getBoundingClientRect(), scale = box.width / canvas.width;
            const happen = (kind, x, button) => canvas.dispatchEvent(new PointerEvent(kind, {
                clientX: box.left + x * scale + 1, clientY: box.top + 1, button, pointerId: 1 }));
            for (let x = 0; x < 100; x++) happen("pointermove", x, -1);
            happen("pointerdown", 100, 0);
            for (let x = 101; x < 200; x++) happen("pointermove", x, -1);
        }"""
    )
    assert (await agent.expect(inner.PointerButton)).x == 100
    assert (await agent.expect(inner.PointerMove)).x == 199
    assert not [message for message in agent.heard if isinstance(message, inner.PointerMove)]


async def test_the_wheel_turns_by_notches_and_keeps_what_is_less_than_one(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    await desk.page.locator("canvas.screen").hover()
    await desk.page.mouse.wheel(0, 250)
    assert (await agent.expect(inner.Wheel)).dy == 2
    await desk.page.mouse.wheel(0, 50)
    assert (await agent.expect(inner.Wheel)).dy == 1
    await desk.page.mouse.wheel(-300, 0)
    assert (await agent.expect(inner.Wheel)).dx == -3


async def test_an_accent_that_the_browser_composes_arrives_once_as_text(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    typing = await desk.page.context.new_cdp_session(desk.page)
    await typing.send("Input.imeSetComposition", {"text": "´", "selectionStart": 1, "selectionEnd": 1})
    await typing.send("Input.insertText", {"text": "á"})
    assert (await agent.expect(inner.Text)).text == "á"
    await desk.page.keyboard.press("x")
    assert (await agent.expect(inner.Key)).key == "x"
    assert not [message for message in agent.heard if isinstance(message, inner.Text)]


async def test_a_dead_key_shapes_the_next_letter_here_and_not_there(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    typing = await desk.page.context.new_cdp_session(desk.page)
    for event in (
        {"type": "rawKeyDown", "key": "Dead", "code": "Quote"},
        {"type": "keyUp", "key": "Dead", "code": "Quote"},
        {"type": "keyDown", "key": "é", "code": "KeyE", "text": "é"},
        {"type": "keyUp", "key": "e", "code": "KeyE"},
        {"type": "keyDown", "key": "z", "code": "KeyZ", "text": "z"},
    ):
        await typing.send("Input.dispatchKeyEvent", event)
    assert (await agent.expect(inner.Text)).text == "é"
    assert (await agent.expect(inner.Key)).key == "z"
    assert not [message for message in agent.heard if isinstance(message, inner.Key)]


async def test_alt_gr_goes_as_the_character_that_it_makes(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    await desk.page.get_by_label(KEYBOARD).evaluate(
        """field => {
            const press = (key, code, more) => field.dispatchEvent(
                new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more }));
            press("AltGraph", "AltRight", { modifierAltGraph: true });
            press("@", "Digit2", { modifierAltGraph: true });
            press("q", "KeyQ", {});
        }"""
    )
    assert (await agent.expect(inner.Text)).text == "@"
    assert (await agent.expect(inner.Key)).key == "q"
    assert not [message for message in agent.heard if isinstance(message, inner.Key)]


async def test_a_key_that_is_held_goes_once(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    for _ in range(5):
        await desk.page.keyboard.down("ArrowDown")
    await desk.page.keyboard.up("ArrowDown")
    keys = [await agent.expect(inner.Key), await agent.expect(inner.Key)]
    assert [(key.key, key.down) for key in keys] == [("ArrowDown", True), ("ArrowDown", False)]


async def test_leaving_lets_go_of_everything(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    await desk.page.keyboard.down("Shift")
    assert (await agent.expect(inner.Key)).down
    await desk.page.get_by_role("button", name="1:1").focus()
    await agent.expect(inner.ReleaseAll)


async def test_the_keyboard_alone_leads_out_of_the_customers_screen(desk: Desk) -> None:
    agent = await at_the_keyboard(desk)
    await desk.page.keyboard.press("Control+Alt+Shift")
    await agent.expect(inner.ReleaseAll)
    await expect(desk.page.get_by_role("button", name="Fit")).to_be_focused()


async def test_without_control_nothing_is_sent(desk: Desk) -> None:
    agent = await desk.go_live("view")
    await desk.page.locator("canvas.screen").click()
    await desk.page.keyboard.press("a")
    await expect(desk.page.get_by_label(KEYBOARD)).to_be_disabled()
    await desk.page.get_by_role("button", name="End session").click()
    await agent.expect(inner.Goodbye)
    assert not [message for message in agent.heard if not isinstance(message, inner.Decodes | inner.Refresh)]
