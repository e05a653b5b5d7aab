"""JSON is read piece by piece: what is taken is what Python's own reader would give, and what is wrong is told."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.inside.pull import MAX_DEPTH, MAX_DIGITS, MAX_NAME, MAX_NAMES, TOO_LONG, FaultError, Kind, Reader

SPACE = st.sampled_from(["", " ", "\n", "\t \r\n"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(st.sampled_from('"\\/\b\f\n\r\t\x00\x1f\ud800é😀a'))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=5),
    max_leaves=30,
)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A value as JSON, with the space and the escapes that a writer may choose."""
    value = draw(VALUES)
    separators = (draw(SPACE) + "," + draw(SPACE), draw(SPACE) + ":" + draw(SPACE))
    indent = draw(st.none() | st.integers(0, 2))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=indent, separators=separators)
    return draw(SPACE) + text.encode("utf-8", "replace").decode() + draw(SPACE)


def kind_of(data: bytes) -> Kind | None:
    """What is wrong with the text; None where nothing is."""
    try:
        reader = Reader(data)
        reader.skip()
        reader.end()
    except FaultError as fault:
        return fault.kind if 0 <= fault.at <= len(data) else Kind.MANY
    return None


def refuse(constant: str) -> None:
    raise ValueError(constant)


def is_json(text: str) -> bool:
    """To Python's own reader, NaN aside; it takes the same texts, but for its limits."""
    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


@given(written())
def test_whatever_is_json_is_passed_over_to_its_end(text: str) -> None:
    assert kind_of(text.encode()) is None


@given(written())
def test_a_value_is_what_python_reads(text: str) -> None:
    reader = Reader(text.encode())
    assert reader.value(10**6) == json.loads(text)
    reader.end()


@settings(max_examples=500)
@given(written(), st.data())
def test_a_changed_text_is_json_just_where_it_is_to_python(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(begin + 3, len(text))))
    put = data.draw(st.text(st.sampled_from('{}[]:,"\\u0019.-+eEtrufalsn \n\x01NI/'), max_size=3))
    changed = text[:begin] + put + text[end:]
    assert (kind_of(changed.encode()) is None) == is_json(changed)


@given(st.text(st.sampled_from('{}[],:"1a \\'), max_size=12))
def test_a_few_signs_are_json_just_where_they_are_to_python(text: str) -> None:
    assert (kind_of(text.encode()) is None) == is_json(text)


@given(written(), st.data())
def test_what_is_cut_in_a_container_is_cut_off(text: str, data: st.DataObject) -> None:
    whole = f"[{text}]".encode()
    end = data.draw(st.integers(1, len(whole) - 1))
    cut = whole[:end]
    assert kind_of(cut) in {Kind.CUT_OFF, Kind.UNEXPECTED}
    if not re.search(rb"[^ \"{}\[\],:a-z0-9\n\t\r]", cut):
        assert kind_of(cut) is Kind.CUT_OFF


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"", Kind.CUT_OFF),
        (b"[1", Kind.CUT_OFF),
        (b'["a\\', Kind.CUT_OFF),
        (b"[tru", Kind.CUT_OFF),
        (b"[tru ", Kind.UNEXPECTED),
        (b"[1,]", Kind.UNEXPECTED),
        (b"[,1]", Kind.UNEXPECTED),
        (b"[[[[1,]]]]", Kind.UNEXPECTED),
        (b'{"a": [[[1]]],}', Kind.UNEXPECTED),
        (b'{"a": [[[1]]], 1: 2}', Kind.UNEXPECTED),
        (b"[[[[1]]] 2]", Kind.UNEXPECTED),
        (b'{"a" [[[1]]]}', Kind.UNEXPECTED),
        (b"[NaN]", Kind.CONSTANT),
        (b"[[[[-Infinity]]]]", Kind.CONSTANT),
        (b"[-NaN]", Kind.UNEXPECTED),
        (b"1" * MAX_DIGITS, None),
        (b"1" * (MAX_DIGITS + 1), Kind.LONG_NUMBER),
        (b"1." + b"1" * (MAX_DIGITS + 1), Kind.LONG_NUMBER),
        (b"1e-" + b"1" * (MAX_DIGITS + 1), Kind.LONG_NUMBER),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
        (b"[" * (MAX_DEPTH + 9) + b"]" * (MAX_DEPTH + 9), Kind.DEEP),
    ],
)
def test_the_kind_of_a_fault_is_told(text: bytes, kind: Kind | None) -> None:
    assert kind_of(text) is kind


def members(text: str) -> dict[str, Any]:
    reader = Reader(text.encode())
    found = {name: reader.value(100) for name in reader.members() if name != "passed over"}
    reader.end()
    return found


def test_what_the_caller_does_not_take_is_passed_over() -> None:
    assert members('{"a": [1, {}], "passed over": [[[[[1]]]], 2], "b": "x"}') == {"a": [1, {}], "b": "x"}


def test_members_and_elements_can_be_gone_into() -> None:
    reader = Reader(b' {"rows": [[1, 2], [], 7, [3]], "more": 1} ')
    found = []
    for _ in reader.members():
        if reader.sees("["):
            for number in reader.elements():
                row = [reader.value(9) for _ in reader.elements()] if reader.sees("[") else None
                found.append((number, row))
    reader.end()
    assert found == [(1, [1, 2]), (2, []), (3, None), (4, [3])]


def test_a_long_value_is_passed_over_and_told_to_be_one() -> None:
    assert members(json.dumps({"a": "x" * 98, "b": "x" * 99, "c": 1})) == {"a": "x" * 98, "b": TOO_LONG, "c": 1}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"a": 1, "a": 2}', Kind.REPEATED),
        ('{"a": 1, "\\u0061": 2}', Kind.REPEATED),
        ('{"a": {"b": 1, "b": 2}}', Kind.REPEATED),
        (json.dumps(dict.fromkeys(map(str, range(MAX_NAMES + 1)))), Kind.MANY),
        (json.dumps({"x" * MAX_NAME: 1}), Kind.MANY),
        ('{"a": 1,}', Kind.UNEXPECTED),
        ('{"a": 1', Kind.CUT_OFF),
        ('{"a', Kind.CUT_OFF),
        ("{1: 2}", Kind.UNEXPECTED),
        ("[1]", Kind.UNEXPECTED),
    ],
)
def test_an_object_that_is_gone_into_is_looked_at_more_closely(text: str, kind: Kind) -> None:
    with pytest.raises(FaultError) as caught:
        members(text)
    assert caught.value.kind is kind


def test_names_that_are_passed_over_may_repeat() -> None:
    assert kind_of(b'{"a": {"b": 1, "b": 2}}') is None


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.inside.pull.MAX_APART", 100)
    assert kind_of(b"[" + b"[[[1]]]," * 90 + b"1]") is None
    assert kind_of(b"[" + b"[[[1]]]," * 110 + b"1]") is Kind.MANY


@given(SCALARS.filter(lambda value: isinstance(value, str)), st.integers(2, 60), st.booleans())
def test_the_head_of_a_string_is_its_beginning(text: str, most: int, escaped: bool) -> None:  # noqa: FBT001 - drawn
    raw = json.dumps(text, ensure_ascii=escaped).encode("utf-8", "replace")
    whole = json.loads(raw)
    reader = Reader(raw)
    head = reader.string_head(most)
    reader.end()
    pairs = whole.encode("utf-16", "surrogatepass"), head.encode("utf-16", "surrogatepass")
    assert pairs[0].startswith(pairs[1])
    assert head == whole if len(raw) <= most else len(head) >= (most - 12) // 12
