"""The endpoints of a session's checklist (T5): a technician's own sessions, everyone's for whoever sees all."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from broker.orders.checklist import Item
from broker.permissions import Permission, Principal, allow
from broker.schemas import Identifier, Reply, UtcTime
from broker.services import Services, needs_services

router = APIRouter()

Needs = Annotated[Services, needs_services]
Reader = Annotated[Principal, allow(Permission.RECORDS_READ)]
Writer = Annotated[Principal, allow(Permission.RECORDS_WRITE)]
Number = Annotated[int, Field(ge=0, le=1000)]


class ChecklistEntry(Reply):
    """One thing to do.  `when`: always, on a server, or on suspicion of a virus."""

    text: dict[str, str]
    when: str
    ticked_utc: UtcTime | None
    ticked_by: str | None


class Checklist(Reply):
    """In the order of the policy; empty for a session without an order."""

    items: tuple[ChecklistEntry, ...]


@router.get("/sessions/{session_id}/checklist")
async def checklist(session_id: Identifier, reader: Reader, services: Needs) -> Checklist:
    """What is to be done, and what is done."""
    return _reply(await services.checklists.of_session(reader.org_id, session_id, _only(reader)))


@router.put("/sessions/{session_id}/checklist/{item}")
async def tick(session_id: Identifier, item: Number, writer: Writer, services: Needs) -> Checklist:
    """It is done; a tick is not taken back."""
    return _reply(await services.checklists.tick(writer.org_id, session_id, item, writer.operator_id, _only(writer)))


def _only(who: Principal) -> str | None:
    return None if who.may(Permission.SESSIONS_ALL) else who.operator_id


def _reply(items: list[Item]) -> Checklist:
    return Checklist(
        items=tuple(
            ChecklistEntry(
                text=one.item.text.model_dump(),
                when=one.item.when,
                ticked_utc=one.ticked_utc,
                ticked_by=one.ticked_by,
            )
            for one in items
        )
    )
