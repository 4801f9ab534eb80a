"""customers, contracts, bills and the support desk."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "checklist_ticks",
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("operator_id", sa.String(length=22), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "item", name=op.f("pk_checklist_ticks")),
    )
    op.create_table(
        "numbers",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "kind", name=op.f("pk_numbers")),
    )
    op.create_table(
        "opinions",
        sa.Column("session_id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_opinions_token_sha256")),
    )
    with op.batch_alter_table("opinions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinions_org_id"), ["org_id"], unique=False)

    op.create_table(
        "webhooks",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "message_id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("tax_id", sa.String(length=40), nullable=False),
        sa.Column("licence_key", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('active', 'delinquent', 'suspended')", name=op.f("ck_customers_status")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_customers_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index("ix_customers_email", ["org_id", "email"], unique=False)
        batch_op.create_index("ix_customers_licence", ["org_id", "licence_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_customers_org_id"), ["org_id"], unique=False)

    op.create_table(
        "invoice_counters",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_invoice_counters_org_id")),
        sa.PrimaryKeyConstraint("org_id", "series", name=op.f("pk_invoice_counters")),
    )
    op.create_table(
        "policies",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("adopted_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("adopted_by", sa.String(length=22), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_policies_org_id")),
        sa.PrimaryKeyConstraint("org_id", "sha256", name=op.f("pk_policies")),
    )
    op.create_table(
        "work_cursors",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_work_cursors_org_id")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_work_cursors")),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("contract_id", sa.String(length=22), nullable=True),
        sa.Column("ticket_id", sa.String(length=22), nullable=True),
        sa.Column("operator_id", sa.String(length=22), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("invite_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("work_id", sa.String(length=22), nullable=True),
        sa.Column("made_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('agreed', 'kept', 'cancelled', 'late_cancel', 'no_show', 'failed')",
            name=op.f("ck_appointments_state"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_appointments_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_appointments_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("invite_sha256", name=op.f("uq_appointments_invite_sha256")),
    )
    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointments_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_appointments_due", ["org_id", "state", "at"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_contacts_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_contacts_email", ["org_id", "email"], unique=False)

    op.create_table(
        "contracts",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("excess_hourly", sa.String(length=20), nullable=True),
        sa.Column("lapse_due", sa.Date(), nullable=True),
        sa.Column("renews", sa.Boolean(), nullable=False),
        sa.Column("created_utc", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_contracts_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_contracts_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_contracts_org_id_number")),
    )
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.create_index("ix_contracts_customer", ["customer_id", "start"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_lapse_due"), ["lapse_due"], unique=False)

    op.create_table(
        "customer_consents",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_operator", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_consents_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_consents")),
    )
    with op.batch_alter_table("customer_consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_consents_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "invoices",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_name", sa.String(length=40), nullable=False),
        sa.Column("tax_percent", sa.String(length=20), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("credit_of", sa.String(length=22), nullable=True),
        sa.Column("fee_for", sa.String(length=22), nullable=True),
        sa.Column("buyer", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("unpaid", sa.Boolean(), nullable=False),
        sa.Column("excess", sa.String(length=6), nullable=True),
        sa.Column("excess_minor", sa.BigInteger(), nullable=False),
        sa.Column("excess_fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'paid', 'cancelled', 'credit')", name=op.f("ck_invoices_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_invoices_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("org_id", "series", "number", name=op.f("uq_invoices_org_id_series_number")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoices_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_fee_for"), ["fee_for"], unique=False)
        batch_op.create_index("ix_invoices_list", ["org_id", "issued", "id"], unique=False)

    op.create_table(
        "orders",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("policy_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ordered_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes", sa.Date(), nullable=True),
        sa.Column("ended_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('unpaid', 'paid', 'delivered', 'done', 'cancelled')", name=op.f("ck_orders_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_orders_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_orders_org_id_number")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_orders_token_sha256")),
    )
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_orders_closes"), ["closes"], unique=False)
        batch_op.create_index(batch_op.f("ix_orders_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "order_payments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("order_id", sa.String(length=22), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_operator", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_payments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_payments")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_order_payments_org_id_reference")),
    )
    with op.batch_alter_table("order_payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_payments_order_id"), ["order_id"], unique=False)

    op.create_table(
        "webhook_secrets",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_webhook_secrets_org_id")),
        sa.PrimaryKeyConstraint("org_id", name=op.f("pk_webhook_secrets")),
    )

    op.create_table(
        "tickets",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=True),
        sa.Column("contract_id", sa.String(length=22), nullable=True),
        sa.Column("order_id", sa.String(length=22), nullable=True),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.String(length=6), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("company", sa.String(length=200), nullable=False),
        sa.Column("tax_id", sa.String(length=40), nullable=False),
        sa.Column("contract_number", sa.String(length=40), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.String(length=22), nullable=True),
        sa.Column("opened_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_provider_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_customer_utc", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'taken', 'answered', 'closed', 'refused')", name=op.f("ck_tickets_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tickets_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_tickets_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("org_id", "number", name=op.f("uq_tickets_org_id_number")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_tickets_token_sha256")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_tickets_queue", ["org_id", "state", "opened_utc"], unique=False)

    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("ticket_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_attachments_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.String(length=22), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.String(length=22), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.String(length=22), nullable=True),
        sa.Column("bought_seq", sa.BigInteger(), nullable=True),
        sa.Column("order_id", sa.String(length=22), nullable=True),
        sa.Column("title", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", "position", name=op.f("pk_invoice_lines")),
    )
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_lines_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_work_id"), ["work_id"], unique=False)

    op.create_table(
        "ledger",
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contract_id", sa.String(length=22), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("work_id", sa.String(length=22), nullable=True),
        sa.Column("of_seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_ledger_contract_id")),
        sa.PrimaryKeyConstraint("org_id", "seq", "contract_id", name=op.f("pk_ledger")),
    )
    with op.batch_alter_table("ledger", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_contract", ["contract_id", "seq"], unique=False)

    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("invoice_id", sa.String(length=22), nullable=False),
        sa.Column("receipt", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("from_credit", sa.Boolean(), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_operator", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_payments_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("org_id", "reference", name=op.f("uq_payments_org_id_reference")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_invoice_id"), ["invoice_id"], unique=False)

    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("ticket_id", sa.String(length=22), nullable=False),
        sa.Column("operator_id", sa.String(length=22), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("utc", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    with op.batch_alter_table("ticket_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_messages_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "work",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=True),
        sa.Column("contract_id", sa.String(length=22), nullable=True),
        sa.Column("session_id", sa.String(length=22), nullable=True),
        sa.Column("ticket_id", sa.String(length=22), nullable=True),
        sa.Column("order_id", sa.String(length=22), nullable=True),
        sa.Column("operator_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("pauses", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("warranty", sa.Boolean(), nullable=False),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=True),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("held_clause", sa.String(length=4), nullable=True),
        sa.Column("held_reason", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=True),
        sa.Column("policy_sha256", sa.String(length=64), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("basis", sa.String(length=10), nullable=True),
        sa.Column("billable_seconds", sa.Integer(), nullable=False),
        sa.Column("counted_minutes", sa.String(length=40), nullable=False),
        sa.Column("rounded_minutes", sa.Integer(), nullable=False),
        sa.Column("from_balance_minutes", sa.Integer(), nullable=False),
        sa.Column("charged_minutes", sa.Integer(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("invoice_id", sa.String(length=22), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_work_contract_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_work_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_work_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
    )
    with op.batch_alter_table("work", schema=None) as batch_op:
        batch_op.create_index("ix_work_contract", ["contract_id", "start"], unique=False)
        batch_op.create_index("ix_work_customer", ["customer_id", "start"], unique=False)
        batch_op.create_index(batch_op.f("ix_work_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index("ix_work_list", ["org_id", "start", "id"], unique=False)
        batch_op.create_index("ix_work_session", ["session_id"], unique=False)
        batch_op.create_index("ix_work_ticket", ["ticket_id"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("org_id", sa.String(length=22), nullable=False),
        sa.Column("customer_id", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("work_id", sa.String(length=22), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=20), nullable=False),
        sa.Column("made_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_utc", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_utc", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'refused', 'dropped')", name=op.f("ck_mail_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_mail_customer_id")),
        sa.ForeignKeyConstraint(["org_id"], ["organisations.id"], name=op.f("fk_mail_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_customer_id", ["customer_id"], unique=False)
        batch_op.create_index("ix_mail_due", ["state", "due_utc"], unique=False)
        batch_op.create_index("ix_mail_list", ["org_id", "made_utc", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_work_id"), ["work_id"], unique=False)

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("service", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("joined_utc", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("connected_ms", sa.BigInteger(), nullable=True))
    _fill_sessions()
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.alter_column("service", existing_type=sa.String(length=200), nullable=False)
        batch_op.alter_column("connected_ms", existing_type=sa.BigInteger(), nullable=False)
        batch_op.create_index(
            "ix_sessions_figures",
            ["org_id", "requested_utc", "joined_utc", "operator_id", "service", "connected_ms"],
            unique=False,
        )


def _fill_sessions() -> None:
    """What the new columns repeat, from each session's view."""
    sessions = sa.table(
        "sessions",
        sa.column("id", sa.String),
        sa.column("view", sa.LargeBinary),
        sa.column("service", sa.String),
        sa.column("joined_utc", sa.DateTime(timezone=True)),
        sa.column("connected_ms", sa.BigInteger),
    )
    connection, after = op.get_bind(), ""
    rows = sa.select(sessions.c.id, sessions.c.view).order_by(sessions.c.id).limit(500)
    while batch := connection.execute(rows.where(sessions.c.id > after)).all():
        for session_id, stored in batch:
            view = json.loads(stored)
            values = {
                "service": view["service"],
                "joined_utc": datetime.fromisoformat(view["joined"]["utc"]) if view["joined"] else None,
                "connected_ms": view["connected_ms"],
            }
            connection.execute(sa.update(sessions).where(sessions.c.id == session_id).values(values))
        after = batch[-1].id
