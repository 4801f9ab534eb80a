"""What the endpoint of alerts gives."""

from broker.schemas import Reply, UtcTime


class AlertItem(Reply):
    """Something to look at.  `kind` is a stable word; `data` says who, where, how often."""

    id: str
    utc: UtcTime
    kind: str
    data: dict[str, str | int]


class AlertList(Reply):
    """Newest first.  `next`: the cursor of the page after it."""

    items: tuple[AlertItem, ...]
    next: str | None
