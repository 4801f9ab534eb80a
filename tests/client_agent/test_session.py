"""A real core against a real broker and relay, the real Python client at the other end; only the desktop is faked."""

from pathlib import Path

from client_agent import events as ev
from tests.client_agent.support.customer import customer, joined, technician
from tests.support.live_broker import live_broker


async def test_a_customer_lets_a_technician_in_and_disconnects(tmp_path: Path) -> None:
    async with live_broker(tmp_path / "b") as broker, customer(broker, tmp_path / "a") as someone:
        async with technician(broker) as console:
            session = await joined(console, someone, broker.provider.service)
            someone.capture.picture[:] = 77
            someone.capture.damage()
            picture = await session.whole_picture()
            assert picture is not None
            session.type_text("ñandú")
            await session.drained()
            someone.core.do(ev.Disconnect(at=0.0))
            over = await session.over()
            assert "customer" in str(over.__dict__)
            ended = await someone.expect(ev.Ended)
            assert ended.reason == "customer"
            assert ("text", "ñandú") in someone.injector.done
            await someone.expect(ev.CodeShown)
