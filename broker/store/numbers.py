"""Numbers without gaps: the next one of a kind of record, taken in the transaction that makes the record."""

from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

NumberedKind = Literal["ticket", "order", "contract"]


async def next_number(db: AsyncSession, org_id: str, kind: NumberedKind) -> int:
    """1, 2, 3 … per organisation and kind.  Whoever rolls back gives the number back; others wait meanwhile."""
    counted = text(
        "INSERT INTO numbers (org_id, kind, last) VALUES (:org_id, :kind, 1) "
        "ON CONFLICT (org_id, kind) DO UPDATE SET last = numbers.last + 1 RETURNING last"
    )
    return int((await db.execute(counted, {"org_id": org_id, "kind": kind})).scalar_one())
