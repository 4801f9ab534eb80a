"""Writing a report down, whether it came from the program or from the page (Q12)."""

from collections.abc import Mapping
from typing import Literal

from broker.log import events
from broker.log.writer import Writer
from broker.suspicions.repository import SuspicionRepository


async def record_report(
    writer: Writer,
    org_id: str,
    report_id: str,
    via: Literal["program", "page"],
    session_id: str | None,
    personal: Mapping[str, str],
) -> None:
    """Append the report, once: repeated, nothing is written.  `personal`: text, contact, address, where given."""
    suspicions = SuspicionRepository(writer.db)
    await writer.lock(org_id)
    if await suspicions.find(report_id) is not None:
        return
    event = events.SuspicionReported(report_id=report_id, via=via, session_id=session_id)
    appended = await writer.append(org_id, event, {field: value for field, value in personal.items() if value})
    await suspicions.insert(org_id, appended.recorded.seq, appended.recorded.moment.utc, event)
