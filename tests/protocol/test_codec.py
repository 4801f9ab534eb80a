"""The two parsers: every message comes back, everything else is refused, nothing in between."""

import json
from typing import Any

import msgspec
import msgspec.inspect as inspect
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol import codec, control, inner, inner_codec, limits, offer
from protocol.codec import Reader
from protocol.errors import Malformed, ProtocolError, TooLarge
from protocol.text import b64url
from tests.protocol import golden
from tests.protocol.messages import any_of

CONTROL: list[tuple[Reader[Any], object]] = [
    (codec.FROM_AGENT, control.AgentToBroker),
    (codec.TO_AGENT, control.BrokerToAgent),
    (codec.FROM_CONSOLE, control.ConsoleToBroker),
    (codec.TO_CONSOLE, control.BrokerToConsole),
    (codec.OFFER, offer.Offer),
]
SEALED: list[tuple[Reader[Any], object]] = [
    (inner_codec.INNER_FROM_CONSOLE, inner.ConsoleToAgent),
    (inner_codec.INNER_FROM_AGENT, inner.AgentToConsole),
]
READERS = [reader for reader, _ in CONTROL + SEALED]

by_union = pytest.mark.parametrize(
    ("reader", "union"), CONTROL + SEALED, ids=[f"{r.what} {len(r.kinds)}" for r in READERS]
)
by_reader = pytest.mark.parametrize("reader", READERS, ids=[f"{r.what} {len(r.kinds)}" for r in READERS])
calm = settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=15)

json_ = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=3),
    max_leaves=8,
)


def encode(reader: Reader[Any], value: object) -> bytes:
    if reader in READERS[len(CONTROL) :]:
        return msgspec.msgpack.encode(value)
    return msgspec.json.encode(value)


@by_union
@calm
@given(data=st.data())
def test_every_message_is_read_back(reader: Reader[Any], union: object, data: st.DataObject) -> None:
    message = data.draw(any_of(union))
    assert reader.read(encode(reader, message)) == message


@by_union
@calm
@given(data=st.data())
def test_a_message_cut_anywhere_is_refused(reader: Reader[Any], union: object, data: st.DataObject) -> None:
    raw = encode(reader, data.draw(any_of(union)))
    with pytest.raises(Malformed):
        reader.read(raw[: data.draw(st.integers(0, len(raw) - 1))])


@by_union
@calm
@given(data=st.data())
def test_a_changed_byte_gives_a_message_or_a_refusal(reader: Reader[Any], union: object, data: st.DataObject) -> None:
    raw = bytearray(encode(reader, data.draw(any_of(union))))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert isinstance(reader.read(bytes(raw)), reader.kinds)
    except ProtocolError:
        pass


@by_union
@calm
@given(data=st.data())
def test_a_field_too_many_or_of_another_kind_is_refused(
    reader: Reader[Any], union: object, data: st.DataObject
) -> None:
    fields = msgspec.to_builtins(data.draw(any_of(union)), builtin_types=[bytes])
    with pytest.raises(Malformed):
        reader.read(encode(reader, {**fields, "extra": 1}))
    name = data.draw(st.sampled_from(sorted(fields)))
    with pytest.raises(Malformed):
        reader.read(encode(reader, {**fields, name: {"an": "object"}}))


@by_reader
@calm
@given(data=st.binary(max_size=200) | json_.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_message_or_refused(reader: Reader[Any], data: bytes) -> None:
    try:
        assert isinstance(reader.read(data), reader.kinds)
    except Malformed:
        pass


@given(st.text(max_size=50))
def test_any_text_is_refused_even_with_lone_surrogates(text: str) -> None:
    for reader in READERS[: len(CONTROL)]:
        with pytest.raises(Malformed):
            reader.read(text + "\ud800")


@by_reader
def test_what_is_over_the_limit_is_refused_unread(reader: Reader[Any]) -> None:
    with pytest.raises(TooLarge) as refused:
        reader.read(b" " * (reader.limit + 1))
    assert (refused.value.size, refused.value.limit) == (reader.limit + 1, reader.limit)


@by_reader
@pytest.mark.parametrize("raw", [b"[" * 60_000, b'{"type":' * 7_000, b"\x91" * 60_000])
def test_deep_nesting_is_refused(reader: Reader[Any], raw: bytes) -> None:
    with pytest.raises(Malformed):
        reader.read(raw[: reader.limit])


def test_limits_agree_with_each_other() -> None:
    assert limits.FRAME_PAYLOAD + limits.FRAME_HEADER + limits.AEAD_TAG == limits.RECORD
    assert limits.FRAME_PAYLOAD < 2**16


def test_binary_fields_take_what_their_limits_say_and_no_byte_more() -> None:
    """An offer, and a chunk of a measurement, at the border."""
    for reader, message, field, limit in (
        (codec.TO_AGENT, golden.MESSAGE, "offer", limits.OFFER),
        (codec.TO_CONSOLE, golden.MESSAGE, "offer", limits.OFFER),
        (codec.FROM_AGENT, control.Probe(seq=1, data=""), "data", limits.PROBE_CHUNK),
    ):
        whole = replace(message, **{field: b64url(bytes(limit))})
        assert reader.read(encode(reader, whole)) == whole
        with pytest.raises(Malformed):
            reader.read(encode(reader, replace(message, **{field: b64url(bytes(limit + 1))})))


@by_union
@calm
@given(data=st.data())
def test_a_text_that_fits_its_pattern_and_a_newline_is_refused(
    reader: Reader[Any], union: object, data: st.DataObject
) -> None:
    message = data.draw(any_of(union))
    fields = msgspec.to_builtins(message, builtin_types=[bytes])
    kinds = inspect.type_info(type(message))
    assert isinstance(kinds, inspect.StructType)
    for field in kinds.fields:
        kind = field.type.type if isinstance(field.type, inspect.Metadata) else field.type
        if isinstance(kind, inspect.StrType) and kind.pattern:
            for more in ("\n", "\u0663", " "):
                with pytest.raises(Malformed):
                    reader.read(encode(reader, {**fields, field.name: fields[field.name] + more}))
