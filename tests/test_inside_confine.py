"""What keeper and kernel take upon themselves in each layer, tried from within."""

from __future__ import annotations

import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forked import answer, outcome
from inside_job import MIB, job

from grader.inside import confine, landlock
from grader.inside.job import Confinement, Job
from grader.inside.syscalls import prctl

PR_SET_DUMPABLE = 4
STRANGER = 54_321  # a uid that nobody has
VIEW = {
    "read": sorted({"/usr", "/bin", "/lib", "/lib64", sys.prefix, sys.base_prefix}),
    "devices": ["/dev/null", "/dev/urandom"],
}
LIMITS = {
    "threads": 100,
    "open_files": 700,  # more than pytest has open in this process
    "file_size": 3 * MIB,
    "evidence": 2 * MIB,
    "memory": 512 * MIB,
}
KINDS = {
    "core": resource.RLIMIT_CORE,
    "realtime": resource.RLIMIT_RTPRIO,
    "processes": resource.RLIMIT_NPROC,
    "files": resource.RLIMIT_NOFILE,
    "file": resource.RLIMIT_FSIZE,
    "data": resource.RLIMIT_DATA,
}
OTHERS = 100_000  # threads of ours besides, so that these tests may start some


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is in no view; nothing is handed in."""
    (tmp_path / "handed").mkdir()
    monkeypatch.setattr(confine, "HANDED", str(tmp_path / "handed"))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("before", "ascii")
    return tmp_path / "outside" / "file"


def task(folder: Path, layer: str, *, born: bool = False, **changes: Any) -> Job:
    """Its scratch folder is `scratch` in `folder`."""
    root = folder / "scratch"
    for name in confine.FOLDERS:
        (root / name).mkdir(parents=True, exist_ok=True)
    confinement = Confinement(layer, born=born, uid=None, others=OTHERS, staging="", view=VIEW)
    return job(root, limits=LIMITS, **({"confinement": confinement} | changes))


def after(step: Callable[[], None], look: Callable[[], Any]) -> Callable[[], Any]:
    def act() -> Any:
        step()
        return look()

    return act


def write(path: Path) -> None:
    path.write_text("by a notebook", "ascii")


def limits() -> dict[str, list[int]]:
    return {name: list(resource.getrlimit(kind)) for name, kind in KINDS.items()}


def attempts(root: Path, outside: Path) -> dict[str, Callable[[], object]]:
    return {
        "write in scratch": lambda: write(root / "work" / "own"),
        "read": outside.read_bytes,
        "write": lambda: write(outside),
        "list": lambda: list(outside.parent.iterdir()),
        "network": lambda: socket.socket(socket.AF_INET).close(),
        "null": Path("/dev/null").read_bytes,
        "system": lambda: Path(os.__file__).read_bytes(),
        "parent": Path(f"/proc/{os.getppid()}/status").read_bytes,
        "signal": lambda: os.kill(os.getppid(), 0),
        "chmod": lambda: outside.chmod(0o777),
        "hide": lambda: prctl(PR_SET_DUMPABLE, 0),
    }


KEEPER_IN_LANDLOCK = {
    "write in scratch": "done",
    "read": "EACCES",
    "write": "EACCES",
    "list": "EACCES",
    "network": "EAFNOSUPPORT",
    "null": "done",
    "system": "done",
    "parent": "done",
    "signal": "EPERM" if landlock.abi() >= landlock.SCOPES else "done",
    "chmod": "done",
    "hide": "done",
}
KERNEL_IN_LANDLOCK = KEEPER_IN_LANDLOCK | {"parent": "EACCES", "signal": "EPERM", "hide": "EPERM"}
KEEPER_BORN = KEEPER_IN_LANDLOCK | {"read": "done", "list": "done"}  # what is not to be read is not mounted there
KERNEL_BORN = KEEPER_BORN | {"hide": "EPERM"}


@pytest.mark.parametrize(
    ("layer", "keeper", "kernel"),
    [
        ("landlock", KEEPER_IN_LANDLOCK, KERNEL_IN_LANDLOCK),
        ("bubblewrap", KEEPER_BORN, KERNEL_BORN),
        ("none", dict.fromkeys(KEEPER_IN_LANDLOCK, "done"), dict.fromkeys(KERNEL_IN_LANDLOCK, "done")),
    ],
)
def test_each_layer_leaves_the_keeper_and_then_the_kernel_what_it_should(
    outside: Path, layer: str, keeper: dict[str, str], kernel: dict[str, str]
) -> None:
    made = task(outside.parents[1], layer, born=True)

    def tried() -> list[dict[str, str]]:
        confine.enter(made)
        first = {name: outcome(attempt) for name, attempt in attempts(Path(made.root), outside).items()}
        prctl(PR_SET_DUMPABLE, 1)  # as a program that is started has it
        confine.narrow(made)
        return [first, {name: outcome(attempt) for name, attempt in attempts(Path(made.root), outside).items()}]

    assert answer(tried) == [keeper, kernel]


def test_a_kernel_in_landlock_changes_no_permissions_though_it_is_told_so(tmp_path: Path, outside: Path) -> None:
    outside.chmod(0o640)
    made = task(tmp_path, "landlock")

    def tried() -> None:
        confine.narrow(made)
        outside.chmod(0o777)

    answer(tried)
    assert outside.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("layer", ["landlock", "none"])
def test_the_keepers_limits_hold_and_the_kernels_are_narrower(tmp_path: Path, layer: str) -> None:
    made = task(tmp_path, layer)

    def tried() -> list[dict[str, list[int]]]:
        confine.enter(made)
        entered = limits()
        confine.narrow(made)
        return [entered, limits()]

    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    processes = OTHERS + 100 + confine.OWN_PROCESSES
    unlimited = resource.getrlimit(resource.RLIMIT_DATA)[1]
    keeper = {
        "core": [0, 0],
        "realtime": [0, 0],
        "processes": [processes if hard == resource.RLIM_INFINITY else min(hard, processes)] * 2,
        "files": [700 + confine.OWN_FILES] * 2,
        "file": [confine.EXECUTED] * 2,
        "data": list(resource.getrlimit(resource.RLIMIT_DATA)),
    }
    data = 512 * MIB if unlimited == resource.RLIM_INFINITY else min(unlimited, 512 * MIB)
    kernel = keeper | {"files": [700] * 2, "file": [3 * MIB] * 2, "data": [data] * 2}
    assert answer(tried) == [keeper, kernel]


def test_on_a_gpu_the_kernel_may_reserve_as_much_as_it_likes(tmp_path: Path) -> None:
    made = task(tmp_path, "none", device="gpu")
    assert (
        answer(after(lambda: confine.narrow(made), lambda: limits()["data"]))
        == [resource.getrlimit(resource.RLIMIT_DATA)[1]] * 2
    )


def test_who_is_out_of_memory_is_one_of_the_notebooks_and_none_of_the_machines(tmp_path: Path) -> None:
    made = task(tmp_path, "none")
    assert (
        answer(after(lambda: confine.enter(made), lambda: Path("/proc/self/oom_score_adj").read_text("ascii")))
        == "1000\n"
    )


def test_the_keeper_becomes_the_parent_of_whoever_loses_theirs(tmp_path: Path) -> None:
    made = task(tmp_path, "none")

    def adopted() -> bool:
        confine.enter(made)
        reading, writing = os.pipe()
        if os.fork() == 0:
            if os.fork() == 0:
                os.read(reading, 1)
                os.write(writing, str(os.getppid()).encode())
                os._exit(0)
            os._exit(0)
        os.wait()
        os.write(writing, b"x")
        os.wait()
        return int(os.read(reading, 20)) == os.getpid()

    assert answer(adopted)


def test_a_layer_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="SystemExit: 'paper' is no layer of isolation"):
        answer(lambda: confine.enter(task(tmp_path, "paper")))


# --- single steps --------------------------------------------------------------------------------------------


def of(kind: int, *steps: Callable[[], None]) -> tuple[int, int]:
    for step in steps:
        step()
    return resource.getrlimit(kind)


def test_limits_are_lowered_for_good_or_for_now_and_never_raised() -> None:
    kind = resource.RLIMIT_CPU  # in seconds; one that nothing here comes near

    def tried() -> list[tuple[int, int]]:
        return [
            of(kind, lambda: confine.hold(kind, 9000)),
            of(kind, lambda: confine.hold(kind, 9500)),
            of(kind, lambda: confine.hold_for_now(kind, 8000)),
            of(kind, lambda: confine.hold_for_now(kind, 9500)),
            of(kind, lambda: confine.hold_for_now(kind, 8000), lambda: confine.restore(kind)),
            of(kind, lambda: confine.hold_for_now(kind, 8000), lambda: confine.hold(kind, 8500)),
        ]

    assert answer(tried) == [[9000, 9000], [9000, 9000], [8000, 9000], [9000, 9000], [9000, 9000], [8500, 8500]]


def test_what_was_handed_in_is_copied_into_a_furnished_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed, root = tmp_path / "handed", tmp_path / "root"
    (handed / "data").mkdir(parents=True)
    (handed / "data" / "x.csv").write_text("1,2", "ascii")
    (handed / "data" / "x.csv").chmod(0o400)
    root.mkdir()
    (root / "tmp").mkdir()
    monkeypatch.setattr(confine, "HANDED", str(handed))
    assert answer(after(lambda: confine.furnish(str(root)), lambda: str(Path.cwd()))) == str(root / "work")
    assert sorted(path.name for path in root.iterdir()) == ["home", "run", "tmp", "work"]
    write(root / "work" / "data" / "x.csv")  # its own copy


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_somebody_else_who_may_look_into_himself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "__file__", "/usr")  # which everybody may read

    def became() -> list[Any]:
        confine.become(STRANGER)
        return [os.getresuid(), os.getresgid(), os.getgroups(), outcome(Path("/proc/self/environ").read_bytes)]

    assert answer(became) == [[STRANGER] * 3, [STRANGER] * 3, [], "done"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_interpreter_that_the_notebooks_user_cannot_read_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "os.py"
    hidden.touch(mode=0o600)
    monkeypatch.setattr(os, "__file__", str(hidden))
    with pytest.raises(AssertionError) as caught:
        answer(lambda: confine.become(STRANGER))
    assert str(caught.value).splitlines()[-1] == (
        f"SystemExit: '{hidden}' cannot be read by user {STRANGER}, whom notebooks run as where the grader is "
        "started as root; start it as an ordinary user, or name an interpreter in a place open to all"
    )


def test_nobody_is_changed_without_a_user() -> None:
    assert answer(after(lambda: confine.become(None), os.getuid)) == os.getuid()
