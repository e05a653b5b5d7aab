"""Every command's help ends with an example, and every example works."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli import COMMANDS, main
from grader.commandline import parser
from grader.commandline.examples import EXAMPLES, EXITS, leaves

ROOT = Path(__file__).parents[1]
RUBRIC = """\
assignment: small
title: Small
points: 10
execution: {timeout: 2 min}
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 2, check: executes}
      - {id: layers, points: 3, check: model_summary}
      - {id: settings, points: 2, check: training}
      - {id: figures, points: 3, check: history, epoch: 1}
"""
SOLVED = """\
import keras
import numpy as np
rng = np.random.default_rng(0)
x = rng.random((200, 4)).astype("float32")
y = (x[:, :1] > 0.5).astype("float32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
model.summary()
model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=1, batch_size=32, verbose=0)
print({name: values[0] for name, values in history.history.items()})
"""
IMPORTING = """\
assignment: old
title: Old
points: 3
parts:
  part1:
    reference: Output.txt
    criteria:
      - {id: layers, points: 1, check: model_summary}
      - {id: history, points: 2, check: history, epoch: 1, tolerance: {rtol: 0.01, atol: 0.005}}
"""
RUNNER = dict.fromkeys(("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"), "x")
LEAVES = dict(leaves(parser()))


def notebook(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}), "utf-8")


def git(folder: Path, *words: str) -> None:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@x", *words]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small assignment in a repository, recorded and graded once; every example gets a copy of it."""
    folder = tmp_path_factory.mktemp("courses") / "course"
    for name in ("reference.ipynb", "solved.ipynb", "submissions/ann/part1.ipynb", "autograder/submission/a.ipynb"):
        notebook(folder / name, SOLVED)
    (folder / "rubric.yaml").write_text(RUBRIC, "utf-8")
    shutil.copy(ROOT / "tests" / "printed" / "Output.txt", folder)
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert main(["reference", "record", "--seeds", "4"]) == 0
        git(folder, "init", "-q")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "one")
        notebook(folder / "submissions/ann/part1.ipynb", SOLVED + "# again\n")
        git(folder, "commit", "-qam", "two")
        assert main(["grade", "--cache", "trainings"]) == 0
    finally:
        os.chdir(before)
    return folder


def test_every_command_has_an_example_and_is_done_by_something() -> None:
    assert set(LEAVES) == set(EXAMPLES)
    for name, each in LEAVES.items():
        told = each.format_help()
        assert told.endswith(f"{EXITS}\n\nexample:\n  {EXAMPLES[name]}\n"), name
        assert each.get_default("command") in COMMANDS, name


def test_every_option_says_what_it_is_for() -> None:
    silent = [
        f"{name} {action.dest}"
        for name, each in LEAVES.items()
        for action in each._actions
        if not action.help and action.dest not in ("notebook", "file", "notebooks", "help")
    ]
    assert silent == []


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_works(name: str, course: Path, tmp_path: Path) -> None:
    folder = tmp_path / "course"
    shutil.copytree(course, folder, symlinks=True)
    if name == "reference import":
        (folder / "rubric.yaml").write_text(IMPORTING, "utf-8")
    program, *arguments = shlex.split(EXAMPLES[name])
    assert program == "grader"
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, **RUNNER, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "grader", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout + done.stderr


# --- completion --------------------------------------------------------------------------------------------


def test_bash_completes_commands_and_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    script = tmp_path / "grader.bash"
    script.write_text(capsys.readouterr().out, "utf-8")
    ask = (
        f'source "{script}"; complete -p grader >/dev/null || exit 9; '
        'COMP_WORDS=(grader re); COMP_CWORD=1; COMP_LINE="grader re"; COMP_POINT=9; '
        '$(complete -p grader | sed "s/.*-F \\([^ ]*\\).*/\\1/"); printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert {"reference", "report"} <= set(done.stdout.split())


@pytest.mark.parametrize("shell", ["zsh", "tcsh", "fish"])
def test_other_shells_get_a_script_that_names_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    told = capsys.readouterr().out
    assert all(name.split()[0] in told for name in EXAMPLES)
