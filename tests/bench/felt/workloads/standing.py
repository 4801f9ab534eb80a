"""What stands still: the page that everything moves over, the window that answers keys, the page that changes whole."""

import signal
import struct
from typing import Any

from xcffib import xproto

from tests.bench.felt.workloads import place, text
from tests.bench.felt.workloads.window import Times, Window


def wall(times: Times) -> None:
    """A page of text; the server itself draws it again where it was covered."""
    x, y, width, height = place.WALL
    window = Window((x, y), width, height)
    window.pixels[:] = text.page(width, height, seed=1)
    window.keep_as_background()
    window.show()
    times.note(0)
    signal.pause()


def page(times: Times) -> None:
    """A page of text in place of the wall's; SIGUSR1 puts another in its place at once.  Step: how many were."""
    x, y, width, height = place.WALL
    window = Window((x, y), width, height)
    window.pixels[:] = text.page(width, height, seed=10)
    window.show()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    times.note(0)
    for step in range(1, Times.LENGTH):
        window.pixels[:] = text.page(width, height, seed=10 + step)
        signal.sigwait({signal.SIGUSR1})
        window.put()
        times.note(step)


def echo(times: Times) -> None:
    """Each key press changes the block's colour and types a character beside it; a click gives it the keyboard."""
    x, y, width, height = place.ECHO
    window = Window((x, y), width, height, xproto.EventMask.KeyPress | xproto.EventMask.ButtonPress)
    window.pixels[..., :3] = 250
    left, top, block_width, block_height = place.ECHO_BLOCK
    window.pixels[top : top + block_height, left : left + block_width, :3] = place.ECHO_COLOURS[0][::-1]
    window.keep_as_background()
    window.show()
    core, ink = window.core, window.connection.generate_id()
    font = window.connection.generate_id()
    core.OpenFont(font, len("fixed"), "fixed")
    core.CreateGC(ink, window.window, xproto.GC.Foreground | xproto.GC.Background | xproto.GC.Font, [0, 0xFAFAFA, font])
    core.SetInputFocus(xproto.InputFocus.PointerRoot, window.window, xproto.Time.CurrentTime)
    window.sync()
    times.note(0)
    block: Any = xproto.RECTANGLE.synthetic(left, top, block_width, block_height)  # type: ignore[no-untyped-call]
    pressed, column = 0, 0
    while True:
        event = window.connection.wait_for_event()
        if isinstance(event, xproto.ButtonPressEvent):
            core.SetInputFocus(xproto.InputFocus.PointerRoot, window.window, xproto.Time.CurrentTime)
            window.sync()
        if not isinstance(event, xproto.KeyPressEvent):
            continue
        pressed = (pressed + 1) % Times.LENGTH
        red, green, blue = place.ECHO_COLOURS[pressed % len(place.ECHO_COLOURS)]
        core.ChangeGC(window.context, xproto.GC.Foreground, [red << 16 | green << 8 | blue])
        core.PolyFillRectangle(window.window, window.context, 1, [block])
        at = 64 + 8 * column
        if column == 0:
            core.ClearArea(False, window.window, 64, 0, width - 64, height)
        core.ImageText8(1, window.window, ink, at, 34, struct.pack("B", 97 + pressed % 26).decode())
        window.sync()
        times.note(pressed)
        column = (column + 1) % 70
