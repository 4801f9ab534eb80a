"""What the broker costs and tells: memory per waiting agent, relayed bytes, reply times to wrong codes."""

import asyncio
import json
import time
import urllib.request
from pathlib import Path

from operator_console.client import Way
from scripts.processes import Running
from scripts.product import Accounts, Broker, SignIn, new_password
from tests.bench.figures import Row, spread
from tests.support.peers import AgentPeer, ConsolePeer, Denied, Line, Provider, pair

WAITING = 40
RECORD, MEGABYTES = 16 * 1024, 256
IN_FLIGHT = 64
TECHNICIANS, UNKNOWN, WRONG = 3, 5, 2
"""A technician may fail ten times in ten minutes, and a code dies of three wrong tries."""


def provider_of(broker: Broker, accounts: Accounts) -> Provider:
    """What an agent of this organisation is built with."""
    address = f"{broker.origin}/api/v1/public/organisations/{accounts.organisation_id}"
    with urllib.request.urlopen(address) as reply:
        facts = json.load(reply)
    return Provider(
        broker.origin, accounts.organisation_id, facts["name"], facts["terms_version"], facts["terms_sha256"]
    )


async def sign_in(broker: Broker, account: SignIn) -> str:
    """A bearer token."""
    async with Way(broker.origin).http() as http:
        reply = await http.post(
            "/api/v1/sign-in", json={"email": account.email, "password": account.password, "want": "bearer"}
        )
        return str(reply.raise_for_status().json()["token"])


async def memory(running: Running, provider: Provider) -> Row:
    """Resident memory of the broker with WAITING agents that show a code, and without, divided by them."""
    agents = [await _waiting(provider, 2)]  # what is loaded with the first agent is not the second one's
    before = _resident(running)
    for number in range(WAITING):
        agents.append(await _waiting(provider, 3 + number))
    per_agent = (_resident(running) - before) / WAITING
    for agent in agents:
        await agent.socket.close()
    return "memory of the broker per waiting agent", f"{per_agent / 1024:.0f} KiB ({WAITING} agents)"


async def _waiting(provider: Provider, host: int) -> AgentPeer:
    """Each from an address of its own, as customers are."""
    agent = await AgentPeer.connect(provider, local_addr=(f"127.0.0.{host}", 0))
    await agent.register()
    await agent.code()
    return agent


def _resident(running: Running) -> int:
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


async def relayed(provider: Provider, token: str) -> Row:
    """One session's records from agent to console, the next sent as soon as the relay takes it."""
    agent = await AgentPeer.connect(provider, local_addr=("127.0.0.200", 0))
    await agent.register()
    console = await ConsolePeer.connect(provider, token)
    a, c = await pair(agent, console, await agent.code())
    sender, receiver = await asyncio.gather(agent.open_line(a), console.open_line(c))
    records = MEGABYTES * 1024 * 1024 // RECORD
    began = time.monotonic()
    await asyncio.gather(_send(sender, records), _receive(receiver, records))
    rate = MEGABYTES * 1.048576 / (time.monotonic() - began)
    await agent.end(a)
    for peer in (agent, console):
        await peer.socket.close()
    return (
        "relay, one session, one direction",
        f"{rate:.0f} MB/s ({RECORD // 1024} KiB records, both ends on this computer)",
    )


async def _send(line: Line, records: int) -> None:
    record = bytes(RECORD)
    for _ in range(records):
        await line.send(record)


async def _receive(line: Line, records: int) -> None:
    for _ in range(records):
        await line.receive(60)


async def denials(broker: Broker, accounts: Accounts, provider: Provider) -> list[Row]:
    """How long a refusal takes: for an ID that nobody has, and for a wrong server part of one that somebody has."""
    agent = await AgentPeer.connect(provider, local_addr=("127.0.0.201", 0))
    await agent.register()
    unknown: list[float] = []
    wrong: list[float] = []
    for number in range(TECHNICIANS):
        account = SignIn("operator", f"Bench {number}", f"bench{number}@demo.example", new_password())
        broker.add_operator(accounts.organisation_id, account)
        console = await ConsolePeer.connect(provider, await sign_in(broker, account))
        code = await agent.code()
        nobody = f"{(int(code.id) + 1) % 10**9:09}"
        other = "000" if code.server_part != "000" else "111"
        for agent_id, part, times, count in ((nobody, other, unknown, UNKNOWN), (code.id, other, wrong, WRONG)):
            for _ in range(count):
                times.append(await _refusal(console, agent_id, part))
        await console.socket.close()
    await agent.socket.close()
    return [("reply to an unknown ID", spread(unknown)), ("reply to a wrong server part", spread(wrong))]


async def _refusal(console: ConsolePeer, agent_id: str, part: str) -> float:
    began = time.monotonic()
    try:
        await console.ask(console.request(agent_id, part))
    except Denied:
        return time.monotonic() - began
    raise AssertionError("a wrong code was let in")
