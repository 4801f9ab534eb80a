"""The messages inside the sealed channel, by lane.  MessagePack, one message a frame; only the two ends read them.

Lane 0 CONTROL goes first, then 1 CURSOR, then 2 SCREEN, then 3 FILES.  Coordinates are pixels of the shared desktop,
origin top left.
The broker must never import this module.
"""

from enum import IntEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct

from protocol import limits
from protocol.control import EndReason, Permission
from protocol.fields import Count, Generation, whole


class Lane(IntEnum):
    """Priority: a lower number is sent first."""

    CONTROL = 0
    CURSOR = 1
    SCREEN = 2
    FILES = 3


Pixel = Annotated[int, Meta(ge=0, le=limits.SCREEN_SIDE - 1)]
Extent = Annotated[int, Meta(ge=1, le=limits.SCREEN_SIDE)]


class Inner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="t"):
    """What every sealed message has in common."""


# Control lane --------------------------------------------------------------------------------------------------------


class Ready(Inner, frozen=True, kw_only=True, tag="ready"):
    """First record of each side in a generation.  `acks[lane]`: the last number received on it; `granted`: what stands
    (agent only)."""

    g: Generation
    acks: tuple[Count, Count, Count, Count]
    granted: tuple[Permission, ...] = ()


class Ack(Inner, frozen=True, kw_only=True, tag="ack"):
    """Everything up to `number` on `lane` has been handled (for the screen: drawn), that one `ms` milliseconds after it
    came: what is late by more is late by the line."""

    lane: Annotated[int, Meta(ge=0, le=3)]
    number: Count
    ms: Annotated[int, Meta(ge=0, le=60_000)] = 0


class Grant(Inner, frozen=True, kw_only=True, tag="grant"):
    """A→C: the customer agreed.  `body`/`sig` are the consent receipt; `ack_…` the broker's countersignature."""

    granted: tuple[Permission, ...]
    body: bytes
    sig: bytes
    ack_seq: Count
    ack_head: bytes
    ack_utc: str
    ack_sig: bytes


class Refusal(Inner, frozen=True, kw_only=True, tag="refusal"):
    """A→C: the customer did not agree."""

    reason: Literal["refused", "consent_timeout"]


class PermissionSet(Inner, frozen=True, kw_only=True, tag="permission"):
    """A→C: a permission was given or taken back."""

    name: Permission
    on: bool


class Goodbye(Inner, frozen=True, kw_only=True, tag="end"):
    """Either end: the session is over."""

    reason: EndReason


class Ping(Inner, frozen=True, kw_only=True, tag="ping"):
    """Either end; answered by `Pong` with the same number at once."""

    nonce: Count


class Pong(Inner, frozen=True, kw_only=True, tag="pong"):
    """Answer to `Ping`."""

    nonce: Count


class Sync(Inner, frozen=True, kw_only=True, tag="sync"):
    """C→A: answered by `Synced` when all input before it was injected or dropped."""

    nonce: Count


class Synced(Inner, frozen=True, kw_only=True, tag="synced"):
    """A→C: answer to `Sync`."""

    nonce: Count


class Refresh(Inner, frozen=True, kw_only=True, tag="refresh"):
    """C→A: the whole screen is wanted again (a canvas was lost)."""


VideoCodec = Literal["h264", "vp9"]


class Decodes(Inner, frozen=True, kw_only=True, tag="decodes"):
    """C→A: the moving pictures that this console can draw, the best first; again on every line, and when it changes.
    Until it came the agent sends tiles only, and after an empty one too."""

    video: Annotated[tuple[VideoCodec, ...], Meta(max_length=4)]


class PointerMove(Inner, frozen=True, kw_only=True, tag="move"):
    """C→A: coalesced by the console, one per animation frame."""

    x: Pixel
    y: Pixel


class PointerButton(Inner, frozen=True, kw_only=True, tag="button"):
    """C→A: buttons are numbered 1 left, 2 middle, 3 right, 8 back, 9 forward."""

    x: Pixel
    y: Pixel
    button: Literal[1, 2, 3, 8, 9]
    down: bool


class Wheel(Inner, frozen=True, kw_only=True, tag="wheel"):
    """C→A: notches; positive is down and right."""

    x: Pixel
    y: Pixel
    dx: Annotated[int, Meta(ge=-50, le=50)]
    dy: Annotated[int, Meta(ge=-50, le=50)]


class Key(Inner, frozen=True, kw_only=True, tag="key"):
    """C→A: a key went down or up.  `key` is the DOM `KeyboardEvent.key` value (a character, or a name such as `Enter`,
    `F5`, `Shift`, `AltGraph`), `code` the DOM `KeyboardEvent.code` (`KeyA`) for the physical key."""

    key: Annotated[str, Meta(min_length=1, max_length=32)]
    code: Annotated[str, Meta(max_length=32)] = ""
    down: bool


