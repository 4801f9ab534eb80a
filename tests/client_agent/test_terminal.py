"""The same screens as plain text, with numbered answers."""

import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from client_agent import events as ev
from client_agent.events import Step, StepState
from client_agent.failures import Failure, FailureKind
from client_agent.terminal import Terminal
from client_agent.terminal_page import BELL
from client_agent.window.view_model import View
from protocol.offer import Charging
from scripts import catalogues
from tests.client_agent.support.scripted_core import SESSION, ScriptedCore, code, offer
from tests.support.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
NOW = 100.0


class Tty:
    """A terminal whose screen is a list of texts."""

    def __init__(self) -> None:
        self.core = ScriptedCore(lambda: NOW)
        self.printed: list[str] = []
        self.terminal = Terminal(self.core, "en", lambda: NOW, self.printed.append)

    def choose(self, text: str) -> None:
        """Type the number of the answer that begins so."""
        line = next(line for line in self.printed[-1].splitlines() if line.strip().partition(") ")[2].startswith(text))
        self.terminal.line(line.strip().partition(")")[0] + "\n")


def test_from_the_terms_to_the_end_by_numbers_alone() -> None:
    tty = Tty()
    tty.core.emit(ev.TermsNeeded(version=3, es="hola", en="one\x1b[31m\ntwo"))
    assert "one [31m\ntwo" in tty.printed[-1]
    tty.choose("Accept and go on")
    tty.core.emit(code(NOW))
    assert "481 093 726" in tty.printed[-1]
    assert "K Kilo, seven, Q Quebec" in tty.printed[-1]
    tty.core.emit(ev.ConsentAsked(session_id=SESSION, offer=offer(operator_name="Ana\x1b[2J\u202e"), deadline=NOW + 60))
    assert tty.printed[-1].count("\x1b") == 0
    assert BELL in tty.printed[-1]
    assert "K7QU" not in tty.printed[-1]
    tty.choose("Accept: See my screen, Use my mouse and keyboard")
    tty.core.emit(
        ev.Live(
            session_id=SESSION, operator_name="Ana", org_name="Q", service="s",
            granted=frozenset({"view", "control"}), since=NOW,
        )
    )  # fmt: skip
    tty.choose("Use my mouse and keyboard: Not allowed")
    tty.choose("Disconnect")
    tty.core.emit(ev.Ended(session_id=SESSION, reason="customer", connected_s=5))
    assert "You ended the connection." in tty.printed[-1]
    assert tty.core.done == [
        ev.AcceptTerms(version=3, language="en"),
        ev.Consent(session_id=SESSION, granted=frozenset({"view", "control"}), language="en"),
        ev.SetPermission(name="control", on=False),
        ev.Disconnect(at=NOW),
    ]


def test_what_the_desktop_withholds_is_said_and_not_offered() -> None:
    tty = Tty()
    live = ev.Live(
        session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=frozenset({"view"}), since=NOW
    )
    tty.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 60))
    tty.choose("Accept: See my screen, Use my mouse and keyboard")
    tty.core.emit(live, ev.PermissionsNow(granted=frozenset({"view"}), withheld=frozenset({"control"})))
    assert "Your desktop lets nobody else use mouse and keyboard." in tty.printed[-1]
    assert "See my screen: Not allowed" in tty.printed[-1]
    assert "Use my mouse and keyboard: Allowed" not in tty.printed[-1]


def test_a_hasty_one_lets_nobody_in() -> None:
    tty = Tty()
    tty.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 60))
    tty.terminal.line("1\n")
    assert tty.core.done == [ev.Refuse(session_id=SESSION)]


def test_what_is_no_number_of_the_menu_does_nothing() -> None:
    tty = Tty()
    tty.core.emit(code(NOW))
    for typed in ("99", "0", "-1", "²", "x", "", "1 1"):
        tty.terminal.line(typed + "\n")
    assert tty.core.done == []


def test_the_figures_of_the_meter_do_not_fill_the_terminal() -> None:
    tty = Tty()
    tty.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 60))
    tty.choose("Accept: See my screen")
    tty.core.emit(
        ev.Live(session_id=SESSION, operator_name="A", org_name="Q", service="s", granted=frozenset({"view"}), since=0)
    )
    printed = len(tty.printed)
    tty.core.emit(ev.MeterNow(rtt_ms=3, kbit_s=4, frames_s=5), ev.MeterNow(rtt_ms=4, kbit_s=5, frames_s=6))
    assert len(tty.printed) == printed


def test_a_screen_that_cannot_be_read_is_said_beside_what_is_allowed() -> None:
    tty = Tty()
    tty.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 60))
    tty.choose("Accept: See my screen")
    tty.core.emit(
        ev.Live(
            session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=frozenset({"view"}), since=0
        ),
        ev.PictureNow(failure=Failure(kind=FailureKind.CAPTURE, detail="x11_connection")),
    )
    assert "Your screen cannot be read just now, so Ana does not see it." in tty.printed[-1]
    tty.core.emit(ev.PictureNow(failure=None))
    assert "cannot be read" not in tty.printed[-1]


