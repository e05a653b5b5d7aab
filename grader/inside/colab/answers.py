"""`input()` and `getpass()`: the rubric may say what is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.error import StdinNotImplementedError


def install(kernel: Any, answers: Sequence[str]) -> None:
    """The methods that ipykernel puts in place of Python's functions while a cell runs."""
    left = list(answers)
    kernel.raw_input = asking("input", left, count=len(answers))
    kernel.getpass = asking("getpass", left, count=len(answers))


def asking(name: str, left: list[str], *, count: int) -> Callable[..., str]:
    def ask(prompt: object = "", *_: Any, **__: Any) -> str:
        """As in a terminal, where prompt and answer stand on one line; a password is not shown."""
        if not left:
            given = f"the assignment gives {count} answers, and all were used" if count else "there is no keyboard"
            raise StdinNotImplementedError(
                f"{name}({_shown(prompt)}) asks for something to be typed, and {given} while a notebook is "
                "graded; write the value into the code"
            )
        answer = left.pop(0)
        print(f"{prompt}{answer if name == 'input' else ''}")  # noqa: T201 - in the notebook's own kernel
        return answer

    return ask


def _shown(prompt: object) -> str:
    text = str(prompt)
    return repr(text[:40] + "…" if len(text) > 40 else text) if text else ""  # noqa: PLR2004 - characters
