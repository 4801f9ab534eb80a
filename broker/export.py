"""Lists as files: CSV for spreadsheets, JSON for programs.  Rows come one by one, so that memory does not grow.

A spreadsheet takes a cell that begins with = + - @ for a formula; names come from strangers, so such cells get an
apostrophe in front (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel
from starlette.responses import StreamingResponse

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MEDIA_TYPES: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}

Format = Literal["csv", "json"]
Item = TypeVar("Item", bound=BaseModel)

EXPORTED: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {kind: {} for kind in MEDIA_TYPES.values()}}}
"""What a route that exports answers, for its description."""


def dumped(item: BaseModel) -> dict[str, Any]:
    """A reply's fields, as JSON has them."""
    return item.model_dump(mode="json")


def as_file(
    name: str,
    format: Format,
    columns: Sequence[str],
    items: AsyncIterator[Item],
    row: Callable[[Item], Mapping[str, object]] = dumped,
) -> StreamingResponse:
    """`items` as a file to keep, called `name` and its format.  `row`: what stands in a CSV file's `columns`."""
    body = as_csv(columns, items, row) if format == "csv" else as_json(items)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{format}"', "Cache-Control": "no-store"}
    return StreamingResponse(body, media_type=MEDIA_TYPES[format], headers=headers)


async def as_csv(
    columns: Sequence[str], items: AsyncIterator[Item], row: Callable[[Item], Mapping[str, object]] = dumped
) -> AsyncIterator[str]:
    """RFC 4180 with a header line; a byte order mark in front, without which Excel reads no accents."""
    line = io.StringIO()
    writer = csv.writer(line)
    line.write("\ufeff")
    writer.writerow(columns)
    async for item in items:
        yield _taken(line)
        values = row(item)
        writer.writerow([_harmless(values[column]) for column in columns])
    yield _taken(line)


async def as_json(items: AsyncIterator[Item]) -> AsyncIterator[str]:
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
