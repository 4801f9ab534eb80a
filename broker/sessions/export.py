"""Which columns sessions have as a file.  Counterpart: `broker.export`, which writes it."""

from typing import Any, Final

from broker.export import dumped
from broker.sessions.schemas import SessionItem

COLUMNS: Final = (
    "id", "started_utc", "joined_utc", "ended_utc", "state", "end_reason", "operator_id", "operator_name",
    "computer", "user", "address", "service", "agent_id", "connected_s", "paused_s",
)  # fmt: skip


def row(item: SessionItem) -> dict[str, Any]:
    """A session without levels."""
    values = dumped(item)
    customer: dict[str, Any] = values.pop("customer")
    return values | customer
