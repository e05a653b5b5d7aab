"""A YAML file that a download brings: read as a stream of events, of which only what is asked for is kept.

No node is built and no alias is followed, so that neither depth nor aliases nor tags cost anything; whatever is not
as it should be is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

LARGEST = 64 * 2**20
"""Bytes; Gradescope's file holds the output of every test of every student."""
LONGEST = 1000
"""Characters of a value that are kept; names and times are shorter."""
DEEPEST = 12

Path_ = tuple[str, ...]


@dataclass(slots=True)
class _Level:
    """A collection that is open: `key` is the one whose value comes next, `count` numbers the items of a list."""

    is_list: bool
    key: str | None = None
    count: int = 0


@dataclass(slots=True)
class _Walk:
    levels: list[_Level] = field(default_factory=list)

    def path(self) -> Path_:
        return tuple(str(one.count) if one.is_list else one.key or "" for one in self.levels)

    def after_value(self) -> None:
        if self.levels:
            top = self.levels[-1]
            top.count += 1
            top.key = None


def scalars(data: bytes) -> Iterator[tuple[Path_, str]]:
    """Each plain value with the keys that lead to it, until the file ends or is no YAML; keys of lists count."""
    walk = _Walk()
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            yield from _seen(walk, event)
    except (yaml.YAMLError, ValueError, RecursionError):
        return


def _seen(walk: _Walk, event: yaml.Event) -> Iterator[tuple[Path_, str]]:
    top = walk.levels[-1] if walk.levels else None
    is_key = top is not None and not top.is_list and top.key is None
    match event:
        case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
            if is_key and top is not None:
                top.key = ""  # a key that is no text: what it leads to is passed over
            walk.levels.append(_Level(isinstance(event, yaml.SequenceStartEvent)))
        case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
            walk.levels.pop()
            walk.after_value()
        case yaml.ScalarEvent() if is_key and top is not None:
            top.key = event.value[:LONGEST]
        case yaml.ScalarEvent() if top is not None:
            if len(walk.levels) <= DEEPEST:
                yield walk.path(), event.value[:LONGEST]
            walk.after_value()
        case yaml.AliasEvent() if is_key and top is not None:
            top.key = ""
        case yaml.AliasEvent():
            walk.after_value()
        case _:  # where documents begin and end
            pass
