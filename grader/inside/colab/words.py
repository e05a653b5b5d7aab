"""Lines for whoever reads the executed notebook."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """On stderr, so that it is no part of what the notebook itself has printed."""
    print(f"grader: {text}", file=sys.stderr, flush=True)  # noqa: T201 - in the notebook's own kernel
