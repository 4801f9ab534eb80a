"""The endpoints of letters, for administrators and auditors: what waits, what went, what failed and why."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from broker.export import EXPORTED, Format, as_file
from broker.mail import schemas
from broker.mail.repository import Listed
from broker.mail.service import MailService
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier
from broker.services import Services, needs_services
from broker.sessions.schemas import Cursor, Limit

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.BILLING_READ)]
Admin = Annotated[Principal, allow(Permission.BILLING_WRITE)]
COLUMNS: Final = tuple(schemas.MailItem.model_fields)


@router.get("/mail")
async def mail(
    reader: Reader, services: Needs, state: schemas.State | None = None, limit: Limit = 50, cursor: Cursor | None = None
) -> schemas.MailList:
    """Newest first."""
    page = await services.mail.page(reader.org_id, state, limit, cursor)
    configured = services.mail.configured
    items = tuple(_item(one, configured) for one in page.letters)
    return schemas.MailList(configured=configured, items=items, next=page.next)


@router.get("/mail/export", response_class=StreamingResponse, responses=EXPORTED)
async def export(
    reader: Reader, services: Needs, state: schemas.State | None = None, format: Format = "csv"
) -> StreamingResponse:
    """Every letter that the filter lets through, as a file."""
    return as_file("letters", format, COLUMNS, _items(services.mail, reader.org_id, state))


@router.post("/mail/{mail_id}/retry")
async def retry(mail_id: Identifier, admin: Admin, services: Needs) -> schemas.MailItem:
    """Send it again at once, to the address that its customer has now."""
    return _item(await services.mail.retry(admin.org_id, mail_id), services.mail.configured)


async def _items(mail: MailService, org_id: str, state: schemas.State | None) -> AsyncIterator[schemas.MailItem]:
    async with aclosing(mail.every(org_id, state)) as letters:
        async for one in letters:
            yield _item(one, mail.configured)


def _item(letter: Listed, configured: bool) -> schemas.MailItem:
    row = letter.row
    waiting = row.state == "waiting"
    return schemas.MailItem(
        id=row.id, kind=row.kind, customer_id=row.customer_id, customer_name=letter.customer_name,
        work_id=row.work_id, tries=row.tries,
        state=row.state,  # type: ignore[arg-type]  # the table allows these alone
        error="not_configured" if waiting and not configured else row.error, may_retry=row.sealed is not None,
        made_utc=row.made_utc, next_try_utc=row.due_utc if waiting and configured else None, sent_utc=row.sent_utc,
    )  # fmt: skip
