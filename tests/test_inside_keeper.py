"""A keeper at work: forked, with a program of the test's own for a harness, and the test for a grader."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from forked import answer
from inside_job import MIB, job

from grader.inside import confine, keeper
from grader.inside.job import Job
from grader.inside.syscalls import prctl
from grader.inside.verdicts import Measure

PLENTY: dict[str, Any] = {"memory": 64 * 1024 * MIB, "threads": 10_000, "scratch": 1024 * MIB}
LIVES = 60  # seconds that what is not killed goes on
SOON = 5.0  # seconds, on a machine that is busy; else a fraction of one
PR_GET_DUMPABLE = 3

Program = Callable[[Job, int, int], None]
Kernel = Callable[[], None]


@dataclass
class Kept:
    """`lifeline` and `left` are the grader's ends: of the one that it holds, and of one that ends with them all."""

    root: Path
    pid: int
    lifeline: int
    left: int

    def code(self, seconds: float = 10.0) -> int:
        """The keeper's, which must end within so many seconds, and nobody may be left then."""
        assert ended(self.left, seconds), "somebody is left"
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @property
    def verdict(self) -> list[str] | None:
        said = (self.root / "verdict").read_bytes()
        return list(json.loads(said)) if said else None

    @property
    def told(self) -> str:
        """What the harness wrote as its evidence."""
        return (self.root / "evidence").read_text("utf-8")


def ended(pipe: int, seconds: float) -> bool:
    return bool(select.select([pipe], [], [], seconds)[0])


@contextmanager
def kept(root: Path, program: Program, **limits: Any) -> Iterator[Kept]:
    lifeline, held = os.pipe()
    left, alive = os.pipe()
    made = job(root, limits=PLENTY | limits, lifeline=lifeline)

    def begin() -> None:
        os.close(held)
        os.setsid()
        prctl(confine.PR_SET_CHILD_SUBREAPER, 1)
        raise SystemExit(keeper.keep(made, program))

    pid = keeper.fork(begin)
    os.close(lifeline)
    os.close(alive)
    found = Kept(root, pid, held, left)
    try:
        yield found
    finally:
        close(held)
        if not ended(left, 5.0):
            os.killpg(pid, signal.SIGKILL)
        close(left)


def close(descriptor: int) -> None:
    if descriptor > 0 and Path(f"/proc/self/fd/{descriptor}").exists():
        os.close(descriptor)


def harness(kernel: Kernel, said: bytes = b"1\n", code: int = 0) -> Program:
    """Starts the kernel, waits until it ends or is killed, and notes which, and what the keeper says to that."""

    def run(task: Job, saying: int, heard: int) -> None:
        pid = keeper.fork(kernel)
        os.write(saying, said)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        verdict = os.read(heard, 4096) if status == -signal.SIGKILL else b"null"
        os.write(saying, b"0\n")
        os.write(task.channels.evidence, json.dumps([status, json.loads(verdict)]).encode())
        raise SystemExit(code)

    return run


def sleep() -> None:
    time.sleep(LIVES)


# --- runs that end by themselves -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 3, 75])
def test_the_harness_exit_code_is_the_keepers_and_no_verdict_is_given(tmp_path: Path, code: int) -> None:
    with kept(tmp_path, harness(lambda: None, code=code)) as found:
        assert (found.code(), found.verdict, found.told) == (code, None, "[0, null]")


def test_what_a_notebook_leaves_running_ends_with_the_harness(tmp_path: Path) -> None:
    def leave() -> None:
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                sleep()
            os._exit(0)

    with kept(tmp_path, harness(leave)) as found:
        assert (found.code(SOON), found.verdict) == (0, None)


def test_a_harness_that_is_killed_leaves_a_verdict_and_no_process(tmp_path: Path) -> None:
    def kill_parent() -> None:
        os.setsid()
        os.kill(os.getppid(), signal.SIGKILL)
        sleep()

    with kept(tmp_path, harness(kill_parent)) as found:
        assert (found.code(SOON), found.verdict, found.told) == (
            0,
            ["no_evidence", "the process that watches over the notebook was killed while it ran"],
            "",
        )


