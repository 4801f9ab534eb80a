"""The control plane's tables: what it must still know after a restart, and nothing that it can do without."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Utc


class GivenId(Base):
    """Nine digits that were given to a run of the program, for a day: whose they are, and that they rest."""

    __tablename__ = "given_ids"

    id: Mapped[str] = mapped_column(String(9), primary_key=True)
    pk_agent: Mapped[str] = mapped_column(String(43))
    given_utc: Mapped[datetime] = mapped_column(Utc, index=True)


class Seat(Base):
    """The technician's end of a session that has not ended: the one sign-in that may take it up again (step 25)."""

    __tablename__ = "seats"

    session_id: Mapped[str] = mapped_column(ID, primary_key=True)
    sign_in_id: Mapped[str] = mapped_column(ID)
