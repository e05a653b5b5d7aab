"""`grader.check` and `%grader check`, in IPython's own shell, with front ends that tell where the notebook is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from IPython.core import interactiveshell
from nbformat.v4 import new_code_cell, new_notebook

import grader
from grader.errors import GraderError, UsageError
from grader.selfcheck import live, magic
from grader.selfcheck.notebook import Checked

RUBRIC = """
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
KERNEL = "0123abcd-0000-4000-8000-000000000000"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(grader.__file__).parents[1]))
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    (tmp_path / "mine.ipynb").write_text(json.dumps(notebook("print('yes')")), "utf-8")
    return tmp_path


def notebook(*sources: str, **metadata: Any) -> dict[str, Any]:
    return dict(new_notebook(cells=[new_code_cell(source) for source in sources], metadata=metadata))


@pytest.fixture
def shell() -> Iterator[Any]:
    make: Any = interactiveshell.InteractiveShell
    started = make()
    try:
        yield started
    finally:
        started.history_manager.end_session()


def checked(shell: Any, line: str) -> Any:
    shell.run_cell("%load_ext grader").raise_error()
    found = shell.run_cell(f"%grader {line}")
    found.raise_error()
    return found.result


# --- grader.check ------------------------------------------------------------------------------------------


def test_a_check_from_python_gives_score_checks_and_a_table(course: Path) -> None:
    found = grader.check("mine.ipynb", static=True)
    assert (found.score, found.at_most, found.max_score, found.passed) == (None, 3.0, 3.0, True)
    assert [(one.id, str(one.verdict)) for one in found.checks] == [("runs", "not judged"), ("says", "passed")]
    assert "<table>" in found._repr_html_()
    assert "| ✅ | It says yes | 2 of 2 |" in found._repr_markdown_()
    assert str(found).splitlines()[-1] == "at most 3 of 3 points; nothing was run"


@pytest.mark.slow
def test_a_check_runs_the_notebook_and_tells_which_cell_is_running(course: Path) -> None:
    cells = notebook("print('yes')", "print('" + "x" * 5000 + "')\nimport os\nos.write(2, b'\\x1e7/9\\n')", "1 / 0")
    (course / "mine.ipynb").write_text(json.dumps(cells), "utf-8")
    told: list[str] = []
    found = grader.check("mine.ipynb", tell=told.append)
    assert (found.score, found.max_score, found.passed) == (2.0, 3.0, False)
    assert [line.partition(" (")[0] for line in told if line.startswith("cell")] == [
        "cell 1 of 3",
        "cell 2 of 3",
        "cell 3 of 3",
    ]
    failed = found.checks[0]
    assert (str(failed.place), failed.why.splitlines()[0]) == (
        "cell 3, line 1",
        "cell 3, line 1: `1 / 0` raised ZeroDivisionError: division by zero",
    )


def test_what_cannot_be_checked_raises_with_its_reason(course: Path) -> None:
    with pytest.raises(UsageError, match=r"'none\.ipynb' does not exist; expected a notebook"):
        grader.check("none.ipynb", static=True)
    with pytest.raises(UsageError, match=r"other\.yaml"):
        grader.check("mine.ipynb", rubric="other.yaml", static=True)
    (course / "-x.ipynb").write_text(json.dumps(notebook("print('yes')")), "utf-8")
    assert grader.check("-x.ipynb", static=True).passed


