"""Who checks a notebook of one's own installs little; what is missing is named, and nobody is blamed for it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from grader import batch, submissions
from grader.commands import rubrics
from grader.errors import GraderError
from grader.progress import Progress
from grader.sandbox import devices

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
COURSE = [line.split(">")[0] for line in PROJECT["optional-dependencies"]["course"]]
BLOCKER = f"""\
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {[*COURSE, "keras", "pytest", "hypothesis", "playwright"]!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def light(tmp_path: Path) -> dict[str, str]:
    """An environment in which only the base packages can be imported by this process."""
    (tmp_path / "light").mkdir()
    (tmp_path / "light" / "sitecustomize.py").write_text(BLOCKER)
    return {**os.environ, "PYTHONPATH": f"{tmp_path / 'light'}:{ROOT}"}


def grader(light: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=ROOT, env=light, capture_output=True, text=True, check=False, timeout=120)


def test_what_a_course_needs_is_not_among_what_checking_needs() -> None:
    base = [line.split(">")[0] for line in PROJECT["dependencies"]]
    assert not set(base) & set(COURSE)
    assert {"tensorflow", "nbconvert", "pandas"} <= set(COURSE)


def test_the_blocker_blocks(light: dict[str, str]) -> None:
    command = [sys.executable, "-c", "import jinja2"]
    assert subprocess.run(command, env=light, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--version",),
        ("check", "--help"),
        ("check", "--static", "submissions/bao.ipynb"),
        ("check", "--static", "--format", "json", "submissions/bao.ipynb"),
        ("check", "--saved", "--part", "part1", "tests/printed/Output.txt"),
        ("reference", "show"),
        ("rubric", "schema"),
        ("cache", "show"),
    ],
    ids=" ".join,
)
def test_with_the_base_packages_alone(arguments: tuple[str, ...], light: dict[str, str]) -> None:
    done = grader(light, *arguments)
    assert (done.returncode in (0, 1), done.stderr) == (True, "")
    assert done.stdout


def test_a_command_that_needs_more_says_what_to_install(light: dict[str, str]) -> None:
    done = grader(light, "report", "--out", "none")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "grader: this command needs the package 'jinja2', which is not installed; install what a course needs: "
        "pip install 'grader[course]', or the same from the folder of the grader's source\n"
    )


def test_where_there_is_no_keras_the_notebook_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    here = devices.machine(gpus=False)
    bare = replace(here, versions={name: version for name, version in here.versions.items() if name != "keras"})
    monkeypatch.setattr(devices, "machine", lambda *_, **__: bare)
    assignment = rubrics.load(ROOT / "rubric.yaml", require_reference=False)
    one = submissions.single(ROOT / "submissions" / "bao.ipynb", assignment, "part1")
    with pytest.raises(GraderError) as raised:
        batch.check_submission(assignment, one, batch.Wanted(), Progress())
    assert str(raised.value) == (
        f"'{sys.executable}' runs the notebooks and has no Keras: install it there with `pip install tensorflow`; "
        "`grader check --static` says what can be said without it"
    )
