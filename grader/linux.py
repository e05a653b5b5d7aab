"""What only Linux has: the walls around students' code, and the modules of Python's that they are made with.

Elsewhere a notebook of one's own is checked without them, in the layer `none` (`sandbox.unwalled`), and nothing
that takes one of these modules is ever reached. They are imported here alone, so that all others can be imported
anywhere.
"""

from __future__ import annotations

import platform
import sys

from grader.errors import UsageError

if sys.platform == "linux":
    import fcntl
    import grp
    import pwd
else:
    fcntl = grp = pwd = None

__all__ = ["fcntl", "grp", "here", "must_be", "name", "pwd"]

NAMES = {"win32": "Windows", "darwin": "macOS"}


def here() -> bool:
    return str(sys.platform) == "linux"  # as text: else a type checker takes the other systems' code for dead


def name() -> str:
    """Of the system that this is, as people call it."""
    return NAMES.get(sys.platform, platform.system() or sys.platform)


def must_be(what: str) -> None:
    """UsageError elsewhere; `what` is the command that cannot do without."""
    if not here():
        raise UsageError(
            f"{what} needs Linux, whose walls are around students' code, and this is {name()}; start it on Linux, "
            "in WSL 2 or in a container of Linux. `grader check` checks a notebook of your own here"
        )
