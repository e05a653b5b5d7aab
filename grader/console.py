"""Words on a terminal, with nothing heavy behind them: what cannot wait for the rest of the grader to load."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape

CONTROL = dict.fromkeys((*range(32), *range(127, 160), 0x2028, 0x2029), "\N{REPLACEMENT CHARACTER}")
BIDI = dict.fromkeys((0x061C, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "")


def clean(text: str) -> str:
    """Text from students as one line, without what would command the terminal or turn the line around."""
    return escape(text.translate(CONTROL | BIDI).encode("utf-8", "replace").decode("utf-8"))


def say(text: str) -> None:
    output().print(clean(text), soft_wrap=True)


def complain(text: str) -> None:
    """On standard error, line by line; what failed may have been told by a notebook."""
    lines = "\n".join(clean(line) for line in text.splitlines())
    Console(stderr=True, highlight=False, emoji=False).print(f"grader: {lines}", soft_wrap=True)


def output() -> Console:
    return Console(highlight=False, emoji=False)
