"""When a code is asked for and shown, around a pairing run that comes to nothing (steps 4–5, 9)."""

import asyncio
import secrets
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path

from client_agent import events as ev
from client_agent.code_desk import CodeDesk, new_name
from client_agent.identity import Identity, Terms
from client_agent.pairing import Pairings
from client_agent.tasks import Tasks
from protocol import control, limits
from protocol.codec import offer_bytes
from protocol.offer import Offer
from protocol.text import b64url
from tests.support.patience import eventually

ORG = new_name()
TERMS = b64url(secrets.token_bytes(32))


def utc() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


def offered(request: control.CodeRequest) -> control.PairOffer:
    offer = Offer(
        operator_id=new_name(), operator_name="Íñigo", org_id=ORG, org_name="Norte", service="Asistencia", tariff=None,
        price_note="", terms_version=1, terms_sha256=TERMS, wanted=("view",), inactivity_s=900,
    )  # fmt: skip
    return control.PairOffer(
        session_id=new_name(), request_id=new_name(), code_id=request.code_id, nonce_console=new_name(),
        nonce_agent=request.nonce_agent, offer=b64url(offer_bytes(offer)),
    )  # fmt: skip


async def test_a_code_whose_time_ran_out_in_a_run_that_came_to_nothing_is_replaced(tmp_path: Path) -> None:
    identity, tasks = Identity.open(tmp_path), Tasks()
    identity.accept(Terms(version=1, sha256=TERMS, utc="2026-11-22T00:00:00Z", lang="es"))
    said: list[control.AgentToBroker] = []
    shown: list[ev.Event] = []
    # Issued at 0; from then on its ten minutes are over.
    times = chain([0.0], repeat(limits.CODE_SHOWN))
    desk = CodeDesk(
        identity=identity, tasks=tasks, clock=lambda: next(times), utc=utc, emit=shown.append, post=said.append,
        free=lambda: not pairings.busy,
    )  # fmt: skip
    pairings = Pairings(
        identity=identity, codes=desk.book, origin="https://ayuda.example", org_id=ORG, tasks=tasks,
        clock=lambda: limits.CODE_SHOWN, utc=utc, post=said.append, over=desk.run_over, paired=lambda _: None,
    )  # fmt: skip

    def requests() -> list[control.CodeRequest]:
        return [message for message in said if isinstance(message, control.CodeRequest)]

    desk.ready()
    [request] = requests()
    desk.issued(control.CodeIssued(id="123456789", code_id=request.code_id, server_part="K7Q", shown_s=600))
    offer = offered(request)
    pairings.told(offer)
    assert pairings.busy
    await eventually(lambda: "code rotation" not in {task.get_name() for task in asyncio.all_tasks()})
    assert len(requests()) == 1  # not while a technician pairs
    pairings.told(control.PairAbort(session_id=offer.session_id, reason="console_lost"))
    assert len(requests()) == 2
    await tasks.close()
    identity.close()
