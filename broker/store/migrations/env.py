"""What Alembic runs: on the connection that `broker.store.schema` hands in, within its transaction."""

from typing import Any, Literal

from alembic import context

from broker.store import billing_tables, desk_tables, invoice_tables, log_tables, mail_tables, plane_tables, tables
from broker.store.base import Base, Json, Utc

TABLES = (billing_tables, desk_tables, invoice_tables, log_tables, mail_tables, plane_tables, tables)
"""Imported so that `Base.metadata` knows every table."""


def _plain(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Revisions name plain types: they must not change when ours do."""
    if kind == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is Json:
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=_plain,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