def test_a_rubric_beside_the_notebook_will_do(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (course / "elsewhere").mkdir()
    monkeypatch.chdir(course / "elsewhere")
    assert grader.check(course / "mine.ipynb", static=True).at_most == 3.0


def test_importing_the_grader_loads_nothing_of_it(course: Path) -> None:
    code = "import sys, grader; print(sorted(name for name in sys.modules if name.startswith('grader')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "['grader']\n"


# --- %grader check -----------------------------------------------------------------------------------------


def test_the_magic_checks_a_notebook_that_is_named(course: Path, shell: Any) -> None:
    found = checked(shell, "check mine.ipynb --static --part part1")
    assert isinstance(found, Checked)
    assert found.at_most == 3.0


@pytest.mark.parametrize("absolute", [True, False])
def test_jupyters_own_notebook_is_found_and_told_when_it_was_saved(
    course: Path, shell: Any, monkeypatch: pytest.MonkeyPatch, *, absolute: bool
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(course / "mine.ipynb") if absolute else "mine.ipynb")
    os.utime("mine.ipynb", (0, 86_400 * 365))
    found = checked(shell, "check --static")
    assert found.report.notebook == "mine.ipynb"
    assert found.report.notes[0].startswith("the file is checked as ")
    assert "1971" in found.report.notes[0]
    assert "what was changed since is not in it" in found.report.notes[0]


def test_the_notebook_of_vs_code_is_found(course: Path, shell: Any) -> None:
    shell.user_ns["__vsc_ipynb_file__"] = str(course / "mine.ipynb")
    assert checked(shell, "check --static").report.notebook == "mine.ipynb"


def test_colab_hands_over_what_its_page_shows(course: Path, shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A front end as Colab's is: its answer is the notebook, and there is no file."""
    asked: list[tuple[Any, ...]] = []

    def blocking_request(name: str, request: str = "", timeout_sec: int = 5) -> dict[str, Any]:
        asked.append((name, request, timeout_sec))
        return {"ipynb": notebook("print('no')", colab={"name": "../../Copy of part 1.ipynb"})}

    package, message = ModuleType("google.colab"), ModuleType("google.colab._message")
    message.blocking_request = blocking_request  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab._message", message)
    found = checked(shell, "check --static")
    assert asked == [("get_ipynb", "", live.COLAB_SECONDS)]
    assert found.report.notebook == "______Copy of part 1.ipynb"
    assert (found.passed, found.at_most) == (False, 1.0)
    assert found.report.notes[0] == "the notebook is checked as the page shows it"


@pytest.mark.parametrize("answer", [None, {}, {"ipynb": "text"}, []])
def test_where_colab_hands_over_nothing_that_is_said(answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    message = ModuleType("google.colab._message")
    message.blocking_request = lambda *_, **__: answer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab._message", message)
    with pytest.raises(UsageError, match="Colab did not hand over the notebook"):
        live.find({})


@pytest.fixture
def server(course: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[object], None]]:
    """A Jupyter server that runs here, as its runtime file tells; its sessions are what it is given."""
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get("sessions", b"[]") if "token=secret" in self.path else b"no"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(course))
    told = {"url": f"http://127.0.0.1:{running.server_port}/", "token": "secret", "root_dir": str(course)}
    (course / "jpserver-1.json").write_text(json.dumps(told), "utf-8")
    (course / "jpserver-2.json").write_text("no JSON", "utf-8")
    (course / "jpserver-3.json").write_text(json.dumps({"url": "file:///etc/", "root_dir": "/"}), "utf-8")
    yield lambda sessions: answers.update(sessions=json.dumps(sessions).encode())
    running.shutdown()
    thread.join()
    running.server_close()


def test_a_server_is_asked_which_notebook_the_kernel_belongs_to(
    server: Callable[[object], None], course: Path
) -> None:
    other = {"kernel": {"id": "another"}, "path": "other.ipynb"}
    server([other, "odd", {"kernel": None}, {"kernel": {"id": KERNEL}, "notebook": {"path": "mine.ipynb"}}])
    assert live.find({}, f"/run/kernel-{KERNEL}.json").path == course / "mine.ipynb"


@pytest.mark.parametrize("sessions", [{}, [], [{"kernel": {"id": KERNEL}, "path": "gone.ipynb"}], [{"path": 3}]])
def test_where_nothing_tells_the_notebook_the_way_out_is_said(
    server: Callable[[object], None], sessions: object
) -> None:
    server(sessions)
    with pytest.raises(UsageError, match=r"name its file, `%grader check NOTEBOOK\.ipynb`"):
        live.find({"__vsc_ipynb_file__": 3}, f"kernel-{KERNEL}.json")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "'' is nothing that can be done here; expected %grader check"),
        ("grade x", "'grade x' is nothing that can be done here"),
        ("check a.ipynb b.ipynb", "'b.ipynb' is not understood"),
        ("check --jobs 3", "'--jobs' is not understood"),
        ("check 'a", "cannot be read (No closing quotation)"),
        ("check none.ipynb --static", "'none.ipynb' does not exist"),
    ],
)
def test_what_cannot_be_done_is_a_line_and_no_traceback(
    course: Path, shell: Any, capsys: pytest.CaptureFixture[str], line: str, said: str
) -> None:
    assert checked(shell, line) is None
    assert said in capsys.readouterr().out


def test_options_may_stand_in_any_order_with_or_without_a_sign() -> None:
    assert magic._options("check --part=one 'my file.ipynb' --rubric r.yaml --static") == (
        "my file.ipynb",
        {"part": "one", "rubric": "r.yaml", "static": True},
    )


def test_an_answer_that_is_no_report_is_our_trouble(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(GraderError, match="the check gave no report that can be read"):
        grader.check("mine.ipynb")
