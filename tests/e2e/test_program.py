"""The customer's one-file program: built, run on a desktop that has no Python of ours, and through a whole session."""

import asyncio
import hashlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from scripts import build_agent
from scripts import desktop as desktops
from scripts.processes import Processes
from scripts.product import RELEVO, Broker
from tests.support.accessible import Reader

AGENT_ID = re.compile(r"\b\d{3} \d{3} \d{3}\b")
PASSWORD = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    return Broker(tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="module")
def program(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Built for this test's broker and organisation; the fastest compression, for it lives a minute."""
    build_file = broker.build_file(broker.accounts().organisation_id)
    made = build_agent.build(build_file, tmp_path_factory.mktemp("program"), compression="1")
    yield made
    made.unlink()


def test_it_carries_its_licence_notices_and_its_checksum(program: Path) -> None:
    printed = subprocess.run([program, "--notices"], capture_output=True, text=True, check=True).stdout
    for word in ("Apache License", "PySide6", "GNU LESSER GENERAL PUBLIC LICENSE", "libsodium", "Python Software"):
        assert word.lower() in printed.lower(), word
    named, name = (program.parent / "relevo-agent.sha256").read_text().split()
    assert (named, name) == (hashlib.sha256(program.read_bytes()).hexdigest(), program.name)


def test_it_checks_itself_and_says_what_it_was_made_for(program: Path, broker: Broker) -> None:
    """Without a display: every backend of this system is inside, and its imports with it."""
    done = subprocess.run([program, "--self-check"], env={"HOME": str(program.parent)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, *parts = done.stdout.splitlines()
    assert first.startswith("relevo-agent ")
    assert f"for {broker.origin}, organisation {broker.accounts().organisation_id}" in first
    assert {"client_agent.capture.x11", "client_agent.inject.x11", "client_agent.window.program"} <= set(parts)


def test_it_takes_no_broker_from_its_command_line(program: Path, processes: Processes, tmp_path: Path) -> None:
    """What it is for is fixed inside; an address that someone hands to it changes nothing (pairing rule 7)."""
    desktop = desktops.start(processes, tmp_path / "customer")
    command = [str(program), "--broker", "https://elsewhere.example", "--organisation", "A" * 22]
    processes.start("program", command, env=desktop.env, essential=False)
    log = tmp_path / "logs" / "program.log"

    async def window() -> str:
        async with Reader.of(desktop.env) as reader:
            await reader.find("push button", "Try again")
            return await reader.text()

    shown = asyncio.run(window())
    assert "elsewhere.example" not in shown + log.read_text()


async def test_it_completes_a_session(program: Path, broker: Broker, processes: Processes, tmp_path: Path) -> None:
    accounts = broker.accounts()
    broker.start(processes)
    desktop = desktops.start(processes, tmp_path / "customer")
    # Nothing of this checkout: neither its Python path nor its virtual environment.
    env = {name: value for name, value in desktop.env.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    processes.start("program", [program], env=env, cwd=tmp_path)

    async with Reader.of(desktop.env) as customer:
        await customer.find("push button", "Accept and go on")
        await customer.press("Accept and go on")
        await customer.find("push button", "New code")
        shown = await customer.text()
        agent_id, password = AGENT_ID.search(shown), PASSWORD.search(shown)
        assert agent_id, shown
        assert password, shown

        picture = tmp_path / "screen.png"
        connecting = await asyncio.create_subprocess_exec(
            *(RELEVO, "connect", agent_id[0], "--broker", broker.origin, "--email", accounts.technician.email),
            *("--screenshot", picture),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        given = f"{accounts.technician.password}\n{password[0]}\n".encode()
        working = asyncio.create_task(connecting.communicate(given))
        await customer.press("Accept")
        said, _ = await working

    assert connecting.returncode == 0, said.decode()
    with Image.open(picture) as seen:
        assert seen.size == desktops.SIZE
