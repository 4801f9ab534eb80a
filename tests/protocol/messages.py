"""Any message of a union, made from its types and their limits: what every decoder must take."""

import re
from functools import cache
from typing import Any

import msgspec.inspect as inspect
from hypothesis import reject
from hypothesis import strategies as st

FITTING = (
    "", "0", "9999", "EUR", "K7Q", "21", "21.50", "012345678", "2026-11-22T10:00:00Z", "2026-11-22T10:00:00.123456Z",
    "A" * 22, "_-09azAZ_-09azAZ_-09az", "A" * 43, "z" * 43, "A" * 86, "-" * 86, "e30.e30",
)  # fmt: skip
"""At least one text for every pattern of the protocol."""


@cache
def any_of(union: object) -> st.SearchStrategy[Any]:
    """Messages of every kind in `union`, as Python objects."""
    return _strategy(inspect.type_info(union))


@cache
def _texts(pattern: str, most: int | None) -> st.SearchStrategy[str]:
    fitting = [text for text in FITTING if re.search(pattern, text)]
    return st.sampled_from([text for text in fitting if most is None or len(text) <= most])


def _strategy(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata(type=inside):
            return _strategy(inside)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_strategy, types))
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(_made, st.just(cls), **{field.name: _strategy(field.type) for field in fields})
        case inspect.StrType(pattern=str(pattern), max_length=most):
            return _texts(pattern, most)
        case inspect.StrType(min_length=least, max_length=most):
            return st.text("aZ09 <ñ語\x00\u202e🙂", min_size=least or 0, max_size=min(most or 8, 8))
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.BytesType():
            return st.binary(max_size=20)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.LiteralType(values=values):
            return st.sampled_from(values)
        case inspect.VarTupleType(item_type=item):
            return st.lists(_strategy(item), max_size=3).map(tuple)
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(_strategy, items))
    raise TypeError(f"no strategy for {kind}")


def _made(cls: Any, **values: Any) -> Any:
    """A message, unless its fields do not go together (a screen that is larger than any desktop)."""
    try:
        return cls(**values)
    except ValueError:
        reject()
