"""The gate on real sockets and on really shaped lines (Q10, rule 9)."""

import asyncio
import time
from pathlib import Path

import pytest

from broker.bandwidth import TOLERANCE
from broker.log.events import Requested
from protocol import control
from tests.support.agent_peer import AgentPeer
from tests.support.live_broker import LiveBroker, live_broker
from tests.support.peer import nonce
from tests.support.peers import join
from tests.support.shaped import Shape, ShapedLine, needs_namespaces, shaped_lines


async def test_loopback_is_measured_in_less_than_half_a_second(broker: LiveBroker) -> None:
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.greet()
        began = time.process_time()
        result = await agent.be_measured()
        assert time.process_time() - began < 0.5  # of both ends together, whatever else the machine does
        assert result.ok


@pytest.mark.clause("Q10")
async def test_under_the_floor_there_are_no_credentials_and_the_figures_are_told(broker: LiveBroker) -> None:
    impossible = 1_000_000_000
    await broker.services.organisations.change(broker.provider.org_id, {"bandwidth_floor_kbit": impossible})
    async with await AgentPeer.connect(broker.provider) as agent:
        result = await agent.register()
        assert (result.ok, result.floor_kbit) == (False, impossible)
        assert result.down_kbit > 0
        await agent.send(control.CodeRequest(code_id=nonce(), nonce_agent=nonce()))
        assert not (await agent.be_measured()).ok  # asking again is measured again
        assert not [m for m in agent.missed if isinstance(m, control.CodeIssued)]


async def test_the_figures_stay_with_the_session(broker: LiveBroker) -> None:
    async with await AgentPeer.connect(broker.provider) as agent, await broker.console() as console:
        result = await agent.register()
        session = await join(agent, console)
        requested = (await broker.services.archive.story(broker.provider.org_id, session.id)).events[0].recorded.event
        assert isinstance(requested, Requested)
        assert (requested.down_kbit, requested.up_kbit) == (result.down_kbit, result.up_kbit)


async def test_an_address_is_not_measured_without_end(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        run = next(iter(broker.plane.presence))
        while broker.plane.agents.may_probe(run):
            pass
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.greet()
        assert (await agent.expect(control.RegistrationDenied)).reason == "too_many"
        assert await agent.closed() == 4429


SHAPES = [Shape(kbit, burst) for kbit in (512, 1024, 2048) for burst in (16, 64)]


async def measured(broker: LiveBroker, line: ShapedLine) -> control.ProbeResult:
    """Register over a shaped line, and ask for a code if there may be one."""
    async with await AgentPeer.connect(broker.provider, sock=await line.connect()) as agent:
        result = await agent.register()
        if result.ok:
            await agent.code()
        return result


@pytest.mark.netns
@pytest.mark.promise
@needs_namespaces
@pytest.mark.clause("Q10")
async def test_really_shaped_512_is_refused_2048_accepted_1024_within_the_tolerance(tmp_path: Path) -> None:
    with shaped_lines(*SHAPES) as (listening, lines):
        async with live_broker(tmp_path, listening=listening) as broker:
            results = await asyncio.gather(*(measured(broker, line) for line in lines))
    for shape, result in zip(SHAPES, results, strict=True):
        print(shape, result)
        assert result.down_kbit == pytest.approx(shape.kbit, rel=TOLERANCE), shape
        assert result.up_kbit == pytest.approx(shape.kbit, rel=TOLERANCE), shape
        assert result.ok == (shape.kbit >= 1024), shape
