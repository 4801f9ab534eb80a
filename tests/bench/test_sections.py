"""A measurement rewrites its own section of the page and nothing else."""

import pytest

from tests.bench.sections import replaced

PAGE = "# Page\n\nBy hand.\n\n<!-- bench:relay -->\nold\n<!-- /bench:relay -->\n\nMore by hand.\n"


def test_only_what_is_between_the_markers_is_replaced() -> None:
    page = replaced(PAGE, "relay", "\nnew | table\n")
    assert page == PAGE.replace("old", "new | table")
    assert replaced(page, "relay", "new | table") == page


def test_a_section_that_is_not_there_yet_comes_at_the_end() -> None:
    page = replaced(PAGE, "scale", "text")
    assert page == PAGE + "\n<!-- bench:scale -->\ntext\n<!-- /bench:scale -->\n"
    assert replaced("", "scale", "text") == "<!-- bench:scale -->\ntext\n<!-- /bench:scale -->\n"


def test_a_section_without_an_end_is_not_guessed_at() -> None:
    with pytest.raises(ValueError, match="bench:relay"):
        replaced(PAGE.replace("<!-- /bench:relay -->", ""), "relay", "text")
