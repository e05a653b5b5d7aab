"""What a person is told who asks for what cannot be done: the fact, the value, what was expected, the next step."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli import main
from grader.errors import REMEDIES, refused

ROOT = Path(__file__).parents[1]
KNOWN = "is not in the rubric, which has 'part1', 'part2'; name one of these"
PROGRAMS = "is not in the rubric, which has 'mnist_cnn', 'mnist_convnet'; name one of these"
NO_RESULTS = "holds no results; expected those of a run: give `grader grade --out"
RUBRIC = "allowed: a rubric, a YAML file: name it with --rubric, or draft one with `grader init`"
NOTEBOOK = "expected a notebook in nbformat 4: save it once more in Jupyter or Colab"

# A command line, and all that it writes to standard error.
REFUSED = {
    "grade nowhere": (
        "submissions 'nowhere': No such file or directory; expected a folder of <student>/<notebook>.ipynb or of "
        "<student>.ipynb files, or a system's download: look at its name and folder"
    ),
    "grade empty": (
        "no submission in 'empty': expected <student>/<notebook>.ipynb or <student>.ipynb, or the download of a "
        "system that docs/lms.md lists"
    ),
    "grade --rubric none.yaml": f"none.yaml:1: file: found no file; {RUBRIC}",
    "grade --rubric empty": f"empty:1: file: found something that is not a file; {RUBRIC}",
    "grade --out rubric.yaml": (
        "--out 'rubric.yaml' is a file; expected a folder for the results: name another one"
    ),
    "check none.ipynb": "'none.ipynb' does not exist; expected a notebook: look at its name and folder",
    "check mine.ipynb --part part9": f"--part 'part9' {KNOWN}",
    "check mine.ipynb --part part1 --saved --static": (
        "--saved judges outputs alone, and says so as text: leave out --format and --static"
    ),
    "report": f"'grades' {NO_RESULTS} grades` first, or name another folder with --out",
    "report --out empty": f"'empty' {NO_RESULTS} empty` first, or name another folder with --out",
    "report --out rubric.yaml": (
        "--out 'rubric.yaml' is a file; expected the folder of a run's results: name that"
    ),
    "export nbgrader": f"'grades' {NO_RESULTS} grades` first, or name another folder with --out",
    "export classroom50": "`grader export classroom50` needs the classroom's short name; give it with --classroom",
    "reference record --part part9": f"--part 'part9' {KNOWN}",
    "reference record --reference other": f"--reference 'other' {PROGRAMS}",
    "reference show --part part9": f"--part 'part9' {KNOWN}",
    "reference import empty --part part2": "'empty' is not a file; expected a notebook, or a text",
    "reference import rubric.yaml": (
        "an output is the recording of one reference: name it with --part and --reference"
    ),
    "verify --part part9": f"--part 'part9' {KNOWN}",
    "verify --reference other": f"--reference 'other' {PROGRAMS}",
    "init none.ipynb new": (
        "the reference 'none.ipynb' cannot be read: No such file or directory; expected a notebook: look at its "
        "name and folder"
    ),
    "init rubric.yaml new": f"the reference 'rubric.yaml' is no notebook that can be read; {NOTEBOOK}",
    "init mine.ipynb": (
        "'rubric.yaml' is there already; expected a folder without a rubric: name another one, or go on with this "
        "rubric: `grader reference record`"
    ),
    "init mine.ipynb rubric.yaml": "'{here}/rubric.yaml' is not a folder; name another one for the assignment",
    "cache show --cache rubric.yaml": "the cache 'rubric.yaml' is not a folder; name another one with --cache",
    "gradescope setup --to empty": "'empty': Is a directory; expected a file: name one",
    "gradescope run": ("'/autograder/submission' is not a folder; expected the one that holds what was handed in"),
}
# What argparse refuses: the last line, below the usage.
MISUSED = {
    "nope": "grader: error: argument COMMAND: invalid choice: 'nope' (choose from {}); see `grader --help`",
    "check": ("grader check: error: the following arguments are required: notebook; see `grader check --help`"),
    "grade --jobs 0": (
        "grader grade: error: argument --jobs: '0' is not a number from 1; see `grader grade --help`"
    ),
    "grade --audit 7": (
        "grader grade: error: argument --audit: '7' is not a share such as 5% or 0.05; see `grader grade --help`"
    ),
    "cache wipe": (
        "grader cache: error: argument COMMAND: invalid choice: 'wipe' (choose from {}); see `grader cache --help`"
    ),
}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped rubric, references and recordings, a notebook, and an empty folder."""
    shutil.copytree(ROOT / "reference", tmp_path / "reference")
    shutil.copy(ROOT / "rubric.yaml", tmp_path)
    empty = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}
    (tmp_path / "mine.ipynb").write_text(json.dumps(empty), "utf-8")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("line", REFUSED)
def test_a_refusal_says_what_was_expected_and_what_to_do(
    line: str, course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(course.rglob("*"))
    assert main(line.split()) in (2, 3)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"grader: {REFUSED[line].format(here=course)}\n")
    assert sorted(course.rglob("*")) == before


@pytest.mark.parametrize("line", MISUSED)
def test_a_misuse_says_where_its_command_is_explained(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(line.split())
    assert left.value.code == 2
    usage, _, last = capsys.readouterr().err.rstrip("\n").rpartition("\n")
    assert usage.startswith("usage: grader")
    assert re.sub(r"choose from [^)]*", "choose from {}", last) == MISUSED[line]


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda folder: (folder / "none").read_bytes(), "expected it to be there: look at its name and folder"),
        (lambda folder: folder.read_bytes(), "expected a file: name one"),
        (lambda folder: (folder / "file" / "x").read_bytes(), "expected a folder: name one"),
        (lambda folder: (folder / "file").mkdir(), "expected nothing there yet: name another place"),
    ],
)
def test_what_the_system_refuses_is_told_with_a_way_out(
    act: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=re.escape(str(tmp_path))) as raised:
        act(tmp_path)
    assert refused(raised.value) == f"'{raised.value.filename}': {raised.value.strerror}; {told}"


def test_each_way_out_belongs_to_an_error_that_the_system_knows() -> None:
    assert set(REMEDIES) <= set(errno.errorcode.values())
    other = OSError(errno.EIO, os.strerror(errno.EIO))
    assert refused(other, "a/b") == f"'a/b': {other.strerror}; mend that, and give the command again"
