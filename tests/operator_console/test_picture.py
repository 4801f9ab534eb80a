"""What the console draws, and what it refuses to take for a tile."""

import io
import zlib

import pytest
from PIL import Image

from operator_console.picture import Picture
from protocol.errors import IntegrityError
from protocol.inner import ScreenSize, Tile, Tiles


@pytest.fixture
def picture() -> Picture:
    shown = Picture()
    shown.resize(ScreenSize(width=64, height=48))
    return shown


def tile(encoding: str, data: bytes, x: int = 0, y: int = 0, w: int = 16, h: int = 16) -> Tile:
    return Tile(x=x, y=y, w=w, h=h, encoding=encoding, data=data)  # type: ignore[arg-type]


def one(drawn: Tile, last: bool = True) -> Tiles:
    return Tiles(frame=1, last=last, tiles=(drawn,))


def png(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (1, 2, 3)).save(file, "PNG")
    return file.getvalue()


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
        tile("png", png((8, 8))),
        tile("jpeg", png((16, 16))),
        tile("png", png((16, 16))[:40]),
    ],
    ids=["half a colour", "outside", "no stream", "too short", "other size", "other format", "cut short"],
)
def test_what_is_no_tile_of_this_screen_is_refused(picture: Picture, bad: Tile) -> None:
    before = picture.image.tobytes()
    with pytest.raises(IntegrityError):
        picture.draw(one(bad))
    assert picture.image.tobytes() == before


def test_a_stream_that_swells_is_never_unpacked_whole(picture: Picture) -> None:
    swelling = zlib.compress(bytes(256 * 1024 * 1024))
    picture.draw(one(tile("rgb", swelling)))
    assert picture.image.getpixel((0, 0)) == (0, 0, 0)
