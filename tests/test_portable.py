"""`check` where there is no Linux: in interpreters in which the grader finds what Windows has, and no more.

`standing_in/sitecustomize.py` takes the rest away from the grader's own modules, in its process and in those that
it starts: these are begun by a script that the rubric names as the notebooks' interpreter. macOS lacks less, and
one check is made as there.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader import record, rubric
from grader.model import Device
from grader.progress import Progress
from grader.sandbox import Layer

ROOT = Path(__file__).parents[1]
STANDING_IN = Path(__file__).with_name("standing_in")
WINDOWS, MACOS = "win32", "darwin"
SMALL = """
assignment: small
title: Small
points: 3
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 1, check: executes, title: It runs}
      - {id: says, points: 2, check: code, pattern: "print('yes')", title: It says yes}
"""
TRAINED = """
assignment: trained
title: Trained
points: 10
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 1, check: executes}
      - {id: layers, points: 2, check: model_summary, evidence: observed}
      - {id: settings, points: 3, check: training}
      - {id: history, points: 4, check: history, epoch: 2, evidence: verified, tolerance: {rtol: 0.9}}
"""
PROGRAM = """\
import numpy as np, keras
np.random.seed(7)
keras.utils.set_random_seed(7)
x, y = np.random.rand(64, 3), np.random.rand(64, 1)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="sgd")
print(model.summary())
history = model.fit(x, y, epochs=2)
"""
SOON = 10.0  # seconds for processes to be gone, on a machine that is busy

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter for notebooks that is one of Windows for the grader's modules."""
    return interpreter(tmp_path_factory.mktemp("python") / "python", WINDOWS)


