"""YAML bytes -> plain data that remembers the line and the spelling of every value.

Nothing is constructed from tags: nodes are composed, then read as mappings, lists and scalars. Aliases are
followed, within a budget, so a small file cannot stand for an endless document.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml

from grader.rubric.faults import LONGEST_QUOTED, Fault, RubricError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Loc = tuple[str | int, ...]

A_RUBRIC: Final = "a rubric, a YAML file: name it with --rubric, or draft one with `grader init`"
LARGEST: Final = 1_000_000
"""Bytes of a rubric; the shipped one has about 3,000."""
MOST_VALUES: Final = 10_000
"""Values of a rubric, with aliases followed; the shipped one has about 100."""
DEEPEST: Final = 20

_CORE = "tag:yaml.org,2002:"
_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")
_TRUE = {"yes", "true", "on"}


@dataclass(frozen=True, slots=True)
class Document:
    """`data` is made of dict, list, str, int, float, bool and None; `lines` and `spellings` go by its keys."""

    data: object
    lines: Mapping[Loc, int]
    spellings: Mapping[Loc, str]
    faults: tuple[Fault, ...]

    def fault(self, loc: Loc, allowed: str, found: str | None = None) -> Fault:
        """Word a fault of the value at `loc`, or of the nearest value around it that was written down."""
        written = loc
        while written not in self.lines:
            written = written[:-1]
        return Fault(self.lines[written], path_of(loc, self.spellings), found or self.spellings[written], allowed)


def path_of(loc: Loc, spellings: Mapping[Loc, str]) -> str:
    """The keys to a value, joined; a list's item is named by its `id` where it has one."""
    text = ""
    for depth, step in enumerate(loc, start=1):
        if isinstance(step, int):
            text += f"[{spellings.get((*loc[:depth], 'id'), step + 1)}]"
        else:
            name = step if step.isidentifier() and len(step) < LONGEST_QUOTED else quoted(step)
            text += f".{name}" if text else name
    return text or "rubric"


def read(path: Path) -> Document:
    """Raises RubricError where the file holds no YAML document that could be looked at any further."""
    text = _decoded(path)
    try:
        _refuse_depth(path, text)
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise RubricError(path, [_not_yaml(error, text)]) from None
    return _Reading(path).document(root)


def _decoded(path: Path) -> str:
    if not path.is_file():
        found = "no file" if not path.exists() else "something that is not a file"
        raise RubricError(path, [Fault(1, "file", found, A_RUBRIC)])
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise RubricError(path, [Fault(1, "file", f"{error.strerror}", "a file that can be read")]) from None
    if len(raw) > LARGEST:
        raise RubricError(path, [Fault(1, "file", "a larger file", f"at most {LARGEST:,} bytes")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{raw[error.start]:02x}"
        raise RubricError(path, [Fault(line, "file", found, "text in UTF-8")]) from None


def _refuse_depth(path: Path, text: str) -> None:
    """Look at the events first: composing recurses, and deep nesting would exhaust the C stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise RubricError(path, [Fault(line, "rubric", "deeper nesting", f"{DEEPEST} levels at most")])


def _not_yaml(error: yaml.YAMLError, text: str) -> Fault:
    line, problem = 1, str(error)
    if isinstance(error, yaml.MarkedYAMLError):
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = ", ".join(filter(None, (error.context, error.problem)))
    elif isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        problem = error.reason
    return Fault(line, "rubric", f"text that is not YAML ({problem})", "one YAML document")


@dataclass(slots=True)
class _Reading:
    """One walk over the nodes; it gathers what `Document` holds."""

    file: Path
    lines: dict[Loc, int] = field(default_factory=dict)
    spellings: dict[Loc, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def document(self, root: yaml.Node | None) -> Document:
        if root is None:
            return Document(None, {(): 1}, {(): "an empty file"}, ())
        data = self._value(root, (), root.start_mark.line + 1)
        return Document(data, self.lines, self.spellings, tuple(self.faults))

    def _value(self, node: yaml.Node, loc: Loc, line: int) -> object:
        if len(self.lines) >= MOST_VALUES or len(loc) > DEEPEST:
            allowed = f"{MOST_VALUES:,} values and {DEEPEST} levels at most, with aliases followed"
            raise RubricError(self.file, [Fault(line, "rubric", "a larger document", allowed)])
        self.lines[loc] = line
        if isinstance(node, yaml.MappingNode) and node.tag == _CORE + "map":
            self.spellings[loc] = "a mapping" if node.value else "an empty mapping"
            return self._mapping(node, loc)
        if isinstance(node, yaml.SequenceNode) and node.tag == _CORE + "seq":
            self.spellings[loc] = "a list" if node.value else "an empty list"
            return [self._value(item, (*loc, n), item.start_mark.line + 1) for n, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag.removeprefix(_CORE) in _SCALARS:
            self.spellings[loc] = quoted(node.value) if node.tag != _CORE + "null" else "nothing"
            return _SCALARS[node.tag.removeprefix(_CORE)](node)
        self.spellings[loc] = f"the tag {quoted(node.tag)}"
        self._fault(line, loc, self.spellings[loc], "values without tags")
        return None

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, object]:
        data: dict[str, object] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self._fault(line, loc, "a key that is not text", "keys that are text")
            elif key.value in data:
                first = self.lines[(*loc, key.value)]
                found = f"the key {quoted(key.value)} again (first on line {first})"
                self._fault(line, loc, found, "each key once")
            else:
                data[key.value] = self._value(value, (*loc, key.value), line)
        return data

    def _fault(self, line: int, loc: Loc, found: str, allowed: str) -> None:
        self.faults.append(Fault(line, path_of(loc, self.spellings), found, allowed))


def _number(node: yaml.ScalarNode) -> int | float | str:
    """Decimal numbers only: YAML 1.1's hexadecimal, octal and base-60 forms stay text, and so become faults."""
    text = node.value.lower().replace(".inf", "inf").replace(".nan", "nan")
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return str(node.value)


def _string(node: yaml.ScalarNode) -> float | str:
    """YAML 1.1 reads a plain 1e-3 as text, for want of a dot; people and editors mean the number."""
    return float(node.value) if not node.style and _EXPONENT.fullmatch(node.value) else _text(node)


def _text(node: yaml.ScalarNode) -> str:
    return str(node.value)


_SCALARS: Final[Mapping[str, Callable[[yaml.ScalarNode], object]]] = {
    "str": _string,
    "int": _number,
    "float": _number,
    "bool": lambda node: node.value.lower() in _TRUE,
    "null": lambda _: None,
    "timestamp": _text,
    "value": _text,
    "merge": _text,
}
