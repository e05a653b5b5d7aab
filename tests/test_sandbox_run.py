"""What running a notebook leaves behind, for notebooks that end well and in every other way."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

import nbformat
import psutil
import pytest
from conftest import Ran, RunNotebook
from nbformat.v4 import new_code_cell, new_markdown_cell

from grader import sandbox
from grader.errors import GraderError
from grader.model import Cell, CellError, Device, Execution, Isolation, Observations, Outcome, Status

MIB = 1024**2
NO_ISOLATION = sandbox.Layer(Isolation.NONE, drops=False)
DAEMON = f"daemon-{uuid4()}"  # unlike that of another run of these tests on this machine
SLEEPER = f"sleeper-{uuid4()}"

SHOWS = """

    import sys
    from IPython.display import clear_output, display, update_display
    print("first", end=" ")
    print("line")
    print("to stderr", file=sys.stderr)
    handle = display("shown", display_id=True)
    clear_output()
    handle.update("changed")
    update_display("changed", display_id=handle.display_id)
    print("last")
    "a value"
"""
CHANGES_DATA = """
    import pathlib
    data = pathlib.Path("small.txt")
    before = data.read_text()
    data.write_text("changed by the notebook")
    print(before, "->", data.read_text())
"""
TELLS_ENVIRONMENT = """
    import json, os
    print(json.dumps(dict(os.environ)))
"""
LEAVES_A_DAEMON = f"""
    import subprocess
    fork_twice = '''
    import subprocess, sys
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)", "{DAEMON}"]
    subprocess.Popen(sleeper, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print("left")
    '''
    print(subprocess.run([sys.executable, "-c", fork_twice], capture_output=True, text=True).stdout, end="")
"""
RAISES_IN_A_FUNCTION = """

    def fall():
        raise ValueError("too far")

    fall()
"""
NEVER_LISTENS = """
    import signal
    for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    print("deaf")
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
"""
HOGS_IN_CHILDREN = """
    import subprocess, sys
    hog = "import time; held = bytearray(330 * 2**20); held[::4096] = b'x' * len(held[::4096]); time.sleep(60)"
    daemon = "import subprocess, sys; subprocess.Popen(sys.argv[1:], start_new_session=True)"
    subprocess.run([sys.executable, "-c", daemon, sys.executable, "-c", hog])
    subprocess.run([sys.executable, "-c", hog])
"""
SENDS_NONSENSE = """
    kernel = get_ipython().kernel
    kernel.session.send(kernel.iopub_socket, "stream", {"name": 7}, parent=kernel.get_parent("shell"))
"""
KILLS_THE_HARNESS = f"""
    import os, subprocess, sys, time
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "{SLEEPER}"], start_new_session=True)
    os.kill(os.getppid(), 9)
    time.sleep(600)
"""
SPOILS_WHAT_IS_SHARED = """
    import os
    for name in os.listdir("../run"):
        os.unlink(f"../run/{name}")
    os.mkfifo("../run/observed.jsonl")
    os.makedirs("../run/job.json/full")
"""
FORGES_OBSERVATIONS = r"""
    lines = [
        b"[" * 100_000,
        b'{"request": "", "event": "snapshot", "layers": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"request": "", "event": "fit", "fit": ' + b"9" * 100_000 + b"}",
        b'{"request": "", "event": "gpu", "name": [[1]]}',
        b'{"request": 7, "event": "snapshot"}',
        b'{"request": ["x"], "event": "summary"}',
        b'"a text"', b"null", b"\xff\xfe\x00", b'{"request": "", "event": ["summary"]}',
        b'{"request": "", "event": "snapshot", "model": 7, "name": "\\ud800", "layers": []}',
        b'{"request": "", "event": "raised", "line": 5}',
        b'{"request": "", "event": "compile", "optim',
    ]
    with open("../run/observed.jsonl", "ab") as stream:
        stream.write(b"\n".join(lines))
"""
SLEEPS_IN_A_CHILD = f"""
    import subprocess, sys
    subprocess.run([sys.executable, "-c", "import time; time.sleep(600)", "{SLEEPER}"], start_new_session=True)
