"""Plain JSON values -> a frozen dataclass, checked against the annotations of its fields, to the first fault.

A validation library collects all faults, at a kilobyte each, and forged evidence can hold half a million. Types
are those that evidence has: dataclasses, `tuple[X, ...]`, `Mapping[str, X]`, string enumerations, scalars, and
unions of types that JSON tells apart. Nothing is converted, but that a whole number may stand for a float, as it
does in JSON. Names that a dataclass does not have are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

MAX_WHOLE = 2**53  # where whole numbers stop being exact as floats; no count or size comes near it

Whole = TypeVar("Whole")
_Way = tuple[Any, Any] | None  # to a value: the way to what holds it, and its name or number in there
_Arm = Callable[[Any, _Way], Any]


class FormError(ValueError):
    """The first value that is not in its form; the message goes on after "the evidence"."""


def read(kind: Callable[..., Whole], value: Any) -> Whole:
    """`value`, as a JSON parser made it, as an instance of the dataclass `kind`. Raises FormError."""
    whole: Whole = _form(kind).read(value, None)
    return whole


@dataclass(frozen=True, slots=True)
class _Form:
    """What may stand in a place: `arms` are by the type that a JSON parser gives to a value."""

    says: str
    arms: Mapping[type, _Arm]

    def read(self, value: Any, way: _Way) -> Any:
        arm = self.arms.get(type(value))
        if arm is None:
            raise _fault(way, f"Input should be {self.says}")
        return arm(value, way)


@cache
def _form(kind: Any) -> _Form:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union([_form(each) for each in inner])
    if origin is tuple:
        return _list(_form(inner[0]))
    if origin is Mapping:
        return _mapping(_form(inner[1]))
    if is_dataclass(kind):
        return _object(kind)
    if issubclass(kind, StrEnum):
        return _word(kind)
    return _SCALARS[kind]


def _union(forms: list[_Form]) -> _Form:
    """Of two that take the same kind of value, the first."""
    arms = {kind: arm for form in reversed(forms) for kind, arm in form.arms.items()}
    return _Form(" or ".join(form.says for form in forms), arms)


def _list(item: _Form) -> _Form:
    def build(value: list[Any], way: _Way) -> tuple[Any, ...]:
        return tuple([item.read(each, (way, number)) for number, each in enumerate(value)])

    return _Form("a list", {list: build})


def _mapping(item: _Form) -> _Form:
    def build(value: dict[str, Any], way: _Way) -> dict[str, Any]:
        return {name: item.read(each, (way, name)) for name, each in value.items()}

    return _Form("an object", {dict: build})


def _object(kind: Any) -> _Form:
    hints = get_type_hints(kind)
    known = [(field.name, _form(hints[field.name]), _is_needed(field)) for field in fields(kind)]

    def build(value: dict[str, Any], way: _Way) -> Any:
        given = {}
        for name, form, is_needed in known:
            if name in value:
                given[name] = form.read(value[name], (way, name))
            elif is_needed:
                raise _fault((way, name), "Field required")
        return kind(**given)

    return _Form("an object", {dict: build})


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _word(kind: type[StrEnum]) -> _Form:
    words = {word.value: word for word in kind}
    says = "one of " + ", ".join(words)

    def build(value: str, way: _Way) -> StrEnum:
        if value not in words:
            raise _fault(way, f"Input should be {says}")
        return words[value]

    return _Form(says, {str: build})


def _as_it_is(value: Any, _way: _Way) -> Any:
    return value


def _whole(value: int, _way: _Way) -> int:
    """JSON's may have thousands of digits, which arithmetic and formatting refuse to handle."""
    if not -MAX_WHOLE <= value <= MAX_WHOLE:
        raise FormError(f"holds a whole number of {value.bit_length()} bits")
    return value


def _decimal(value: int, way: _Way) -> float:
    return float(_whole(value, way))


_SCALARS: Mapping[Any, _Form] = {
    NoneType: _Form("null", {NoneType: _as_it_is}),
    bool: _Form("true or false", {bool: _as_it_is}),
    int: _Form("a whole number", {int: _whole}),
    float: _Form("a number", {int: _decimal, float: _as_it_is}),
    str: _Form("a text", {str: _as_it_is}),
}


def _fault(way: _Way, expected: str) -> FormError:
    steps: list[str] = []
    while way is not None:
        way, step = way
        steps.append(str(step))
    return FormError(f"is not in its form: {'.'.join(reversed(steps)) or 'the whole'}: {expected}")
