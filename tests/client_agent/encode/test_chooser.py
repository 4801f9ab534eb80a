"""Pictures into messages: drawn in order they are the picture; none is too large; what rests is exact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from client_agent.capture.base import Pixels
from client_agent.encode.chooser import REST, ScreenEncoder
from client_agent.encode.film import Film
from client_agent.encode.pacer import Line
from client_agent.encode.video import VideoEncoder
from client_agent.errors import EncoderUnavailable
from protocol import inner
from tests.client_agent.support.canvas import FAST, SLOW, Canvas, drain, show

FRAME = 1 / 25


def blank(width: int = 500, height: int = 300) -> Pixels:
    return np.full((height, width, 4), 255, np.uint8)


def noise(seed: int, width: int, height: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)


def text(width: int, height: int, seed: int = 3) -> Pixels:
    """Lines of letters of 10 × 18 pixels, each out of 40, and blanks between words."""
    letters = np.random.default_rng(1).random((40, 8, 5)) < 0.4
    letters = np.repeat(np.repeat(letters, 2, 1), 2, 2)
    page = np.full((height + 18, width + 10), 255, np.uint8)
    rng = np.random.default_rng(seed)
    for top in range(0, height, 18):
        for left in range(0, width, 10):
            if rng.random() < 0.8:
                page[top : top + 16, left : left + 10] = np.where(letters[rng.integers(40)], 20, 255)
    return np.ascontiguousarray(np.repeat(page[:height, :width, None], 4, 2))


@given(st.lists(st.tuples(*[st.integers(0, 260)] * 2, st.integers(1, 90), st.integers(0, 255)), max_size=6))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("line", [FAST, SLOW])
def test_the_console_has_the_picture_when_nothing_is_left(line: Line, changes: list[tuple[int, int, int, int]]) -> None:
    encoder, canvas, picture = ScreenEncoder(), Canvas(), blank()
    show(encoder, canvas, picture, line=line)
    for number, (x, y, size, value) in enumerate(changes):
        picture = picture.copy()
        picture[y : y + size, x : x + size, :3] = [value, 255 - value, 7]
        show(encoder, canvas, picture, number, line)
        assert canvas.shows(picture)
    assert not {"jpeg", "video"} & set(canvas.encodings)


def test_a_picture_that_is_replaced_half_way_still_comes_out_whole() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    rng = np.random.default_rng(1)
    picture = blank(900, 700)
    for step in range(8):
        picture = picture.copy()
        x, y = rng.integers(0, 600, 2)
        picture[y : y + 200, x : x + 200, :3] = rng.integers(0, 2, (min(200, 700 - y), 200, 1)) * 255
        encoder.look(picture, ((0, 0, 900, 700),), (), SLOW, step)
        for _ in range(2):
            if (message := encoder.next(SLOW, step)) is not None:
                canvas.take(message)
    show(encoder, canvas, picture, 9, SLOW)
    assert canvas.shows(picture)


def test_a_photo_is_lossy_at_first_and_exact_when_it_rests() -> None:
    encoder, canvas, photo = ScreenEncoder(), Canvas(), noise(2, 320, 192)
    show(encoder, canvas, photo)
    assert set(canvas.encodings) == {"jpeg"}
    assert encoder.sending == "photo"
    assert encoder.due_at(0.1) == pytest.approx(REST)
    drain(encoder, canvas, REST)
    assert canvas.shows(photo)
    assert encoder.due_at(1) == float("inf")


def test_nothing_is_sent_when_nothing_changed() -> None:
    encoder, canvas, picture = ScreenEncoder(), Canvas(), blank()
    show(encoder, canvas, picture)
    encoder.look(picture.copy(), ((0, 0, 500, 300),), (), FAST, 1)
    assert encoder.next(FAST, 1) is None
    assert encoder.due_at(1) == float("inf")


def test_another_size_and_other_monitors_begin_a_new_picture() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    show(encoder, canvas, blank())
    small = blank(65, 33)
    small[:, :, 0] = 3
    show(encoder, canvas, small)
    assert canvas.shows(small)
    show(encoder, canvas, small, monitors=((0, 0, 40, 33), (40, 0, 25, 33)))
    assert canvas.shows(small)
    assert [one.w for one in canvas.monitors] == [40, 25]


def test_restart_sends_everything_again() -> None:
    encoder, picture = ScreenEncoder(), blank()
    show(encoder, Canvas(), picture)
    encoder.restart()
    fresh = Canvas()
    show(encoder, fresh, picture)
    assert fresh.shows(picture)
    assert fresh.whole


def test_a_typed_letter_is_a_few_bytes() -> None:
    encoder, canvas, page = ScreenEncoder(), Canvas(), text(1280, 800)
    show(encoder, canvas, page)
    before = sum(canvas.sizes)
    page = page.copy()
    page[300:318, 400:410] = text(10, 18, 4)
    show(encoder, canvas, page, 1, damage=((400, 300, 10, 18),))
    assert canvas.shows(page)
    assert sum(canvas.sizes) - before < 250


def test_a_letter_goes_before_the_rest_of_a_large_change() -> None:
    encoder, canvas, page = ScreenEncoder(), Canvas(), text(1280, 800)
    show(encoder, canvas, page, line=SLOW)
    page = text(1280, 800, 5)
    encoder.look(page, ((0, 0, 1280, 800),), (), SLOW, 1)
    canvas.take(encoder.next(SLOW, 1))  # type: ignore[arg-type]
    page = page.copy()
    page[700:718, 400:410] = 77
    encoder.look(page, ((400, 700, 10, 18),), (), SLOW, 1.1)
    canvas.take(encoder.next(SLOW, 1.1))  # type: ignore[arg-type]
    assert (canvas.rgb[700:718, 400:410] == 77).all()


def test_a_letter_may_go_where_the_window_is_full_but_nothing_larger() -> None:
    encoder, canvas, page = ScreenEncoder(), Canvas(), text(640, 400)
    show(encoder, canvas, page)
    full = Line(rate=128_000, room=0, spare=2_000)
    page = page.copy()
    page[30:48, 40:50] = 77
    encoder.look(page, ((40, 30, 10, 18),), (), full, 1)
    assert encoder.next(full, 1) is not None
    encoder.look(text(640, 400, 8), ((0, 0, 640, 400),), (), full, 2)
    assert encoder.next(full, 2) is None


@pytest.mark.parametrize("line", [FAST, SLOW])
def test_what_scrolls_is_copied_exactly(line: Line) -> None:
    encoder, canvas, long, page = ScreenEncoder(), Canvas(), text(700, 2000), text(1000, 800)
    encoder.decodes(("h264",))
    for step in range(20):
        page = page.copy()
        page[100:600, 150:850] = long[step * 26 : step * 26 + 500]
        show(encoder, canvas, page, step * FRAME, line, ((150, 100, 700, 500),))
        assert canvas.shows(page)
        if step == 2:
            canvas.encodings.clear()
            canvas.sizes.clear()
    assert canvas.encodings.count("copy") >= 16
    assert "video" not in canvas.encodings
    assert sum(canvas.sizes) < 18 * 12_000


def test_no_message_draws_the_screen_more_often_than_a_console_takes() -> None:
    """Looks that came one after the other before anything could go."""
    encoder, canvas, long, page = ScreenEncoder(), Canvas(), text(700, 2000), text(700, 500)
    show(encoder, canvas, page)
    for step in range(20):
        page = np.ascontiguousarray(long[step * 26 : step * 26 + 500])
        encoder.look(page, ((0, 0, 700, 500),), (), FAST, step * FRAME)
    areas = []
    while (message := encoder.next(FAST, 1.0)) is not None:
        assert isinstance(message, inner.Tiles)
        areas.append(sum(tile.w * tile.h for tile in message.tiles))
        canvas.take(message)
    assert canvas.shows(page)
    assert 350_000 < max(areas) <= 4 * 350_000


def test_a_window_that_is_dragged_is_copied_exactly() -> None:
    encoder, canvas, desktop, window = ScreenEncoder(), Canvas(), text(1000, 800, 6), text(300, 260, 7)
    show(encoder, canvas, desktop)
    for step in range(12):
        x, y = 100 + step * 17, 80 + step * 9
        page = desktop.copy()
        page[y : y + 260, x : x + 300] = window
        show(encoder, canvas, page, step * FRAME, SLOW, ((x - 17, y - 9, 317, 269),))
        assert canvas.shows(page)
    assert canvas.encodings.count("copy") >= 9


def test_a_desktop_that_changes_its_size_while_something_scrolls_is_shown() -> None:
    encoder, canvas, long, page = ScreenEncoder(), Canvas(), text(700, 2000), text(1000, 800)
    encoder.decodes(("h264",))
    for step in range(20):
        page = page.copy()
        page[100:600, 150:850] = long[step * 26 : step * 26 + 500]
        show(encoder, canvas, page, step * FRAME, FAST, ((150, 100, 700, 500),))
    assert "copy" in canvas.encodings
    for step in range(20, 30):  # at once a film, which is asked whether it belongs to what scrolled
        small = noise(step, 640, 480)
        show(encoder, canvas, small, step * FRAME, FAST)
    assert encoder.sending == "video"
    drain(encoder, canvas, 30 * FRAME + REST)
    assert canvas.shows(small)


def film(encoder: ScreenEncoder, canvas: Canvas, page: Pixels, pictures: int, start: float, line: Line) -> Pixels:
    """A film of 320 × 180 pixels at 100, 100 plays."""
    ramp = np.linspace(0, 255, 320).astype(np.uint8)
    rng = np.random.default_rng(5)
    for number in range(pictures):
        page = page.copy()
        page[100:280, 100:420, :3] = np.roll(ramp, number * 7)[None, :, None] // 2 + rng.integers(0, 90, (180, 320, 1))
        show(encoder, canvas, page, start + number * FRAME, line, ((100, 100, 320, 180),))
    return page


@pytest.mark.parametrize("line", [FAST, SLOW])
def test_a_film_goes_as_video_and_is_exact_when_it_rests(line: Line) -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    encoder.decodes(("h264",))
    page = film(encoder, canvas, text(800, 600), 40, 0, line)
    assert canvas.encodings.count("video") > 15
    assert encoder.sending == "video"
    assert canvas.distance(page) < 12
    assert np.array_equal(canvas.rgb[300:, 500:], page[300:, 500:, 2::-1])
    drain(encoder, canvas, 40 * FRAME + REST, line)
    assert canvas.shows(page)


def test_a_desktop_that_changes_its_size_during_a_film_begins_it_anew() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    encoder.decodes(("h264",))
    film(encoder, canvas, text(800, 600), 30, 0, FAST)
    coded = canvas.encodings.count("video")
    page = film(encoder, canvas, text(700, 500), 30, 30 * FRAME, FAST)
    assert canvas.encodings.count("video") > coded
    drain(encoder, canvas, 60 * FRAME + REST)
    assert canvas.shows(page)


def test_typing_beside_a_film_stays_exact_and_goes_at_once() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    encoder.decodes(("h264",))
    page = film(encoder, canvas, text(800, 600), 30, 0, SLOW)
    for key in range(20):
        now = (30 + key * 3) * FRAME
        page = film(encoder, canvas, page, 3, now, SLOW)
        page = page.copy()
        page[500:518, 600 + key * 5 : 610 + key * 5] = text(10, 18, key)
        encoder.look(page, ((600 + key * 5, 500, 10, 18),), (), SLOW, now + 2.5 * FRAME)
        message = encoder.next(SLOW, now + 2.5 * FRAME)
        assert isinstance(message, inner.Tiles)
        canvas.take(message)
        assert np.array_equal(canvas.rgb[490:, 590:], page[490:, 590:, 2::-1])


def test_no_message_takes_a_slow_line_for_long() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    encoder.decodes(("h264",))
    page = film(encoder, canvas, text(800, 600), 40, 0, SLOW)
    show(encoder, canvas, text(800, 600, 9), 3, SLOW)
    assert max(canvas.sizes) < SLOW.rate * 0.12
    assert page is not None


def test_a_photo_on_a_slow_line_is_a_moving_picture_first_and_exact_in_the_end() -> None:
    encoder, canvas, photo = ScreenEncoder(), Canvas(), noise(2, 640, 400)
    encoder.decodes(("h264",))
    show(encoder, canvas, photo, line=SLOW)
    assert "video" in canvas.encodings
    assert sum(canvas.sizes) < 60_000
    for now in np.arange(FRAME, 4, FRAME):
        drain(encoder, canvas, float(now), SLOW)
    assert canvas.shows(photo)


def test_a_console_that_draws_no_video_gets_tiles_only() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    page = film(encoder, canvas, text(800, 600), 20, 0, FAST)
    assert "video" not in canvas.encodings
    drain(encoder, canvas, 20 * FRAME + REST)
    assert canvas.shows(page)


def test_an_encoder_that_fails_is_replaced_by_tiles() -> None:
    class Failing(VideoEncoder):
        def encode(self, *_arguments: object, **_named: object) -> None:  # type: ignore[override]
            raise EncoderUnavailable("encode", "it broke")

    encoder, canvas = ScreenEncoder(Film(Failing)), Canvas()
    encoder.decodes(("h264",))
    page = film(encoder, canvas, text(800, 600), 20, 0, FAST)
    assert "video" not in canvas.encodings
    drain(encoder, canvas, 20 * FRAME + REST)
    assert canvas.shows(page)


def test_a_console_that_cannot_draw_video_any_more_gets_the_whole_picture_in_tiles() -> None:
    encoder, canvas = ScreenEncoder(), Canvas()
    encoder.decodes(("h264",))
    page = film(encoder, canvas, text(800, 600), 20, 0, FAST)
    encoder.decodes(())
    encoder.restart()
    fresh = Canvas()
    show(encoder, fresh, page, 1)
    drain(encoder, fresh, 1 + REST)
    assert "video" not in fresh.encodings
    assert fresh.shows(page)
