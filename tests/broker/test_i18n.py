"""Every sentence that a person reads has its Spanish, with the same blanks to fill in."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import broker
from broker.i18n import LANGUAGES, preferred

PACKAGE = Path(broker.__file__).parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
BLANK = re.compile(r"\{\w+\}|%\(\w+\)s")


def sentences() -> set[str]:
    options = {"**.html": {"newstyle_gettext": "true", "extensions": "jinja2.ext.i18n"}}
    keywords = {"_": None, "N_": None}
    found = extract_from_dir(PACKAGE, method_map=METHODS, options_map=options, keywords=keywords)
    return {text for _, _, text, _, _ in found if isinstance(text, str)}


def spanish() -> dict[str, str]:
    with (PACKAGE / "locale/es/LC_MESSAGES/broker.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, "es", abort_invalid=True) if m.id}


def test_every_sentence_has_its_spanish_and_none_is_left_over() -> None:
    catalogue = spanish()
    assert sentences() == set(catalogue)
    assert [text for text, translation in catalogue.items() if not translation] == []


def test_a_translation_has_the_same_blanks() -> None:
    for text, translation in spanish().items():
        assert sorted(BLANK.findall(text)) == sorted(BLANK.findall(translation)), text


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "en"), ("", "en"), ("es", "es"), ("ES-mx", "es"), ("en-GB,es;q=0.8", "en"), ("fr, es;q=0.2", "es"),
        ("en;q=0.3,es;q=0.5", "es"), ("es;q=0", "en"), ("es;q=x", "en"), ("*", "en"), ("est", "en"),
    ],
)  # fmt: skip
def test_the_reader_gets_the_first_of_our_languages(header: str | None, lang: str) -> None:
    assert preferred(header) == lang


@given(st.text(max_size=300))
def test_any_header_gives_one_of_our_languages(header: str) -> None:
    assert preferred(header) in LANGUAGES
