r"""A pull parser for JSON in bytes: the caller takes what it wants, the rest is checked and passed over.

Theory of operation: a tree of 200 MB of saved outputs takes gigabytes, so nothing is built that nobody asks for.
`_VALUE` matches a whole value of up to `_LEVELS` containers inside each other in one go, at the speed of C and
in constant memory: all its repetitions are possessive, so there is nothing to go back to. What is nested deeper
is taken apart, container by container, and its parts are matched; so no byte is looked at more than
`_LEVELS` + 1 times. The grammar is that of RFC 8259: no NaN, no comma before a closing bracket, no raw line
end in a string. Its drawback: patterns this strict say only that something is wrong; `_fault` finds out what.

The bytes must be valid UTF-8; that is for the caller to check.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

MAX_DEPTH = 200  # a widget's saved state has about 20
MAX_DIGITS = 1_000
MAX_NAMES = 1_000  # of an object that is looked into
MAX_NAME = 1_000  # bytes
MAX_APART = 4_000_000  # containers taken apart, and members and elements visited: about 10 s
TOO_LONG = object()
"""Stands for a value of more bytes than the caller wants."""

_LEVELS = 2
_SPACE = rb"[ \t\n\r]*+"
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_DIGITS = rb"[0-9]{1,%d}+" % MAX_DIGITS
_NUMBER = rb"-?+(?:0|(?=[1-9])%s)(?:\.%s)?+(?:[eE][+-]?+%s)?+(?![0-9])" % (_DIGITS, _DIGITS, _DIGITS)
_SCALAR = rb"(?:" + _STRING + rb"|" + _NUMBER + rb"|true|false|null)"


def _run(item: bytes, closer: bytes) -> bytes:
    """As many items as come, each with its comma, or at the end."""
    return rb"(?:%s%s(?:,%s(?!%s)|(?=%s)))*+" % (item, _SPACE, _SPACE, closer, closer)


def _member(value: bytes) -> bytes:
    return _STRING + _SPACE + rb":" + _SPACE + value


def _nested(value: bytes) -> bytes:
    elements, members = _run(value, rb"\]"), _run(_member(value), rb"\}")
    return rb"(?>%s|\[%s%s\]|\{%s%s\})" % (_SCALAR, _SPACE, elements, _SPACE, members)


def _value() -> bytes:
    value = _SCALAR
    for _ in range(_LEVELS):
        value = _nested(value)
    return value


_SPACES = re.compile(_SPACE)
_NAME = re.compile(_STRING)
_SCALARS = re.compile(_SCALAR)
_VALUE = re.compile(_value())
_ELEMENTS = re.compile(_run(_value(), rb"\]"))
_MEMBERS = re.compile(_run(_member(_value()), rb"\}"))
_CHARACTERS = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_CONSTANT = re.compile(rb"NaN|-?Infinity")
_FIGURES = re.compile(rb"[-+.0-9eE]++")
_HALF_STRING = re.compile(rb"(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z")
_HALF_WORD = re.compile(rb"(?:t|tr|tru|f|fa|fal|fals|n|nu|nul|N|Na|-|-?I[nfity]*|\.|[eE][-+]?)\Z")


class Kind(StrEnum):
    CUT_OFF = "the text ends too early"
    UNEXPECTED = "something else than JSON"
    CONSTANT = "NaN, Infinity or -Infinity"
    LONG_NUMBER = "a number of too many digits"
    DEEP = "nesting"
    REPEATED = "a name twice in one object"
    MANY = "too many values, or names too many or too long"


class FaultError(Exception):
    """What is wrong with the text, at which byte; `found` quotes it where that helps."""

    def __init__(self, kind: Kind, at: int, found: str = "") -> None:
        super().__init__(f"{kind.value} at byte {at}: {found}")
        self.kind, self.at, self.found = kind, at, found


class Reader:
    """Stands before a value; every method that takes one leaves it behind. All may raise `FaultError`."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at
        self._depth = self._steps = 0
        self._pass_space()

    def sees(self, opening: str) -> bool:
        """Whether the value begins so: a brace, a bracket, a quote."""
        return self.data.startswith(opening.encode(), self.at)

    def members(self) -> Iterator[str]:
        """Go into an object; the value of each name that the caller does not take is passed over."""
        self._open("{")
        names: set[str] = set()
        while not self._closes(b"}", first=not names):
            begin, name = self.at, self._name()
            if name in names:
                raise FaultError(Kind.REPEATED, begin, name)
            names.add(name)
            if len(names) > MAX_NAMES:
                raise FaultError(Kind.MANY, begin)
            yield from self._offered(name)
        self._depth -= 1

    def elements(self) -> Iterator[int]:
        """Go into a list; elements are counted from 1, and those that the caller does not take are passed over."""
        self._open("[")
        number = 0
        while not self._closes(b"]", first=number == 0):
            number += 1
            yield from self._offered(number)
        self._depth -= 1

    def value(self, most: int) -> Any:
        """The value as Python has it, `TOO_LONG` where its text has more than `most` bytes."""
        begin = self.at
        self.skip()
        if self.at - begin > most:
            return TOO_LONG
        return json.loads(self.data[begin : self.at], object_pairs_hook=lambda pairs: _unique(pairs, begin))

    def string_head(self, most: int) -> str:
        """The beginning of a string, of which `most` bytes of JSON are looked at."""
        begin = self.at
        self.skip()
        if self.at - begin <= most:
            return json.loads(self.data[begin : self.at])
        inside = _CHARACTERS.match(self.data, begin + 1, begin + most)  # ends before an escape that is cut in two
        text = inside.group() if inside else b""
        return json.loads('"' + text.decode("utf-8", "ignore") + '"')

    def skip(self) -> None:
        """Pass over the value."""
        whole = _VALUE.match(self.data, self.at)
        if whole:
            self.at = whole.end()
        else:
            self._skip_apart()

    def end(self) -> None:
        """Nothing may follow but space."""
        self._pass_space()
        if self.at < len(self.data):
            raise FaultError(Kind.UNEXPECTED, self.at)

    def _skip_apart(self) -> None:
        """Of a container that nests too deeply for `_VALUE`: runs of what does not, and what is left between."""
        run, closer = (_ELEMENTS, b"]") if self.sees("[") else (_MEMBERS, b"}")
        self._open("[" if run is _ELEMENTS else "{")
        while True:
            taken = run.match(self.data, self.at)
            self.at = taken.end() if taken else self.at
            if self.data.startswith(closer, self.at):
                break
            if run is _MEMBERS:
                self._name()
            self._skip_apart()
            if self._closes(closer, first=False):
                self._depth -= 1
                return
        self.at += 1
        self._depth -= 1

    def _offered(self, what: Any) -> Iterator[Any]:
        self._step()
        begin = self.at
        yield what
        if self.at == begin:
            self.skip()

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_APART:
            raise FaultError(Kind.MANY, self.at)

    def _open(self, opening: str) -> None:
        if not self.sees(opening):
            raise self._fault()
        self._step()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FaultError(Kind.DEEP, self.at)
        self.at += 1
        self._pass_space()

    def _closes(self, closer: bytes, *, first: bool) -> bool:
        """Past the closing bracket, or past the comma before the next item."""
        self._pass_space()
        if self.data.startswith(closer, self.at):
            self.at += 1
            return True
        if not first:
            self._pass_sign(b",")
            if self.data.startswith(closer, self.at):
                raise FaultError(Kind.UNEXPECTED, self.at)
        return False

    def _name(self) -> str:
        found = _NAME.match(self.data, self.at)
        if not found:
            raise self._fault() if self.sees('"') else self._unexpected()
        if found.end() - self.at > MAX_NAME:
            raise FaultError(Kind.MANY, self.at)
        self.at = found.end()
        self._pass_space()
        self._pass_sign(b":")
        return json.loads(found.group())

    def _pass_space(self) -> None:
        found = _SPACES.match(self.data, self.at)
        self.at = found.end() if found else self.at

    def _pass_sign(self, sign: bytes) -> None:
        if not self.data.startswith(sign, self.at):
            raise self._unexpected()
        self.at += 1
        self._pass_space()

    def _unexpected(self) -> FaultError:
        cut_off = self.at >= len(self.data) or _HALF_WORD.match(self.data, self.at)
        return FaultError(Kind.CUT_OFF if cut_off else Kind.UNEXPECTED, self.at)

    def _fault(self) -> FaultError:
        """What keeps the text from here on from being a value."""
        data, at = self.data, self.at
        if data.startswith(b'"', at):
            inside = _CHARACTERS.match(data, at + 1)
            stop = inside.end() if inside else at + 1
            if not data.startswith(b'"', stop):
                return FaultError(Kind.CUT_OFF if _HALF_STRING.match(data, stop) else Kind.UNEXPECTED, stop)
        constant = _CONSTANT.match(data, at)
        if constant:
            return FaultError(Kind.CONSTANT, at, constant.group().decode())
        figures = _FIGURES.match(data, at)
        if figures and figures.end() - at > MAX_DIGITS:
            return FaultError(Kind.LONG_NUMBER, at, str(figures.end() - at))
        scalar = _SCALARS.match(data, at)
        if scalar:  # nothing is wrong with it, but with what comes after
            self.at = scalar.end()
            self._pass_space()
            if data.startswith(b",", self.at):
                self._pass_sign(b",")
        return self._unexpected()


def _unique(pairs: list[tuple[str, Any]], at: int) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for name, value in pairs:
        if name in names:
            raise FaultError(Kind.REPEATED, at, name)
        names[name] = value
    return names
