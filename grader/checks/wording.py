"""How values are put into messages: short, on one line, and told apart where they differ.

Values come from students' kernels, so any text may be long or hold control characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.model import Layer

MAX_TEXT = 80
MAX_LINES = 10
MAX_COUNT = 10**18
DIGITS = (4, 6, 8, 10, 12, 17)


def shown(text: str, limit: int = MAX_TEXT) -> str:
    """`text` on one line, cut with an ellipsis after `limit` characters."""
    start = " ".join(text[: 4 * limit].split())
    line = "".join(character if character.isprintable() else "?" for character in start)
    return line if len(line) <= limit and len(text) <= 4 * limit else f"{line[: limit - 1]}…"


def quoted(value: object) -> str:
    """As Python writes it: 'relu', 0.25, (2, 2)."""
    return shown(repr(tuple(value) if isinstance(value, list) else value))


def figure(value: float, *others: float) -> str:
    """`value` to 4 significant digits, or to as many more as tell it from each of `others`."""
    for digits in DIGITS:
        text = f"{value:.{digits}g}"
        if all(other == value or f"{other:.{digits}g}" != text for other in others):
            return text
    return repr(value)


def decimal(value: float) -> str:
    """A setting as students write it, "1.0" and "0.001", without the noise of 32-bit floats."""
    return repr(float(f"{value:.6g}"))


def told_apart(value: float, other: float) -> str:
    """`value` as a setting, with more digits where it would read like `other` and is not."""
    short = decimal(value)
    return short if value == other or short != decimal(other) else figure(value, other)


def count(number: int) -> str:
    """With thousands separated. Python refuses to write integers of thousands of digits."""
    return f"{number:,}" if abs(number) < MAX_COUNT else "over 10^18"


def layer_facts(layer: Layer) -> str:
    return f"{shown(layer.kind)} {shown(layer.output_shape)}, {count(layer.parameters)}"


def lines(messages: Sequence[str]) -> str:
    """One message a line; those after the tenth are only counted."""
    rest = len(messages) - MAX_LINES
    more = [f"and {rest:,} more {'difference' if rest == 1 else 'differences'}"] if rest > 0 else []
    return "\n".join([*messages[:MAX_LINES], *more])


def listed(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
