"""After a session its own program, and no other, hears what it comes to and may rate the help."""

from typing import Any

import pytest

from broker.opinions.repository import Filter
from broker.policies import files
from protocol import control
from tests.support.agent_peer import AgentPeer
from tests.support.live_broker import LiveBroker
from tests.support.peers import join


async def adopt(broker: LiveBroker, policy: str) -> str:
    """Put a policy in force, and make a customer."""
    services, org = broker.services, broker.provider.org_id
    await services.policies.adopt(org, files.load(policy), broker.operator.id)
    return (await services.customers.add(org, {"name": "Talleres Núñez"})).id


async def after_a_session(broker: LiveBroker, agent: AgentPeer, **whom: Any) -> str:
    """A session that this program had; its id."""
    async with await broker.console() as console:
        session = await join(agent, console, **whom)
        await agent.end(session.a, "customer")
    return session.id


async def bill(agent: AgentPeer, session_id: str) -> control.Bill:
    await agent.send(control.BillRequest(session_id=session_id))
    return await agent.expect(control.Bill)


async def refusal(agent: AgentPeer, message: control.AgentToBroker) -> str:
    await agent.send(message)
    return (await agent.expect(control.Failure)).reason


@pytest.mark.clause("Q2")
async def test_the_program_gets_the_bill_in_the_language_of_the_consent(broker: LiveBroker) -> None:
    await adopt(broker, "quasar")
    async with await broker.agent() as agent:
        session_id = await after_a_session(broker, agent)
        told = await bill(agent, session_id)
    work = await broker.services.work.of_session(broker.provider.org_id, session_id)
    assert work is not None
    assert (told.state, told.provisional, told.rated, told.lang) == ("charged", True, False, "es")
    facts = {fact.name: fact.value for fact in told.facts}
    basis = "Sin coste según las condiciones" if work.billable_seconds == 0 else "La tarifa"
    assert facts["A cargo de"] == basis
    assert len(told.explanation) == len(work.steps)
    assert told.explanation[0].startswith("Tiempo conectado")


async def test_without_a_policy_there_is_nothing_to_charge_by(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        told = await bill(agent, await after_a_session(broker, agent))
    assert (told.state, told.facts, told.explanation) == ("none", (), ())


async def test_another_program_is_told_nothing_and_rates_nothing(broker: LiveBroker) -> None:
    await adopt(broker, "quasar")
    async with await broker.agent() as agent, await broker.agent() as stranger:
        session_id = await after_a_session(broker, agent)
        for message in (
            control.BillRequest(session_id=session_id),
            control.Opinion(session_id=session_id, stars=1, comment=""),
        ):
            assert await refusal(stranger, message) == "unknown_session"


async def test_a_session_that_goes_on_has_no_bill_yet(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console)
        assert await refusal(agent, control.BillRequest(session_id=session.id)) == "unknown_session"


async def test_help_is_rated_once_from_the_program(broker: LiveBroker) -> None:
    await adopt(broker, "quasar")
    async with await broker.agent() as agent:
        session_id = await after_a_session(broker, agent)
        for stars, taken in ((5, True), (1, False)):
            await agent.send(control.Opinion(session_id=session_id, stars=stars, comment="Muy amable"))
            assert (await agent.expect(control.OpinionAck)).taken is taken
        hidden = control.Opinion(session_id=session_id, stars=5, comment="\u202e")
        assert await refusal(agent, hidden) == "unacceptable"
        assert (await bill(agent, session_id)).rated
    page = await broker.services.opinions.page(Filter(broker.provider.org_id), 10, None)
    assert [(one.stars, one.comment) for one in page.given] == [(5, "Muy amable")]
