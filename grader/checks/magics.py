"""IPython source to Python source, line for line.

Only for cells that are not Python as they stand. IPython looks for magics where a logical line starts, so the
scan follows strings and brackets just far enough to know where that is. What a magic does is not modelled: its
line becomes `pass`, except `%time STATEMENT`, which runs the statement in the notebook's own namespace.
"""

from __future__ import annotations

import re

PYTHON_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "memit", "python", "python3"})

_CELL_MAGIC = re.compile(r"%%(\w+)")
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")
_TIMED = re.compile(r"((?:[\w.,\s]+=)?\s*)%time\s+(?=[^\s-])")
_MAGIC = re.compile(
    r"""
    [%!?]                                 # %matplotlib inline, !pip install, ?model
  | [\w.,\s\[\]'"*]+=\s*(?:!|%(?=\w))     # files = !ls
  | [^\#'"()]*\?\s*$                      # model.fit?
    """,
    re.VERBOSE,
)
_LANDMARK = re.compile(r"""\#|\"{3}|'{3}|["'()\[\]{}]""")
_CLOSING = {quote: re.compile(rf"(?:\\.|(?!{quote})[^\\])*{quote}") for quote in ('"""', "'''", '"', "'")}


def plain_python(source: str) -> str:
    """The Python in a cell, on the lines where it stood; empty where the cell is in another language."""
    lines = _without_prompts(_dedented(source.split("\n")))
    body = _body(lines)
    return "" if body is None else "\n".join(_without_line_magics(body))


def _dedented(lines: list[str]) -> list[str]:
    """IPython removes the first line's indentation from every line that has it."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _without_prompts(lines: list[str]) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    return [_PROMPT.sub("", line, count=1) for line in lines] if first.startswith(">>>") else lines


def _body(lines: list[str]) -> list[str] | None:
    """The lines with leading cell magics blanked; None where one of them is not about Python."""
    body = list(lines)
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        magic = _CELL_MAGIC.match(line)
        if magic is None:
            break
        if magic[1] not in PYTHON_CELL_MAGICS:
            return None
        body[number] = ""
    return body


def _without_line_magics(lines: list[str]) -> list[str]:
    plain: list[str] = []
    depth, quote, continued, in_magic = 0, "", False, False
    for line in lines:
        text = line
        if in_magic or (depth == 0 and not quote and not continued):
            text = "" if in_magic else _without_magic(line)
            in_magic = line.endswith("\\") and text.strip() in ("", "pass")
        depth, quote = _scanned(text, depth, quote)
        continued = text.endswith("\\")
        plain.append(text)
    return plain


def _without_magic(line: str) -> str:
    """The line with its indentation and what is Python in it."""
    text = line.lstrip()
    timed = _TIMED.match(text)
    if timed is not None:
        text = timed[1] + text[timed.end() :]
    elif not text.startswith("#") and _MAGIC.match(text):
        text = "pass"
    return line[: len(line) - len(line.lstrip())] + text


def _scanned(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth and open quote after a line, from those before it."""
    at = 0
    while at < len(line):
        if quote:
            closing = _CLOSING[quote].match(line, at)
            if closing is None:
                break
            at, quote = closing.end(), ""
            continue
        landmark = _LANDMARK.search(line, at)
        if landmark is None or landmark[0] == "#":
            break
        at = landmark.end()
        if landmark[0] in "([{":
            depth += 1
        elif landmark[0] in ")]}":
            depth = max(0, depth - 1)
        else:
            quote = landmark[0]
    runs_on = len(quote) == 3 or line.endswith("\\")  # noqa: PLR2004 - three quotes open a string of many lines
    return depth, quote if runs_on else ""
