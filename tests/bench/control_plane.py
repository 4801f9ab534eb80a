"""What the broker costs, measured on a process of its own: `python -m tests.bench.control_plane`.

Memory per waiting agent; reply times of denials; pairing (the technician's request → the customer's prompt).  The relay
has benches of its own: `tests.bench.relays`.
"""

import asyncio
import os
import re
import statistics
import tempfile
import time
from pathlib import Path

import httpx2

from protocol import control
from protocol.code import ALPHABET
from scripts.processes import Processes
from scripts.product import Broker
from tests.support.agent_peer import AgentPeer, AgentSession, ShownCode
from tests.support.console_peer import ConsolePeer, ConsoleSession
from tests.support.peer import Provider

AGENTS, DENIALS, PAIRINGS = 250, 8, 40


def memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def percentiles(seconds: list[float]) -> str:
    """Smallest, middle and largest, in ms."""
    ranked = sorted(seconds)
    picked = (ranked[0], statistics.median(ranked), ranked[-1])
    return " / ".join(f"{1000 * one:.1f}" for one in picked)


async def known(broker: Broker, org_id: str) -> Provider:
    """What the programs of the organisation know."""
    async with httpx2.AsyncClient(base_url=broker.origin) as page:
        facts = (await page.get(f"/api/v1/public/organisations/{org_id}")).json()
    return Provider(broker.origin, org_id, facts["name"], facts["terms_version"], facts["terms_sha256"])


async def signed_in(broker: Broker, email: str, password: str) -> str:
    """A bearer token."""
    async with httpx2.AsyncClient(base_url=broker.origin) as page:
        answer = await page.post("/api/v1/sign-in", json={"email": email, "password": password, "want": "bearer"})
        return str(answer.json()["token"])


async def waiting(provider: Provider, pid: int) -> str:
    """Memory per agent that waits with a code on its screen."""
    async with await AgentPeer.connect(provider) as first:
        await first.register()
        await first.code()
        before = memory(pid)
        agents = []
        for _ in range(AGENTS):
            agent = await AgentPeer.connect(provider)
            await agent.register()
            await agent.code()
            agents.append(agent)
        each = (memory(pid) - before) / AGENTS
        for agent in agents:
            await agent.socket.close()
    return f"{each / 1024:.0f} KiB"


async def denials(console: ConsolePeer, agent: AgentPeer) -> dict[str, str]:
    """How long it takes to hear that an ID is unknown, and that a code is wrong; smallest, middle and largest."""
    code = await agent.code()
    wrong = ALPHABET[(ALPHABET.index(code.server_part[0]) + 1) % len(ALPHABET)] + code.server_part[1:]
    unknown = "000000000" if code.id != "000000000" else "000000001"
    found: dict[str, list[float]] = {"unknown": [], "wrong": []}
    for turn in range(DENIALS):
        kind, id = ("unknown", unknown) if turn % 2 else ("wrong", code.id)
        began = time.perf_counter()
        await console.send(console.request(id, wrong))
        await console.expect(control.PairDenied)
        found[kind].append(time.perf_counter() - began)
    return {kind: percentiles(seconds) for kind, seconds in found.items()}


async def pairings(console: ConsolePeer, agent: AgentPeer) -> str:
    """From the technician's request until the customer's program may ask; both ends are Python here."""
    taken = []

    async def until_prompt(code: ShownCode) -> AgentSession:
        session = await agent.run(code)
        taken.append(time.perf_counter() - began)
        return session

    for _ in range(PAIRINGS):
        code = await agent.code()
        began = time.perf_counter()
        async with asyncio.TaskGroup() as both:
            prompted = both.create_task(until_prompt(code))
            asking: asyncio.Task[ConsoleSession] = both.create_task(console.pair(code.id, code.password))
        assert asking.done()
        await agent.end(prompted.result(), "refused")
        await console.expect(control.Ended)
        console.missed.clear()
        agent.missed.clear()
    return percentiles(taken)


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def figures() -> dict[str, str]:
    """All of them, each with what it is."""
    with tempfile.TemporaryDirectory() as folder, Processes(Path(folder) / "logs") as processes:
        broker = Broker(Path(folder))
        accounts = broker.accounts()
        running = broker.start(processes)
        provider = await known(broker, accounts.organisation_id)
        technician = accounts.technician
        token = await signed_in(broker, technician.email, technician.password)
        found = {"memory per waiting agent": await waiting(provider, running.process.pid)}
        async with await ConsolePeer.connect(provider, token) as console, await AgentPeer.connect(provider) as agent:
            provider = Provider(**vars(provider) | {"service": console.welcome.services[0]})
            console.provider = provider
            await agent.register()
            found["request → prompt, min / p50 / max ms"] = await pairings(console, agent)
            for kind, spread in (await denials(console, agent)).items():
                found[f"denied, {kind}: min / p50 / max ms"] = spread
    return found


if __name__ == "__main__":
    for what, figure in asyncio.run(figures()).items():
        print(f"{what}: {figure}")
