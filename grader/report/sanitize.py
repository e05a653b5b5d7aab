"""HTML that a student wrote, reduced to what can neither run nor fetch anything.

An allow-list of elements, a few attributes of them, and values that are spelled out: links lead to http or https,
images carry their own PNG or JPEG, styles are colours and the like. What is not listed loses its tags and keeps
its text; the contents of scripts and style sheets go too, as nobody reads them. For each element and attribute the
parser searches those before it again; with too many of them, HTML is shown as it is written.
"""

from __future__ import annotations

import re
from html import escape
from itertools import count
from typing import TYPE_CHECKING, Any

from bleach.css_sanitizer import CSSSanitizer  # type: ignore[import-untyped]  # ships no type information
from bleach.html5lib_shim import Filter  # type: ignore[import-untyped]  # as above
from bleach.sanitizer import Cleaner  # type: ignore[import-untyped]  # as above

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT = {"a", "abbr", "b", "br", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span"}
_MORE_TEXT = {"strong", "sub", "sup", "tt", "u", "var", "img"}
_BLOCKS = {"blockquote", "details", "div", "figcaption", "figure", "hr", "p", "pre", "summary"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LISTS = {"dd", "dl", "dt", "li", "ol", "ul"}
_TABLES = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_TAGS = frozenset(_TEXT | _MORE_TEXT | _BLOCKS | _HEADINGS | _LISTS | _TABLES)
_PLAIN_ATTRIBUTES = {
    "a": {"title"},
    "abbr": {"title"},
    "img": {"alt", "title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_LINK = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/]+={0,2}")
_STYLE = re.compile(r"[\w\s:;,.#%'\"+-]*(?:(?:rgb|hsl)a?\([\d\s,.%/]*\)[\w\s:;,.#%'\"+-]*)*")
_PROPERTIES = frozenset(
    {"background-color", "color", "font-style", "font-weight", "text-align", "text-decoration", "white-space"}
)
_UNREAD = re.compile(r"<(/?)(script|style)\b[^<>]*>", re.IGNORECASE)
_CROWDED = re.compile(r"<[^<>\"']{2000}")  # a tag of a thousand attributes
_MOST_ELEMENTS = 8_000  # a table of pandas has 5,000 in as much text as is shown of one output
_MOST_OPEN = 100  # elements inside each other; a page of Jupyter's has 10
_MOST_REOPENED = 20  # of them such as <b> and <a>, which are opened again in each paragraph that follows


class _TooMuchError(Exception):
    pass


def sanitize(html: str) -> str:
    shown = _without_unread(html)
    try:
        return escape(html) if _CROWDED.search(shown) else str(_cleaner().clean(shown))
    except _TooMuchError:
        return escape(html)


def _cleaner() -> Cleaner:
    """A new one each time: its parser keeps state between calls."""
    cleaner = Cleaner(
        tags=_TAGS,
        attributes=_is_allowed,
        protocols={"http", "https", "data"},
        strip=True,
        filters=[_GuardedLinks],
        css_sanitizer=CSSSanitizer(allowed_css_properties=_PROPERTIES, allowed_svg_properties=()),
    )
    _bound(cleaner.parser.tree)
    return cleaner


def _bound(tree: Any) -> None:
    """Have the parser stop at the element that is one too many."""
    left = count(_MOST_ELEMENTS, -1)

    class Open(list[Any]):
        def append(self, element: Any) -> None:
            too_deep = len(self) >= _MOST_OPEN or len(tree.activeFormattingElements) > _MOST_REOPENED
            if too_deep or next(left) == 0:
                raise _TooMuchError
            super().append(element)

    def reset() -> None:
        begin_anew()
        tree.openElements = Open()

    begin_anew, tree.reset = tree.reset, reset


def _is_allowed(tag: str, attribute: str, value: str) -> bool:
    match tag, attribute:
        case "a", "href":
            return _LINK.fullmatch(value) is not None
        case "img", "src":
            return _IMAGE.fullmatch(value) is not None
        case _, "style":
            return "url" not in value.lower() and _STYLE.fullmatch(value) is not None
        case _, "class":
            return True
        case _:
            return attribute in _PLAIN_ATTRIBUTES.get(tag, set())


class _GuardedLinks(Filter):  # type: ignore[misc]  # its base is untyped
    """Tells the page behind each link nothing of the page that it was opened from."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for token in super().__iter__():
            if token["type"] == "StartTag" and token["name"] == "a":
                token["data"][(None, "rel")] = "noopener noreferrer"
            yield token


def _without_unread(html: str) -> str:
    """`html` without scripts and style sheets, but for one never closed: what follows may be worth reading."""
    kept, start, inside = [], 0, ""
    for tag in _UNREAD.finditer(html):
        closing, name = tag[1], tag[2].lower()
        if not inside and not closing:
            kept.append(html[start : tag.start()])
            start, inside = tag.start(), name
        elif closing and name == inside:
            start, inside = tag.end(), ""
    return "".join((*kept, html[start:]))
