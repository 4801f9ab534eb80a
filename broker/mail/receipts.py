"""The receipt of a session, written to its customer in the transaction that rates it.

A corrected one follows only if a revision changed what it comes to.  The first carries a secret link to rate the help;
of the secret only the hash is kept.  Counterpart: `broker.opinions`, which takes the rating.
"""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from broker.contracts.service import Held
from broker.ids import fingerprint, new_token
from broker.mail.receipt import Receipt, letter
from broker.mail.repository import MailRepository
from broker.mail.service import MailService
from broker.rating.engine import Engine
from broker.store.billing_tables import CustomerRow, WorkRow
from broker.store.desk_tables import OpinionRow
from broker.store.tables import OperatorRow, OrganisationRow


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a customer would see change."""

    customer_id: str | None
    state: str
    currency: str | None
    net_minor: int
    from_balance_minutes: int
    charged_minutes: int

    @classmethod
    def of(cls, row: WorkRow) -> "Amounts":
        """Of a revision; taken before the next one stands in its place."""
        return cls(**{name: getattr(row, name) for name in cls.__dataclass_fields__})


class Receipts:
    """Writes receipts into the outbox."""

    def __init__(self, mail: MailService, public_origin: str) -> None:
        self._mail, self._origin = mail, public_origin

    async def rated(
        self, db: AsyncSession, row: WorkRow, engine: Engine, held: Held | None, before: Amounts | None = None
    ) -> None:
        """A session's work was rated, or what `before` was has changed.  `held`: its contract, as it is now."""
        if row.session_id is None or row.customer_id is None or before == Amounts.of(row):
            return
        customer = await db.get(CustomerRow, row.customer_id)
        operator, organisation = await db.get(OperatorRow, row.operator_id), await db.get(OrganisationRow, row.org_id)
        if customer is None or customer.erased_utc is not None or not customer.email or organisation is None:
            return
        corrected = await MailRepository(db).about(row.id, customer.id)
        receipt = Receipt(
            provider=organisation.name, customer=customer.name, technician=operator.name if operator else "",
            row=row, engine=engine, contract=held.row.number if held else None,
            balance_minutes=held.balance_minutes if held else None, corrected=corrected,
            link=None if corrected else await self._link(db, row),
        )  # fmt: skip
        kind = "corrected receipt" if corrected else "receipt"
        await self._mail.write_within(db, row.org_id, customer.id, kind, letter(receipt, customer.lang), row.id)

    async def _link(self, db: AsyncSession, row: WorkRow) -> str | None:
        assert row.session_id is not None
        kept = await db.get(OpinionRow, row.session_id)
        if kept is not None and kept.stars is not None:
            return None
        token = new_token()
        await db.merge(OpinionRow(session_id=row.session_id, org_id=row.org_id, token_sha256=fingerprint(token)))
        return f"{self._origin}/opinion#{token}"
