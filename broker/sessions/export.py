"""Sessions as a file: CSV for spreadsheets, JSON for programs.  Rows come one by one, so that memory does not grow.

A spreadsheet takes a cell that begins with = + - @ for a formula; names come from customers' computers, so such cells
get an apostrophe in front (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import AsyncIterator
from typing import Final

from broker.sessions.schemas import SessionItem

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

COLUMNS: Final = (
    "id", "started_utc", "joined_utc", "ended_utc", "state", "end_reason", "operator_id", "operator_name",
    "computer", "user", "address", "service", "agent_id", "connected_s", "paused_s",
)  # fmt: skip


async def as_csv(items: AsyncIterator[SessionItem]) -> AsyncIterator[str]:
    """RFC 4180 with a header line; a byte order mark in front, without which Excel reads no accents."""
    line = io.StringIO()
    writer = csv.writer(line)
    line.write("\ufeff")
    writer.writerow(COLUMNS)
    async for item in items:
        yield _taken(line)
        row = item.model_dump(mode="json")
        row |= row.pop("customer")
        writer.writerow([_harmless(row[column]) for column in COLUMNS])
    yield _taken(line)


async def as_json(items: AsyncIterator[SessionItem]) -> AsyncIterator[str]:
    """`{"items": […]}`, as the list gives them."""
    before = '{"items": ['
    async for item in items:
        yield f"{before}\n{item.model_dump_json()}"
        before = ","
    yield "\n]}\n" if before == "," else '{"items": []}\n'


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text
