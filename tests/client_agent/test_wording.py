"""Facts in a person's words, in both languages; others' text made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_agent.events import CostNow, NotServed
from client_agent.i18n import LANGUAGES, Words
from client_agent.wording import (
    END_REASONS,
    PERMISSIONS,
    clock,
    cost_line,
    duration,
    not_served,
    plain,
    plain_lines,
    price_sentence,
    running,
)
from protocol.control import EndReason, Permission
from protocol.offer import Charging, Tariff
from scripts import catalogues


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    catalogues.build()


SPANISH_WITH_TAX = (
    "Esta sesión: 45,00\u00a0€ por hora más 21\u00a0% de impuestos, mínimo 1 hora, después por medias horas empezadas."
)


def tariff(
    unit_minor: int = 4500, minimum: int = 60, increment: int = 30, tax: str = "0", currency: str = "EUR"
) -> Tariff:
    return Tariff(
        currency=currency, unit_minor=unit_minor, minimum_minutes=minimum, increment_minutes=increment, tax_percent=tax
    )


@pytest.mark.parametrize(
    ("given_tariff", "english", "spanish"),
    [
        (
            tariff(),
            "This session: €45.00 per hour, at least 1 hour, then each started half hour.",
            "Esta sesión: 45,00\u00a0€ por hora, mínimo 1 hora, después por medias horas empezadas.",
        ),
        (
            tariff(tax="21"),
            "This session: €45.00 per hour plus 21% tax, at least 1 hour, then each started half hour.",
            SPANISH_WITH_TAX,
        ),
        (
            tariff(6050, minimum=0, increment=1, tax="10.5"),
            "This session: €60.50 per hour plus 10.5% tax, then each started minute.",
            "Esta sesión: 60,50\u00a0€ por hora más 10,5\u00a0% de impuestos, después por minutos empezados.",
        ),
        (
            tariff(5000, minimum=90, increment=20, currency="JPY"),
            "This session: ¥5,000 per hour, at least 90 minutes, then each started 20 minutes.",
            "Esta sesión: 5.000\u00a0JPY por hora, mínimo 90 minutos, después por fracciones empezadas de 20 minutos.",
        ),
        (tariff(0), "This session is free of charge.", "Esta sesión es gratuita."),
        (None, "No price set for this session.", "Sin precio fijado para esta sesión."),
    ],
)
def test_a_price_is_put_into_words_from_the_tariff_alone(
    given_tariff: Tariff | None, english: str, spanish: str
) -> None:
    assert price_sentence(given_tariff, Words("en")) == english
    assert price_sentence(given_tariff, Words("es")) == spanish


BY_MINUTE = tariff(6000, minimum=0, increment=1)


def charging(covers: str, left: int = 0, expected: int = 0, weight: str = "1") -> Charging:
    return Charging(covers=covers, minutes_left=left, expected_minutes=expected, weight=weight)  # type: ignore[arg-type]


@pytest.mark.clause("Q2", "R2")
@pytest.mark.parametrize(
    ("given_tariff", "said", "english", "spanish"),
    [
        (None, charging("free"), "This session is free of charge.", "Esta sesión es gratuita."),
        (
            None, charging("covered", weight="1.5"),
            "Covered by your contract: nothing to pay.", "Cubierta por su contrato: no paga nada.",
        ),
        (
            BY_MINUTE, charging("balance", left=132),
            "132 minutes left in your plan; after that €60.00 per hour.",
            "Le quedan 132 minutos en su plan; después 60,00\u00a0€ por hora.",
        ),
        (
            BY_MINUTE, charging("balance", left=1, weight="1.5"),
            "1 minute left in your plan; after that €60.00 per hour. One hour now counts as 1.5.",
            "Le queda 1 minuto en su plan; después 60,00\u00a0€ por hora. Una hora de ahora cuenta como 1,5.",
        ),
        (None, charging("balance", left=30), "30 minutes left in your plan.", "Le quedan 30 minutos en su plan."),
        (
            tariff(45_000, minimum=0, increment=1, tax="19", currency="CLP"), charging("fixed", expected=90),
            "Fixed price CLP45,000 plus 19% tax, about 90 minutes.",
            "Precio fijo 45.000\u00a0CLP más 19\u00a0% de impuestos, alrededor de 90 minutos.",
        ),
        (
            tariff(), charging("tariff", weight="2"),
            "This session: €45.00 per hour, at least 1 hour, then each started half hour. One hour now counts as 2.",
            (
                "Esta sesión: 45,00\u00a0€ por hora, mínimo 1 hora, después por medias horas empezadas. "
                "Una hora de ahora cuenta como 2."
            ),
        ),
    ],
)  # fmt: skip
def test_what_the_policy_says_of_the_price_is_put_into_words(
    given_tariff: Tariff | None, said: Charging, english: str, spanish: str
) -> None:
    assert price_sentence(given_tariff, Words("en"), said) == english
    assert price_sentence(given_tariff, Words("es"), said) == spanish


@pytest.mark.parametrize(
    ("charged", "left", "english", "spanish"),
    [
        (4500, None, "So far: 12 minutes · €45.00 before tax", "Hasta ahora: 12 minutos · 45,00\u00a0€ sin impuestos"),
        (0, 120, "So far: 12 minutes · 120 minutes left in your plan",
         "Hasta ahora: 12 minutos · Le quedan 120 minutos en su plan"),
        (100, 0, "So far: 12 minutes · 0 minutes left in your plan · €1.00 before tax",
         "Hasta ahora: 12 minutos · Le quedan 0 minutos en su plan · 1,00\u00a0€ sin impuestos"),
        (0, None, "So far: 12 minutes · nothing to pay", "Hasta ahora: 12 minutos · nada que pagar"),
    ],
)  # fmt: skip
def test_what_a_session_has_come_to_so_far_is_one_line(
    charged: int, left: int | None, english: str, spanish: str
) -> None:
    cost = CostNow(connected_s=754, rounded_minutes=60, charged_minor=charged, currency="EUR", minutes_left=left)
    assert cost_line(cost, Words("en")) == english
    assert cost_line(cost, Words("es")) == spanish


def test_the_providers_refusal_is_marked_as_the_providers_words_and_made_harmless() -> None:
    told = NotServed(es="Ahora no:\u202e\nmañana.", en="Not now: tomorrow.")
    assert not_served(told, Words("en")).endswith("“Not now: tomorrow.”")
    assert not_served(told, Words("es")).endswith("«Ahora no: mañana.»")


def test_a_technicians_name_cannot_turn_the_line_around_or_break_it() -> None:
    assert plain("Ana\u202e zepoL\u2066\n\tPérez\x00\u200b\ufeff") == "Ana zepoL Pérez"
    assert plain("<b>Ana</b> &amp;") == "<b>Ana</b> &amp;"


def test_stacked_accents_do_not_cover_the_line_above() -> None:
    assert plain("a" + "\u0300" * 40 + "b") == "à\u0300\u0300b"


def test_a_long_name_is_cut() -> None:
    assert plain("x" * 500, 60) == "x" * 59 + "…"


def test_terms_keep_their_lines_and_nothing_else_that_steers() -> None:
    assert plain_lines("one\r\ntwo\u2028three\u202e\x1b[31m") == "one\ntwo three [31m"


@given(st.text(), st.integers(1, 80))
def test_whatever_others_write_becomes_one_harmless_line(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert all(unicodedata.category(c)[0] != "C" and unicodedata.category(c) not in ("Zl", "Zp") for c in shown)
    assert plain(shown, limit) == shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0:00"), (0.9, "0:00"), (59.99, "0:59"), (600, "10:00"), (3727, "1:02:07")]
)
def test_a_time_left_never_goes_below_zero(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (0, "0 seconds", "0 segundos"),
        (61, "1 minute 1 second", "1 minuto 1 segundo"),
        (754, "12 minutes 34 seconds", "12 minutos 34 segundos"),
        (3720, "1 hour 2 minutes", "1 hora 2 minutos"),
    ],
)
def test_a_duration_is_said_in_whole_words(seconds: int, english: str, spanish: str) -> None:
    assert duration(seconds, Words("en")) == english
    assert duration(seconds, Words("es")) == spanish


def test_every_way_to_end_and_every_permission_has_words_in_both_languages() -> None:
    assert set(END_REASONS) == set(EndReason.__args__)  # type: ignore[attr-defined]
    assert set(PERMISSIONS) == set(Permission.__args__)  # type: ignore[attr-defined]
    for language in LANGUAGES:
        assert all(Words(language)(text) for text in (*END_REASONS.values(), *PERMISSIONS.values()))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (59.9, "0:59"), (60, "1 min"), (119, "1 min"), (3_599, "59 min"), (3_600, "1 h 0 min")],
)
def test_a_running_time_is_seen_to_run_and_then_counts_as_the_bill_does(seconds: float, text: str) -> None:
    assert running(seconds, Words("en")) == running(seconds, Words("es")) == text
