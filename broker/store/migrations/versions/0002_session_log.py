"""Session log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "log_events",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_log_events")),
    )
    with op.batch_alter_table("log_events", schema=None) as batch_op:
        batch_op.create_index("ix_log_events_kind", ["org_id", "kind", "seq"], unique=False)
        batch_op.create_index("ix_log_events_session", ["session_id", "seq"], unique=False)
    op.create_table(
        "log_heads",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "log_personal",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "seq", "field", name=op.f("pk_log_personal")),
    )
    with op.batch_alter_table("log_personal", schema=None) as batch_op:
        batch_op.create_index("ix_log_personal_session", ["session_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("operator_id", sa.String(length=22), nullable=False),
        sa.Column("requested_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_reason", sa.String(length=30), nullable=True),
        sa.Column("view", sa.LargeBinary(), nullable=False),
        sa.Column("alive_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alive_ms", sa.BigInteger(), nullable=True),
        sa.Column("alive_boot", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_list", ["org_id", "requested_utc", "id"], unique=False)
        batch_op.create_index("ix_sessions_own", ["org_id", "operator_id", "requested_utc", "id"], unique=False)
        batch_op.create_index("ix_sessions_state", ["state"], unique=False)
    op.create_table(
        "suspicions",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("via", sa.String(length=10), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("reported_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_seq", sa.BigInteger(), nullable=True),
        sa.Column("handled_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by", sa.String(length=22), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspicions")),
    )
    with op.batch_alter_table("suspicions", schema=None) as batch_op:
        batch_op.create_index("ix_suspicions_list", ["org_id", "reported_utc", "id"], unique=False)
