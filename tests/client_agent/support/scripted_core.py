"""A core that plays a written part instead of a session: chosen explicitly, for the window's tests and pictures.

It obeys the same contract as the real one (`events.Core`) and answers the customer's commands as the real one would, on
a script: terms, code, a technician who asks as soon as the code is on show, a session, its end.
Run as a program it shows the real window with that part: `python -m tests.client_agent.support.scripted_core JOURNAL`.
"""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from client_agent import events as ev
from client_agent.events import Step, StepState
from protocol.control import EndReason, Permission
from protocol.offer import Offer, Tariff

PROVIDER = "QUASAR Soporte"
TERMS_ES = """Condiciones del servicio de asistencia

1. Qué es. Un técnico de QUASAR ve su pantalla y, si usted lo permite, usa su ratón y su teclado para ayudarle.

2. Usted decide. Nadie se conecta sin su permiso. Puede cortar en cualquier momento con el botón rojo.

3. Su equipo. El programa se usa en un equipo propio, o con permiso de quien es su dueño.

4. Sus copias. Antes de pedir ayuda haga copia de lo que no quiera perder.

5. El precio. Antes de cada sesión se le dice lo que cuesta. El tiempo cuenta desde que usted acepta.

6. Sus datos. Lo que pasa entre usted y el técnico va cifrado de extremo a extremo. Se guarda quién se conectó, \
cuándo, cuánto tiempo y lo que usted aceptó.
"""
TERMS_EN = """Terms of the support service

1. What it is. A technician of QUASAR sees your screen and, if you allow it, uses your mouse and keyboard to help you.

2. You decide. Nobody connects without your permission. You can cut it at any moment with the red button.

3. Your computer. The program is used on a computer of your own, or with its owner's permission.

4. Your back-ups. Before you ask for help, make a copy of what you do not want to lose.

5. The price. Before each session you are told what it costs. The time counts from when you accept.

6. Your data. What passes between you and the technician is encrypted from end to end. Who connected, when, how long \
and what you agreed to is kept.
"""
TARIFF = Tariff(currency="EUR", unit_minor=4500, minimum_minutes=60, increment_minutes=30, tax_percent="21")
SESSION = "S" * 22


def offer(**changed: object) -> Offer:
    """What a technician asks for; `changed` overrides fields."""
    facts: dict[str, object] = {
        "operator_id": "O" * 22, "operator_name": "Ana Pérez Ruiz", "org_id": "Q" * 22, "org_name": PROVIDER,
        "service": "Correo electrónico", "tariff": TARIFF, "price_note": "Sin coste con contrato de mantenimiento.",
        "terms_version": 3, "terms_sha256": "T" * 43, "wanted": ("view", "control"), "inactivity_s": 900,
    }  # fmt: skip
    return Offer(**{**facts, **changed})  # type: ignore[arg-type]


def code(now: float, password: str = "K7QU9XDT", agent_id: str = "481093726", life_s: float = 600.0) -> ev.CodeShown:
    """A code made at `now`."""
    return ev.CodeShown(id=agent_id, password=password, until=now + life_s, life_s=life_s)


class ScriptedCore:
    """`emit` plays an event; `done` holds what the customer did. Without `answers`, nothing follows from it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, answers: bool = False) -> None:
        self.done: list[ev.Command] = []
        self.answers = answers
        self._clock = clock
        self._listener: Callable[[ev.Event], None] = lambda _event: None
        self._closed = asyncio.Event()
        self._receipt: Path | None = None
        self._granted: frozenset[Permission] = frozenset()

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """`events.Core`'s."""
        self._listener = listener

    def emit(self, *events: ev.Event) -> None:
        """Play events, in this order."""
        for event in events:
            self._listener(event)

    def do(self, command: ev.Command) -> None:
        """`events.Core`'s."""
        self.done.append(command)
        if self.answers:
            self._answer(command)

    async def run(self) -> None:
        """Until it is closed."""
        self.emit(
            ev.StepChanged(step=Step.REACH, state=StepState.DOING),
            ev.ProviderKnown(name=PROVIDER),
            ev.StepChanged(step=Step.REACH, state=StepState.DONE),
            ev.StepChanged(step=Step.TERMS, state=StepState.DOING),
            ev.TermsNeeded(version=3, es=TERMS_ES, en=TERMS_EN),
        )
        await self._closed.wait()

    def ask(self) -> None:
        """A technician gives the code and asks."""
        self.emit(ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=self._clock() + 60))

    def _answer(self, command: ev.Command) -> None:
        now = self._clock()
        match command:
            case ev.AcceptTerms():
                self.emit(
                    ev.StepChanged(step=Step.TERMS, state=StepState.DONE),
                    ev.StepChanged(step=Step.MEASURE, state=StepState.DOING),
                    ev.Measured(down_kbit=48_200, up_kbit=9_700, rtt_ms=24, floor_kbit=1024, ok=True),
                    ev.StepChanged(step=Step.MEASURE, state=StepState.DONE),
                    ev.StepChanged(step=Step.CODE, state=StepState.DOING),
                    ev.StepChanged(step=Step.CODE, state=StepState.DONE),
                    code(now),
                )
            case ev.Consent():
                self._granted = command.granted
                self.emit(
                    ev.Live(
                        session_id=command.session_id, operator_name=offer().operator_name, org_name=offer().org_name,
                        service=offer().service, granted=command.granted, since=now,
                    ),
                    ev.MeterNow(rtt_ms=38, kbit_s=1240, frames_s=15),
                )  # fmt: skip
            case ev.SetPermission():
                self._granted = self._granted | {command.name} if command.on else self._granted - {command.name}
                self.emit(ev.PermissionsNow(granted=self._granted))
            case ev.Refuse():
                self._end("refused", 0)
            case ev.Disconnect():
                self._end("customer", 750)
            case ev.NewCode() | ev.ShowCodeAnyway():
                self.emit(code(now, "A4ZM8RWC"))
            case ev.ReportSuspicion():
                self.emit(ev.SuspicionResult(stored=True))
            case ev.Quit():
                self.emit(ev.Closed())
                self._closed.set()
            case _:
                pass

    def _end(self, reason: EndReason, connected_s: int) -> None:
        self.emit(
            ev.Ended(session_id=SESSION, reason=reason, connected_s=connected_s, receipt=self._receipt),
            code(self._clock(), "A4ZM8RWC", "730128945"),
        )


class PlayedCore(ScriptedCore):
    """Answers, and writes what the customer does to a journal, a line each."""

    def __init__(self, journal: Path) -> None:
        super().__init__(answers=True)
        self._journal = journal

    def do(self, command: ev.Command) -> None:
        """`events.Core`'s."""
        with self._journal.open("a") as lines:
            facts = {"did": type(command).__name__}
            if isinstance(command, ev.Consent):
                facts["granted"] = ",".join(sorted(command.granted))
            lines.write(json.dumps(facts) + "\n")
        super().do(command)

    async def run(self) -> None:
        """As the part says; SIGUSR1 lets the technician ask."""
        loop = asyncio.get_running_loop()
        signal.signal(signal.SIGUSR1, lambda *_: loop.call_soon_threadsafe(self.ask))
        await super().run()


if __name__ == "__main__":
    from client_agent.window.program import run_window

    folder = Path(sys.argv[1]).parent
    stayed = run_window(lambda _guard: PlayedCore(Path(sys.argv[1])), language="es", state=folder)
    sys.exit(0 if stayed else 1)
