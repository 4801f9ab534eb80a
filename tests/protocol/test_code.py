"""ID and password: what a person types, says and is shown."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import code
from protocol.errors import InvalidCode

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/code.json").read_text())


def kind(error: InvalidCode) -> dict[str, str]:
    return {"error": "symbol", "symbol": error.symbol} if error.symbol else {"error": "length"}


def test_the_published_tables_are_the_ones_in_use() -> None:
    assert VECTORS["alphabet"] == code.ALPHABET
    assert len(code.ALPHABET) == 29
    assert VECTORS["twins"] == code.TWINS
    assert VECTORS["separators"] == code.SEPARATORS
    assert VECTORS["spelling"] == code.SPELLING


def test_every_letter_and_digit_is_kept_or_has_a_kept_twin() -> None:
    assert sorted(code.ALPHABET + "".join(code.TWINS)) == sorted("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert set(code.TWINS.values()) <= set(code.ALPHABET)


@pytest.mark.parametrize("vector", VECTORS["passwords"], ids=lambda v: ascii(v["typed"]))
def test_a_typed_password_means_what_the_vectors_say(vector: dict[str, str]) -> None:
    typed, meant = vector["typed"], {k: v for k, v in vector.items() if k != "typed"}
    if "error" in meant:
        with pytest.raises(InvalidCode) as refused:
            code.normalise_password(typed)
        assert kind(refused.value) == meant
    else:
        assert code.normalise_password(typed)._asdict() == meant


@pytest.mark.parametrize("vector", VECTORS["ids"], ids=lambda v: ascii(v["typed"]))
def test_a_typed_id_means_what_the_vectors_say(vector: dict[str, str]) -> None:
    typed, meant = vector["typed"], {k: v for k, v in vector.items() if k != "typed"}
    if "error" in meant:
        with pytest.raises(InvalidCode) as refused:
            code.normalise_id(typed)
        assert kind(refused.value) == meant
    else:
        digits = code.normalise_id(typed)
        assert {"id": digits, "shown": code.show_id(digits)} == meant


@pytest.mark.parametrize("vector", VECTORS["shown"])
def test_a_password_is_shown_in_two_groups_of_four(vector: dict[str, str]) -> None:
    assert code.show_password(vector["server_part"], vector["agent_part"]) == vector["shown"]


@given(st.text(alphabet=code.ALPHABET, min_size=8, max_size=8))
def test_what_is_shown_is_read_back(symbols: str) -> None:
    server_part, agent_part = code.normalise_password(code.show_password(symbols[:3], symbols[3:]).lower())
    assert server_part + agent_part == symbols


@given(st.text())
def test_any_text_is_a_normalised_code_or_refused(text: str) -> None:
    try:
        server_part, agent_part = code.normalise_password(text)
    except InvalidCode:
        return
    assert code.is_symbols(server_part, 3)
    assert code.is_symbols(agent_part, 5)


def test_a_password_does_not_show_itself() -> None:
    assert "K7Q" not in f"{code.normalise_password('K7QU-9XDT')!r}{code.normalise_password('K7QU-9XDT')}"


def test_each_symbol_asks_for_one_uniform_number_below_29() -> None:
    asked: list[int] = []

    def randbelow(n: int) -> int:
        asked.append(n)
        return len(asked) - 1

    assert code.random_symbols(29, randbelow) == code.ALPHABET
    assert asked == [29] * 29
    assert code.random_id(lambda n: 42) == "000000042"


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_symbol_and_digit_has_a_word_of_its_own(language: str) -> None:
    symbols = sorted(set(code.ALPHABET) | set("0123456789"))
    words = [word for _, word in code.spell("".join(symbols), language)]
    assert len(set(words)) == len(symbols)
    for symbol, word in zip(symbols, words, strict=True):
        assert symbol.isdigit() or word.startswith(symbol)
