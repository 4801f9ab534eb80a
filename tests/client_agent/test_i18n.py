"""The customer's language, and a catalogue that lacks nothing."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import client_agent
from client_agent.i18n import CATALOGUES, DOMAIN, Language, choose, system_language

PACKAGE = Path(client_agent.__file__).parent
KEYWORDS = {"_": None, "mark": None, "ngettext": (1, 2)}


def test_every_text_of_the_program_has_its_spanish_and_none_is_left_over() -> None:
    with (CATALOGUES / "es" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file, locale="es")
    written = {
        found[2] if isinstance(found[2], str) else found[2][0]
        for found in extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    }
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and all([message.string] if isinstance(message.string, str) else message.string or [""])
    }
    assert written == translated
    assert not [message.id for message in catalogue if message.id and message.fuzzy]
    assert not [error for _, errors in catalogue.check() for error in errors]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["es_ES.UTF-8"], "es"),
        (["ca_ES@valencia", "en"], "es"),
        (["en-GB"], "en"),
        (["de", "es_MX"], "es"),
        (["de_DE"], "en"),
        ([], "en"),
        (["C"], "en"),
    ],
)
def test_the_first_language_that_we_speak_is_taken(wanted: list[str], chosen: Language) -> None:
    assert choose(wanted) == chosen


def test_the_systems_variables_count_in_gettexts_order() -> None:
    assert system_language({"LANGUAGE": "es:en", "LANG": "en_GB.UTF-8"}) == "es"
    assert system_language({"LC_ALL": "en_US.UTF-8", "LANG": "es_ES.UTF-8"}) == "en"
    assert system_language({"LC_MESSAGES": "es_AR.UTF-8", "LANG": "en_US.UTF-8"}) == "es"
