"""The tables of accounts: organisations, their terms, operators, sign-ins, one-time links.

Every row belongs to one organisation, directly or through its operator.  Secrets are stored as hashes, but for the TOTP
secret, which must be read again and is sealed with a key outside the database (`broker.keys`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from broker.store.base import ID, Base, Json, Utc


class OrganisationRow(Base):
    """A provider.  Its present terms are the row of `terms` with the highest version."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    services: Mapped[list[str]] = mapped_column(Json)
    tariff: Mapped[dict[str, Any] | None] = mapped_column(Json)
    price_note: Mapped[str] = mapped_column(String(200))
    bandwidth_floor_kbit: Mapped[int]
    inactivity_s: Mapped[int]
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_type: Mapped[str | None] = mapped_column(String(20))
    created_utc: Mapped[datetime] = mapped_column(Utc)


class TermsRow(Base):
    """One version of an organisation's terms of service; never changed once written (Q8)."""

    __tablename__ = "terms"

    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    es: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(43))
    by: Mapped[str] = mapped_column(String(200))
    created_utc: Mapped[datetime] = mapped_column(Utc)


class OperatorRow(Base):
    """An account.  Without a password hash it is invited and cannot sign in.  `email` is stored case-folded."""

    __tablename__ = "operators"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("role IN ('operator', 'admin', 'auditor')", name="role"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    org_id: Mapped[str] = mapped_column(ForeignKey(OrganisationRow.id), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    lang: Mapped[str] = mapped_column(String(2))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_enabled: Mapped[bool] = mapped_column(default=False)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    disabled: Mapped[bool] = mapped_column(default=False)
    created_utc: Mapped[datetime] = mapped_column(Utc)
    last_seen_utc: Mapped[datetime | None] = mapped_column(Utc)


LIVE = text("ended_utc IS NULL")


class SignInRow(Base):
    """One sign-in of an operator, from a browser (`cookie`) or a program (`bearer`)."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        UniqueConstraint("token_sha256"),
        Index("ix_sign_ins_live", "operator_id", sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    operator_id: Mapped[str] = mapped_column(ForeignKey(OperatorRow.id))
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    kind: Mapped[str] = mapped_column(String(6))
    created_utc: Mapped[datetime] = mapped_column(Utc)
    last_seen_utc: Mapped[datetime] = mapped_column(Utc)
    ended_utc: Mapped[datetime | None] = mapped_column(Utc)


class LinkRow(Base):
    """A one-time link: `setup` (first administrator), `invitation` or `reset`; only its token's hash is stored."""

    __tablename__ = "links"
    __table_args__ = (CheckConstraint("kind IN ('setup', 'invitation', 'reset')", name="kind"),)

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    operator_id: Mapped[str | None] = mapped_column(ForeignKey(OperatorRow.id), index=True)
    expires_utc: Mapped[datetime] = mapped_column(Utc)
    used_utc: Mapped[datetime | None] = mapped_column(Utc)
