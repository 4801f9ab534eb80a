"""Pictures out of PipeWire: the system's own libpipewire-0.3, through ctypes.

Counterparts: `portal.py` gives the connection, `wayland.py` puts the screens together.  The library calls back in a
thread of its own, under its lock; whoever calls a public method here takes that lock.  Only the newest picture is kept,
and nothing of it is copied before somebody asks.
"""

import ctypes
import functools
import logging
import os
import time
from collections.abc import Callable
from ctypes import POINTER, byref, c_bool, c_char_p, c_int, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any

import numpy as np

from client_agent.capture import spa
from client_agent.capture.base import ANYWHERE, CURSOR_LIMIT, Area, Pixels
from client_agent.errors import CaptureUnavailable

log = logging.getLogger(__name__)

LIBRARY = "libpipewire-0.3.so.0"

_INPUT = 0
_AUTOCONNECT, _MAP_BUFFERS, _DONT_RECONNECT = 1 << 0, 1 << 2, 1 << 7
_CORRUPTED = 1
_HEADER_CORRUPTED = 2
_ERROR, _UNCONNECTED, _PAUSED = -1, 0, 2
RENEWAL = 0.1
"""Seconds in which the pointer comes again behind a renewed picture."""
_REGIONS = 16
"""Rectangles of damage that a compositor may name for one picture."""


class _Structure(ctypes.Structure):
    """`_fields_` as in the header of that name."""


class _Chunk(_Structure):
    _fields_ = [("offset", c_uint32), ("size", c_uint32), ("stride", c_int32), ("flags", c_int32)]


class _Data(_Structure):
    _fields_ = [
        ("type", c_uint32), ("flags", c_uint32), ("fd", c_int64), ("mapoffset", c_uint32), ("maxsize", c_uint32),
        ("data", c_void_p), ("chunk", POINTER(_Chunk)),
    ]  # fmt: skip


class _Metadata(_Structure):
    _fields_ = [("type", c_uint32), ("size", c_uint32), ("data", c_void_p)]


class _SpaBuffer(_Structure):
    _fields_ = [
        ("n_metas", c_uint32), ("n_datas", c_uint32), ("metas", POINTER(_Metadata)), ("datas", POINTER(_Data)),
    ]  # fmt: skip


class _Buffer(_Structure):
    _fields_ = [
        ("buffer", POINTER(_SpaBuffer)), ("user_data", c_void_p), ("size", c_uint64), ("requested", c_uint64),
    ]  # fmt: skip


class _Region(_Structure):
    _fields_ = [("x", c_int32), ("y", c_int32), ("width", c_uint32), ("height", c_uint32)]


class _Bitmap(_Structure):
    _fields_ = [
        ("format", c_uint32), ("width", c_uint32), ("height", c_uint32), ("stride", c_int32), ("offset", c_uint32),
    ]  # fmt: skip


class _Cursor(_Structure):
    _fields_ = [
        ("id", c_uint32), ("flags", c_uint32), ("x", c_int32), ("y", c_int32), ("hot_x", c_int32), ("hot_y", c_int32),
        ("bitmap_offset", c_uint32),
    ]  # fmt: skip


_State = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_int, c_char_p)
_Param = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)
_OfBuffer = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Buffer))
_Plain = ctypes.CFUNCTYPE(None, c_void_p)


class _Events(_Structure):
    _fields_ = [
        ("version", c_uint32), ("destroy", c_void_p), ("state_changed", _State), ("control_info", c_void_p),
        ("io_changed", c_void_p), ("param_changed", _Param), ("add_buffer", c_void_p), ("remove_buffer", _OfBuffer),
        ("process", _Plain), ("drained", c_void_p), ("command", c_void_p), ("trigger_done", c_void_p),
    ]  # fmt: skip


class _Hook(_Structure):
    _fields_ = [("words", c_void_p * 6)]


