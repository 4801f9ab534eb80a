"""Facts in a person's words, in both languages; others' text made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client_agent.i18n import LANGUAGES, Words
from client_agent.wording import END_REASONS, PERMISSIONS, clock, duration, plain, plain_lines, price_sentence
from protocol.control import EndReason, Permission
from protocol.offer import Tariff
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
