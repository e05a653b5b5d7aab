"""What looks like a history or a summary and is none: said to whoever misses one.

Each reason is a phrase that ends a sentence such as "no history was printed: ...".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.extract.lines import Lines
from grader.extract.terminal import plain

_LONGEST = 2_000  # characters of a line that are looked at
_HISTORIES = (
    (r"<[\w.]{0,200}History(?: object)? at 0x[0-9a-fA-F]+>", "a History object was shown, which holds no figures"),
    (r"dict_keys\(\[['\"]", "the names of the metrics were shown without their figures"),
    (r"[0-9]/Unknown ", "the progress of an epoch whose number of steps was not known was not finished"),
    (r"[0-9]/[0-9]+ (?:━|\[[=>.]|- [0-9]+s )", "its bars were not finished, or may be those of `evaluate`"),
    (r"[0-9]%\|", "the figures in bars of tqdm are those of a loop, not of `fit`"),
    (r"^(?:count|mean|std) +[0-9.]+ +[0-9.]+", "a statistic of a table was shown, not its epochs"),
    (r"^[1-9][0-9]* +[0-9]+\.[0-9]+ +[0-9.]+", "a table was shown that does not begin with its first epoch"),
    (r"<Figure size |<(?:matplotlib\.)?[\w.]*Axes", "plots were shown, which hold no figures that can be read"),
)
_MODEL = "a model object was shown, not its summary"
_SUMMARIES = (
    (r"^\s*Layer \(type:depth-idx\)", "the table is torchinfo's, not Keras'"),
    (r"^\s+Layer \(type\) +Output Shape +Param #$", "the table is torchsummary's, not Keras'"),
    (r"^[+|].*Layer.*(?:Shape|Param)", "a table was shown in a frame that Keras does not draw"),
    (r"OPERATION +DATA DIMENSIONS +WEIGHTS", "the table is keras-sequential-ascii's, not Keras'"),
    (r"<[\w.]{0,200}(?:Sequential|Functional|Model)(?: object)? at 0x", _MODEL),
    (r"<(?:Sequential|Functional) name=", _MODEL),
    (r"(?:Layer \(type\)|Output Shape)", "its table was cut off, or changed after Keras had drawn it"),
)

_Reasons = dict[re.Pattern[str], str]


def histories(text: str) -> tuple[str, ...]:
    """Why what may be taken for a history in `text` is none; each reason once."""
    return _reasons(text, _compiled(_HISTORIES))


def summaries(text: str) -> tuple[str, ...]:
    """Why what may be taken for a summary in `text` is none; each reason once."""
    return _reasons(text, _compiled(_SUMMARIES))


def _compiled(table: Iterable[tuple[str, str]]) -> _Reasons:
    return {re.compile(pattern): why for pattern, why in table}


def _reasons(text: str, known: _Reasons) -> tuple[str, ...]:
    """In the order of the table: the later ones are the more general."""
    found = {_reason(line[:_LONGEST], known) for line in Lines(plain(text))}
    return tuple(dict.fromkeys(why for why in known.values() if why in found))


def _reason(line: str, known: _Reasons) -> str:
    return next((why for pattern, why in known.items() if pattern.search(line)), "")
