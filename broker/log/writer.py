"""Appends events to the chains: the only code that writes to them.

Counterpart: `broker.log.chain` (what is computed), `broker.store.log_tables` (where it is kept).  Appends to one
organisation's chain are put in a queue by its row in `log_heads`, in every process that shares the database; the
unique (org_id, seq) is the last line.  Must never change or delete an event, and never put personal data into one.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.log import moment
from broker.log.chain import GENESIS, SALT_BYTES, commitment, next_head
from broker.log.events import AnyEvent, ChainedEvent, Recorded, to_stored
from broker.store.engine import Store
from broker.store.log_tables import LogEventRow, LogHeadRow, LogPersonalRow


class Writer:
    """One transaction's appends.  `db` is for what must be written together with them."""

    def __init__(self, db: AsyncSession, clock: Clock, boot: str, random_bytes: Callable[[int], bytes]) -> None:
        self.db = db
        self._clock, self._boot, self._random_bytes = clock, boot, random_bytes
        self._heads: dict[str, tuple[int, bytes]] = {}

    def now(self) -> moment.Moment:
        """The moment that an event appended now is given."""
        return moment.now(self._clock, self._boot)

    async def lock(self, org_id: str) -> None:
        """Wait for this organisation's turn; held until the transaction ends.  Take several in sorted order."""
        if org_id not in self._heads:
            self._heads[org_id] = await _lock_head(self.db, org_id)

    async def append(self, org_id: str, event: AnyEvent, personal: Mapping[str, str] | None = None) -> ChainedEvent:
        """Put one event at the end of the chain.  `personal`: field → value, kept beside it; the event commits to it.

        Raises `TypeError` for personal data with a kind of event that has no place for commitments.
        """
        await self.lock(org_id)
        last, head = self._heads[org_id]
        seq = last + 1
        given = (personal or {}).items()
        salted = {field: (self._random_bytes(SALT_BYTES), _storable(value)) for field, value in given}
        if salted:
            commitments = {field: commitment(org_id, seq, field, *datum) for field, datum in salted.items()}
            event = msgspec.structs.replace(event, personal=commitments)
        recorded = Recorded(seq, self.now(), event)
        stored = to_stored(recorded)
        head = next_head(org_id, seq, head, stored)
        self.db.add(
            LogEventRow(
                org_id=org_id,
                seq=seq,
                kind=recorded.kind,
                session_id=recorded.session_id,
                utc=recorded.moment.utc,
                stored=stored,
                head=head,
            )
        )
        for field, (salt, value) in salted.items():
            self.db.add(
                LogPersonalRow(
                    org_id=org_id, seq=seq, field=field, session_id=recorded.session_id, value=value, salt=salt
                )
            )
        await self.db.execute(update(LogHeadRow).where(LogHeadRow.org_id == org_id).values(seq=seq, head=head))
        self._heads[org_id] = seq, head
        return ChainedEvent(recorded, head)


class EventLog:
    """Every organisation's chain in one database."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        boot: str | None = None,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.store, self._clock = store, clock
        self._boot = boot or moment.boot_id()
        self._random_bytes = random_bytes

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Writer]:
        """One durable transaction; everything in it is written, or nothing."""
        async with self.store.transaction() as db:
            yield Writer(db, self._clock, self._boot, self._random_bytes)


def _storable(value: str) -> str:
    """Text that every database keeps as it is: PostgreSQL knows no NUL."""
    return value.replace("\0", "\ufffd")


async def _lock_head(db: AsyncSession, org_id: str) -> tuple[int, bytes]:
    locked = await db.execute(
        update(LogHeadRow)
        .where(LogHeadRow.org_id == org_id)
        .values(seq=LogHeadRow.seq)
        .returning(LogHeadRow.seq, LogHeadRow.head)
    )
    found = locked.one_or_none()
    if found is None:
        # Two writers may both find no chain; the second then waits here for the first, and reads what it left.
        await db.execute(
            text("INSERT INTO log_heads (org_id, seq, head) VALUES (:org_id, 0, :head) ON CONFLICT DO NOTHING"),
            {"org_id": org_id, "head": GENESIS},
        )
        return await _lock_head(db, org_id)
    return found.seq, found.head
