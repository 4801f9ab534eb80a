"""Moving pictures: what comes out decodes to what went in, fits the line, and follows it when it changes."""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from client_agent.capture.base import Pixels
from client_agent.encode import x264
from client_agent.encode.colour import Canvas
from client_agent.encode.video import SMALLEST_PICTURE, VideoEncoder
from client_agent.errors import EncoderUnavailable

STEP = 54
"""Pixels that a text is scrolled by: three lines."""
TOLERANCE = 1.1
"""Over `largest`: x264 foresees the size of a picture nearly."""


class Decoder:
    """FFmpeg's, as the console would decode: a picture for each piece."""

    def __init__(self) -> None:
        self._context: Any = av.CodecContext.create("h264", "r")
        self._context.flags |= av.codec.context.Flags.low_delay

    def decode(self, data: bytes) -> Pixels:
        frames = self._context.decode(av.Packet(data))
        assert len(frames) == 1
        pixels: Pixels = frames[0].to_ndarray(format="bgr24", src_colorspace="ITU709", src_color_range="JPEG")
        return pixels


def text(width: int, height: int) -> Pixels:
    """A page of words, black on white, some of them blue."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for line, y in enumerate(range(2, height, 18)):
        words = " ".join(f"line {line} tells {line * line % 97}" for _ in range(width // 110))
        draw.text((8, y), words, fill=(0, 60, 200) if line % 7 == 3 else (20, 20, 20))
    return bgrx(image)


def bgrx(image: Image.Image) -> Pixels:
    return np.ascontiguousarray(np.asarray(image.convert("RGBA"))[..., [2, 1, 0, 3]])


def scrolling(width: int, height: int, pictures: int) -> Iterator[Pixels]:
    page = text(width, height + STEP * pictures)
    for number in range(pictures):
        yield page[number * STEP : number * STEP + height]


def film(width: int, height: int, pictures: int) -> Iterator[Pixels]:
    """Moving noise over a gradient, as a film would be: it takes every bit that it gets."""
    noise = np.random.default_rng(2)
    grey = np.linspace(60, 190, width, dtype=np.float32)[None, :, None]
    for number in range(pictures):
        yield np.clip(np.roll(grey, number * 5, 1) + noise.normal(0, 12, (height, width, 4)), 0, 255).astype(np.uint8)


def far(one: Pixels, other: Pixels) -> float:
    """The mean difference of two pictures' values."""
    return float(np.abs(one[..., :3].astype(np.int16) - other[..., :3]).mean())


def test_one_picture_in_is_one_out_and_decodes_to_nearly_the_same() -> None:
    encoder, decoder = VideoEncoder("h264", 640, 368, 8000, 20, None), Decoder()
    for number, picture in enumerate(scrolling(640, 368, 20)):
        coded = encoder.encode(picture, None)
        assert coded.key == (number == 0)
        assert coded.rows == 368
        assert 0 < coded.quantiser < 40
        assert far(decoder.decode(coded.data), picture) < 4


def test_colours_are_those_of_the_desktop() -> None:
    """Full range, BT.709, and said so: a browser that follows the stream shows what the tiles show."""
    colours = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 0, 0), (0, 255, 0), (0, 0, 255), (40, 90, 120)]
    picture = np.zeros((64, 64 * len(colours), 4), np.uint8)
    for place, colour in enumerate(colours):
        picture[:, place * 64 : place * 64 + 64, :3] = colour[::-1]
    encoder, context = VideoEncoder("h264", 64 * len(colours), 64, 8000, 20, None), av.CodecContext.create("h264", "r")
    for _ in range(3):
        frames = context.decode(av.Packet(encoder.encode(picture, None).data))
    frame = (frames or context.decode(None))[0]
    assert (frame.colorspace, frame.color_range) == (1, 2)
    shown = frame.to_ndarray(format="rgb24", src_colorspace="ITU709", src_color_range="JPEG")
    for place, colour in enumerate(colours):
        assert np.abs(shown[32, place * 64 + 32].astype(int) - colour).max() <= 2


