"""What the console draws, and what it refuses to take for a tile."""

import io
import zlib

import msgspec
import pytest
from PIL import Image

from operator_console.picture import Picture
from protocol import inner_codec
from protocol.errors import IntegrityError, Malformed
from protocol.inner import ScreenSize, Tile, Tiles
from protocol.inner_codec import INNER_FROM_AGENT


@pytest.fixture
def picture() -> Picture:
    shown = Picture()
    shown.resize(ScreenSize(width=64, height=48))
    return shown


def tile(encoding: str, data: bytes, x: int = 0, y: int = 0, w: int = 16, h: int = 16) -> Tile:
    return Tile(x=x, y=y, w=w, h=h, encoding=encoding, data=data)  # type: ignore[arg-type]


def one(drawn: Tile, last: bool = True) -> Tiles:
    return Tiles(frame=1, last=last, tiles=(drawn,))


def file(size: tuple[int, int], form: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (1, 2, 3)).save(out, form)
    return out.getvalue()


def claims(width: int, height: int) -> bytes:
    """A file that says it is of this size, and holds nothing of it."""
    small = file((16, 16))
    at = small.index(b"\xff\xc0") + 5
    return small[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + small[at + 4 :]


def test_tiles_are_drawn_where_they_belong(picture: Picture) -> None:
    picture.draw(one(tile("fill", bytes((255, 0, 0)), x=16, y=32), last=False))
    assert not picture.whole
    picture.draw(one(tile("rgb", zlib.compress(bytes((0, 255, 0)) * 256))))
    assert picture.whole
    assert picture.image.getpixel((0, 0)) == (0, 255, 0)
    assert picture.image.getpixel((16, 32)) == (255, 0, 0)
    assert picture.image.getpixel((40, 40)) == (0, 0, 0)


@pytest.mark.parametrize(
    "bad",
    [
        tile("fill", b"\1\2"),
        tile("fill", bytes(3), x=60),
        tile("rgb", b"not a stream"),
        tile("rgb", zlib.compress(bytes(3 * 255))),
        tile("jpeg", file((8, 8))),
        tile("jpeg", claims(30_000, 30_000)),
        tile("jpeg", file((16, 16), "PNG")),
        tile("jpeg", file((16, 16))[:200]),
        tile("copy", b"\0\0\0"),
        tile("copy", b"\0\x31\0\0"),
        tile("copy", b"\0\0\xff\xff"),
    ],
    ids=[
        "half a colour",
        "outside",
        "no stream",
        "too short",
        "other size",
        "huge",
        "other format",
        "cut short",
        "copy from nowhere",
        "copy from beside",
        "copy from below",
    ],
)
def test_what_is_no_tile_of_this_screen_is_refused(picture: Picture, bad: Tile) -> None:
    before = picture.image.tobytes()
    with pytest.raises(IntegrityError):
        picture.draw(one(bad))
    assert picture.image.tobytes() == before


def test_a_copy_takes_what_is_there_when_its_turn_comes(picture: Picture) -> None:
    red, green = bytes((255, 0, 0)), bytes((0, 255, 0))
    drawn = (
        tile("fill", red, w=64, h=16),
        tile("copy", b"\0\0\0\0", y=16, w=64, h=16),
        tile("fill", green, w=64, h=8),
        # A scrolled text: the two rectangles overlap.
        tile("copy", b"\0\0\0\0", y=4, w=64, h=32),
    )
    picture.draw(Tiles(frame=1, last=True, tiles=drawn))
    rows = [picture.image.getpixel((9, y)) for y in (0, 4, 11, 12, 35, 36)]
    assert rows == [tuple(green)] * 3 + [tuple(red)] * 2 + [(0, 0, 0)]


def test_a_message_holds_no_more_pixels_than_the_screen(picture: Picture) -> None:
    """However small its bytes are: each tile is good by itself."""
    whole = tile("rgb", zlib.compress(bytes(64 * 48 * 3)), w=64, h=48)
    fill = tile("fill", bytes(3), w=64, h=48)
    picture.draw(Tiles(frame=1, last=True, tiles=(fill, fill, fill, whole)))
    with pytest.raises(IntegrityError, match="more pixels"):
        picture.draw(Tiles(frame=1, last=True, tiles=(fill,) * 5))
    with pytest.raises(IntegrityError):
        picture.draw(Tiles(frame=2, last=True, tiles=(whole, whole)))


def test_a_screen_larger_than_any_desktop_is_no_message() -> None:
    eight_monitors = inner_codec.to_bytes(ScreenSize(width=15_360, height=4_320))
    assert INNER_FROM_AGENT.read(eight_monitors) == ScreenSize(width=15_360, height=4_320)
    larger = msgspec.msgpack.encode({"t": "screen", "width": 15_360, "height": 4_321})
    with pytest.raises(Malformed):
        INNER_FROM_AGENT.read(larger)


def test_a_stream_that_swells_is_never_unpacked_whole(picture: Picture) -> None:
    swelling = zlib.compress(bytes(256 * 1024 * 1024))
    picture.draw(one(tile("rgb", swelling)))
    assert picture.image.getpixel((0, 0)) == (0, 0, 0)
