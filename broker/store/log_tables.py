"""The tables of the session log: the chain, its heads, personal data beside it, and what is computed from it.

`log_events` is the truth; `sessions` and `suspicions` are computed from it and can be computed again.  No foreign key
leads to the tables of accounts: the log outlives whom it speaks of, and nothing may ever be deleted from it by a
cascade.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Utc
from protocol.limits import SHORT_TEXT

HEAD = LargeBinary(32)
"""SHA-256."""


class LogHeadRow(Base):
    """The end of one organisation's chain.  Whoever appends locks this row first: that puts writers in a queue."""

    __tablename__ = "log_heads"

    org_id: Mapped[str] = mapped_column(ID, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    head: Mapped[bytes] = mapped_column(HEAD)


class LogEventRow(Base):
    """One event.  `stored` is what is hashed; `kind`, `session_id` and `utc` repeat it for look-ups."""

    __tablename__ = "log_events"
    __table_args__ = (
        Index("ix_log_events_session", "session_id", "seq"),
        Index("ix_log_events_kind", "org_id", "kind", "seq"),
    )

    org_id: Mapped[str] = mapped_column(ID, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(30))
    session_id: Mapped[str | None] = mapped_column(ID)
    utc: Mapped[datetime] = mapped_column(Utc)
    stored: Mapped[bytes] = mapped_column(LargeBinary)
    head: Mapped[bytes] = mapped_column(HEAD)


class LogPersonalRow(Base):
    """A personal datum that an event commits to.  Deleting the row erases value and salt; the event stays as it is."""

    __tablename__ = "log_personal"
    __table_args__ = (Index("ix_log_personal_session", "session_id"),)

    org_id: Mapped[str] = mapped_column(ID, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(String(30), primary_key=True)
    session_id: Mapped[str | None] = mapped_column(ID)
    value: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))


class SessionRow(Base):
    """A session as its events make it.  `view` is the whole `SessionView`; the other columns repeat it for look-ups.

    Only `alive_…` is kept here alone, so that a heartbeat for many sessions is one statement.
    """

    __tablename__ = "sessions"
    __table_args__ = (
        Index("ix_sessions_list", "org_id", "requested_utc", "id"),
        Index("ix_sessions_own", "org_id", "operator_id", "requested_utc", "id"),
        Index("ix_sessions_state", "state"),
        Index("ix_sessions_figures", "org_id", "requested_utc", "joined_utc", "operator_id", "service", "connected_ms"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ID)
    first_seq: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    operator_id: Mapped[str] = mapped_column(ID)
    requested_utc: Mapped[datetime] = mapped_column(Utc)
    end_reason: Mapped[str | None] = mapped_column(String(30))
    service: Mapped[str] = mapped_column(String(SHORT_TEXT))
    joined_utc: Mapped[datetime | None] = mapped_column(Utc)
    connected_ms: Mapped[int] = mapped_column(BigInteger)
    """Complete connected time; of a session that is joined the stretch that runs is not in it."""
    view: Mapped[bytes] = mapped_column(LargeBinary)
    alive_utc: Mapped[datetime | None] = mapped_column(Utc)
    alive_ms: Mapped[int | None] = mapped_column(BigInteger)
    alive_boot: Mapped[str | None] = mapped_column(String(36))


class SuspicionRow(Base):
    """A report of a suspected compromise (Q12).  Its text, contact and note are personal data of its events."""

    __tablename__ = "suspicions"
    __table_args__ = (Index("ix_suspicions_list", "org_id", "reported_utc", "id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ID)
    session_id: Mapped[str | None] = mapped_column(ID)
    via: Mapped[str] = mapped_column(String(10))
    seq: Mapped[int] = mapped_column(BigInteger)
    reported_utc: Mapped[datetime] = mapped_column(Utc)
    handled_seq: Mapped[int | None] = mapped_column(BigInteger)
    handled_utc: Mapped[datetime | None] = mapped_column(Utc)
    handled_by: Mapped[str | None] = mapped_column(ID)
