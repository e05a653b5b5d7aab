"""Which submissions of a course's repository have changed since a commit: the entries of their folder, by git."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from grader.errors import UsageError


def copied(submissions: Path, since: str, to: Path) -> Path | None:
    """A folder with those that changed and are still there, or None. Raises UsageError where git cannot tell.

    GitHub names zeros as the commit before a branch's first: then everything is new.
    """
    if since and not since.strip("0"):
        return submissions
    names = [name for name in changed(submissions, since) if (submissions / name).exists()]
    if not names:
        return None
    to.mkdir(parents=True)
    for name in names:
        if (submissions / name).is_dir():
            shutil.copytree(submissions / name, to / name, symlinks=True)
        else:
            shutil.copy2(submissions / name, to / name, follow_symlinks=False)
    return to


def changed(submissions: Path, since: str) -> tuple[str, ...]:
    """The entries of `submissions` in which something differs between that commit and the work tree."""
    if since.startswith("-"):
        raise UsageError(f"'{since}' is no commit; expected one such as HEAD~1 or origin/main")
    command = ["git", "diff", "--name-only", "-z", "--relative", "--no-renames", since, "--", "."]
    try:
        done = subprocess.run(command, cwd=submissions, capture_output=True, check=False)
    except OSError as error:
        raise UsageError(
            f"'{submissions}': git cannot be run there: {error.strerror}; install it, or leave --since out"
        ) from None
    if done.returncode != 0:
        told = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UsageError(
            f"what has changed since '{since}' is not known: {told}; fetch that commit (`fetch-depth: 0`), or "
            "leave --since out"
        )
    paths = (name.decode("utf-8", "surrogateescape") for name in done.stdout.split(b"\0") if name)
    return tuple(dict.fromkeys(path.partition("/")[0] for path in paths))
