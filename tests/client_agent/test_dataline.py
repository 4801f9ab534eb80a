"""The agent's last word on a line (step 27), while the technician goes on moving the mouse."""

import asyncio
import secrets

from websockets.asyncio.server import ServerConnection, serve

from client_agent.code_desk import new_name
from client_agent.dataline import DataLine
from client_agent.link import Lines
from protocol import control, inner, inner_codec
from protocol.channel import Channel
from protocol.inner import Lane
from protocol.lanes import Frame, Inbox, LaneScheduler
from protocol.noise import Initiator
from protocol.pairing import SessionKeys
from tests.support.patience import PATIENCE, eventually


async def test_the_last_word_goes_out_although_records_come_in() -> None:
    keys = SessionKeys(
        version="1", session_id=new_name(), sid=bytes(16), h_ci=bytes(64), ya=bytes(32), yb=bytes(32),
        pk_agent=bytes(32), resume_key=bytearray(secrets.token_bytes(32)),
    )  # fmt: skip
    lanes, ready = LaneScheduler(), asyncio.Event()
    goodbye = asyncio.get_running_loop().create_future()

    async def console(socket: ServerConnection) -> None:
        assert await socket.recv() == "ticket"
        initiator = Initiator(keys.psk(1), keys.prologue(1), secrets.token_bytes(32))
        await socket.send(initiator.message)
        answer = await socket.recv()
        assert isinstance(answer, bytes)
        channel, own = Channel(initiator.finish(answer), Inbox()), LaneScheduler()
        for message in (inner.Ready(g=1, acks=(0, 0, 0, 0)), inner.PointerMove(x=1, y=1)):
            own.offer(Lane.CONTROL, inner_codec.to_bytes(message))
            await socket.send(channel.seal(own.next_record()))
            await ready.wait()
        record = await socket.recv()
        assert isinstance(record, bytes)
        goodbye.set_result(inner_codec.INNER_FROM_AGENT.read(channel.open(record)[0].payload))

    def take(message: inner.ConsoleToAgent, frame: Frame) -> None:
        raise AssertionError("nothing is taken after the end")

    async with serve(console, "127.0.0.1", 0) as relay:
        port = next(iter(relay.sockets)).getsockname()[1]
        ticket = control.Ticket(session_id=keys.session_id, relay_url=f"ws://127.0.0.1:{port}", g=1, token="ticket")
        line = DataLine(ticket, keys, Inbox(), lanes, take)
        last: list[bytes | None] = []

        def over(own: DataLine, _: inner.Ready) -> None:
            lanes.offer(Lane.CONTROL, inner_codec.to_bytes(inner.Goodbye(reason="customer")))
            last.append(own.farewell(lanes.next_record()))
            ready.set()

        running = asyncio.create_task(line.run(Lines(f"http://127.0.0.1:{port}"), over))
        async with asyncio.timeout(PATIENCE):
            await ready.wait()
            begun = line._heard
            await eventually(lambda: line._heard != begun)
            await line.close(last[0])
            assert await goodbye == inner.Goodbye(reason="customer")
            await running