def interpreter(path: Path, system: str) -> Path:
    variables = f"PYTHONPATH={STANDING_IN} STANDS_FOR={system}"
    path.write_text(f'#!/bin/sh\n{variables} exec {sys.executable} "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def course(tmp_path: Path, python: Path) -> Path:
    return written(tmp_path, SMALL, python)


def written(folder: Path, text: str, python: Path, *limits: str) -> Path:
    """A course whose notebooks are run by this interpreter."""
    execution = ", ".join([f"python: {python}", *limits])
    (folder / "rubric.yaml").write_text(f"{text}execution: {{{execution}}}\n", "utf-8")
    return folder


def environment(system: str = WINDOWS) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{STANDING_IN}{os.pathsep}{ROOT}", "STANDS_FOR": system}


def grader(course: Path, *arguments: str, system: str = WINDOWS, **more: str) -> subprocess.CompletedProcess[str]:
    """With `more` in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=course,
        env=environment(system) | more,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=180,
    )


def checked(course: Path, notebook: Path, system: str = WINDOWS) -> tuple[int, dict[str, Any]]:
    """The exit code of a check, and what it says."""
    notebook.rename(course / "mine.ipynb")
    done = grader(course, "check", "mine.ipynb", "--format", "json", system=system)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def row(told: dict[str, Any]) -> tuple[Any, ...]:
    """Status, score, layer and the points of each criterion."""
    points = {one["id"]: one["points"] for one in told["criteria"]}
    return told["status"], told["score"], told["isolation"], points


def alive(mark: str) -> list[psutil.Process]:
    return [each for each in psutil.process_iter(["cmdline"]) if mark in " ".join(each.info["cmdline"] or ())]


def gone(mark: str) -> bool:
    until = time.monotonic() + SOON
    while alive(mark) and time.monotonic() < until:
        time.sleep(0.1)
    return not alive(mark)


# --- a check, to its end -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "import fcntl",
        "from resource import getrlimit",
        "import os; os.fork",
        "from os import geteuid",
        "import signal; signal.SIGKILL",
        "from socket import AF_UNIX",
        "import select; select.poll",
        "import ctypes; ctypes.CDLL(None)",
        "import subprocess; subprocess.run(['true'], pass_fds=[1])",
        "from pathlib import Path; Path('/proc/self/status').read_text()",
        "import sys; assert sys.platform == 'linux'",
    ],
)
@pytest.mark.parametrize("package", ["grader.sandbox", "_grader_inside"])
def test_what_windows_lacks_is_hidden_from_the_grader_and_from_nobody_else(package: str, code: str) -> None:
    for name, works in ((package, False), ("psutil", True)):
        program = f"exec({code!r}, {{'__name__': {name + '.x'!r}, '__package__': {name!r}}})"
        done = subprocess.run([sys.executable, "-c", program], env=environment(), capture_output=True, check=False)
        assert (done.returncode == 0) is works, (name, done.stderr)


@pytest.mark.slow
def test_a_notebook_is_checked_to_its_end_in_the_layer_none(course: Path, notebook: Write) -> None:
    shell = "!echo from the shell"
    files = "import os\nprint(sorted(os.listdir(os.path.expanduser('~/.local/bin'))), open('/content/a', 'w').name)"
    code, told = checked(course, notebook("print('yes')", shell, files))
    assert (code, row(told)) == (0, ("graded", 3, "none", {"runs": 1, "says": 2}))


@pytest.mark.slow
def test_on_macos_too(tmp_path: Path, notebook: Write) -> None:
    course = written(tmp_path, SMALL, interpreter(tmp_path / "python", MACOS))
    code, told = checked(course, notebook("print('yes')", "!pip --version"), MACOS)
    assert (code, row(told)) == (0, ("graded", 3, "none", {"runs": 1, "says": 2}))
    assert "and this is macOS; start it on" in grader(course, "grade", "submissions", system=MACOS).stderr


@pytest.mark.slow
def test_what_a_person_reads_is_what_they_read_on_linux(course: Path, notebook: Write) -> None:
    """Also where Python would write to a pipe in one of Windows' code pages, which have no tick."""
    notebook("print('yes')", "1 / 0").rename(course / "mine.ipynb")
    done = grader(course, "check", "mine.ipynb", PYTHONIOENCODING="cp1252")
    assert done.returncode == 1
    assert [line.partition(" (")[0] for line in done.stderr.splitlines()] == [
        *("mine.ipynb: starting", "cell 1 of 2", "cell 2 of 2", "mine.ipynb: ran"),
    ]
    assert "✗ It runs  0/1\n    expected" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("on cpu, isolation none")


@pytest.mark.slow
def test_the_kernels_own_modules_are_those_of_windows(course: Path, notebook: Write) -> None:
    """Or the other tests would prove nothing of what runs inside."""
    own = "import sys\ninside = sys.modules['_grader_inside.colab.programs']\nassert inside.os.name == 'nt'"
    code, told = checked(course, notebook("print('yes')", own))
    assert (code, row(told)[0]) == (0, "graded"), told


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, python: Path, layer: Layer, notebook: Write) -> Path:
    """A course with a recorded reference; it was recorded on Linux."""
    folder = tmp_path_factory.mktemp("trained")
    notebook(PROGRAM).rename(folder / "reference.ipynb")
    (folder / "rubric.yaml").write_text(TRAINED, "utf-8")
    loaded = rubric.load(folder / "rubric.yaml")
    record.record(record.Session(loaded, loaded.parts[0], Device.CPU, threads=1, layer=layer), 2, Progress())
    (folder / "reference.ipynb").unlink()  # which students do not have
    return written(folder, TRAINED, python)


@pytest.mark.slow
def test_a_training_is_held_against_the_recording(trained: Path, notebook: Write) -> None:
    code, told = checked(trained, notebook(PROGRAM))
    points = {"runs": 1, "layers": 2, "settings": 3, "history": 4}
    assert (code, row(told)) == (0, ("graded", 10, "none", points)), told
    assert told["notes"] == [
        "on Windows the grader verifies no training: figures were judged as they were observed"
    ]


