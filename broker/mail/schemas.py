"""What the endpoint of letters gives."""

from typing import Literal

from broker.schemas import Reply, UtcTime

State = Literal["waiting", "sent", "refused", "dropped"]


class MailItem(Reply):
    """A letter: not what it says, nor its address.  `error`: why the last try failed, a word; empty if it did not.

    `not_configured`: this installation knows no mail server, so it waits.
    """

    id: str
    kind: str
    customer_id: str
    customer_name: str
    """Empty once erased."""
    work_id: str | None
    state: State
    tries: int
    error: str
    may_retry: bool
    """It waits, or failed and is still there."""
    made_utc: UtcTime
    next_try_utc: UtcTime | None
    sent_utc: UtcTime | None


class MailList(Reply):
    """Newest first.  `configured`: whether there is a mail server.  `next`: the cursor of the page after it."""

    configured: bool
    items: tuple[MailItem, ...]
    next: str | None
