"""TigerVNC's Xvnc, websockify and noVNC: the peer that Relevo is measured against.

The line is between the browser and websockify, so that what crosses it is what crosses Relevo's between the agent and
the broker: the customer's screen and the technician's keys, once.  Nothing is encrypted, nobody is asked.
"""

import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scripts import desktop as desktops
from scripts import web
from scripts.processes import Processes, free_port, listening
from tests.bench.felt import line, workload
from tests.bench.felt.peer import Peer, beginnings, give_keyboard, group, watched
from tests.bench.felt.truth import desktop_pixels
from tests.bench.felt.workloads import place
from tests.support.link import Shape

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache" / "relevo-bench" / "novnc"
CANVAS = "#screen canvas"


def fetched() -> Path:
    """A folder with noVNC as `novnc_page/package-lock.json` pins it, and the page that uses it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "novnc_page" / name, CACHE / name)
    web.install(CACHE)
    shutil.copy(HERE / "novnc_page" / "index.html", CACHE / "index.html")
    return CACHE


@asynccontextmanager
async def session(folder: Path, shape: Shape) -> AsyncIterator[Peer]:
    """A desktop of Xvnc's with wall and echo window, seen through the line in a browser."""
    pages = fetched()
    with Processes(folder / "logs") as processes:
        vnc, socket, http = free_port(), free_port(), free_port()
        server = [
            *("Xvnc", "-geometry", f"{place.SIZE[0]}x{place.SIZE[1]}", "-depth", "24", "-dpi", "96"),
            *(
                "-rfbport",
                str(vnc),
                "-SecurityTypes",
                "None",
                "-localhost",
                "-nolisten",
                "tcp",
                "-AlwaysShared",
                "-noreset",
            ),
        ]
        desktop = desktops.start(processes, folder / "customer", place.SIZE, server=server)
        for name in ("wall", "echo"):
            workload.start(processes, desktop, folder, name)
        bridge = processes.start("websockify", ["websockify", f"127.0.0.1:{socket}", f"127.0.0.1:{vnc}"])
        processes.wait_for("websockify", lambda: listening(socket))
        link = line.start(processes, folder, socket, shape)
        files = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(pages), str(http)]
        processes.start("pages", files)
        processes.wait_for("noVNC's pages", lambda: listening(http))
        async with watched(CANVAS) as page:
            await page.page.goto(f"http://127.0.0.1:{http}/index.html")
            await page.page.wait_for_function("window.ready")
            await page.start()
            wanted = desktop_pixels(desktop.display)
            firsts = []
            for _ in range(beginnings(shape)):
                begun = page.monotonic(await page.page.evaluate("port => connectTo(port)", link.port))
                firsts.append(await page.whole(place.WALL, wanted) - begun)
            await give_keyboard(page, CANVAS)
            groups = {
                "X server (Xvnc)": [group(processes, "Xvnc")],
                "websockify": [bridge.process.pid],
                "link (the bench's own)": [link.running.process.pid],
            }
            yield Peer("novnc", processes, desktop, link, page, 1, firsts, groups, folder)


def version() -> str:
    """Of noVNC, as pinned."""
    locked = json.loads((HERE / "novnc_page" / "package-lock.json").read_text())
    return str(locked["packages"]["node_modules/@novnc/novnc"]["version"])