def test_a_suspicion_is_the_next_line_that_is_typed() -> None:
    tty = Tty()
    tty.core.emit(code(NOW))
    tty.choose("Report a suspicion")
    tty.terminal.line("  he asked for my card  \n")
    assert tty.core.done == [ev.ReportSuspicion(text="he asked for my card")]
    tty.core.emit(ev.SuspicionResult(stored=True))
    assert "Your report has arrived" in tty.printed[-1]
    tty.choose("Back")
    assert "481 093 726" in tty.printed[-1]


def test_a_failure_says_which_it_is_and_retries_at_a_number() -> None:
    tty = Tty()
    tty.core.emit(ev.Failed(failure=Failure(kind=FailureKind.CERTIFICATE, detail="expired")))
    assert "The service could not prove who it is" in tty.printed[-1]
    assert "certificate expired" in tty.printed[-1]
    tty.choose("Try again")
    assert tty.core.done == [ev.Retry()]


@pytest.mark.clause("R8")
def test_a_program_that_is_too_old_says_where_the_newer_one_is() -> None:
    tty = Tty()
    newer = "https://help.example/download/Q"
    tty.core.emit(ev.Failed(failure=Failure(kind=FailureKind.VERSION, detail="1", url=newer)))
    assert newer in tty.printed[-1]


def test_an_event_out_of_place_ends_the_session() -> None:
    tty = Tty()
    tty.core.emit(
        ev.Live(session_id=SESSION, operator_name="A", org_name="Q", service="s", granted=frozenset({"view"}), since=0)
    )
    assert tty.core.done == [ev.Disconnect(at=NOW)]
    assert tty.terminal.state.view is View.STARTING


def test_steps_are_told_one_by_one() -> None:
    tty = Tty()
    tty.core.emit(ev.StepChanged(step=Step.REACH, state=StepState.DONE))
    assert "Reach the service: done" in tty.printed[-1]
    tty.terminal.end_of_input()
    assert tty.core.done == [ev.Quit()]


async def test_a_real_terminal_reads_numbers_and_closes_when_it_is_gone(tmp_path: Path) -> None:
    catalogues.build()
    program = (
        "import sys; from pathlib import Path; from client_agent.terminal import run_terminal;"
        "from tests.client_agent.support.scripted_core import PlayedCore;"
        "run_terminal(lambda guard: PlayedCore(Path(sys.argv[1])), language='es')"
    )
    journal = tmp_path / "journal.jsonl"
    agent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(journal), cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert agent.stdin is not None
    assert agent.stdout is not None
    async with asyncio.timeout(PATIENCE):
        await agent.stdout.readuntil(b"1) Aceptar y seguir")
        agent.stdin.write(b"1\n")
        await agent.stdout.readuntil(b"481 093 726")
        agent.stdin.close()
        assert await agent.wait() == 0
    assert [json.loads(line)["did"] for line in journal.read_text().splitlines()] == ["AcceptTerms", "Quit"]


def test_a_refusal_and_what_is_owed_are_printed_and_a_minute_more_prints_nothing() -> None:
    tty = Tty()
    tty.core.emit(code(NOW), ev.NotServed(es="Ahora no.", en="Not now: support hours are over."))
    assert "“Not now: support hours are over.”" in tty.printed[-1]
    plan = Charging(covers="balance", minutes_left=132, expected_minutes=0, weight="1")
    tty.core.emit(ev.ConsentAsked(session_id=SESSION, offer=offer(charging=plan), deadline=NOW + 60))
    assert "132 minutes left in your plan; after that €45.00 per hour" in tty.printed[-1]
    tty.choose("Accept: See my screen")
    tty.core.emit(
        ev.Live(
            session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=frozenset({"view"}), since=NOW,
        )
    )  # fmt: skip
    cost = ev.CostNow(connected_s=15, rounded_minutes=1, charged_minor=0, currency="EUR", minutes_left=131)
    tty.core.emit(cost)
    assert "So far: 0 minutes · 131 minutes left in your plan" in tty.printed[-1]
    printed = len(tty.printed)
    tty.core.emit(replace(cost, connected_s=75, minutes_left=130))
    assert len(tty.printed) == printed
    tty.core.emit(replace(cost, connected_s=8000, minutes_left=0, charged_minor=100))
    assert "€1.00 before tax" in tty.printed[-1]


def test_the_limit_is_chosen_by_number_and_answered_by_number() -> None:
    tty = Tty()
    tty.core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 60))
    assert "  Ask me again after: no limit\n" in tty.printed[-1]
    tty.choose("Ask me again after: 30 min")
    tty.choose("Accept: See my screen")
    tty.core.emit(
        ev.Live(
            session_id=SESSION, operator_name="Ana", org_name="Q", service="s", granted=frozenset({"view"}), since=NOW,
        ),
        ev.LimitReached(session_id=SESSION, deadline=NOW + 60),
    )  # fmt: skip
    assert f"{BELL}Shall it go on?" in tty.printed[-1]
    tty.choose("Ask me again after: 15 min")
    tty.choose("Go on")
    assert tty.core.done == [
        ev.Consent(session_id=SESSION, granted=frozenset({"view"}), language="en", limit_minutes=30),
        ev.GoOn(session_id=SESSION, limit_minutes=15),
    ]
    assert "Ana can see your screen" in tty.printed[-1]
