"""How a session feels, beside TigerVNC's with noVNC, in Chromium on desktops of 1920×1080.

    python -m tests.bench.felt                                          everything, into docs/performance.md
    python -m tests.bench.felt --quick                                  everything once, printed
    python -m tests.bench.felt --peer ours --line 1024 --work video     a single cell, printed

A run of everything rewrites the marked section of docs/performance.md, its picture and docs/performance.json.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.felt import report
from tests.bench.felt.chart import svg
from tests.bench.felt.line import LINES, ROOT
from tests.bench.felt.measure import Budget
from tests.bench.felt.run import PEERS, Plan, circumstances, run

DOCS = ROOT / "docs"
BEGIN, END = "<!-- written by tests.bench.felt: begin -->\n", "<!-- written by tests.bench.felt: end -->\n"


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Of a command line."""
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m tests.bench.felt", description=__doc__, formatter_class=as_written)
    parser.add_argument("--peer", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--line", nargs="+", choices=LINES, default=list(LINES))
    parser.add_argument("--work", nargs="+", choices=Plan().works, default=list(Plan().works))
    parser.add_argument("-n", "--keys", type=int, default=17, help="key presses in each cell and round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each cell is measured (%(default)s)")
    parser.add_argument("--most", type=float, default=7, help="seconds after which a cell ends early (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one round of 8 keys")
    parser.add_argument("--json", type=Path, help="write every observation there")
    return parser.parse_args(words)


async def main(given: argparse.Namespace) -> None:
    """Measure, print, and after a run of everything write."""
    rounds, keys = (1, 8) if given.quick else (given.rounds, given.keys)
    plan = Plan(given.peer, given.line, given.work, rounds, Budget(keys, most_s=given.most))
    found: dict[str, Any] = {"circumstances": circumstances(), "rounds": rounds, "keys": keys}
    with tempfile.TemporaryDirectory(prefix="relevo-felt-") as folder:
        found |= await run(Path(folder), plan, tell)
    text = report.markdown(found)
    print(text)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    whole = Plan()
    if (plan.peers, plan.lines, plan.works) == tuple(map(list, (whole.peers, whole.lines, whole.works))) and rounds > 1:
        write(found, text)


def write(found: dict[str, Any], text: str) -> None:
    """Into the documentation."""
    page = DOCS / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    picture = "![From a key press to its pixel, both peers on each line](images/felt.svg)"
    page.write_text(f"{before}{BEGIN}\n{picture}\n\n{text}\n{END}{rest.partition(END)[2]}")
    (DOCS / "images" / "felt.svg").write_text(svg(found))
    (DOCS / "performance.json").write_text(json.dumps(found, indent=1) + "\n")


def tell(what: str) -> None:
    """A line of progress, apart from the tables."""
    print(f"relevo: {time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    asyncio.run(main(arguments(sys.argv[1:])))
