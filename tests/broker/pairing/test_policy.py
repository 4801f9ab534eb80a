"""Pairing asks the policy: who may have a session now, at what price, and what it comes to."""

from datetime import date

import pytest

from broker.contracts.service import NewContract
from broker.log.events import Requested
from broker.policies import files
from broker.tickets.terms import Request
from protocol import control
from protocol.codec import OFFER
from protocol.offer import Offer
from protocol.text import unb64url
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer, Denied
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually
from tests.support.peers import join, pair


async def adopt(broker: LiveBroker, policy: str) -> str:
    """Put a policy in force, and make a customer."""
    services, org = broker.services, broker.provider.org_id
    await services.policies.adopt(org, files.load(policy), broker.operator.id)
    return (await services.customers.add(org, {"name": "Talleres Núñez"})).id


async def open_ticket(broker: LiveBroker, customer_id: str) -> str:
    """A request of a customer's, by telephone."""
    request = Request("phone", "No imprime")
    return (await broker.services.tickets.open(broker.provider.org_id, request, customer_id)).row.id


def offer_of(offered: control.PairOffer) -> Offer:
    return OFFER.read(unb64url(offered.offer))


async def asked(agent: AgentPeer, console: ConsolePeer, **facts: object) -> Offer:
    """What an offer says that the console gets for these facts."""
    code = await agent.code()
    offered = await console.ask(console.request(code.id, code.server_part, **facts))
    return offer_of(offered)


@pytest.mark.clause("Q2")
async def test_somebody_without_contract_is_told_the_tariff(broker: LiveBroker) -> None:
    await adopt(broker, "quasar")
    async with await broker.agent() as agent, await broker.console() as console:
        offer = await asked(agent, console)
    assert offer.charging is not None
    assert offer.tariff is not None
    assert (offer.charging.covers, offer.tariff.unit_minor, offer.tariff.minimum_minutes) == ("tariff", 4500, 60)


@pytest.mark.clause("Q2")
async def test_whoever_has_a_contract_is_told_that_it_covers(broker: LiveBroker) -> None:
    customer = await adopt(broker, "quasar")
    plan = NewContract(customer, "maintenance", date(2026, 1, 1), end=date(2099, 12, 31))
    await broker.services.contracts.make(broker.provider.org_id, plan, broker.operator.id)
    async with await broker.agent() as agent, await broker.console() as console:
        offer = await asked(agent, console, customer_id=customer)
    assert offer.charging is not None
    assert (offer.charging.covers, offer.tariff) == ("covered", None)


@pytest.mark.clause("R4")
async def test_whom_the_terms_do_not_serve_hears_why_and_keeps_the_code(broker: LiveBroker) -> None:
    await adopt(broker, "remote-utilities")
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        await console.send(console.request(code.id, code.server_part))
        denied = await console.expect(control.PairDenied)
        told = await agent.expect(control.NotServed)
        assert denied.reason == "not_served"
        assert denied.why == told.es
        assert told.en == "Not now: There is no contract or licence in force that includes it."
        await broker.services.policies.adopt(broker.provider.org_id, files.load("quasar"), broker.operator.id)
        await pair(agent, console, code)


async def test_another_organisations_customer_is_nobody(broker: LiveBroker) -> None:
    customer = await adopt(broker, "remote-utilities")
    other = await broker.another_provider("Otra")
    await broker.services.policies.adopt(other.org_id, files.load("quasar"), broker.operator.id)
    plan = NewContract(customer, "SITE", date(2026, 1, 1), end=date(2099, 12, 31))
    await broker.services.contracts.make(broker.provider.org_id, plan, broker.operator.id)
    stranger = await broker.services.customers.add(other.org_id, {"name": "Otra"})
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        with pytest.raises(Denied, match="unknown_record"):
            await console.ask(console.request(code.id, code.server_part, customer_id=stranger.id))


async def test_a_ticket_names_its_customer_and_another_customers_ticket_is_refused(broker: LiveBroker) -> None:
    customer = await adopt(broker, "quasar")
    plan = NewContract(customer, "maintenance", date(2026, 1, 1), end=date(2099, 12, 31))
    org = broker.provider.org_id
    await broker.services.contracts.make(org, plan, broker.operator.id)
    other = await broker.services.customers.add(org, {"name": "Otra"})
    ticket = await open_ticket(broker, customer)
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        with pytest.raises(Denied, match="unknown_record"):
            await console.ask(console.request(code.id, code.server_part, customer_id=other.id, ticket_id=ticket))
        offered = await console.ask(console.request(code.id, code.server_part, ticket_id=ticket))
    offer = offer_of(offered)
    assert offer.charging is not None
    assert offer.charging.covers == "covered"
    story = await broker.services.archive.story(org, offered.session_id)
    requested = story.events[0].recorded.event
    assert isinstance(requested, Requested)
    assert (requested.customer_id, requested.ticket_id) == (customer, ticket)


async def test_both_ends_hear_what_the_session_comes_to_and_the_bill_says_the_same(broker: LiveBroker) -> None:
    customer = await adopt(broker, "quasar")
    async with await broker.agent() as agent, await broker.console() as console:
        session = await join(agent, console, customer_id=customer)
        await broker.plane.live.lines.heartbeat()
        await broker.plane.live.tell_costs(broker.plane.so_far)
        at_agent, at_console = await agent.expect(control.Meter), await console.expect(control.Meter)
        assert at_agent == at_console
        assert (at_agent.session_id, at_agent.currency) == (session.id, "EUR")
        await agent.end(session.a, "customer")

    async def recorded() -> bool:
        return await broker.services.work.of_session(broker.provider.org_id, session.id) is not None

    await eventually(recorded)
    work = await broker.services.work.of_session(broker.provider.org_id, session.id)
    assert work is not None
    assert (work.customer_id, work.state) == (customer, "charged")
