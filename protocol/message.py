"""What every control message is.  Counterpart: `control`, which lists them."""

from msgspec import Struct


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag=_snake):
    """What every control message has in common: frozen, closed, tagged by its kind."""
