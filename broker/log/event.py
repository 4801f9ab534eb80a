"""What every event of the log is: frozen, closed, tagged with its kind."""

from msgspec import Struct


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Event(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag=_snake, omit_defaults=True
):
    """What every event has in common."""