class Text(Inner, frozen=True, kw_only=True, tag="text"):
    """C→A: text to be typed as it is, whatever the two layouts are."""

    text: Annotated[str, Meta(min_length=1, max_length=4096)]


class ReleaseAll(Inner, frozen=True, kw_only=True, tag="release"):
    """C→A: no key or button is held any more (the page lost the focus)."""


class Paused(Inner, frozen=True, kw_only=True, tag="paused"):
    """A→C: the screen cannot be shown now, and why (view was taken back, the screen is locked).  The next picture ends
    it."""

    reason: Literal["view_off", "locked", "capture_failed", "none"]


# Cursor lane ---------------------------------------------------------------------------------------------------------


class CursorShape(Inner, frozen=True, kw_only=True, tag="cursor"):
    """A→C: the pointer's picture, RGBA, not premultiplied, row by row; empty for none."""

    width: Annotated[int, Meta(ge=0, le=128)]
    height: Annotated[int, Meta(ge=0, le=128)]
    hot_x: Annotated[int, Meta(ge=0, le=127)]
    hot_y: Annotated[int, Meta(ge=0, le=127)]
    rgba: bytes


class CursorAt(Inner, frozen=True, kw_only=True, tag="cursor_at"):
    """A→C: where the pointer is, when the customer moves it."""

    x: Pixel
    y: Pixel


# Screen lane ---------------------------------------------------------------------------------------------------------


class Area(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, array_like=True):
    """A rectangle of the desktop."""

    x: Pixel
    y: Pixel
    w: Extent
    h: Extent


class ScreenSize(Inner, frozen=True, kw_only=True, tag="screen"):
    """A→C: the desktop's size, at most `SCREEN_AREA` pixels, and its monitors, the main one first (none told: one).
    What was drawn before is void and a whole picture follows; a stream of moving pictures is over."""

    width: Extent
    height: Extent
    monitors: Annotated[tuple[Area, ...], Meta(max_length=16)] = ()

    def __post_init__(self) -> None:
        if self.width * self.height > limits.SCREEN_AREA:
            raise ValueError("A screen is larger than any desktop")


TileEncoding = Literal["rgb", "webp", "jpeg", "fill", "copy"]


class Tile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, array_like=True):
    """A rectangle of the picture.

    `rgb`: zlib stream (RFC 1950) of w·h·3 bytes R,G,B; `webp`: a file with one lossless picture (RFC 9649, VP8L);
    `jpeg`: a file; `fill`: 3 bytes R,G,B; `copy`: u16 x ‖ u16 y, big endian: what the canvas shows there, in a
    rectangle of this size, before this tile is drawn (a scrolled text).
    """

    x: Pixel
    y: Pixel
    w: Extent
    h: Extent
    encoding: TileEncoding
    data: bytes


class Tiles(Inner, frozen=True, kw_only=True, tag="tiles"):
    """A→C: changed rectangles of picture `frame`, in drawing order; `last` when nothing of the screen is left that the
    console has not had since `ScreenSize`.  But for `fill`s and `copy`s they have no more pixels than the screen."""

    frame: Count
    last: bool
    tiles: tuple[Tile, ...]


class VideoStart(Inner, frozen=True, kw_only=True, tag="video_start"):
    """A→C: moving pictures of a part of the screen begin; those before are over.  Each decoded picture has `width` ×
    `height` pixels (even numbers) and covers `place`, enlarged if that is greater by more than one pixel a side."""

    codec: VideoCodec
    profile: Annotated[str, Meta(min_length=1, max_length=32, pattern=whole("[A-Za-z0-9.]+"))]
    """The codec with its profile, as RFC 6381 writes it: `avc1.42E020`, `vp09.00.40.08.01.01.01.01.01`."""
    place: Area
    width: Extent
    height: Extent


class Video(Inner, frozen=True, kw_only=True, tag="video"):
    """A→C: the next piece of a coded picture (H.264: Annex B, its parameter sets before each key picture).

    With its `last` piece the picture is decoded, and of it `areas` are drawn, in desktop coordinates, within `place`;
    none: it only serves those after it.  All its pieces together are at most `limits.VIDEO_PICTURE` bytes.  Tiles and
    moving pictures are drawn in the order of their messages.
    """

    frame: Count
    key: bool
    """Decodes without those before; so does the first after `VideoStart`."""
    last: bool
    areas: Annotated[tuple[Area, ...], Meta(max_length=256)] = ()
    data: bytes


ConsoleToAgent = (
    Ready | Ack | Goodbye | Ping | Pong | Sync | Refresh | Decodes | PointerMove | PointerButton | Wheel | Key | Text
    | ReleaseAll
)  # fmt: skip
AgentToConsole = (
    Ready | Ack | Grant | Refusal | PermissionSet | Goodbye | Ping | Pong | Synced | CursorShape | CursorAt | ScreenSize
    | Tiles | VideoStart | Video | Paused
)  # fmt: skip
