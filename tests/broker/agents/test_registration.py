"""An agent comes in: what it must prove, and what is refused (steps 1 to 5, rule 7, bad input)."""

import json
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from broker.agents.service import REPORTS_OF_AN_ADDRESS
from broker.permissions import Role
from broker.policies import files
from protocol import control, limits
from tests.support.agent_peer import AgentPeer
from tests.support.console_peer import ConsolePeer, Denied
from tests.support.live_broker import LiveBroker
from tests.support.patience import eventually
from tests.support.peer import nonce
from tests.support.peers import join, pair
from tests.support.timer import HandTimer


async def refused(broker: LiveBroker, **changes: Any) -> tuple[str, int]:
    """Say a hello with `changes`; the reason that is heard, and the close code."""
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.greet(**changes)
        denied = await agent.expect(control.RegistrationDenied)
        return denied.reason, await agent.closed()


async def test_an_agent_gets_nine_digits_and_three_symbols(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        code = await agent.code()
        assert len(code.id) == 9
        assert code.id.isdigit()
        assert len(code.server_part) == 3


async def test_ids_and_server_parts_do_not_repeat(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        codes = [await agent.code() for _ in range(30)]
        assert len({code.id for code in codes}) == 30
        assert len({code.server_part for code in codes}) > 25


async def test_what_is_wrong_is_said_apart(broker: LiveBroker) -> None:
    terms = broker.provider.terms_version
    assert await refused(broker, version="9") == ("version", 4426)
    assert await refused(broker, org_id=nonce()) == ("organisation", 4403)
    assert await refused(broker, terms_version=terms + 1) == ("terms", 4403)
    assert await refused(broker, terms_sha256="A" * 43) == ("terms", 4403)


async def test_a_signature_that_does_not_hold(broker: LiveBroker) -> None:
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.expect(control.Challenge)
        await agent.send(agent.hello(nonce()))  # signed for another challenge
        assert (await agent.expect(control.RegistrationDenied)).reason == "signature"
        assert await agent.closed() == 4401


async def test_a_hello_signed_by_another_key(broker: LiveBroker) -> None:
    async with await AgentPeer.connect(broker.provider) as victim, await AgentPeer.connect(broker.provider) as thief:
        challenge = await thief.expect(control.Challenge)
        theirs = victim.hello(challenge.nonce_b)
        mine = thief.hello(challenge.nonce_b)
        stolen = control.Hello(**{f: getattr(theirs, f) for f in theirs.__struct_fields__} | {"sig": mine.sig})
        await thief.send(stolen)
        assert (await thief.expect(control.RegistrationDenied)).reason == "signature"


async def test_a_page_cannot_play_the_agent(broker: LiveBroker) -> None:
    for origin in (broker.provider.origin, "https://evil.example", "null"):
        with pytest.raises(InvalidStatus) as refusal:
            await connect(broker.provider.socket("/ws/agent"), origin=origin, proxy=None)  # type: ignore[arg-type]
        assert refusal.value.response.status_code == 403


async def test_who_says_nothing_is_shown_out_after_ten_seconds(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await AgentPeer.connect(still_broker.provider) as agent:
        await agent.expect(control.Challenge)
        await timer.advance(limits.HELLO)
        assert await agent.closed() == 4408


async def test_too_many_strangers_from_one_address(broker: LiveBroker) -> None:
    allowed = broker.plane.settings.unauthenticated_per_address
    strangers = [await AgentPeer.connect(broker.provider) for _ in range(allowed)]
    for stranger in strangers[1:]:
        await stranger.expect(control.Challenge)
    async with await AgentPeer.connect(broker.provider) as one_more:
        assert await one_more.closed() == 4429
    await strangers[0].register()  # who says who they are makes room
    async with await AgentPeer.connect(broker.provider) as welcome:
        await welcome.expect(control.Challenge)
    for stranger in strangers:
        await stranger.socket.close()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", 4400), ("{}", 4400), ("[]", 4400), ('{"type":"hallo"}', 4400), ('{"type":"probe_ack","seq":-1}', 4400),
        ('{"type":"probe_ack","seq":0}', 4400), (b"\x00\x01", 4400), ("[" * 5000, 4400),
        (json.dumps({"type": "suspicion", "text": "x" * 66_000}), 4413),
    ],
)  # fmt: skip
async def test_what_is_no_message_closes_the_connection(broker: LiveBroker, frame: str | bytes, code: int) -> None:
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.expect(control.Challenge)
        await agent.socket.send(frame)
        assert await agent.closed() == code


async def test_who_may_not_be_measured_leaves_nothing_behind(still_broker: LiveBroker, timer: HandTimer) -> None:
    presence = still_broker.plane.presence
    async with await still_broker.agent():
        [run] = presence
        while still_broker.plane.agents.may_probe(run):
            pass
        async with await AgentPeer.connect(still_broker.provider) as one_more:
            await one_more.greet()
            assert (await one_more.expect(control.RegistrationDenied)).reason == "too_many"
            assert await one_more.closed() == 4429
        await still_broker.gone(one_more)
        await timer.advance(limits.RESUME + 2)
        await eventually(lambda: list(presence) == [run])


async def test_garbage_after_the_hello_changes_nothing_for_others(broker: LiveBroker) -> None:
    async with await broker.agent() as bad, await broker.agent() as good, await broker.console() as console:
        code = await good.code()
        await bad.socket.send('{"type":"code_request","code_id":"short"}')
        assert await bad.closed() == 4400
        await pair(good, console, code)


async def test_an_agent_that_comes_back_keeps_its_id_and_its_code(broker: LiveBroker) -> None:
    key = Ed25519PrivateKey.generate()
    first = await AgentPeer.connect(broker.provider, key)
    await first.register()
    code = await first.code()
    async with await AgentPeer.connect(broker.provider, key) as second, await broker.console() as console:
        assert (await second.register(id=code.id)).ok
        assert await first.closed() == 4409
        await pair(second, console, code)


async def test_the_next_code_after_coming_back_goes_with_the_same_id(broker: LiveBroker) -> None:
    key = Ed25519PrivateKey.generate()
    async with await AgentPeer.connect(broker.provider, key) as first:
        await first.register()
        code = await first.code()
    async with await AgentPeer.connect(broker.provider, key) as second, await broker.console() as console:
        await second.register(id=code.id)
        again = await second.code()
        assert again.id == code.id
        with pytest.raises(Denied, match="expired"):  # grace follows a timed rotation alone (rule 4)
            await console.pair(code.id, code.password)
        await pair(second, console, again)


async def test_a_code_is_issued_on_the_figures_of_the_present_line_alone(broker: LiveBroker) -> None:
    """Q10."""
    key = Ed25519PrivateKey.generate()
    async with await AgentPeer.connect(broker.provider, key) as first:
        await first.register()
        code = await first.code()
    async with await AgentPeer.connect(broker.provider, key) as second, await broker.console() as console:
        await second.greet(id=code.id)
        await second.send(control.CodeRequest(code_id=nonce(), nonce_agent=nonce()))
        await second.expect(control.Probe)  # and no code
        with pytest.raises(Denied, match="agent_silent"):
            await console.pair(code.id, code.password)
        assert not any(isinstance(message, control.CodeIssued | control.ProbeResult) for message in second.missed)


async def test_after_a_session_an_agent_that_came_back_meanwhile_gets_another_id(broker: LiveBroker) -> None:
    """Step 30."""
    async with await broker.agent() as agent, await broker.console() as console:
        code = await agent.code()
        session = await join(agent, console, code)
        agent.socket.transport.abort()  # the control line alone
        async with await AgentPeer.connect(broker.provider, agent.key) as back:
            await back.greet(id=code.id)
            await session.talk()
            assert (await back.end(session.a)).reason == "customer"
            await back.send(control.CodeRequest(code_id=nonce(), nonce_agent=nonce()))
            assert (await back.be_measured()).ok
            assert (await back.expect(control.CodeIssued)).id != code.id


async def test_after_a_session_that_ended_without_it_an_agent_gets_another_id(broker: LiveBroker) -> None:
    async with await broker.console() as console:
        async with await broker.agent() as agent:
            code = await agent.code()
            session = await join(agent, console, code)
        await broker.gone(agent)
        await console.send(control.EndRequest(session_id=session.id))
        await console.expect(control.Ended)
        async with await AgentPeer.connect(broker.provider, agent.key) as back:
            await back.register(id=code.id)
            assert (await back.code()).id != code.id


async def test_coming_back_in_the_middle_of_a_run_gives_it_up(broker: LiveBroker) -> None:
    """The broker has not yet noticed that the first line is gone."""
    key = Ed25519PrivateKey.generate()
    first = await AgentPeer.connect(broker.provider, key)
    await first.register()
    code = await first.code()
    async with await broker.console() as console:
        await console.ask(console.request(code.id, code.server_part))
        async with await AgentPeer.connect(broker.provider, key) as second:
            await second.register(id=code.id)
            assert (await console.expect(control.PairAbort)).reason == "agent_lost"
            await pair(second, console, await second.code())


async def test_nobody_takes_anothers_id(broker: LiveBroker) -> None:
    async with await broker.agent() as victim:
        code = await victim.code()
        async with await broker.agent(id=code.id) as thief:
            assert (await thief.code()).id != code.id


async def test_a_run_that_stays_away_loses_its_id(still_broker: LiveBroker, timer: HandTimer) -> None:
    async with await still_broker.agent() as agent:
        code = await agent.code()
    await still_broker.gone(agent)
    assert still_broker.plane.presence.holder(code.id) is not None
    await timer.turn_until(eventually(lambda: still_broker.plane.presence.holder(code.id) is None), limits.RESUME + 2)


async def test_no_code_in_a_session(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.console() as console:
        await pair(agent, console, await agent.code())
        await agent.send(control.CodeRequest(code_id=nonce(), nonce_agent=nonce()))
        assert (await agent.expect(control.Failure)).reason == "in_session"


async def test_a_suspicion_is_stored_and_confirmed(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        report = control.Suspicion(report_id=nonce(), text="Alguien me ha llamado")
        await agent.send(report)
        assert (await agent.expect(control.SuspicionAck)).report_id == report.report_id


async def test_nobody_fills_the_log_with_suspicions(broker: LiveBroker) -> None:
    async with await broker.agent() as agent:
        for _ in range(REPORTS_OF_AN_ADDRESS + 1):
            await agent.send(control.Suspicion(report_id=nonce(), text="otra vez"))
        assert (await agent.expect(control.Failure)).reason == "too_many"
        reports = await broker.services.suspicions.newest(agent.provider.org_id)
        assert len(reports) == REPORTS_OF_AN_ADDRESS


async def test_only_who_is_signed_in_and_may_connect_gets_a_console(broker: LiveBroker) -> None:
    socket = broker.provider.socket("/ws/console")
    for headers, code in (({}, 4401), ({"Authorization": "Bearer no"}, 4401)):
        async with connect(socket, additional_headers=headers, proxy=None) as stranger:
            await stranger.wait_closed()
            assert stranger.close_code == code
    auditor = await broker.hire("Auditora", Role.AUDITOR)
    for headers in (
        {"Authorization": f"Bearer {auditor.token}"},
        {"Authorization": f"Bearer {broker.operator.token}", "Origin": broker.provider.origin},
        {"Cookie": f"relevo_session={broker.operator.token}"},
        {"Cookie": f"relevo_session={broker.operator.token}", "Origin": "https://evil.example"},
        {"Cookie": f"relevo_session={broker.operator.token}", "Origin": broker.provider.origin + "/"},
    ):
        with pytest.raises(InvalidStatus):
            await connect(socket, additional_headers=headers, proxy=None)
    page = {"Cookie": f"relevo_session={broker.operator.token}", "Origin": broker.provider.origin}
    async with await ConsolePeer.connect(broker.provider, "", headers=page) as console:
        assert console.welcome.operator_name == broker.operator.name


async def test_a_console_that_talks_nonsense_is_closed(broker: LiveBroker) -> None:
    for frame, code in (("{}", 4400), (b"\x00", 4400), ("x" * 66_000, 4413)):
        async with await broker.console() as console:
            await console.socket.send(frame)
            assert await console.closed() == code


async def test_an_organisation_sees_how_many_wait_and_no_more(broker: LiveBroker) -> None:
    async with await broker.agent() as agent, await broker.agent(), httpx2.AsyncClient() as page:
        await agent.code()
        signed_in = {"Authorization": f"Bearer {broker.operator.token}"}
        answer = await page.get(broker.provider.origin + "/api/v1/agents", headers=signed_in)
        assert answer.json() == {"waiting": 2}
        assert (await page.get(broker.provider.origin + "/api/v1/agents")).status_code == 401


@pytest.mark.clause("R8")
async def test_a_program_of_an_older_major_version_is_told_where_the_new_one_is(broker: LiveBroker) -> None:
    newer = (
        (files.FOLDER / "remote-utilities.toml")
        .read_text("utf-8")
        .replace("oldest_agent_major = 0", "oldest_agent_major = 2")
    )
    org = broker.provider.org_id
    await broker.services.policies.adopt(org, files.parse(newer, "newer"), broker.operator.id)
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.greet(program="relevo-agent 1.9.3")
        denied = await agent.expect(control.RegistrationDenied)
        assert (denied.reason, denied.update_url) == ("version", f"{broker.provider.origin}/download/{org}")
    async with await AgentPeer.connect(broker.provider) as agent:
        await agent.greet(program="relevo-agent 2.0.0")
        await agent.expect(control.Probe)
