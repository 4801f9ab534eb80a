"""Takes the pictures and makes the sheet: `screens/contact-sheet.png`, the single pictures beside it."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import desktop as desktops
from scripts.processes import Processes
from scripts.product import Broker
from tests.screens import records, sheet, web
from tests.screens.variants import every
from tests.support import browser

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "screens"
DISPLAY = (1920, 1600)


async def main() -> None:
    """Everything anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with (
        tempfile.TemporaryDirectory(prefix="relevo-screens-") as scratch,
        Processes(Path(scratch) / "logs") as processes,
    ):
        take_agent(processes, Path(scratch))
        await take_web(processes, Path(scratch))
    count = sheet.compose(FOLDER, FOLDER / "contact-sheet.png")
    print(f"{count} screens in eight ways each: {FOLDER / 'contact-sheet.png'}")


def take_agent(processes: Processes, scratch: Path) -> None:
    """The customer's window.  On a display, and GNOME by name: Qt's theme for it can be told to be dark."""
    desktop = desktops.start(processes, scratch / "customer", size=DISPLAY)
    for scale in (1, 2):
        print(f"relevo: the customer's window at {scale}00 % …", flush=True)
        env = desktop.env | {"XDG_CURRENT_DESKTOP": "GNOME", "QT_SCALE_FACTOR": str(scale)}
        command = [sys.executable, "-m", "tests.support.agent_gallery", str(FOLDER), str(scale)]
        subprocess.run(command, env=env, cwd=ROOT, check=True)


async def take_web(processes: Processes, scratch: Path) -> None:
    """The console and the broker's pages."""
    broker = Broker(scratch)
    accounts = broker.accounts()
    broker.start(processes)
    pages = records.fill(broker, accounts.administrator)
    async with browser.browsing(whole=True) as chromium:
        for variant in every():
            print(f"relevo: the web console, {variant.name} …", flush=True)
            await web.photograph(chromium, broker, accounts, pages, variant, FOLDER)


if __name__ == "__main__":
    asyncio.run(main())
