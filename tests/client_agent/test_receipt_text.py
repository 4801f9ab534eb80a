"""The customer's own receipt: what the program saw, what the provider charges, told apart; and the rating."""

from pathlib import Path

from client_agent import events as ev
from client_agent import receipt_text
from client_agent.afterwards import Afterwards
from client_agent.terminal import Terminal
from client_agent.window.view_model import Overlay, ScreenState, View, fits, update
from protocol import control
from protocol.offer import Charging, Offer, Tariff

SESSION = "S" * 22
OFFER = Offer(
    operator_id="O" * 22, operator_name="Teresa Núñez\u202e", org_id="P" * 22, org_name="Soporte Cuásar",
    service="Correo", tariff=Tariff(
        currency="EUR", unit_minor=4500, minimum_minutes=60, increment_minutes=30, tax_percent="21"
    ), price_note="", terms_version=1, terms_sha256="A" * 43, wanted=("view", "control"), inactivity_s=900,
    charging=Charging(covers="tariff", minutes_left=0, expected_minutes=0, weight="1"),
)  # fmt: skip
AGREED = ev.Agreed(offer=OFFER, granted=frozenset({"view"}), utc="2026-11-22T22:01:02.003Z", language="es")
ENDED = ev.Ended(session_id=SESSION, reason="limit", connected_s=750, agreed=AGREED)
BILL = control.Bill(
    session_id=SESSION, state="charged", provisional=True, rated=False, lang="es",
    facts=(control.Fact(name="A cargo de", value="La tarifa"), control.Fact(name="Total", value="54,45\u00a0€")),
    explanation=("Tiempo conectado: 12,5 min → 12,5 min", "Q2: \u202eal menos una hora"),
)  # fmt: skip


def test_the_receipt_is_in_the_language_of_the_consent_and_explains_line_by_line() -> None:
    written = receipt_text.text(ENDED, AGREED, BILL)
    assert written.startswith("Recibo de su sesión remota\n")
    for line in (
        "Técnico: Teresa Núñez", "Usted aceptó el: 2026-11-22 22:01:02 UTC", "Usted permitió: Ver mi pantalla",
        "Lo que cobra Soporte Cuásar", "Total: 54,45 €", "1. Tiempo conectado: 12,5 min → 12,5 min",
        "2. Q2: al menos una hora",
    ):  # fmt: skip
        assert line in written.splitlines(), line
    assert "Provisional: el proveedor aún no ha clasificado esta sesión" in written
    assert "\u202e" not in written


def test_before_the_provider_has_said_anything_the_receipt_says_so() -> None:
    assert "El proveedor todavía no lo ha dicho." in receipt_text.text(ENDED, AGREED, None)


def test_the_bill_is_asked_for_once_the_end_is_acknowledged_and_again_on_a_new_line() -> None:
    posted, emitted = list[object](), list[ev.Event]()
    desk = Afterwards(posted.append, emitted.append)
    desk.acknowledged("refused-one")
    desk.over(SESSION)
    assert posted == []
    desk.acknowledged(SESSION)
    asked = control.BillRequest(session_id=SESSION)
    assert posted == [asked]
    desk.line_up()
    assert posted == [asked, asked]
    desk.billed(BILL)
    desk.line_up()
    assert (posted, emitted) == ([asked, asked], [ev.Billed(bill=BILL)])


def test_an_opinion_goes_again_on_a_new_line_until_it_is_stored() -> None:
    posted, emitted = list[object](), list[ev.Event]()
    desk = Afterwards(posted.append, emitted.append)
    desk.rate(ev.Rate(session_id=SESSION, stars=4, comment="Bien\u202e"))
    desk.line_up()
    said = control.Opinion(session_id=SESSION, stars=4, comment="Bien")
    assert posted == [said, said]
    desk.stored(control.OpinionAck(session_id=SESSION, taken=True))
    desk.line_up()
    assert (posted, emitted) == ([said, said], [ev.Rated(session_id=SESSION)])


def after_the_end() -> ScreenState:
    return update(ScreenState(language="es", view=View.ENDED, ended=ENDED), ev.Billed(bill=BILL))


def test_help_is_rated_once_and_only_after_its_bill() -> None:
    state = after_the_end()
    assert state.may_rate
    assert not ScreenState(language="es", view=View.ENDED, ended=ENDED).may_rate
    rate = ev.Rate(session_id=SESSION, stars=5, comment="")
    assert fits(state, rate)
    state = update(state, rate)
    assert (state.overlay, state.opinion_stored, state.may_rate) == (Overlay.RATED, False, False)
    assert update(state, ev.Rated(session_id=SESSION)).opinion_stored


class Commands:
    """A core that only remembers."""

    def __init__(self) -> None:
        self.done: list[ev.Command] = []

    def listen(self, listener: object) -> None:
        """Never tells anything of its own."""

    def do(self, command: ev.Command) -> None:
        self.done.append(command)


def test_in_a_terminal_the_receipt_is_printed_kept_and_the_help_rated(tmp_path: Path) -> None:
    core, said = Commands(), list[str]()
    terminal = Terminal(core, "es", lambda: 0.0, said.append, receipts=tmp_path / "receipts")
    terminal.take(ENDED)
    terminal.take(ev.Billed(bill=BILL))
    file = tmp_path / "receipts" / receipt_text.name(ENDED)
    assert file.read_text("utf-8") == receipt_text.text(ENDED, AGREED, BILL)
    assert "Total: 54,45 €" in said[-1]
    number = next(line for line in said[-1].splitlines() if "Valorar la ayuda" in line).split(")")[0].strip()
    terminal.line(number)
    terminal.line("5, muy amable")
    assert core.done == [ev.Rate(session_id=SESSION, stars=5, comment="muy amable")]


def test_while_a_terminal_asks_nothing_is_injected() -> None:
    guard = ev.NoWindow()
    assert guard.prompt_open()
    terminal = Terminal(Commands(), "es", lambda: 0.0, lambda _text: None, guard)
    assert not guard.prompt_open()
    terminal.take(ev.CodeShown(id="123456789", password="A" * 8, until=1.0, life_s=1.0))
    terminal.take(ev.ConsentAsked(session_id=SESSION, offer=OFFER, deadline=60.0))
    assert guard.prompt_open()
    terminal.line("2")
    live = ev.Live(
        session_id=SESSION, operator_name="T", org_name="P", service="C", granted=frozenset({"view"}), since=0.0
    )
    terminal.take(live)
    assert not guard.prompt_open()
    terminal.take(ev.LimitReached(session_id=SESSION, deadline=60.0))
    assert guard.prompt_open()  # a technician must not type the customer's yes into their terminal
    terminal.line("2")
    assert not guard.prompt_open()