@pytest.mark.slow
def test_another_network_is_found_out(trained: Path, notebook: Write) -> None:
    code, told = checked(trained, notebook(PROGRAM.replace("Dense(4)", "Dense(5)").replace("epochs=2", "epochs=1")))
    assert (code, told["status"], told["isolation"]) == (1, "graded", "none")
    found = {one["id"]: one["verdict"] for one in told["criteria"]}
    assert found == {"runs": "passed", "layers": "failed", "settings": "failed", "history": "failed"}


@pytest.mark.slow
def test_a_session_of_python_checks_too(course: Path, notebook: Write) -> None:
    notebook("print('yes')").rename(course / "mine.ipynb")
    program = "import grader; found = grader.check('mine.ipynb'); print(found.score, found.report.isolation)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=course, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "3.0 none\n"


# --- limits ------------------------------------------------------------------------------------------------------

LEAVES_CHILDREN = """\
import subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(300)  # {mark}"]
subprocess.Popen(sleep, start_new_session=True)
nested = "import subprocess, sys, time; subprocess.Popen(" + repr(sleep) + "); time.sleep(300)"
subprocess.Popen([sys.executable, "-c", nested])
print('yes')
"""


@pytest.fixture
def mark(tmp_path: Path) -> Iterator[str]:
    """On the command line of what a notebook starts; none of it outlives the test either way."""
    mark = f"of-{tmp_path.name}-{os.getpid()}"
    yield mark
    for each in alive(mark):
        each.kill()


@pytest.mark.slow
def test_what_runs_too_long_is_ended_with_all_that_it_has_started(
    tmp_path: Path, python: Path, notebook: Write, mark: str
) -> None:
    course = written(tmp_path, SMALL, python, "timeout: 3 s")
    code, told = checked(course, notebook(LEAVES_CHILDREN.format(mark=mark), "while True: pass"))
    assert (code, row(told)) == (1, ("timeout", 2, "none", {"runs": 0, "says": 2})), told
    assert told["reason"].startswith("the notebook ran longer than 3 s")
    assert gone(mark)


@pytest.mark.slow
def test_what_a_notebook_leaves_running_ends_with_it(course: Path, notebook: Write, mark: str) -> None:
    code, told = checked(course, notebook(LEAVES_CHILDREN.format(mark=mark)))
    assert (code, told["status"]) == (0, "graded")
    assert gone(mark)