@pytest.mark.parametrize(("line_kbit", "fps"), [(256, 10), (1024, 20), (4096, 20)])
def test_no_picture_is_larger_than_the_line_carries_in_a_moment(line_kbit: int, fps: int) -> None:
    largest = line_kbit * 15
    encoder = VideoEncoder("h264", 1008, 704, line_kbit * 4 // 5, fps, largest)
    sizes = [len(encoder.encode(picture, None).data) for picture in scrolling(1008, 704, 30)]
    assert max(sizes) <= largest * TOLERANCE
    assert sum(sizes) * 8 * fps / 30 <= line_kbit * 1000


def test_a_stream_on_a_slow_line_begins_in_rows_that_are_right() -> None:
    encoder, decoder = VideoEncoder("h264", 1008, 704, 200, 10, 3840), Decoder()
    picture, before = text(1008, 704), 0
    for _ in range(10):
        coded = encoder.encode(picture, ())
        shown = decoder.decode(coded.data)
        assert before < coded.rows or coded.rows == 704
        assert far(shown[: coded.rows], picture[: coded.rows]) < 25
        before = coded.rows
    assert before == 704
    again = encoder.encode(picture, (), key=True)
    assert again.key
    assert again.rows < 704


def test_a_new_rate_counts_at_once_and_needs_no_key_picture() -> None:
    encoder = VideoEncoder("h264", 640, 368, 6400, 20, 96_000)
    sizes = []
    for number, picture in enumerate(film(640, 368, 60)):
        if number == 20:
            encoder.rate(800, 12_000)
        if number == 40:
            encoder.rate(6400, 96_000)
        coded = encoder.encode(picture, None)
        assert coded.key == (number == 0)
        sizes.append(len(coded.data))
    fast, slow, fast_again = sum(sizes[5:20]) / 15, sum(sizes[20:40]) / 20, sum(sizes[45:60]) / 15
    assert fast > 25_000
    assert slow < 8_000
    assert max(sizes[21:40]) <= 12_000 * TOLERANCE
    assert fast_again > 25_000


def test_pictures_that_come_slowly_get_what_the_line_carried_meanwhile() -> None:
    def sent(told: bool) -> int:
        encoder = VideoEncoder("h264", 640, 368, 400, 20, 8000)
        coded = [
            encoder.encode(picture, None, at=number / 5 if told else None)
            for number, picture in enumerate(film(640, 368, 20))
        ]
        return sum(len(one.data) for one in coded[4:])

    assert sent(told=True) > 1.5 * sent(told=False)


def test_only_what_is_dirty_is_looked_at() -> None:
    before, after = text(320, 240), text(320, 240)
    after[40:90, 33:101] = 0
    whole, part = Canvas(320, 240), Canvas(320, 240)
    whole.draw(after, [(0, 0, 320, 240)])
    part.draw(before, [(0, 0, 320, 240)])
    part.draw(after, [(33, 40, 68, 50), (500, 0, 3, 3), (0, -9, 5, 5)])
    for one, other in zip(whole.frame.planes, part.frame.planes, strict=True):
        assert bytes(one) == bytes(other)


def test_an_odd_part_of_a_larger_desktop() -> None:
    desktop = text(500, 400)
    encoder, decoder = VideoEncoder("h264", 333, 201, 8000, 20, None), Decoder()
    part = desktop[51:252, 101:434]
    for _ in range(4):
        shown = decoder.decode(encoder.encode(part, None).data)
    assert encoder.size == (334, 202)
    assert shown.shape == (202, 334, 3)
    assert far(shown[:201, :333], part) < 4


def test_a_smaller_stream_of_a_large_place() -> None:
    encoder = VideoEncoder("h264", 1920, 1080, 8000, 20, None, scale=2)
    shown = Decoder().decode(encoder.encode(text(1920, 1080), None).data)
    assert shown.shape[:2] == (540, 960) == encoder.size[::-1]


def test_the_profile_is_the_streams_own() -> None:
    encoder = VideoEncoder("h264", 640, 368, 800, 20, None)
    data = encoder.encode(text(640, 368), None).data
    assert data[:5] == b"\x00\x00\x00\x01\x67"
    assert encoder.profile == f"avc1.{data[5:8].hex().upper()}"
    assert b"x264" not in data


@pytest.mark.parametrize(
    ("width", "height", "fps", "scale"),
    [
        (0, 0, 20, 1),
        (100_000, 368, 20, 1),
        (640, 100_000, 20, 1),
        (-640, 368, 20, 1),
        (16, 368, 20, 1),
        (640, 368, 0, 1),
        (640, 368, 1000, 1),
        (640, 368, 20, 0),
        (100, 100, 20, 4),
    ],
)
def test_impossible_sizes_are_refused(width: int, height: int, fps: int, scale: int) -> None:
    with pytest.raises(EncoderUnavailable) as refused:
        VideoEncoder("h264", width, height, 800, fps, None, scale)
    assert refused.value.reason == "size"


def test_a_codec_that_is_not_there_is_refused() -> None:
    with pytest.raises(EncoderUnavailable) as refused:
        VideoEncoder("vp9", 640, 368, 800, 20, None)
    assert refused.value.reason == "codec"


@pytest.mark.parametrize(("kbit", "largest"), [(0, 0), (-5, -5), (10**9, 10**9), (1, None)])
def test_impossible_rates_are_made_possible(kbit: int, largest: int | None) -> None:
    encoder = VideoEncoder("h264", 640, 368, kbit, 20, largest)
    encoder.rate(800, None)
    encoder.rate(kbit, largest)
    assert len(encoder.encode(text(640, 368), None).data) >= SMALLEST_PICTURE // 4


def test_an_encoder_that_fails_in_the_middle_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, picture = VideoEncoder("h264", 640, 368, 800, 20, None), text(640, 368)
    encoder.encode(picture, None)

    def broken(*_: object) -> None:
        raise av.FFmpegError(5, "it broke")

    monkeypatch.setattr(x264.X264, "encode", broken)
    for reason in ("encode", "closed"):
        with pytest.raises(EncoderUnavailable) as failed:
            encoder.encode(picture, None)
        assert failed.value.reason == reason


def test_a_picture_of_another_size_is_refused() -> None:
    encoder = VideoEncoder("h264", 640, 368, 800, 20, None)
    with pytest.raises(EncoderUnavailable):
        encoder.encode(text(642, 368), None)


def test_another_layout_of_pyav_is_found_out_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(x264, "_AFTER_HEAD_AND_TABLE", 2)
    with pytest.raises(EncoderUnavailable) as refused:
        VideoEncoder("h264", 640, 368, 800, 20, None)
    assert refused.value.reason == "open"


def test_closing_twice_is_closing() -> None:
    encoder = VideoEncoder("h264", 640, 368, 800, 20, None)
    encoder.close()
    encoder.close()
    with pytest.raises(EncoderUnavailable):
        encoder.rate(800, None)
