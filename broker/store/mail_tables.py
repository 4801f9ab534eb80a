"""The table of letters that wait for the mail server, or went there.

No address stands here: a letter goes to the one that its customer has when it is sent.  What it says is sealed, for it
may hold a secret link, and is forgotten once a server has taken it.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Utc
from broker.store.billing_tables import CustomerRow
from broker.store.tables import OrganisationRow


class MailRow(Base):
    """A letter.  `state`: `waiting`, `sent`, `refused` (by the server, for good) or `dropped` (nobody to send it to).

    `error`: why the last try failed, as a word.  While a try lasts, `due_utc` is when another one may begin.
    """

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_due", "state", "due_utc"),
        Index("ix_mail_list", "org_id", "made_utc", "id"),
        Index("ix_mail_customer_id", "customer_id"),
        CheckConstraint("state IN ('waiting', 'sent', 'refused', 'dropped')", name="state"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id))
    customer_id: Mapped[str] = mapped_column(ForeignKey(CustomerRow.id))
    kind: Mapped[str] = mapped_column(String(20))
    work_id: Mapped[str | None] = mapped_column(ID, index=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(20), default="")
    made_utc: Mapped[datetime] = mapped_column(Utc)
    due_utc: Mapped[datetime] = mapped_column(Utc)
    sent_utc: Mapped[datetime | None] = mapped_column(Utc)
