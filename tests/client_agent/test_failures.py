"""Failure tells which it is (Q14): every kind its own words, in both languages, with what to do."""

import pytest

from client_agent.failures import Failure, FailureKind, explain, explain_burns
from client_agent.i18n import LANGUAGES, Language, Words
from client_agent.window.views.failed import MOST_STEPS
from scripts import catalogues


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    catalogues.build()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.clause("Q14")
def test_no_two_failures_are_told_alike(language: Language) -> None:
    _ = Words(language)
    told = [explain(Failure(kind=kind), _) for kind in FailureKind]
    assert len({one.title for one in told}) == len(FailureKind)
    assert len({one.happened for one in told}) == len(FailureKind)
    assert all(1 <= len(one.do) <= MOST_STEPS for one in told)


@pytest.mark.parametrize("kind", FailureKind)
def test_spanish_is_spanish(kind: FailureKind) -> None:
    english, spanish = (explain(Failure(kind=kind), Words(language)) for language in ("en", "es"))
    assert english.title != spanish.title
    assert english.happened != spanish.happened
    assert all(one != other for one, other in zip(english.do, spanish.do, strict=True))


def test_a_slow_line_is_told_with_what_was_measured_and_what_is_needed() -> None:
    slow = Failure(kind=FailureKind.TOO_SLOW, down_kbit=870, up_kbit=412, floor_kbit=1024)
    assert explain(slow, Words("es")).happened == (
        "Medido: 870 kbit/s de bajada y 412 kbit/s de subida. Hacen falta 1.024 kbit/s en cada sentido."
    )


def test_guessing_is_told_by_its_number_and_by_its_end() -> None:
    assert "3 códigos" in explain_burns(3, False, Words("es")).happened
    assert explain_burns(10, True, Words("en")).title == "No more codes today"