def test_a_harness_that_raises_says_what_on_the_log(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def fall(*_: object) -> None:
        raise ValueError("too far")

    with kept(tmp_path, fall) as found:
        assert (found.code(), found.verdict) == (1, None)
    assert capfd.readouterr().err.endswith("ValueError: too far\n")


# --- waits for the shared trainer --------------------------------------------------------------------------------


def test_a_notebook_that_waits_is_not_late_and_is_once_it_goes_on(tmp_path: Path) -> None:
    with kept(tmp_path, harness(sleep), timeout=0.4) as found:
        os.write(found.lifeline, b"wait\n")
        assert not ended(found.left, 1.5)
        assert [found.verdict] == [None]
        os.write(found.lifeline, b"0.000000\n")
        assert (found.code(SOON), found.verdict) == (0, ["timeout", "the notebook ran longer than 0.4 s"])


def test_what_a_training_has_cost_can_make_a_notebook_late_at_once(tmp_path: Path) -> None:
    with kept(tmp_path, harness(sleep), timeout=30.0) as found:
        time.sleep(0.3)  # it must have begun
        os.write(found.lifeline, b"wait\n31.000000\n")
        assert (found.code(SOON), found.verdict) == (0, ["timeout", "the notebook ran longer than 30 s"])


def test_a_notebook_that_waits_ends_with_the_grader(tmp_path: Path) -> None:
    with kept(tmp_path, harness(sleep), timeout=0.4) as found:
        os.write(found.lifeline, b"wait\n")
        assert not ended(found.left, 0.8)
        close(found.lifeline)
        assert (found.code(SOON), found.verdict) == (keeper.LIFELINE_LOST, None)


# --- limits ------------------------------------------------------------------------------------------------------


def too_much_memory() -> None:
    globals()["HELD"] = bytearray(b"x") * (400 * MIB)
    sleep()


def too_much_memory_in_children() -> None:
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            globals()["HELD"] = bytearray(b"x") * (150 * MIB)
            break
    sleep()


def too_many_processes() -> None:
    for _ in range(20):
        if os.fork() == 0:
            sleep()
    sleep()


@pytest.mark.parametrize(
    ("kernel", "limits", "verdict"),
    [
        (sleep, {"timeout": 0.3}, ["timeout", "the notebook ran longer than 0.3 s"]),
        (sleep, {"cell_timeout": 0.2}, ["timeout", "cell 1 ran longer than 0.2 s"]),
        (too_many_processes, {"threads": 12}, ["process_limit", "the notebook had "]),
    ],
)
def test_over_a_limit_the_kernel_is_killed_and_the_harness_told_why(
    tmp_path: Path, kernel: Kernel, limits: dict[str, Any], verdict: list[str]
) -> None:
    with kept(tmp_path, harness(kernel), **limits) as found:
        assert found.code() == 0
        assert found.verdict is not None
        assert (found.verdict[0], found.verdict[1][: len(verdict[1])]) == tuple(verdict)
        assert json.loads(found.told) == [-signal.SIGKILL, found.verdict]


@pytest.mark.parametrize("kernel", [too_much_memory, too_much_memory_in_children])
def test_memory_of_all_processes_together_is_limited(tmp_path: Path, kernel: Kernel) -> None:
    limit = 300 * MIB  # of what they have for themselves; what they share with this process counts in parts
    with kept(tmp_path, harness(kernel), memory=limit) as found:
        assert found.code() == 0
        verdict = ["out_of_memory", f"the notebook used more than {limit} bytes of memory"]
        assert (found.verdict, json.loads(found.told)) == (verdict, [-signal.SIGKILL, verdict])


def test_disk_is_limited_though_files_have_no_names_any_more(tmp_path: Path) -> None:
    def write() -> None:
        for number in range(4):
            descriptor = os.open(tmp_path / str(number), os.O_RDWR | os.O_CREAT)
            os.write(descriptor, b"x" * MIB)
            (tmp_path / str(number)).unlink()
        sleep()

    with kept(tmp_path, harness(write), scratch=3 * MIB) as found:
        assert found.code() == 0
        verdict = ["disk_limit", f"the notebook wrote {3 * MIB} bytes of files, as many as it may"]
        assert (found.verdict, json.loads(found.told)) == (verdict, [-signal.SIGKILL, verdict])


def test_a_notebook_that_has_ended_is_not_late(tmp_path: Path) -> None:
    def run(task: Job, saying: int, heard: int) -> None:
        os.write(saying, b"1\n0\n")
        time.sleep(0.6)  # for writing evidence

    with kept(tmp_path, run, timeout=0.2, cell_timeout=0.1) as found:
        assert (found.code(), found.verdict) == (0, None)


def test_a_harness_that_does_not_come_to_an_end_is_killed_and_the_verdict_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LAST_WORDS", 0.3)

    def hang(task: Job, saying: int, heard: int) -> None:
        os.write(saying, b"1\n")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sleep()

    with kept(tmp_path, hang, timeout=0.2) as found:
        assert (found.code(), found.verdict) == (0, ["timeout", "the notebook ran longer than 0.2 s"])


def test_a_kernel_that_goes_on_forking_after_the_verdict_costs_no_harness_its_end(tmp_path: Path) -> None:
    def fork_on() -> None:
        until = time.monotonic() + 5.0
        os.setsid()
        while time.monotonic() < until:
            if os.fork() > 0:
                os._exit(0)

    with kept(tmp_path, harness(sleep_beside(fork_on)), timeout=0.3) as found:
        assert found.code() == 0
        assert found.told == json.dumps([-signal.SIGKILL, found.verdict])


def sleep_beside(act: Kernel) -> Kernel:
    def run() -> None:
        if os.fork() == 0:
            act()
            os._exit(0)
        sleep()

    return run


def test_the_end_of_a_harness_is_not_lost_while_others_are_being_killed(tmp_path: Path) -> None:
    made = job(tmp_path)

    def collected() -> int:
        pid = keeper.fork(lambda: sys.exit(7))
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        watch = keeper.Watch(made, pid, -1, -1, Measure(made, 0), patience=time.monotonic() + 9.0)
        if os.fork() == 0:
            sleep()
        keeper.silence(watch)
        status = keeper.reap(pid)
        assert status is not None
        return os.waitstatus_to_exitcode(status)

    assert answer(collected) == 7


# --- the lifeline ------------------------------------------------------------------------------------------


def several() -> None:
    """One that is stopped, one that hears nothing and has left the session, a dozen that fork."""
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        sleep()
    for _ in range(12):
        if os.fork() == 0:
            break
    until = time.monotonic() + LIVES
    while time.monotonic() < until:
        if os.fork() == 0:
            os._exit(0)
        os.waitpid(-1, 0)


@pytest.mark.parametrize("kernel", [sleep, several])
def test_when_the_grader_is_gone_nothing_is_left_soon_after(tmp_path: Path, kernel: Kernel) -> None:
    with kept(tmp_path, harness(kernel)) as found:
        assert not ended(found.left, 0.5)
        os.close(found.lifeline)
        assert (found.code(SOON), found.verdict) == (keeper.LIFELINE_LOST, None)


def test_neither_a_dead_grader_nor_the_clock_waits_for_memory_to_be_counted(tmp_path: Path) -> None:
    made = job(tmp_path)

    def hurried() -> list[bool]:
        reading, writing = os.pipe()
        watch = keeper.Watch(made, -1, -1, -1, Measure(made, 0))
        watch.urgent.register(reading, select.POLLIN)
        found = [watch.hurried()]
        watch.clock.notebook = time.monotonic() - 1e6
        found.append(watch.hurried())
        watch.clock.notebook = None
        os.close(writing)
        return [*found, watch.hurried()]

    assert answer(hurried) == [False, True, True]


# --- how it begins -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "code", "printed"),
    [
        (None, 0, ""),
        (SystemExit(75), 75, ""),
        (SystemExit(), 1, ""),
        (SystemExit("'x' is nothing that can be run inside"), 1, "'x' is nothing that can be run inside\n"),
    ],
)
def test_a_forked_program_ends_as_it_asks_to(
    capfd: pytest.CaptureFixture[str], left: SystemExit | None, code: int, printed: str
) -> None:
    def run() -> None:
        if left is not None:
            raise left

    pid = keeper.fork(run)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
    assert capfd.readouterr().err == printed


