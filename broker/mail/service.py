"""The outbox: a letter is written in the transaction of what causes it, and sent by the clock until a server takes it.

A try is written down before it begins, so that of several brokers one sends a letter, and one that the server is known
to have taken is never sent again.  If a broker dies while it sends, nobody knows: the letter goes again after
`ATTEMPT`, under the same Message-ID.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from broker.clock import Clock
from broker.cursors import cursor as cursor_of
from broker.cursors import place
from broker.errors import Conflict, NotFound
from broker.i18n import N_
from broker.ids import new_id
from broker.keys import Keys
from broker.mail import smtp
from broker.mail.letter import Letter, message
from broker.mail.repository import Addressed, Listed, MailRepository
from broker.settings import Settings, Smtp
from broker.store.billing_tables import CustomerRow
from broker.store.engine import Store
from broker.store.mail_tables import MailRow

log = structlog.get_logger(__name__)

ATTEMPT: Final = timedelta(minutes=10)
"""Longer than any try lasts."""
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
BATCH: Final = 100
"""Letters in one sweep."""
SEALED_FOR: Final = "mail"

State = Literal["waiting", "sent", "refused", "dropped"]


@dataclass(frozen=True, slots=True)
class Page:
    """Letters, newest first.  `next`: where the page after it begins, None for the last."""

    letters: Sequence[Listed]
    next: str | None


class MailService:
    """The letters of one installation."""

    def __init__(self, store: Store, clock: Clock, keys: Keys, settings: Settings) -> None:
        self._store, self._clock, self._keys, self._smtp = store, clock, keys, settings.smtp
        self._host = urlsplit(settings.public_origin).hostname or "localhost"

    @property
    def configured(self) -> bool:
        """Whether there is a mail server to send to."""
        return self._smtp is not None

    async def write_within(
        self, db: AsyncSession, org_id: str, customer_id: str, kind: str, letter: Letter, work_id: str | None = None
    ) -> None:
        """Keep a letter, in the transaction of what causes it."""
        id, now = new_id(), self._clock.utc()
        sealed = self._keys.seal(SEALED_FOR, letter.to_bytes(), id)
        await MailRepository(db).add(
            MailRow(
                id=id, org_id=org_id, customer_id=customer_id, kind=kind, work_id=work_id, sealed=sealed, made_utc=now,
                due_utc=now,
            )
        )  # fmt: skip

    async def send_due(self) -> int:
        """Send what is due; gives how many letters were taken.  Safe to call at any time, from several brokers."""
        taken = 0
        if not await self._waiting():
            return taken
        async with self._store.transaction() as db:
            await MailRepository(db).drop_undeliverable()
        if self._smtp is None:
            return taken
        for _ in range(BATCH):
            claimed = await self._claim()
            if claimed is None:
                break
            outcome = await self._try(self._smtp, claimed)
            await self._settle(claimed.row.id, outcome)
            taken += outcome == ""
            if outcome in smtp.SERVERS:
                break
        return taken

    async def page(self, org_id: str, state: State | None, limit: int, cursor: str | None) -> Page:
        """Raises `Malformed` for a cursor that no page gave."""
        async with self._store.reading() as db:
            rows = await MailRepository(db).page(org_id, state, limit + 1, place(cursor) if cursor else None)
        shown = rows[:limit]
        last = shown[-1].row if len(rows) > limit else None
        return Page(shown, cursor_of(last.made_utc, last.id) if last else None)

    async def every(self, org_id: str, state: State | None) -> AsyncGenerator[Listed]:
        """All letters, newest first, read as they are wanted."""
        after: tuple[datetime, str] | None = None
        while True:
            async with self._store.reading() as db:
                batch = await MailRepository(db).page(org_id, state, BATCH, after)
            for one in batch:
                yield one
            if len(batch) < BATCH:
                return
            after = batch[-1].row.made_utc, batch[-1].row.id

    async def retry(self, org_id: str, mail_id: str) -> Listed:
        """Send a letter that waits or failed at once, to the address that its customer has now.

        Raises `NotFound`, and `Conflict` for one that went or that nobody is there to get.
        """
        async with self._store.transaction() as db:
            letters = MailRepository(db)
            row = await letters.find(mail_id)
            if row is None or row.org_id != org_id:
                raise NotFound
            customer = await db.get(CustomerRow, row.customer_id)
            assert customer is not None, "a letter's customer is never deleted"
            if row.sealed is None or customer.erased_utc is not None or customer.email == "":
                raise Conflict(N_("A letter that went, or that has nobody to go to, is not sent again."))
            row.state, row.due_utc = "waiting", self._clock.utc()
            return Listed(row, customer.name)

    async def _waiting(self) -> bool:
        # Looked at without the write lock: mostly there is nothing.
        async with self._store.reading() as db:
            return await MailRepository(db).next_due(self._clock.utc()) is not None

    async def _claim(self) -> Addressed | None:
        now = self._clock.utc()
        async with self._store.transaction() as db:
            found = await MailRepository(db).next_due(now)
            if found is not None:
                found.row.tries += 1
                found.row.due_utc = now + ATTEMPT
        return found

    async def _try(self, server: Smtp, claimed: Addressed) -> smtp.Outcome:
        row = claimed.row
        assert row.sealed is not None
        letter = Letter.from_bytes(self._keys.unseal(SEALED_FOR, row.sealed, row.id))
        sender = claimed.provider, server.sender
        try:
            made = message(letter, row.id, self._host, sender, claimed.email, row.made_utc)
        except ValueError:
            return "recipient"
        return await smtp.deliver(server, made)

    async def _settle(self, mail_id: str, outcome: smtp.Outcome) -> None:
        now = self._clock.utc()
        async with self._store.transaction() as db:
            row = await MailRepository(db).find(mail_id)
            if row is None:
                return
            row.error = outcome
            if outcome == "":
                row.state, row.sent_utc, row.sealed = "sent", now, None
            elif outcome in smtp.FOR_GOOD:
                row.state = "refused"
            elif row.state == "waiting":
                row.due_utc = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries - 1, 10))
        if outcome:
            log.warning("mail_not_sent", org_id=row.org_id, mail_id=mail_id, error=outcome, tries=row.tries)