MANY_THREADS = """\
import os, threading
for _ in range(16 + 32 * os.cpu_count()):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        ("memory: 300 MiB", "held = b'x' * 400 * 2**20", "out_of_memory"),
        ("scratch: 20 MiB", "open('large', 'wb').write(b'x' * 40 * 2**20)", "disk_limit"),
        ("processes: 16", MANY_THREADS, "process_limit"),
    ],
    ids=lambda case: case[-1],
)
def test_what_takes_too_much_is_ended(
    course: Path, python: Path, notebook: Write, case: tuple[str, str, str]
) -> None:
    limit, source, status = case
    written(course, SMALL, python, limit)
    code, told = checked(course, notebook("print('yes')", f"import time\n{source}\ntime.sleep(60)"))
    assert (code, told["status"], told["score"]) == (1, status, 2), told


@pytest.mark.slow
def test_a_notebook_that_kills_who_watches_over_it_leaves_no_evidence_and_nothing_running(
    course: Path, notebook: Write, mark: str
) -> None:
    kills = "import os, signal, time\ntime.sleep(3)\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
    code, told = checked(course, notebook(LEAVES_CHILDREN.format(mark=mark), kills))
    assert (code, row(told)) == (1, ("no_evidence", 0, "none", {"runs": 0, "says": 0})), told
    assert gone(mark)


@pytest.mark.slow
def test_nothing_of_a_run_outlives_a_grader_that_is_killed(course: Path, notebook: Write, mark: str) -> None:
    notebook(LEAVES_CHILDREN.format(mark=mark), "while True: pass").rename(course / "mine.ipynb")
    command = [sys.executable, "-m", "grader", "check", "mine.ipynb"]
    with subprocess.Popen(command, cwd=course, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any(line.startswith("cell 2 of 2") for line in process.stderr)
        below = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert alive(mark)
    assert gone(mark)
    assert psutil.wait_procs(below, timeout=SOON)[1] == []


# --- what needs Linux --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("grade", "submissions"), "grader grade"),
        (("ci", "grade", "submissions"), "grader ci grade"),
        (("reference", "record"), "grader reference record"),
        (("verify",), "grader verify"),
        (("cache", "show"), "grader cache"),
        (("gradescope", "run"), "grader gradescope run"),
        (("classroom50", "submissions"), "grader classroom50"),
    ],
)
def test_what_needs_linux_says_so_and_what_to_do(course: Path, arguments: tuple[str, ...], named: str) -> None:
    done = grader(course, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"grader: `{named}` needs Linux, whose walls are around students' code, and this is Windows; start it on "
        "Linux, in WSL 2 or in a container of Linux. `grader check` checks a notebook of your own here\n"
    )


def test_a_layer_of_linux_is_refused(course: Path, notebook: Write) -> None:
    notebook("print('yes')").rename(course / "mine.ipynb")
    done = grader(course, "check", "mine.ipynb", "--isolation", "landlock")
    assert done.returncode == 2
    assert done.stderr == (
        "grader: the isolation 'landlock' is Linux's, and this is Windows; leave out --isolation, and a notebook "
        "of your own runs with your own rights\n"
    )


def test_the_doctor_says_what_can_be_done_there(course: Path) -> None:
    done = grader(course, "doctor")
    assert "Windows has no walls" in done.stdout
    assert "fault" not in done.stderr


# --- the source --------------------------------------------------------------------------------------------------

OF_UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
OF_CHECK = ("grader.cli", "grader.commands.checking", "grader.selfcheck.notebook", "grader.selfcheck.magic")
OF_INSIDE = tuple(f"grader.inside.{name}" for name in ("start", "unwalled", "kernel", "machine", "colab.programs"))


def test_no_module_that_a_check_may_load_imports_what_only_unix_has() -> None:
    reached = reachable(OF_CHECK, everywhere=True) | reachable(OF_INSIDE, everywhere=False)
    assert {"grader.batch", "grader.sandbox.uids", "grader.inside.harness", "grader.inside.probe"} <= reached
    bare = {name: sorted(OF_UNIX & imported(name, everywhere=False)) for name in sorted(reached)}
    assert {name: found for name, found in bare.items() if found} == {"grader.linux": ["fcntl", "grp", "pwd"]}


def test_no_module_that_runs_a_notebook_without_walls_loads_what_makes_them() -> None:
    walls = {
        f"grader.inside.{name}" for name in ("confine", "keeper", "landlock", "namespaces", "seccomp", "syscalls")
    }
    assert not reachable(OF_INSIDE, everywhere=False) & walls


def reachable(roots: tuple[str, ...], *, everywhere: bool) -> set[str]:
    """Modules of the grader; those that are loaded within functions too where it is to be `everywhere`."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found and name.startswith("grader") and source(name) is not None:
            found.add(name)
            waiting += [name.rpartition(".")[0], *imported(name, everywhere=everywhere)]
    return found


def source(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


def imported(name: str, *, everywhere: bool) -> set[str]:
    """What a module imports by name; of `from a import b` both, since either may be a module."""
    path = source(name)
    assert path is not None
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found: set[str] = set()
    for node in statements(ast.parse(path.read_text("utf-8")), everywhere=everywhere):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def statements(tree: ast.AST, *, everywhere: bool) -> Iterator[ast.AST]:
    """Those of functions, and for type checkers alone, only where they are wanted."""
    for node in ast.iter_child_nodes(tree):
        later = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not typing and (everywhere or not later):
            yield node
            yield from statements(node, everywhere=everywhere)
