"""`--self-check`: whether everything that the program will need on this computer is inside it and loads.

Counterpart: `scripts/build_agent.py`, which lets no program out that fails it.  Opens no window, no display, no line.
"""

import sys
from importlib import import_module

PARTS = ("client_agent.core", "client_agent.terminal", "client_agent.machine", "client_agent.window.program")
SYSTEMS: dict[str, tuple[str, ...]] = {
    "linux": (
        "capture.x11", "inject.x11", "inject.x11_guard", "window.focus_x11", "wayland", "capture.wayland",
        "inject.wayland",
    ),
    "win32": ("capture.windows", "inject.windows", "window.focus_windows"),
    "darwin": ("capture.macos", "inject.macos", "window.focus_macos"),
}  # fmt: skip
"""System → what only that one has of capture, input and window."""


def loaded() -> tuple[str, ...]:
    """Loads them; their names.  Raises `ImportError`, or `KeyError` on a system that the program does not know."""
    names = PARTS + tuple(f"client_agent.{name}" for name in SYSTEMS[sys.platform])
    for name in names:
        import_module(name)
    return names
