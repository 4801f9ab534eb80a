"""What the control plane must know after a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "given_ids",
        sa.Column("id", sa.String(length=9), nullable=False),
        sa.Column("pk_agent", sa.String(length=43), nullable=False),
        sa.Column("given_utc", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_ids")),
    )
    with op.batch_alter_table("given_ids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_given_ids_given_utc"), ["given_utc"], unique=False)
    op.create_table(
        "seats",
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("sign_in_id", sa.String(length=22), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_seats")),
    )
