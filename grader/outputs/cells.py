"""Cells of tables that spreadsheets open.

Tables hold texts that students chose: names, file names, messages that quote their code. A spreadsheet runs a cell
that begins like a formula, so such a text gets an apostrophe in front, which a spreadsheet shows as text. Where the
list separator is a semicolon, a text is cut there; what follows one is treated as a beginning, too. The price is an
apostrophe that a program must strip from such texts. Numbers are ours and stay numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST_NAMED = 20


def number(value: float | None) -> str:
    """The shortest decimal: 15, 18.75; blank where there is none."""
    if value is None:
        return ""
    digits = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits


# What a program takes for the end of a line or a cell, and what turns the reading order of the rest around.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_UNSHOWABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_PIECE = re.compile(r"[^;]+")


def text(value: str) -> str:
    """A text as one line that no spreadsheet runs."""
    return _PIECE.sub(lambda piece: _defuse(piece.group()), one_line(value))


def one_line(value: str) -> str:
    """A text without what would break a line, turn it around, or cannot be encoded."""
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", _BREAKS.sub(" ", value))


def listed(names: Sequence[str]) -> str:
    """Students in a sentence, as far as anybody reads them."""
    quoted = ", ".join(f"'{one_line(name)[:80]}'" for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"{quoted} and {more} more" if more > 0 else quoted


def _defuse(piece: str) -> str:
    return f"'{piece}" if _is_formula(piece) else piece


def _is_formula(piece: str) -> bool:
    """Blanks, quotes and unseen characters in front do not stop a spreadsheet, nor do full-width signs."""
    for character in piece:
        if character.isspace() or character == '"' or unicodedata.category(character) in {"Cf", "Mn", "Co", "Cn"}:
            continue
        return unicodedata.normalize("NFKC", character)[0] in "=+-@\N{MINUS SIGN}"
    return False
