"""PipeWire's parameters: what is asked for has the shape that PipeWire reads, and nonsense is refused."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_agent.capture import spa


def agreed(fmt: int, width: int, height: int) -> bytes:
    """A format as a compositor says it: media type and subtype, pixels, size, frame rate (a fraction)."""
    properties = b"".join(
        struct.pack("=4I", key, 0, len(body), kind) + body + bytes(-len(body) % 8)
        for key, kind, body in (
            (1, spa.ID, struct.pack("=I", 2)),
            (2, spa.ID, struct.pack("=I", 1)),
            (0x20001, spa.ID, struct.pack("=I", fmt)),
            (0x20003, spa.RECTANGLE, struct.pack("=2I", width, height)),
            (0x20004, 11, struct.pack("=2I", 0, 1)),
        )
    )
    return struct.pack("=4I", len(properties) + 8, spa.OBJECT, 0x40003, spa.FORMAT) + properties


@pytest.mark.parametrize("fmt", list(spa.Format))
def test_an_agreed_format_is_read(fmt: spa.Format) -> None:
    assert spa.agreed_format(agreed(fmt, 1919, 1079)) == (fmt, 1919, 1079)


@pytest.mark.parametrize(
    "size", [(0, 1), (1, 0), (spa.MAXIMUM_SIDE + 1, 1), (1, 0xFFFFFFFF)], ids=lambda size: f"{size[0]}x{size[1]}"
)
def test_an_odd_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="picture"):
        spa.agreed_format(agreed(spa.Format.BGRX, *size))


def test_pixels_that_nobody_asked_for_are_refused() -> None:
    with pytest.raises(ValueError, match="2"):
        spa.agreed_format(agreed(2, 640, 480))


def test_what_is_wanted_reads_back_as_its_default() -> None:
    """A choice is read as its first value, which is the default."""
    assert spa.agreed_format(spa.wanted_format()) == (spa.Format.BGRX, 1920, 1080)


@pytest.mark.parametrize("pod", [spa.wanted_format(), spa.wanted_buffers(), spa.wanted_meta(spa.Meta.CURSOR, 8, 64)])
def test_a_pod_is_as_long_as_it_says(pod: bytes) -> None:
    size, kind = struct.unpack_from("=2I", pod)
    assert (size + 8, kind) == (len(pod), spa.OBJECT)
    assert len(pod) % 8 == 0


@given(st.binary(max_size=200), st.integers(0, 200))
def test_nonsense_is_refused_and_never_worse(noise: bytes, cut: int) -> None:
    for pod in (noise, agreed(spa.Format.BGRX, 640, 480)[:cut], agreed(spa.Format.BGRX, 640, 480)[:cut] + noise):
        try:
            _, width, height = spa.agreed_format(pod)
        except ValueError:
            continue
        assert 0 < width <= spa.MAXIMUM_SIDE
        assert 0 < height <= spa.MAXIMUM_SIDE