"""
INTERRUPTED_GRADER = """
    import json, signal, sys
    from pathlib import Path
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests that run in the background have it ignored
    from grader import sandbox
    from grader.model import Device, Execution
    from grader.sandbox import layers
    layer = layers.choose(None, Execution(), trusted=True)
    try:
        sandbox.run(sandbox.Task(Path(sys.argv[1]), {}, Execution(), Device.CPU, 2, 0, layer))
    except KeyboardInterrupt:
        print("interrupted")
"""


def cell(source: str) -> str:
    """Without the indentation of this file; leading blank lines stay."""
    return dedent(source).removesuffix("\n")


def running(argument: str) -> list[list[str]]:
    """Command lines in which `argument` occurs."""
    lines = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if any(argument in word for word in line)]


def outcomes(ran: Ran) -> list[tuple[Outcome, str, CellError | None]]:
    return [(each.outcome, each.text, each.error) for each in ran.told.cells]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where scratch folders are made during the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    return tmp_path / "scratch"


@pytest.fixture(scope="module")
def busy(
    notebook: Callable[..., Path], run_notebook: RunNotebook, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Ran, Path]]:
    """A notebook that does everything that does not end its run early, and the folder of its data."""
    folder = tmp_path_factory.mktemp("busy")
    (folder / "small.txt").write_text("as provided", "utf-8")
    (folder / "scratch").mkdir()
    path = notebook(
        cell(SHOWS),
        new_markdown_cell("# Nothing to run"),
        cell(CHANGES_DATA),
        "   ",
        new_code_cell(cell(TELLS_ENVIRONMENT), metadata={"tags": ["skip-execution"]}),
        cell(LEAVES_A_DAEMON),
        new_code_cell(cell(RAISES_IN_A_FUNCTION), metadata={"tags": ["raises-exception"]}),
        "print('never run')",
        metadata={
            "kernelspec": {"name": "another-kernel", "display_name": "Another", "language": "julia"},
            "language_info": {"name": "julia"},
        },
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADER_TEST_SECRET", "known to nobody inside")
        patch.setattr(tempfile, "tempdir", str(folder / "scratch"))
        yield run_notebook(path, datasets={"small.txt": folder / "small.txt"}), folder


# --- runs that reach their last cell, or the first that raises ------------------------------------------------


@pytest.mark.slow
def test_cells_what_they_showed_and_the_error_come_back_as_evidence(busy: tuple[Ran, Path]) -> None:
    told = busy[0].told
    quiet = [each for each in told.cells if each.number != 4]  # which printed its environment
    assert quiet == [
        Cell(1, cell(SHOWS), Outcome.RAN, "first line\n'shown'\nlast\n'a value'\n"),
        Cell(2, cell(CHANGES_DATA), Outcome.RAN, "as provided -> changed by the notebook\n"),
        Cell(3, "   ", Outcome.RAN),
        Cell(5, cell(LEAVES_A_DAEMON), Outcome.RAN, "left\n"),
        Cell(
            6,
            cell(RAISES_IN_A_FUNCTION),
            Outcome.RAISED,
            "",
            CellError("ValueError", "too far", 6, at_cell=6, at_line=4),
        ),
        Cell(7, "print('never run')", Outcome.NOT_RUN),
    ]
    assert (told.ended, told.reason) == (Status.NOTEBOOK_ERROR, "ValueError: too far")
    assert told.observed == Observations()


@pytest.mark.slow
def test_the_environment_inside_is_made_up_by_the_sandbox(busy: tuple[Ran, Path]) -> None:
    inside = json.loads(busy[0].told.cells[3].text)
    assert "GRADER_TEST_SECRET" not in inside
    assert "known to nobody inside" not in inside.values()
    assert inside["PATH"] == f"{inside['HOME']}/.local/bin:{os.environ['PATH']}"
    assert inside["HOME"].endswith("/home")
    assert inside["HOME"] != os.environ["HOME"]


@pytest.mark.slow
def test_the_run_tells_what_it_was_made_on(busy: tuple[Ran, Path]) -> None:
    environment = busy[0].told.environment
    assert environment is not None
    assert set(environment.versions) >= {"python", "tensorflow", "keras", "numpy", "ipykernel", "nbclient"}
    assert (environment.device, environment.threads, environment.seed) == (Device.CPU, 2, 0)


@pytest.mark.slow
def test_data_that_a_notebook_changes_stays_as_it_was_outside(busy: tuple[Ran, Path]) -> None:
    assert (busy[1] / "small.txt").read_text("utf-8") == "as provided"


@pytest.mark.slow
def test_neither_a_daemon_nor_the_scratch_folder_outlives_the_run(busy: tuple[Ran, Path]) -> None:
    assert running(DAEMON) == []
    assert list((busy[1] / "scratch").iterdir()) == []


@pytest.mark.slow
def test_the_executed_notebook_keeps_what_was_shown_first(busy: tuple[Ran, Path]) -> None:
    assert busy[0].exit.executed is not None
    executed = nbformat.reads(busy[0].exit.executed.decode(), as_version=4)
    nbformat.validate(executed)
    assert [each.cell_type for each in executed.cells] == ["code", "markdown"] + ["code"] * 6
    shown = [
        (output.output_type, output.get("text") or output.data["text/plain"])
        for output in executed.cells[0].outputs
    ]
    assert shown == [
        ("stream", "first line\n"),
        ("stream", "to stderr\n"),
        ("display_data", "'shown'"),
        ("stream", "last\n"),
        ("execute_result", "'a value'"),
    ]


@pytest.mark.slow
def test_of_a_syntax_error_nothing_ran(notebook: Callable[..., Path], run_notebook: RunNotebook) -> None:
    ran = run_notebook(notebook("print('before')", "\nprint('here')\nx = = 1"))
    assert outcomes(ran) == [
        (Outcome.RAN, "before\n", None),
        (Outcome.RAISED, "", CellError("SyntaxError", "invalid syntax (line 3)", 0)),
    ]
    assert ran.told.reason == "SyntaxError: invalid syntax (line 3)"


# --- limits ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_loop_that_ignores_all_signals_is_a_timeout_and_earlier_cells_count(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(notebook("print('before')", cell(NEVER_LISTENS), "print('after')"), Execution(timeout=5.0))
    assert outcomes(ran) == [
        (Outcome.RAN, "before\n", None),
        (Outcome.RAISED, "deaf\n", None),
        (Outcome.NOT_RUN, "", None),
    ]
    assert (ran.told.ended, ran.told.reason) == (Status.TIMEOUT, "the notebook ran longer than 5 s")
    assert ran.exit.seconds < 15.0


@pytest.mark.slow
def test_one_allocation_over_the_limit_is_out_of_memory(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(
        notebook("import numpy as np", "\nhuge = np.ones(2**28)"), Execution(timeout=60.0, memory=700 * MIB)
    )
    message = "Unable to allocate 2.00 GiB for an array with shape (268435456,) and data type float64"
    assert outcomes(ran)[1] == (Outcome.RAISED, "", CellError("MemoryError", message, 2, at_cell=2, at_line=2))
    assert (ran.told.ended, ran.told.reason) == (Status.OUT_OF_MEMORY, f"MemoryError: {message}")


@pytest.mark.slow
def test_a_notebook_may_use_as_much_as_the_rubric_says_and_more_than_the_harness(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(
        notebook("import resource\nprint(resource.getrlimit(resource.RLIMIT_DATA))"), Execution(memory=3000 * MIB)
    )
    assert ran.told.cells[0].text == f"({3000 * MIB}, {3000 * MIB})\n"


@pytest.mark.slow
def test_a_child_and_a_daemon_that_hold_too_much_together_are_out_of_memory(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(notebook(cell(HOGS_IN_CHILDREN)), Execution(timeout=60.0, memory=700 * MIB))
    assert outcomes(ran) == [(Outcome.RAISED, "", None)]
    assert (ran.told.ended, ran.told.reason) == (
        Status.OUT_OF_MEMORY,
        f"the notebook used more than {700 * MIB} bytes of memory",
    )
    assert ran.exit.seconds < 30.0


@pytest.mark.slow
def test_a_flood_of_output_is_ended_and_its_beginning_and_end_are_kept(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    flood = "print('first')\nnumber = 0\nwhile True:\n    print(number := number + 1, 'x' * 999)"
    ran = run_notebook(notebook("print('before')", flood), Execution(timeout=60.0, output=MIB))
    assert (ran.told.ended, ran.told.reason) == (
        Status.OUTPUT_LIMIT,
        f"the notebook showed more than {MIB} bytes of output",
    )
    before, cell = ran.told.cells
    assert (before.outcome, before.text, cell.outcome) == (Outcome.RAN, "before\n", Outcome.RAISED)
    lines = cell.text.splitlines()
    gap = next(number for number, line in enumerate(lines) if line.startswith("[... "))
    assert re.fullmatch(r"\[\.\.\. [\d,]+ bytes in [\d,]+ messages left out \.\.\.\]", lines[gap])
    assert lines[:2] == ["first", f"1 {'x' * 999}"]
    first, last = (int(lines[place].split()[0]) for place in (gap - 3, gap + 3))
    assert (first, last) > (400, first + 1000)
    assert ran.exit.evidence is not None
    assert len(ran.exit.evidence) < 2 * MIB


@pytest.mark.slow
def test_a_notebook_that_shows_too_much_and_ends_keeps_its_last_lines_and_its_points(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(
        notebook("for _ in range(3000):\n    print('x' * 999)", "print('last')"), Execution(output=MIB)
    )
    assert (ran.told.ended, ran.told.cells[1].text) == (Status.OUTPUT_LIMIT, "last\n")
    assert [each.outcome for each in ran.told.cells] == [Outcome.RAN, Outcome.RAN]


@pytest.mark.slow
def test_one_message_larger_than_all_output_is_never_taken_in(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    huge = "from IPython.display import HTML, display\ndisplay(HTML('x' * 50_000_000))"
    ran = run_notebook(notebook("print('before')", huge, "print('after')"), Execution(timeout=60.0, output=MIB))
    assert (ran.told.ended, ran.told.reason) == (
        Status.OUTPUT_LIMIT,
        f"the notebook sent a message of more than {MIB} bytes",
    )
    assert [each.text for each in ran.told.cells] == ["before\n", "", ""]


# --- kernels and harnesses that are attacked ----------------------------------------------------------------------


@pytest.mark.slow
def test_a_kernel_that_kills_itself_has_died(notebook: Callable[..., Path], run_notebook: RunNotebook) -> None:
    ran = run_notebook(notebook("print('before')", "import os\nos.kill(os.getpid(), 9)", "print('after')"))
    assert outcomes(ran) == [
        (Outcome.RAN, "before\n", None),
        (Outcome.RAISED, "", None),
        (Outcome.NOT_RUN, "", None),
    ]
    assert (ran.told.ended, ran.told.reason) == (Status.KERNEL_DIED, "the kernel ended while a cell ran")


@pytest.mark.slow
def test_a_kernel_that_speaks_nonsense_has_died(notebook: Callable[..., Path], run_notebook: RunNotebook) -> None:
    ran = run_notebook(notebook("print('before')", cell(SENDS_NONSENSE)))
    assert outcomes(ran) == [(Outcome.RAN, "before\n", None), (Outcome.RAISED, "", None)]
    assert (ran.told.ended, ran.told.reason) == (
        Status.KERNEL_DIED,
        "the kernel could not be understood: KeyError",
    )


@pytest.mark.slow
def test_without_isolation_a_notebook_that_kills_the_harness_leaves_no_evidence_and_no_process(
    notebook: Callable[..., Path], run_notebook: RunNotebook, folder: Path
) -> None:
    ran = run_notebook(notebook(cell(KILLS_THE_HARNESS)), layer=NO_ISOLATION)
    assert (ran.exit.evidence, ran.exit.executed, ran.exit.ended, ran.exit.reason) == (
        None,
        None,
        Status.NO_EVIDENCE,
        "the process that watches over the notebook was killed while it ran",
    )
    assert ran.exit.seconds < 20.0
    assert running(SLEEPER) + running(str(folder)) == []
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_in_a_sandbox_a_notebook_cannot_kill_the_harness(
    notebook: Callable[..., Path], run_notebook: RunNotebook, layer: sandbox.Layer
) -> None:
    if layer.isolation is Isolation.NONE:
        pytest.skip("this machine offers no sandbox")
    ran = run_notebook(notebook(cell(KILLS_THE_HARNESS)))
    assert (ran.told.ended, ran.told.reason) == (
        Status.NOTEBOOK_ERROR,
        "PermissionError: [Errno 1] Operation not permitted",
    )
    assert running(SLEEPER) == []


@pytest.mark.slow
def test_a_notebook_that_spoils_the_folder_of_kernel_and_harness_spoils_its_observations_only(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(notebook("print('before')", cell(SPOILS_WHAT_IS_SHARED)))
    assert outcomes(ran) == [(Outcome.RAN, "before\n", None), (Outcome.RAN, "", None)]
    assert ran.told.observed == Observations()


@pytest.mark.slow
def test_forged_observations_do_not_disturb_the_rest_of_the_evidence(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    ran = run_notebook(notebook(cell(FORGES_OBSERVATIONS), "print('after')"))
    assert outcomes(ran) == [(Outcome.RAN, "", None), (Outcome.RAN, "after\n", None)]
    assert [(each.model, each.name) for each in ran.told.observed.snapshots] == [(7, "?")]


@pytest.mark.slow
def test_an_interrupted_grader_leaves_no_process_and_no_folder(
    notebook: Callable[..., Path], tmp_path: Path
) -> None:
    path = notebook(cell(SLEEPS_IN_A_CHILD))
    grader = subprocess.Popen(
        [sys.executable, "-c", cell(INTERRUPTED_GRADER), str(path)],
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    _wait_for(lambda: bool(running(SLEEPER)))
    grader.send_signal(signal.SIGINT)
    printed, _ = grader.communicate(timeout=30.0)
    assert printed == "interrupted\n"
    assert running(SLEEPER) + running(str(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def _wait_for(happens: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


# --- runs that do not begin -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_file_that_is_no_notebook_is_unreadable(run_notebook: RunNotebook, tmp_path: Path) -> None:
    (tmp_path / "broken.ipynb").write_text('{"cells": [', "utf-8")
    ran = run_notebook(tmp_path / "broken.ipynb")
    assert (ran.told.ended, ran.told.cells) == (Status.UNREADABLE, ())
    assert ran.told.reason.startswith("the file is not JSON: ")


def test_what_is_no_file_is_unreadable_before_anything_starts(run_notebook: RunNotebook, tmp_path: Path) -> None:
    ran = run_notebook(tmp_path)
    assert (ran.evidence, ran.exit.ended, ran.exit.reason) == (
        None,
        Status.UNREADABLE,
        f"'{tmp_path.name}' is not a regular file; hand in the notebook itself",
    )


def test_an_interpreter_that_is_not_there_is_the_graders_own_trouble(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    with pytest.raises(
        GraderError, match=re.escape("'/no/such/python' could not be asked where it lives: [Errno 2] No such file")
    ):
        run_notebook(notebook("1"), Execution(python="/no/such/python"))


def test_an_interpreter_without_what_the_harness_needs_is_the_graders_own_trouble(
    notebook: Callable[..., Path], run_notebook: RunNotebook, tmp_path: Path
) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys._base_executable} -S "$@"\n', "utf-8")  # type: ignore[attr-defined]
    bare.chmod(0o755)
    with pytest.raises(
        GraderError, match=r"the sandbox failed \(exit code 1\); it printed last:\n(.|\n)*No module named"
    ):
        run_notebook(notebook("1"), Execution(python=str(bare)))
