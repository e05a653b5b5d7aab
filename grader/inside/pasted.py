"""Characters that come along when code is copied out of a PDF or a word processor, and that Python does not read.

Ligatures in names are no fault: Python reads `model.ﬁt` as `model.fit`. In a keyword they are.
"""

from __future__ import annotations

import keyword
import re
import unicodedata

PLAIN = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    "\u2026": "...",
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
    "\u2192": "->",
}
QUOTES = ("'", '"')
LIGATURES = "ﬀﬁﬂﬃﬄﬅﬆ"
SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})

_NAMED = re.compile(r"invalid (?:non-printable )?character (?:'.' \()?U\+(?P<code>[0-9A-F]{4,5})\b")
_OPEN = re.compile(r"unterminated (?:triple-quoted )?(?:f-)?string literal")
_LINE = re.compile(r"\(line (?P<line>\d{1,6})\)$")
_WORD = re.compile(r"\w+")


def told(name: str, message: str, source: str) -> str:
    """What to add to an error's message: which character it is, and what to type; empty where it is another fault.

    `message` ends with its line of `source`, as "(line 3)".
    """
    place = _LINE.search(message)
    if name not in SYNTAX or place is None:
        return ""
    named = _NAMED.match(message)
    lines = source.splitlines()
    number = int(place["line"])
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    character = chr(int(named["code"], 16)) if named else _suspect(message, text)
    if not character or _plain(character) is None:
        return ""
    which = "" if named else f"the line holds {_shown(character)}; "
    return f": {which}{_remedy(character)}; such characters come along from a PDF or a word processor"


def _suspect(message: str, text: str) -> str:
    """Where Python does not name it: a quote that ends no string, or a keyword with a ligature in it."""
    if _OPEN.match(message):
        return next((each for each in text if PLAIN.get(each) in QUOTES), "")
    words = (word for word in _WORD.findall(text) if keyword.iskeyword(unicodedata.normalize("NFKC", word)))
    return next((each for word in words for each in word if each in LIGATURES), "")


def _plain(character: str) -> str | None:
    if character in LIGATURES:
        return unicodedata.normalize("NFKC", character)
    return PLAIN.get(character)


def _shown(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"'{character}' ({code})" if character.isprintable() else code


def _remedy(character: str) -> str:
    match _plain(character):
        case "" | None:
            return "delete it, though it cannot be seen"
        case " ":
            return "type a plain space in its place"
        case plain:
            return f"type {plain} in its place"