@functools.cache
def library() -> Any:
    """libpipewire, begun.  Raises `CaptureUnavailable` where the system has none."""
    try:
        made = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise CaptureUnavailable("wayland_pipewire") from error
    pointers = ("thread_loop_new", "thread_loop_get_loop", "context_new", "context_connect_fd", "stream_new")
    for name in pointers:
        getattr(made, f"pw_{name}").restype = c_void_p
    for name, arguments in {
        "thread_loop_new": [c_char_p, c_void_p],
        "thread_loop_get_loop": [c_void_p],
        "thread_loop_start": [c_void_p],
        "thread_loop_stop": [c_void_p],
        "thread_loop_destroy": [c_void_p],
        "thread_loop_lock": [c_void_p],
        "thread_loop_unlock": [c_void_p],
        "context_new": [c_void_p, c_void_p, c_size_t],
        "context_destroy": [c_void_p],
        "context_connect_fd": [c_void_p, c_int, c_void_p, c_size_t],
        "core_disconnect": [c_void_p],
        "stream_new": [c_void_p, c_char_p, c_void_p],
        "stream_add_listener": [c_void_p, POINTER(_Hook), POINTER(_Events), c_void_p],
        "stream_connect": [c_void_p, c_int, c_uint32, c_int, POINTER(c_char_p), c_uint32],
        "stream_update_params": [c_void_p, POINTER(c_char_p), c_uint32],
        "stream_dequeue_buffer": [c_void_p],
        "stream_queue_buffer": [c_void_p, POINTER(_Buffer)],
        "stream_set_active": [c_void_p, c_bool],
        "stream_destroy": [c_void_p],
    }.items():
        getattr(made, f"pw_{name}").argtypes = arguments
    made.pw_stream_dequeue_buffer.restype = POINTER(_Buffer)
    made.pw_init(None, None)
    return made


class Remote:
    """A connection to PipeWire over `fd`, which it takes, and its thread.  Raises `CaptureUnavailable`."""

    def __init__(self, fd: int) -> None:
        self._pw = library()
        self._streams: list[Stream] = []
        self._core: int | None = None
        self._loop = self._pw.pw_thread_loop_new(b"relevo", None)
        self._context = self._loop and self._pw.pw_context_new(self._pw.pw_thread_loop_get_loop(self._loop), None, 0)
        if not self._context:  # its configuration or its plugins are missing
            os.close(fd)
            if self._loop:
                self._pw.pw_thread_loop_destroy(self._loop)
            self._loop = None
            raise CaptureUnavailable("wayland_pipewire")
        self._pw.pw_thread_loop_start(self._loop)
        with self:
            self._core = self._pw.pw_context_connect_fd(self._context, fd, None, 0)
        if not self._core:
            self.close()
            raise CaptureUnavailable("wayland_stream")

    def __enter__(self) -> None:
        self._pw.pw_thread_loop_lock(self._loop)

    def __exit__(self, *_: object) -> None:
        self._pw.pw_thread_loop_unlock(self._loop)

    def stream(self, node: int, changed: Callable[[], None]) -> "Stream":
        """The pictures of one screen; `changed` is called in PipeWire's thread and must not block."""
        with self:
            assert self._core is not None
            made = Stream(self._pw, self._core, node, changed)
        self._streams.append(made)
        return made

    def close(self) -> None:
        """Streams, connection and thread.  May be called twice."""
        if self._loop is None:
            return
        with self:
            for stream in self._streams:
                stream.close()
            if self._core:
                self._pw.pw_core_disconnect(self._core)
            self._pw.pw_context_destroy(self._context)
        self._pw.pw_thread_loop_stop(self._loop)
        self._pw.pw_thread_loop_destroy(self._loop)
        self._loop = None


