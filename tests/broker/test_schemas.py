"""Bodies: whatever is sent, it is a value of ours or it is refused; nothing in between and nothing else."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from broker.operators import schemas as accounts
from broker.organisations import schemas as organisations
from broker.schemas import BIDIRECTIONAL, Body, Email, Line, Line0, NewPassword, Prose, Token
from protocol import limits

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
BODIES = [
    kind for module in (accounts, organisations) for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Body) and kind is not Body
]  # fmt: skip
"""Every request's body of these features."""


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
@given(sent=ANY_JSON, data=st.data())
def test_any_json_is_a_body_or_a_refusal(kind: type[BaseModel], sent: Any, data: st.DataObject) -> None:
    known = {name: data.draw(ANY_JSON) for name in kind.model_fields if data.draw(st.booleans())}
    for value in (sent, known, {**known, "another": 1}):
        try:
            body = kind.model_validate(value)
        except ValidationError:
            continue
        assert set(value) <= set(kind.model_fields), "an unknown field was taken"
        assert body == kind.model_validate(body.model_dump(exclude_unset=True))


@given(st.text(max_size=300))
def test_a_line_is_one_line_of_plain_text(text: str) -> None:
    for kind, empty in ((Line, False), (Line0, True)):
        try:
            line = TypeAdapter(kind).validate_python(text)
        except ValidationError:
            continue
        assert line or empty
        assert line == line.strip() == unicodedata.normalize("NFC", line)
        assert len(text) <= limits.SHORT_TEXT
        assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in line)
        assert BIDIRECTIONAL.isdisjoint(line)
        line.encode()


@given(st.text(alphabet=st.sampled_from("ab \n\t\r\x00\u202e\ud800é"), max_size=60))
def test_prose_keeps_its_paragraphs_and_nothing_that_steers_a_terminal_or_a_page(text: str) -> None:
    try:
        prose = TypeAdapter(Prose).validate_python(text)
    except ValidationError:
        return
    assert prose
    assert set(prose) <= set("ab \n\té")


@pytest.mark.parametrize("good", ["ana@example.com", "a.b+c@sub.example", "ñ@ejemplo.es"])
def test_an_address_is_one_account_however_it_is_written(good: str) -> None:
    assert TypeAdapter(Email).validate_python(good.upper()) == good


@pytest.mark.parametrize(
    "bad", ["", "a", "a@", "@b", "a b@c", "a@b\n", "a@b@c", "<a@b>", 'a"@b', "a@" + "b" * 260, "a@b,c@d"]
)
def test_what_is_no_address_is_refused(bad: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Email).validate_python(bad)


def test_a_password_has_twelve_characters_at_least_and_any_of_them() -> None:
    adapter = TypeAdapter(NewPassword)
    assert adapter.validate_python("ñ \t漢字 12345678")
    for bad in ("short", "x" * 201, "\ud800" * 12):
        with pytest.raises(ValidationError):
            adapter.validate_python(bad)


@given(st.text(max_size=50))
def test_a_token_has_its_form_or_is_not_looked_up(text: str) -> None:
    try:
        token = TypeAdapter(Token).validate_python(text)
    except ValidationError:
        return
    assert len(token) == 43
    assert token.isascii()
