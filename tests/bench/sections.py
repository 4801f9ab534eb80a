"""`docs/performance.md`: each measurement rewrites its own section between its markers, and keeps its numbers as JSON.

The rest of the page is written by hand and stays as it is.
"""

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = DOCS / "performance.md"


def replaced(page: str, name: str, body: str) -> str:
    """The page with that section's text replaced, or with the section at its end when it has none yet."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    section = f"{begin}\n{body.strip()}\n{end}"
    before, found, rest = page.partition(begin)
    if not found:
        return f"{page.rstrip()}\n\n{section}\n" if page.strip() else f"{section}\n"
    _, closed, after = rest.partition(end)
    if not closed:
        raise ValueError(f"the page opens “{begin}” and never closes it")
    return f"{before}{section}{after}"


def write(name: str, body: str, numbers: dict[str, Any]) -> None:
    """Put the section into the page and its numbers beside it."""
    PAGE.write_text(replaced(PAGE.read_text() if PAGE.exists() else "# Performance\n", name, body))
    (DOCS / f"performance-{name}.json").write_text(json.dumps(numbers, indent=1, ensure_ascii=False) + "\n")