class Stream:
    """The pictures of one screen.  Its public methods want the `Remote`'s lock."""

    def __init__(self, pw: Any, core: int, node: int, changed: Callable[[], None]) -> None:
        self._pw, self._changed = pw, changed
        self.format: spa.Format | None = None
        self.size = (0, 0)
        self.failed = self._closed = False
        self.cursor: tuple[int, int] | None = None
        """Where the pointer is on this screen; None: elsewhere."""
        self.shape: tuple[Pixels, int, int] | None = None
        """The pointer's last picture, R, G, B, A premultiplied, and its hot spot; whoever takes it clears it."""
        self.damage: list[Area] = []
        """Where pictures since the last `settle` differ from it."""
        self._settled: list[Area] = []
        """What the next `copy` brings."""
        self.unsure_at: float | None = None
        """When a buffer that only moves the pointer came last, monotonic: a picture before it may have been lost with
        no word of it (seen with mutter 43, of two buffers in a row)."""
        self._renewing, self._renewed_until = False, float("-inf")
        self._wanting = False
        """Whether a renewed picture is still to come."""
        self._off = False
        self._held: Any = None
        self._events = _Events(
            version=2, state_changed=_State(self._on_state), param_changed=_Param(self._on_param),
            remove_buffer=_OfBuffer(self._on_remove), process=_Plain(self._on_process),
        )  # fmt: skip
        self._hook = _Hook()
        self._stream = pw.pw_stream_new(core, b"relevo", None)
        pw.pw_stream_add_listener(self._stream, byref(self._hook), byref(self._events), None)
        flags = _AUTOCONNECT | _MAP_BUFFERS | _DONT_RECONNECT
        wanted = _pods([spa.wanted_format()])
        if pw.pw_stream_connect(self._stream, _INPUT, node, flags, wanted, 1) < 0:
            self.failed = True

    def settle(self) -> list[Area]:
        """What the next `copy` brings; what changes from now on, the one after that."""
        self._settled = _few(self._settled + self.damage)
        self.damage = []
        return self._settled

    def copy(self, into: Pixels) -> None:
        """Bring `into`, of `size`, up to date in what is settled."""
        if self._held is None:
            return
        data = self._held.contents.buffer.contents.datas[0]
        width, height = self.size
        chunk = data.chunk.contents
        stride = chunk.stride or width * 4
        offset = chunk.offset % max(1, data.maxsize)
        if into.shape[:2] != (height, width) or stride < width * 4 or offset + stride * height > data.maxsize:
            return  # of another size: the one of this size is on its way
        raw = (ctypes.c_uint8 * (stride * height)).from_address(data.data + offset)
        lines = np.ctypeslib.as_array(raw).reshape(height, stride)[:, : width * 4].reshape(height, width, 4)
        for x, y, w, h in self._settled:
            part = slice(max(0, y), min(height, y + h)), slice(max(0, x), min(width, x + w))
            if self.format is not None and self.format.red_first:
                into[part] = lines[part][..., [2, 1, 0, 3]]
            else:
                into[part] = lines[part]
        self._settled = []

    @property
    def shown(self) -> bool:
        """Whether there is a picture."""
        return self._held is not None

    def run(self, on: bool) -> None:
        """Let pictures come, or not: what comes all the same is not kept for whoever may look later."""
        self._renewing, self._off = False, not on
        if on:
            self.unsure_at = time.monotonic()
        else:
            self._let_go()
        self._pw.pw_stream_set_active(self._stream, on)

    def renew(self) -> None:
        """Have the whole picture come again: pause, and go on as soon as it pauses."""
        self.unsure_at, self._wanting, self.damage = None, True, list(ANYWHERE)
        self._pw.pw_stream_set_active(self._stream, False)
        self._renewing = True

    def close(self) -> None:
        """Gone for good."""
        self._closed = True
        self._let_go()
        self._pw.pw_stream_destroy(self._stream)

    def _let_go(self) -> None:
        if self._held is not None:
            self._pw.pw_stream_queue_buffer(self._stream, self._held)
            self._held = None

    # PipeWire's thread -----------------------------------------------------------------------------------------------

    def _on_state(self, _data: int, old: int, state: int, error: bytes | None) -> None:
        if not self._closed and (state == _ERROR or (state == _UNCONNECTED and old > _UNCONNECTED)):
            log.info("a screen's pictures ended: %s", error)
            self.failed = True
            self._changed()
        elif state == _PAUSED and self._renewing:
            self._renewing = False
            self._pw.pw_stream_set_active(self._stream, True)

    def _on_param(self, _data: int, parameter: int, pod: int | None) -> None:
        if parameter != spa.FORMAT or not pod:
            return
        size = ctypes.cast(pod, POINTER(c_uint32))[0]
        try:
            self.format, *area = spa.agreed_format(ctypes.string_at(pod, min(size, 1 << 16) + 8))
        except ValueError:
            log.exception("a picture that cannot be taken")
            self.failed = True
            self._changed()
            return
        self.size = (area[0], area[1])
        self.damage = list(ANYWHERE)
        most = ctypes.sizeof(_Cursor) + ctypes.sizeof(_Bitmap) + 4 * 384 * 384
        least = ctypes.sizeof(_Cursor) + ctypes.sizeof(_Bitmap) + 4
        region = ctypes.sizeof(_Region)
        wanted = [
            spa.wanted_buffers(),
            spa.wanted_meta(spa.Meta.HEADER, 32, 32),
            spa.wanted_meta(spa.Meta.DAMAGE, region, region * _REGIONS),
            spa.wanted_meta(spa.Meta.CURSOR, least, most),
        ]
        self._pw.pw_stream_update_params(self._stream, _pods(wanted), len(wanted))

    def _on_remove(self, _data: int, buffer: Any) -> None:
        if self._held is not None and ctypes.addressof(self._held.contents) == ctypes.addressof(buffer.contents):
            self._held = None

    def _on_process(self, _data: int) -> None:
        """The newest picture is held until the next; what only moves the pointer is none."""
        while buffer := self._pw.pw_stream_dequeue_buffer(self._stream):
            one = buffer.contents.buffer.contents
            metas = {one.metas[n].type: one.metas[n] for n in range(one.n_metas)}
            if self._off:
                self._pw.pw_stream_queue_buffer(self._stream, buffer)
                continue
            self._take_cursor(metas.get(spa.Meta.CURSOR))
            if _is_picture(one, metas.get(spa.Meta.HEADER)):
                self._take_damage(metas.get(spa.Meta.DAMAGE))
                self._let_go()
                self._held = buffer
                if self._wanting:
                    self._wanting, self._renewed_until = False, time.monotonic() + RENEWAL
            else:
                self._pw.pw_stream_queue_buffer(self._stream, buffer)
                if self._wanting or time.monotonic() > self._renewed_until:
                    self.unsure_at = time.monotonic()
        self._changed()

    def _take_damage(self, meta: Any) -> None:
        named = []
        if meta is not None and meta.data:
            regions = ctypes.cast(meta.data, POINTER(_Region))
            for at in (regions[n] for n in range(meta.size // ctypes.sizeof(_Region))):
                if not at.width or not at.height:
                    break
                named.append((at.x, at.y, at.width, at.height))
        self.damage = _few(self.damage + named) if named else list(ANYWHERE)

    def _take_cursor(self, meta: Any) -> None:
        if meta is None or not meta.data or meta.size < ctypes.sizeof(_Cursor):
            return
        cursor = _Cursor.from_address(meta.data)
        self.cursor = (cursor.x, cursor.y) if cursor.id else None
        at = cursor.bitmap_offset
        if not cursor.id or at < ctypes.sizeof(_Cursor) or at + ctypes.sizeof(_Bitmap) > meta.size:
            return
        picture = _bitmap(meta.data + at, meta.size - at)
        if picture is not None:
            self.shape = picture, cursor.hot_x, cursor.hot_y


def _few(areas: list[Area]) -> list[Area]:
    """These, or all of the picture where they are many."""
    return areas if len(areas) <= 4 * _REGIONS else list(ANYWHERE)


def _pods(pods: list[bytes]) -> Any:
    return (c_char_p * len(pods))(*pods)


def _is_picture(buffer: _SpaBuffer, header: Any) -> bool:
    if not buffer.n_datas or not buffer.datas[0].data or not buffer.datas[0].chunk:
        return False
    if header is not None and header.data and c_uint32.from_address(header.data).value & _HEADER_CORRUPTED:
        return False
    chunk = buffer.datas[0].chunk.contents
    return bool(chunk.size) and not chunk.flags & _CORRUPTED


def _bitmap(address: int, room: int) -> Pixels | None:
    """The pointer's picture, R, G, B, A, cut to what is shown; None when there is none to take."""
    one = _Bitmap.from_address(address)
    if one.format not in (spa.Format.RGBA, spa.Format.BGRA):
        return None
    width, height = one.width, one.height
    if not width or not height or not one.offset:
        return np.zeros((0, 0, 4), np.uint8)
    stride = one.stride or width * 4
    if stride < width * 4 or one.offset + stride * height > room:
        return None
    lines = np.frombuffer(ctypes.string_at(address + one.offset, stride * height), np.uint8).reshape(height, stride)
    picture = lines[:CURSOR_LIMIT, : min(width, CURSOR_LIMIT) * 4].reshape(min(height, CURSOR_LIMIT), -1, 4)
    return picture[..., [2, 1, 0, 3]] if one.format == spa.Format.BGRA else picture
