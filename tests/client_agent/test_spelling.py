"""The code as it is said on the telephone."""

import pytest

from client_agent.i18n import LANGUAGES, Language
from client_agent.spelling import aloud, shown_id, shown_password, spelled
from protocol.code import ALPHABET


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_symbol_has_a_word_of_its_own(language: Language) -> None:
    words = [one.word for one in spelled(ALPHABET, language)]
    assert len(set(words)) == len(ALPHABET)


def test_a_password_is_said_aloud() -> None:
    assert aloud("K7Q", "es") == "K Kilo, siete, Q Queso"
    assert aloud("K7Q", "en") == "K Kilo, seven, Q Quebec"


def test_what_is_shown_is_grouped_as_it_is_read_out() -> None:
    assert shown_id("481093726") == "481 093 726"
    assert shown_password("K7QU9XDT") == "K7QU-9XDT"


def test_a_log_that_prints_the_spelling_shows_nothing() -> None:
    assert "Kilo" not in repr(spelled("K7", "en"))
