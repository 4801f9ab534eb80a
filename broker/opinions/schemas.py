"""What the endpoints of opinions take and give."""

from typing import Annotated

from pydantic import Field

from broker.schemas import Body, Note, Reply, UtcTime


class OpinionBody(Body):
    """What a customer says of the help: 1 (very bad) to 5 (very good)."""

    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Note = ""


class OpinionItem(Reply):
    """One opinion, and about whose help."""

    session_id: str
    stars: int
    comment: str
    utc: UtcTime
    operator_id: str | None
    operator_name: str | None
    customer_id: str | None
    customer_name: str | None
    """Empty once erased."""


class OpinionList(Reply):
    """Newest first.  `average`: of all `count` that match, two decimals; null without any."""

    items: tuple[OpinionItem, ...]
    count: int
    average: str | None
    next: str | None
