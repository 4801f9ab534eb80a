"""What a session uses of the agent around it.  Counterparts: `core.py` makes it, `session.py` uses it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from client_agent import events as ev
from client_agent.desktop import Backends
from client_agent.identity import Identity
from client_agent.link import Lines
from client_agent.tasks import Tasks
from protocol import control

if TYPE_CHECKING:
    from client_agent.session import CustomerSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All of it; one for each session."""

    identity: Identity
    lines: Lines
    log_key: bytes | None
    """The broker's, 32 bytes; None: countersignatures cannot be checked (a trial without a build file)."""
    backends: Backends
    guard: ev.WindowGuard
    tasks: Tasks
    clock: Callable[[], float]
    utc: Callable[[], datetime]
    emit: Callable[[ev.Event], None]
    post: Callable[[control.AgentToBroker], None]
    """To the broker; lost when there is no control line."""
    over: Callable[["CustomerSession"], None]
    """Called once, when the session has ended here."""
