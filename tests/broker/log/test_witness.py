"""A cut tail is found by what the ends have kept."""

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import text

from broker.log import witness
from broker.log.key import LogKey
from protocol import control
from protocol.errors import Malformed, SignatureRefused
from tests.support.log import ORG, LogWorld


async def _kept(world: LogWorld) -> list[witness.Witness]:
    """What ends and an auditor keep of one session: as JSON, and read again."""
    session = world.request()
    await world.sessions.requested(session)
    await world.sessions.paired(session.session_id)
    ack = await world.sessions.consented(world.agent.receipt(session))
    await world.sessions.joined(session.session_id)
    ended = await world.sessions.ended(session.session_id, "technician", "technician")
    return [one for said in (ack, ended, await world.log.head(ORG)) for one in witness.read(msgspec.json.encode(said))]


async def test_the_log_agrees_with_its_witnesses(world: LogWorld) -> None:
    kept = await _kept(world)
    await world.joined()
    assert [await world.log.contradiction(one) for one in kept] == [None, None, None]


async def test_a_cut_tail_verifies_but_a_witness_finds_it(world: LogWorld) -> None:
    ack, ended, head = await _kept(world)
    async with world.store.transaction() as db:
        await db.execute(text("DELETE FROM log_events WHERE seq = 5"))
        await db.execute(text("UPDATE log_heads SET seq = 4, head = (SELECT head FROM log_events WHERE seq = 4)"))
    assert await world.log.contradiction(ack) is None
    assert await world.log.contradiction(ended) == witness.CUT
    assert await world.log.contradiction(head) == witness.CUT


async def test_a_session_cut_out_whole_is_found(world: LogWorld) -> None:
    kept = await _kept(world)
    async with world.store.transaction() as db:
        for table in ("log_events", "log_heads", "log_personal", "sessions"):
            await db.execute(text(f"DELETE FROM {table}"))
    assert await world.problems() == []
    assert {await world.log.contradiction(one) for one in kept} == {witness.CUT}


async def test_a_chain_made_anew_is_found(world: LogWorld) -> None:
    _, ended, _ = await _kept(world)
    async with world.store.transaction() as db:
        await db.execute(text("UPDATE log_events SET head = zeroblob(32) WHERE seq = 5"))
    assert await world.log.contradiction(ended) == witness.CHANGED


async def test_a_witness_that_this_key_has_not_signed_proves_nothing(world: LogWorld) -> None:
    for one in await _kept(world):
        with pytest.raises(SignatureRefused):
            await world.log.contradiction(replace(one, seq=one.seq + 1))
        with pytest.raises(SignatureRefused):
            await world.log.contradiction(one, LogKey(bytes(32)).public)


async def test_the_customers_file_holds_two_witnesses(world: LogWorld) -> None:
    ack, ended, _ = await _kept(world)
    plain = {name: getattr(ack, name) for name in ack.__struct_fields__}
    file = {"receipt": {}, "acknowledgement": plain, "pk_agent": "k" * 43}
    assert witness.read(msgspec.json.encode(file)) == (ack,)
    assert witness.read(msgspec.json.encode(file | {"ended": ended})) == (ack, ended)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"type":"joined"}', b"\xff", b'{"type":"ended"}', b'{"ended":7}', b'{"key":1}']
)
def test_what_is_no_witness_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        witness.read(data)


def test_only_what_an_end_keeps_is_a_witness() -> None:
    joined = control.Joined(session_id="s" * 22, utc="2026-11-22T12:00:00Z")
    with pytest.raises(Malformed):
        witness.read(msgspec.json.encode(joined))
