"""What the endpoints of the log give."""

from broker.schemas import Reply


class HeadReply(Reply):
    """The end of the chain, signed by the log key, whose public part is `key`."""

    org_id: str
    seq: int
    head: str
    utc: str
    sig: str
    key: str


class VerifyReply(Reply):
    """`first_bad`: the first event where something shows."""

    ok: bool
    events: int
    first_bad: int | None
    problems: tuple[str, ...]
