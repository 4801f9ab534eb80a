"""Pictures of every page of the agent's window: both languages, light and dark, 100 % and 200 %.

python -m tests.support.agent_gallery OUTDIR

One process for each scale, for Qt reads it once. Needs no display: Qt's offscreen platform draws the same widgets.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from client_agent import events as ev
from client_agent.events import Step, StepState
from client_agent.failures import Failure, FailureKind
from client_agent.i18n import LANGUAGES, Language
from client_agent.window import style
from client_agent.window.guard import Guard
from client_agent.window.main_window import HEIGHT, WIDTH, AgentWindow
from client_agent.window.overlay import Bar, Edge
from client_agent.window.view_model import AskToClose, OpenRating, OpenReport, SetLimit
from client_agent.window.views.consent import WAKE_MS
from protocol.control import Bill, Fact, Permission
from protocol.offer import Charging, Tariff
from tests.client_agent.support.scripted_core import (
    PROVIDER,
    SESSION,
    TERMS_EN,
    TERMS_ES,
    ScriptedCore,
    code,
    offer,
)

SCALES = (1, 2)
NOW = 10_000.0
"""The pictures' own clock stands still."""

Play = Callable[[ScriptedCore, AgentWindow], None]
"""Brings a page about."""

BOTH: frozenset[Permission] = frozenset({"view", "control"})