def begin(made: Job, monkeypatch: pytest.MonkeyPatch, enter: Callable[[Job], None], program: Program) -> int:
    """The exit code of a keeper that reads its job, confines itself by `enter` and runs `program`."""
    monkeypatch.setattr(sys, "stdin", StringIO(json.dumps(asdict(made))))
    monkeypatch.setattr(confine, "enter", enter)
    monkeypatch.setattr(keeper, "_program", program)
    pid = keeper.fork(keeper.main)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_confinement_that_is_refused_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: Job) -> None:
        raise OSError(95, "Operation not supported", "landlock_create_ruleset")

    assert begin(job(tmp_path), monkeypatch, refuse, harness(lambda: None)) == keeper.REFUSED
    assert capfd.readouterr().err == "landlock_create_ruleset: Operation not supported\n"


def test_nobody_of_the_same_user_may_look_into_keeper_and_harness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifeline, held = os.pipe()
    made = job(tmp_path, limits=PLENTY, lifeline=lifeline)

    def look(task: Job, saying: int, heard: int) -> None:
        os.write(task.channels.evidence, str(prctl(PR_GET_DUMPABLE)).encode())

    assert begin(made, monkeypatch, lambda _: None, look) == 0
    assert (tmp_path / "evidence").read_text("utf-8") == "0"
    os.close(held)
    os.close(lifeline)


def test_a_harness_holds_neither_the_lifeline_nor_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifeline, held = os.pipe()
    made = job(tmp_path, program="nothing", lifeline=lifeline)

    def closed() -> list[bool]:
        with pytest.raises(SystemExit, match="'nothing' is nothing that can be run inside"):
            keeper._program(made, -1, -1)
        channels = asdict(made.channels)
        return [Path(f"/proc/self/fd/{channels[name]}").exists() for name in ("lifeline", "verdict", "evidence")]

    assert answer(closed) == [False, False, True]
    os.close(lifeline)
    os.close(held)
