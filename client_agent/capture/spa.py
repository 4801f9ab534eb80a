"""PipeWire's parameters ("pods"): the few that a consumer of pictures says and hears, to bytes and back.  Pure.

Counterpart: `pipewire.py`.  Source: `spa/utils/type.h`, `spa/pod/pod.h`, `spa/param/`; stable since PipeWire 0.3, in
the computer's own byte order.  A pod is its body's size, its type and the body, filled up to eight bytes.
"""

import struct
from collections.abc import Mapping
from enum import IntEnum

ID, INT, RECTANGLE, OBJECT, CHOICE = 3, 4, 10, 15, 19
_FORMAT_OBJECT, _BUFFERS_OBJECT, _META_OBJECT = 0x40003, 0x40004, 0x40005
_RANGE, _ENUM, _FLAGS = 1, 3, 4

ENUM_FORMAT, FORMAT, BUFFERS, META = 3, 4, 5, 6
"""Which parameter of a stream it is: `enum spa_param_type`."""

_MEDIA_TYPE, _MEDIA_SUBTYPE, _VIDEO, _RAW = 1, 2, 2, 1
_VIDEO_FORMAT, _VIDEO_SIZE = 0x20001, 0x20003
_BUFFER_COUNT, _DATA_TYPE = 1, 6
_META_TYPE, _META_SIZE = 1, 2

MEM_PTR, MEM_FD = 1, 2
"""Where a picture's bytes are (`enum spa_data_type`): never in the graphics card, which wants a library of its own."""

MAXIMUM_SIDE = 1 << 15


class Format(IntEnum):
    """Four bytes a pixel, in this order: those of `enum spa_video_format` that are taken."""

    RGBX, BGRX, RGBA, BGRA = 7, 8, 11, 12

    @property
    def red_first(self) -> bool:
        """Whether red and blue stand the other way round than in `base.Pixels`."""
        return self in (Format.RGBX, Format.RGBA)


class Meta(IntEnum):
    """What may come with a picture: `enum spa_meta_type`."""

    HEADER, DAMAGE, CURSOR = 1, 3, 5


def wanted_format() -> bytes:
    """Raw pictures of any size whose pixels are one of `Format`, the best first; no modifier: no graphics memory."""
    formats = [Format.BGRX, Format.BGRA, Format.RGBX, Format.RGBA]
    sizes = ((1920, 1080), (1, 1), (MAXIMUM_SIDE, MAXIMUM_SIDE))
    return _object(
        _FORMAT_OBJECT, ENUM_FORMAT,
        {
            _MEDIA_TYPE: _pod(ID, _u32(_VIDEO)),
            _MEDIA_SUBTYPE: _pod(ID, _u32(_RAW)),
            _VIDEO_FORMAT: _choice(_ENUM, ID, [_u32(one) for one in (formats[0], *formats)]),
            _VIDEO_SIZE: _choice(_RANGE, RECTANGLE, [_u32(*one) for one in sizes]),
        },
    )  # fmt: skip


def wanted_buffers() -> bytes:
    """One picture is looked at, one waits, and the compositor has some to draw on."""
    return _object(
        _BUFFERS_OBJECT, BUFFERS,
        {
            _BUFFER_COUNT: _choice(_RANGE, INT, [_u32(8), _u32(3), _u32(16)]),
            _DATA_TYPE: _choice(_FLAGS, INT, [_u32(1 << MEM_FD | 1 << MEM_PTR)]),
        },
    )  # fmt: skip


def wanted_meta(kind: Meta, least: int, most: int) -> bytes:
    """That this much, in bytes, should come with each picture."""
    size = _choice(_RANGE, INT, [_u32(most), _u32(least), _u32(most)])
    return _object(_META_OBJECT, META, {_META_TYPE: _pod(ID, _u32(kind)), _META_SIZE: size})


def agreed_format(pod: bytes) -> tuple[Format, int, int]:
    """What is drawn from now on: format, width and height.  Raises `ValueError` for anything else."""
    try:
        properties = _properties(pod)
        number, (width, height) = properties[_VIDEO_FORMAT][0], properties[_VIDEO_SIZE]
    except (struct.error, KeyError, IndexError) as error:
        raise ValueError("a format without pixels or size") from error
    if not (1 <= width <= MAXIMUM_SIDE and 1 <= height <= MAXIMUM_SIDE):
        raise ValueError(f"a picture of {width}×{height}")
    return Format(number), width, height


def _u32(*numbers: int) -> bytes:
    return struct.pack(f"={len(numbers)}I", *numbers)


def _pod(kind: int, body: bytes) -> bytes:
    return _u32(len(body), kind) + body + bytes(-len(body) % 8)


def _choice(choice: int, kind: int, values: list[bytes]) -> bytes:
    """Several values of one type, the first of which is the default."""
    return _pod(CHOICE, _u32(choice, 0, len(values[0]), kind) + b"".join(values))


def _object(kind: int, parameter: int, properties: Mapping[int, bytes]) -> bytes:
    return _pod(OBJECT, _u32(kind, parameter) + b"".join(_u32(key, 0) + pod for key, pod in properties.items()))


def _properties(pod: bytes) -> dict[int, tuple[int, ...]]:
    """An object's properties as the 32-bit words of their values; of a choice, those of its default."""
    size, kind = struct.unpack_from("=2I", pod)
    if kind != OBJECT or size + 8 > len(pod):
        raise ValueError("not an object")
    found, at, end = {}, 16, 8 + size
    while at + 16 <= end:
        key, _, length, inner = struct.unpack_from("=4I", pod, at)
        body = pod[at + 16 : at + 16 + length]
        if inner == CHOICE:
            body = body[16 : 16 + struct.unpack_from("=I", body, 8)[0]]
        found[key] = struct.unpack(f"={len(body) // 4}I", body[: len(body) // 4 * 4])
        at += 16 + length + -length % 8
    return found
