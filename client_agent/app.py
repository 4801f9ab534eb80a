"""Wires the agent: build, lines, state, desktop, core, and the window or the terminal in front of it.

Counterpart: `cli.py`, which reads the command line.  Knows every part of the agent; holds no logic of any.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from client_agent import events as ev
from client_agent.build_config import Build
from client_agent.core import AgentCore
from client_agent.desktop import Backends
from client_agent.errors import AlreadyRunning, StateUnreadable
from client_agent.i18n import Words, system_language
from client_agent.identity import Identity, state_folder
from client_agent.link import Lines
from client_agent.machine import Watched
from client_agent.status import StatusFile

SWITCH = 0.0005
"""Seconds for which one thread may keep the interpreter from another: a key must not wait for a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line may choose; everything else is the build's."""

    terminal: bool = False
    receipts: Path | None = None
    """Where the terminal puts the receipt of each session."""
    status_file: Path | None = None
    ca_file: Path | None = None
    proxy: str | None = None


def run(build: Build, options: Options) -> int:
    """Until the customer closes the program.  The exit status: 0, or 1 when it could not begin or lost its desktop."""
    language = system_language()
    _ = Words(language)
    sys.setswitchinterval(SWITCH)
    try:
        lines = Lines(build.public_origin, options.ca_file, options.proxy)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    folder = state_folder(dict(os.environ), build.org_id)
    try:
        identity = Identity.open(folder)
    except AlreadyRunning:
        return _second(options, folder, _)
    except StateUnreadable as error:
        print(error, file=sys.stderr)
        return 1

    language = identity.lang or language

    def make(guard: ev.WindowGuard) -> ev.RunningCore:
        if options.terminal:
            guard = _terminal_guard(guard) or guard
        core = Watched(AgentCore(build, lines, identity, Backends.of_this_computer(), guard, language))
        return StatusFile(core, options.status_file) if options.status_file else core

    return 0 if _front(make, options, language, folder) else 1


def _front(
    make: Callable[[ev.WindowGuard], ev.RunningCore], options: Options, language: ev.Language, folder: Path
) -> bool:
    """The window or the terminal, until the customer closes it; False when the desktop went away under it."""
    if options.terminal:
        from client_agent.terminal import run_terminal

        run_terminal(make, language=language, receipts=options.receipts)
        return True
    from client_agent.window.program import run_window

    return run_window(make, language=language, state=folder)


def _terminal_guard(terminal: ev.WindowGuard) -> ev.WindowGuard | None:
    if sys.platform != "linux":
        return None
    from client_agent.inject.x11_guard import of_this_terminal

    return of_this_terminal(dict(os.environ), terminal.prompt_open)


def _second(options: Options, folder: Path, _: Words) -> int:
    """Another agent of this person runs: its window comes to the front, this one stops."""
    if not options.terminal:
        from client_agent.window.front import knock

        if knock(folder):
            return 0
    print(_("The program is already open"), file=sys.stderr)
    return 1
