"""Histories printed as Python values: a list of pairs, or a mapping, on one line or over many.

    [('loss', 0.2544), ('accuracy', 0.9212)]
    {'loss': [0.2544, np.float64(0.0871)], 'accuracy': [0.9212, 0.9744]}

A regular expression finds where one may begin; from there a table of states takes one token after the other,
until the value ends or a token does not fit. A value that does not fit is given up whole, and the search goes
on at the last token that did fit, which may open a value itself. No text is read more than a few times, so the
time is linear. Round and square brackets are taken for each other: pairs may be lists, and lists tuples.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from grader.extract.metric import MOST_METRICS, NUMBER, canonical
from grader.model import HistoryForm, PrintedHistory

_OPENING = re.compile(r"(?P<pairs>[\[(])(?=\s*+[\[(]\s*+['\"])|(?P<mapping>\{)(?=\s*+['\"])")
_TOKEN = re.compile(
    rf"""\s*+(?:
        (?P<key>'[^'\\\n]{{0,200}}+'|"[^"\\\n]{{0,200}}+")
      | (?P<scalar>(?:np|numpy)\.(?:float|int)[0-9]{{1,3}}\(\s*+)?+(?P<number>{NUMBER})(?(scalar)\s*+\)|(?![\w.]))
      | (?P<open>[\[(])
      | (?P<close>[\])])
      | (?P<end>\}})
      | (?P<colon>:)
      | (?P<comma>,)
    )""",
    re.VERBOSE,
)


class _At(Enum):
    ENTRY = auto()
    NAME = auto()
    SEPARATOR = auto()
    VALUE = auto()
    ITEM = auto()
    AFTER_ITEM = auto()
    AFTER_VALUE = auto()
    AFTER_ENTRY = auto()
    END = auto()


_States = dict[tuple[_At, str], _At]

_VALUES: _States = {
    (_At.VALUE, "number"): _At.AFTER_VALUE,
    (_At.VALUE, "open"): _At.ITEM,
    (_At.ITEM, "number"): _At.AFTER_ITEM,
    (_At.ITEM, "close"): _At.AFTER_VALUE,
    (_At.AFTER_ITEM, "comma"): _At.ITEM,
    (_At.AFTER_ITEM, "close"): _At.AFTER_VALUE,
}
_PAIRS: _States = _VALUES | {
    (_At.ENTRY, "open"): _At.NAME,
    (_At.ENTRY, "close"): _At.END,
    (_At.NAME, "key"): _At.SEPARATOR,
    (_At.SEPARATOR, "comma"): _At.VALUE,
    (_At.AFTER_VALUE, "close"): _At.AFTER_ENTRY,
    (_At.AFTER_ENTRY, "comma"): _At.ENTRY,
    (_At.AFTER_ENTRY, "close"): _At.END,
}
_MAPPING: _States = _VALUES | {
    (_At.ENTRY, "key"): _At.SEPARATOR,
    (_At.ENTRY, "end"): _At.END,
    (_At.SEPARATOR, "colon"): _At.VALUE,
    (_At.AFTER_VALUE, "comma"): _At.ENTRY,
    (_At.AFTER_VALUE, "end"): _At.END,
}
_STATES = {HistoryForm.PAIRS: _PAIRS, HistoryForm.MAPPING: _MAPPING}


def histories(text: str) -> Iterator[tuple[int, PrintedHistory]]:
    """Every history printed as a value, with the place in `text` where it begins."""
    position = 0
    while opening := _OPENING.search(text, position):
        form = HistoryForm(str(opening.lastgroup))
        entries, position = _entries(text, opening.end(), _STATES[form])
        metrics = canonical((name, tuple(values)) for name, values in entries)
        if metrics:
            yield opening.start(), PrintedHistory(form, metrics)


def _entries(text: str, position: int, states: _States) -> tuple[list[tuple[str, list[str]]], int]:
    """The names and values of the value whose opening bracket ends at `position`, and where to search on.

    No entries where it is not a history throughout.
    """
    entries: list[tuple[str, list[str]]] = []
    state = _At.ENTRY
    last = position
    while state is not _At.END:
        token = _TOKEN.match(text, position)
        kind = str(token.lastgroup) if token else ""
        if token is None or (state, kind) not in states or len(entries) > MOST_METRICS:
            return [], last
        if kind == "key":
            entries.append((token[kind][1:-1], []))
        elif kind == "number":
            entries[-1][1].append(token[kind])
        state = states[state, kind]
        last, position = token.start(kind), token.end()
    return entries, position
