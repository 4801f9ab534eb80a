"""The endpoint of letters, for administrators and auditors: what waits, what went, what failed and why."""

from typing import Annotated

from fastapi import APIRouter

from broker.mail import schemas
from broker.permissions import Permission, Principal, allow
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit
from broker.store.mail_tables import MailRow

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.BILLING_READ)]


@router.get("/mail")
async def mail(
    reader: Reader, services: Needs, state: schemas.State | None = None, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.MailList:
    """Newest first."""
    page = await services.mail.page(reader.org_id, state, limit, cursor)
    configured = services.mail.configured
    items = tuple(_item(row, configured) for row in page.rows)
    return schemas.MailList(configured=configured, items=items, next=page.next)


def _item(row: MailRow, configured: bool) -> schemas.MailItem:
    waiting = row.state == "waiting"
    return schemas.MailItem(
        id=row.id, kind=row.kind, customer_id=row.customer_id, work_id=row.work_id, tries=row.tries,
        state=row.state,  # type: ignore[arg-type]  # the table allows these alone
        error="not_configured" if waiting and not configured else row.error, made_utc=row.made_utc,
        next_try_utc=row.due_utc if waiting and configured else None, sent_utc=row.sent_utc,
    )  # fmt: skip
