"""A grader that is killed at any moment leaves no process, and tables that can be read."""

from __future__ import annotations

import csv
import random
import time
from pathlib import Path

import hostile_run
import pytest
from broken_files import notebook
from hostile_run import LOOK, Setting, Watched
from hostile_world import World, hand_over, world

STUDENTS = ("ann", "bob", "cem", "dan")
LAYERS = (Setting("bubblewrap"), Setting("landlock", ordinary=True))
# A child, a daemon that ignores signals, a thread, a file that is kept open: then some sleep.
BUSY = """
import os, signal, subprocess, threading, time
subprocess.Popen(["sh", "-c", "sleep 90; true @marker@"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.execvp("sh", ["sh", "-c", "trap '' TERM HUP INT; sleep 90; true @marker@"])
    os._exit(0)
threading.Thread(target=time.sleep, args=[90]).start()
kept = open("kept", "w")
time.sleep(2)
print("done")
"""


@pytest.mark.slow
def test_a_grader_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    assert faults(Setting("auto"), 6.0) == []


@pytest.mark.long
@pytest.mark.parametrize("setting", LAYERS, ids=str)
@pytest.mark.parametrize("earliest", [0.0, 2.5, 5.0, 7.5, 10.0])
def test_a_grader_that_is_killed_at_a_random_moment_leaves_no_process(setting: Setting, earliest: float) -> None:
    assert faults(setting, earliest + random.uniform(0.0, 2.5)) == []  # noqa: S311 - no secret


def faults(setting: Setting, moment: float) -> list[str]:
    """What is wrong after the grader was killed `moment` seconds after it began."""
    with world(setting.uid) as made:
        course = made.course("tight")
        for student in STUDENTS:
            busy = notebook(BUSY.replace("@marker@", made.marker))
            (course / "submissions" / f"{student}.ipynb").write_text(busy, "utf-8")
        hand_over(made)
        alive = run_and_kill(made, course, setting.layer, moment)
        return [f"killed after {moment:.2f} s: {fault}" for fault in [*alive, *unreadable(course / "out")]]


def run_and_kill(made: World, course: Path, layer: str, moment: float) -> list[str]:
    grader = hostile_run.start(made, course, layer)
    until = time.monotonic() + moment
    seen: set[Watched] = set()
    while grader.poll() is None and time.monotonic() < until:
        seen |= hostile_run.descendants(grader.pid)
        time.sleep(LOOK)
    grader.kill()
    grader.wait()
    return [f"{process} is alive" for process in hostile_run.alive(made, seen, seconds=3.0)]


def unreadable(out: Path) -> list[str]:
    """Tables that are there and do not hold a row for everybody."""
    found = []
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            students = [row["student"] for row in csv.DictReader(file)]
        if students != [*STUDENTS, "neighbour"]:
            found.append(f"{path.name} holds {students}")
    return found
