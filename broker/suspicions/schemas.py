"""What the endpoints of suspicion reports take and give."""

from pydantic import Field

from broker.schemas import Body, Identifier, Line0, Reply, Report, UtcTime


class SuspicionBody(Body):
    """A report from the public page."""

    text: Report
    contact: Line0 = ""
    session_id: Identifier | None = None


class SuspicionReceived(Reply):
    """It has been stored; administrators see it."""

    report_id: str


class HandledBody(Body):
    """What was done about a report."""

    note: Report | None = Field(default=None)


class SuspicionItem(Reply):
    """A report.  `text` is empty once the customer's data have been erased; `source` is `program` or `page`."""

    id: str
    utc: UtcTime
    text: str
    contact: str | None
    address: str | None
    session_id: str | None
    source: str
    state: str
    handled_utc: UtcTime | None
    handled_by: str | None
    note: str | None


class SuspicionList(Reply):
    """Newest first, at most 200."""

    items: tuple[SuspicionItem, ...]
    next: str | None = None
