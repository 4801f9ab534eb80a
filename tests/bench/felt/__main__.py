"""How a session feels, beside TigerVNC's with noVNC: `python -m tests.bench.felt --help`."""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from tests.bench.felt import measure, novnc, ours
from tests.bench.felt.line import LINES

PEERS = {"ours": ours.session, "novnc": novnc.session}


async def main(given: argparse.Namespace, folder: Path) -> None:
    async with async_playwright() as playwright:
        for line in given.line:
            for peer in given.peer:
                place = folder / f"{peer}-{line}"
                place.mkdir(parents=True)
                async with PEERS[peer](playwright, place, LINES[line]) as session:
                    print(json.dumps({"peer": peer, "line": line, "first": session.first_picture_s}))
                    for work in given.work:
                        found = await measure.cell(session, work, measure.Budget(given.n))
                        print(json.dumps(found | {"line": line}, indent=1), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", nargs="*", default=list(PEERS))
    parser.add_argument("--line", nargs="*", default=list(LINES))
    parser.add_argument("--work", nargs="*", default=list(measure.WORKS))
    parser.add_argument("-n", type=int, default=50)
    with tempfile.TemporaryDirectory(prefix="relevo-felt-") as name:
        asyncio.run(main(parser.parse_args(), Path(name)))