def _working(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(
        ev.StepChanged(step=Step.REACH, state=StepState.DONE),
        ev.StepChanged(step=Step.TERMS, state=StepState.DONE),
        ev.StepChanged(step=Step.MEASURE, state=StepState.DOING),
    )


def _terms(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(ev.TermsNeeded(version=3, es=TERMS_ES, en=TERMS_EN))


def _code(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(code(NOW - 19))


def _burnt(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(code(NOW - 570), ev.CodeGone(reason="burnt"), code(NOW - 555, "A4ZM8RWC"))


def _refused_code(core: ScriptedCore, window: AgentWindow) -> None:
    _not_served(core, window)
    core.emit(ev.CodeGone(reason="refused"), code(NOW - 15, "A4ZM8RWC"))


def _consent(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=offer(), deadline=NOW + 47))


def _hostile(core: ScriptedCore, window: AgentWindow) -> None:
    long = "<b>Ana</b> \u202ezepoL\u202c &amp; Hijos, " + "asistencia técnica integral " * 4
    asked = offer(operator_name=long, org_name=long, service=long, price_note=long, tariff=None, wanted=("view",))
    core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=asked, deadline=NOW + 9))


def _consent_balance(core: ScriptedCore, window: AgentWindow) -> None:
    plan = offer(
        price_note="",
        tariff=Tariff(currency="EUR", unit_minor=6000, minimum_minutes=0, increment_minutes=1, tax_percent="21"),
        charging=Charging(covers="balance", minutes_left=132, expected_minutes=0, weight="1.5"),
    )
    core.emit(code(NOW), ev.ConsentAsked(session_id=SESSION, offer=plan, deadline=NOW + 47))


def _limit(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    window.do(SetLimit(minutes=15))
    core.emit(ev.LimitReached(session_id=SESSION, deadline=NOW + 41))


def _not_served(core: ScriptedCore, window: AgentWindow) -> None:
    es = "Ahora no: está fuera del horario de asistencia. Vuelve a empezar el 2026-11-23 09:00 (Europe/Madrid)."
    en = "Not now: support hours are over. They begin again on 2026-11-23 09:00 (Europe/Madrid)."
    core.emit(code(NOW - 19), ev.NotServed(es=es, en=en))


def _joining(core: ScriptedCore, window: AgentWindow) -> None:
    _consent(core, window)
    window.do(ev.Consent(session_id=SESSION, granted=BOTH, language=window.state.language))


def _live(core: ScriptedCore, window: AgentWindow) -> None:
    _joining(core, window)
    asked = offer()
    live = ev.Live(
        session_id=SESSION,
        operator_name=asked.operator_name,
        org_name=asked.org_name,
        service=asked.service,
        granted=BOTH,
        since=NOW - 754,
    )
    cost = ev.CostNow(connected_s=750, rounded_minutes=60, charged_minor=4500, currency="EUR", minutes_left=None)
    core.emit(live, ev.MeterNow(rtt_ms=38, kbit_s=1240, frames_s=15, sending="video"), cost)


def _live_view_only(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    core.emit(ev.PermissionsNow(granted=frozenset({"view"})))


def _live_withheld(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    core.emit(ev.PermissionsNow(granted=frozenset({"view"}), withheld=frozenset({"control"})))


def _paused(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    core.emit(ev.Paused(deadline=NOW + 48))


AGREED = ev.Agreed(offer=offer(), granted=frozenset({"view", "control"}), utc="2026-11-22T22:01:02Z", language="es")
BILL = Bill(
    session_id=SESSION, state="charged", provisional=True, rated=False, lang="es",
    facts=(
        Fact(name="Tiempo conectado, sin pausas", value="0:12:34"), Fact(name="A cargo de", value="La tarifa"),
        Fact(name="Importe sin impuestos", value="45,00 €"), Fact(name="Impuestos", value="9,45 €"),
        Fact(name="Total", value="54,45 €"),
    ),
    explanation=("Q2: al menos una hora",),
)  # fmt: skip


def _unread(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    core.emit(ev.PictureNow(failure=Failure(kind=FailureKind.CAPTURE, detail="x11_connection")))


def _closing(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    window.do(AskToClose())


def _ended(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    receipt = Path("receipt.json")
    core.emit(
        ev.Ended(session_id=SESSION, reason="customer", connected_s=754, receipt=receipt, agreed=AGREED),
        ev.Billed(bill=BILL),
        code(NOW - 3, "A4ZM8RWC", "730128945"),
    )


def _rating(core: ScriptedCore, window: AgentWindow) -> None:
    _ended(core, window)
    window.do(OpenRating())


def _ended_offline(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    core.emit(
        ev.Ended(session_id=SESSION, reason="line_lost", connected_s=754),
        ev.Failed(failure=Failure(kind=FailureKind.NO_NETWORK, retry_at=NOW + 8)),
    )


def _refused(core: ScriptedCore, window: AgentWindow) -> None:
    _consent(core, window)
    core.emit(ev.Ended(session_id=SESSION, reason="refused", connected_s=0))


def _no_network(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(ev.Failed(failure=Failure(kind=FailureKind.NO_NETWORK, detail="no route", retry_at=NOW + 12)))


def _certificate(core: ScriptedCore, window: AgentWindow) -> None:
    detail = "support.example.net: certificate has expired"
    core.emit(ev.Failed(failure=Failure(kind=FailureKind.CERTIFICATE, detail=detail)))


def _too_slow(core: ScriptedCore, window: AgentWindow) -> None:
    slow = Failure(kind=FailureKind.TOO_SLOW, down_kbit=870, up_kbit=412, floor_kbit=1024)
    core.emit(ev.Failed(failure=slow))


def _burns(core: ScriptedCore, window: AgentWindow) -> None:
    core.emit(ev.BurnWarning(burns=3, spent=False))


def _report(core: ScriptedCore, window: AgentWindow) -> None:
    _live(core, window)
    window.do(OpenReport())


def _reported(core: ScriptedCore, window: AgentWindow) -> None:
    _report(core, window)
    window.do(ev.ReportSuspicion(text=""))
    core.emit(ev.SuspicionResult(stored=True))


PAGES: dict[str, Play] = {
    "01-steps": _working,
    "02-terms": _terms,
    "03-code": _code,
    "04-code-burnt": _burnt,
    "05-consent": _consent,
    "06-consent-hostile": _hostile,
    "07-joining": _joining,
    "08-live": _live,
    "09-live-view-only": _live_view_only,
    "09-live-withheld": _live_withheld,
    "10-paused": _paused,
    "11-close": _closing,
    "12-ended": _ended,
    "13-ended-offline": _ended_offline,
    "14-refused": _refused,
    "15-no-network": _no_network,
    "16-certificate": _certificate,
    "17-too-slow": _too_slow,
    "18-burns": _burns,
    "19-report": _report,
    "20-reported": _reported,
    "21-consent-balance": _consent_balance,
    "22-not-served": _not_served,
    "23-limit": _limit,
    "24-rating": _rating,
    "25-unread": _unread,
    "26-code-refused": _refused_code,
}
"""Page → how it comes about."""


def main(out: Path) -> None:
    """All pictures, into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    for scale in SCALES:
        env = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": str(scale),
            "QT_LOGGING_RULES": "*=false",
        }
        command = [sys.executable, "-m", "tests.support.agent_gallery", str(out), str(scale)]
        subprocess.run(command, env=env, check=True)


def draw(out: Path, scale: int) -> None:
    """The pictures of one scale."""
    app = QApplication(sys.argv[:1])
    for look, colours in {"light": style.LIGHT, "dark": style.DARK}.items():
        for language in LANGUAGES:
            for page, play in PAGES.items():
                picture = _picture(app, language, colours, play)
                picture.save(str(out / f"agent-{page}-{language}-{look}-{scale * 100}.png"))


def _picture(app: QApplication, language: Language, colours: style.Colours, play: Play) -> QPixmap:
    core = ScriptedCore(lambda: NOW)
    window = AgentWindow(core, Guard(), language, lambda: NOW, lambda: None, lambda: colours)
    core.emit(ev.ProviderKnown(name=PROVIDER))
    window.show()
    window.resize(WIDTH, HEIGHT)
    play(core, window)
    QTest.qWait(WAKE_MS + 50 if window.state.asked else 50)
    picture = window.grab()
    bar = next((w for w in app.topLevelWidgets() if isinstance(w, Bar) and w.isVisible()), None)
    edged = any(isinstance(w, Edge) and w.isVisible() for w in app.topLevelWidgets())
    if bar and edged:
        picture = _with_bar(picture, bar.grab())
    window.put_away()
    window.deleteLater()
    # Windows that linger would be dressed again with each new one.
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return picture


def _with_bar(window: QPixmap, bar: QPixmap) -> QPixmap:
    """The bar above the window, as on a desktop."""
    ratio, gap = window.devicePixelRatio(), 8
    height = window.deviceIndependentSize().height() + bar.deviceIndependentSize().height() + 2 * gap
    width = max(window.deviceIndependentSize().width(), bar.deviceIndependentSize().width())
    both = QPixmap(round(width * ratio), round(height * ratio))
    both.setDevicePixelRatio(ratio)
    both.fill(QColor("#5b6b75"))
    painter = QPainter(both)
    painter.drawPixmap(round((width - bar.deviceIndependentSize().width()) / 2), gap, bar)
    painter.drawPixmap(0, round(height - window.deviceIndependentSize().height()), window)
    painter.end()
    return both


if __name__ == "__main__":
    if len(sys.argv) > 2:
        draw(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        main(Path(sys.argv[1]))
