"""Ends that say anything at any time: typed refusals, close codes, and the broker goes on for everyone else."""

import asyncio
import logging
import random

import pytest
from websockets.exceptions import ConnectionClosed

from protocol import control
from tests.support.agent_peer import AgentPeer, ShownCode
from tests.support.console_peer import ConsolePeer
from tests.support.live_broker import LiveBroker
from tests.support.peer import nonce
from tests.support.peers import join, pair

KEY, SIG, UTC = "A" * 43, "A" * 86, "2026-11-22T15:00:00Z"


def agent_says(rng: random.Random, session_id: str, agent: AgentPeer) -> control.Message:
    """Any message of an agent's, well formed, most of them out of place."""
    return rng.choice([
        control.Probe(seq=rng.randrange(5), data="AAAA"),
        control.ProbeAck(seq=rng.randrange(3)),
        control.CodeRequest(code_id=nonce(), nonce_agent=nonce()),
        control.CodeDead(code_id=nonce(), reason=rng.choice(["rotated", "cancelled", "used", "wrong_tag"])),
        control.CpaceB(session_id=session_id, yb=KEY, adb=""),
        control.ConfirmB(session_id=session_id, tb=SIG),
        control.PairOk(session_id=session_id),
        control.PairAbort(session_id=session_id, reason="noise"),
        control.Receipt(session_id=session_id, granted=("view",), utc=UTC, lang="es", body="AAAA", sig=SIG),
        control.PermissionChanged(session_id=session_id, name="view", on=True, utc=UTC, sig=SIG),
        control.ChannelDown(session_id=session_id, g=rng.randrange(1, 4)),
        control.ResumeRequest(session_id=session_id, last_g=rng.randrange(4)),
        control.End(session_id=session_id, reason="customer", utc=UTC, connected_s=1, sig=SIG),
        control.Suspicion(report_id=nonce(), text="noise"),
    ])  # fmt: skip


def console_says(rng: random.Random, session_id: str, console: ConsolePeer, code: ShownCode) -> control.Message:
    """Any message of a console's, well formed, most of them out of place."""
    return rng.choice([
        console.request(code.id, "000"),
        console.request(code.id, code.server_part, service="noise"),
        control.CpaceA(session_id=session_id, ya=KEY, ada=""),
        control.ConfirmA(session_id=session_id, ta=SIG),
        control.PairOk(session_id=session_id),
        control.PairAbort(session_id=session_id, reason="noise"),
        control.ChannelDown(session_id=session_id, g=rng.randrange(1, 4)),
        control.ResumeRequest(session_id=session_id, last_g=rng.randrange(4)),
        *([control.EndRequest(session_id=session_id)] if rng.random() < 0.05 else []),
    ])  # fmt: skip


async def swallow(peer: AgentPeer | ConsolePeer) -> None:
    """Read and forget, until it is closed."""
    try:
        while True:
            await peer.socket.recv()
    except ConnectionClosed:
        pass


@pytest.mark.parametrize("seed", range(4))
async def test_noise_in_a_session_breaks_nothing(
    broker: LiveBroker, seed: int, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(seed)
    colleague = await broker.hire("Colega")
    with caplog.at_level(logging.ERROR):
        async with await broker.agent() as agent, await broker.console() as console:
            code = await agent.code()
            begun = await (join if seed % 2 else pair)(agent, console, code)
            session_id = begun.id if not isinstance(begun, tuple) else begun[0].keys.session_id
            reading = [asyncio.create_task(swallow(agent)), asyncio.create_task(swallow(console))]
            try:
                for _ in range(300):
                    about = rng.choice([session_id, session_id, nonce()])
                    await agent.send(agent_says(rng, about, agent))
                    await console.send(console_says(rng, about, console, code))
            except ConnectionClosed:
                pass
            async with await broker.agent() as calm, await broker.console(colleague) as other:
                session = await join(calm, other)
                await session.talk()
                await calm.end(session.a)
        await asyncio.wait(reading)
    for peer in (agent, console):
        assert peer.socket.close_code in (1000, 4400, 4403, 4413, 4429)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "[error" not in capsys.readouterr().out
