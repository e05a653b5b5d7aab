"""A job of GitHub Actions: every step of the action is run, with the files that GitHub's runner gives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from reported import HOSTILE, ended, graded, rubric

from grader import changes, job
from grader.errors import UsageError
from grader.model import Result, Status
from grader.outputs.exports import people

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
RUBRIC = """\
assignment: tiny
title: Tiny
points: 10
parts:
  only:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 4, check: executes}
      - {id: seeded, points: 6, check: code, pattern: "seed = 7", title: "Set the seed"}
"""
NAME = "my $(touch hacked) `x`'; ::error::%0A.ipynb"


def notebook(*sources: str) -> str:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for source in sources
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}, indent=1)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a small assignment, and `python` as the one that runs the tests, which installs nothing."""
    folder = tmp_path / "check out"
    folder.mkdir()
    (folder / "rubric.yaml").write_text(RUBRIC, "utf-8")
    (folder / "reference.ipynb").write_text(notebook("seed = 7"), "utf-8")
    shims = tmp_path / "bin"
    shims.mkdir()
    pip = f'if [ "$2" = pip ]; then printf "%s\\n" "$@" > "{tmp_path}/pip"; exit; fi'
    (shims / "python").write_text(f'#!/bin/bash\n{pip}\nexec "{sys.executable}" "$@"\n')
    (shims / "python").chmod(0o755)
    return folder


def step(name: str, checkout: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str], str]:
    """What the runner does: the script with its environment; what it left in the job's files."""
    given = {key: one.get("default", "") for key, one in ACTION["inputs"].items()} | inputs
    known = {f"${{{{ inputs.{key} }}}}": value for key, value in given.items()}
    known["${{ github.action_path }}"] = str(ROOT)
    told = {key: known[value] for key, value in STEPS[name]["env"].items()}
    files = {
        each: checkout.parent / each
        for each in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH")
    }
    for path in files.values():
        path.write_text("")
    environment = {
        **os.environ,
        **told,
        **{key: str(path) for key, path in files.items()},
        "PATH": f"{checkout.parent / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(checkout.parent),
    }
    script = checkout.parent / "script.sh"
    script.write_text(STEPS[name]["run"])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    return done, outputs(files["GITHUB_OUTPUT"].read_text("utf-8")), files["GITHUB_STEP_SUMMARY"].read_text("utf-8")


def outputs(text: str) -> dict[str, str]:
    """As the runner reads them: `name<<mark`, the value, the mark."""
    found, lines = {}, text.split("\n")
    while lines and lines[0]:
        name, _, mark = lines.pop(0).partition("<<")
        end = lines.index(mark)
        found[name] = "\n".join(lines[:end])
        lines = lines[end + 1 :]
    return found


def commands(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stdout.splitlines() if line.startswith("::")]


# --- the action --------------------------------------------------------------------------------------------


def test_every_step_is_a_script_that_takes_its_inputs_from_the_environment() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert set(STEPS) == {"Install grader", "Run grader"}
    for one in STEPS.values():
        assert "${{" not in one["run"]
        assert one["shell"] == "bash"
    assert {one["value"] for one in ACTION["outputs"].values()} == {
        f"${{{{ steps.run.outputs.{name} }}}}" for name in ("score", "max-score", "report")
    }


def test_the_grader_is_installed_from_the_action_itself(checkout: Path) -> None:
    done, _, _ = step("Install grader", checkout)
    assert done.returncode == 0, done.stderr
    installed = (checkout.parent / "pip").read_text().splitlines()
    assert installed == ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{ROOT}[course]"]


@pytest.mark.slow
def test_notebooks_are_checked_with_annotations_summary_junit_and_score(checkout: Path) -> None:
    (checkout / NAME).write_text(notebook("seed = 8", "1 / 0"), "utf-8")
    (checkout / "good.ipynb").write_text(notebook("seed = 7"), "utf-8")
    done, told, summary = step("Run grader", checkout, notebooks=f"{NAME}\n\ngood.ipynb\n")
    assert done.returncode == 1, done.stderr
    assert told == {"score": "10", "max-score": "20"}
    errors = commands(done)
    assert len(errors) == 2
    assert all(
        line.startswith("::error file=my $(touch hacked) `x`'; %3A%3Aerror%3A%3A%250A.ipynb,") for line in errors
    )
    assert any("(cell 2" in line for line in errors)
    assert summary.count("### Tiny") + summary.count("### tiny") == 2
    assert "::error" not in summary
    files = sorted((checkout / "grader-junit").iterdir())
    cases = [case for path in files for case in ET.parse(path).iter("testcase")]  # noqa: S314 - our own
    assert [case.find("failure") is None for case in cases] == [False, False, True, True]
    assert not (checkout / "hacked").exists()


@pytest.mark.slow
def test_changed_submissions_are_graded_with_a_summary_and_the_report(checkout: Path) -> None:
    def git(*words: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@x"]
        subprocess.run(["git", *who, *words], cwd=checkout, check=True, capture_output=True)

    folder = checkout / "submissions"
    for student, source in (("ann", "seed = 7"), ("bo", "seed = 8"), ("<b>cy", "seed = 7")):
        (folder / student).mkdir(parents=True)
        (folder / student / "a.ipynb").write_text(notebook(source), "utf-8")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    (folder / "bo" / "a.ipynb").write_text(notebook("seed = 9"), "utf-8")
    (folder / "<b>cy" / "a.ipynb").write_text(notebook("seed = 7 "), "utf-8")
    git("add", "-A")
    git("commit", "-qm", "two")
    done, told, summary = step("Run grader", checkout, command="grade", since="HEAD~1")
    assert done.returncode == 0, done.stderr
    assert told == {"report": "grades/report/index.html", "students": "2"}
    assert (checkout / told["report"]).is_file()
    rows = [line for line in summary.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert rows == ["| &#60;b&#62;cy | graded | 10 |  |", "| bo | graded | 4 |  |"]
    again, _, _ = step("Run grader", checkout, command="grade", since="HEAD")
    assert again.stdout.strip().endswith("nothing in 'submissions' has changed since HEAD")


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({}, "::error title=grader::no notebook is named; set the input 'notebooks'"),
        (
            {"command": "$(touch hacked)"},
            "::error title=grader::the input 'command' is none of check, grade and verify",
        ),
    ],
)
def test_inputs_that_cannot_be_used_fail_the_step(inputs: dict[str, str], told: str, checkout: Path) -> None:
    done, _, _ = step("Run grader", checkout, **inputs)
    assert (done.returncode, done.stdout.strip()) == (2, told)
    assert not (checkout / "hacked").exists()


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "workflows").iterdir()), ids=lambda path: path.name)
def test_the_workflows_to_copy_are_sound(path: Path) -> None:
    flow: Any = yaml.safe_load(path.read_text("utf-8"))
    assert flow["permissions"] == {"contents": "read"}
    for one in flow["jobs"].values():
        assert one["timeout-minutes"] <= 120
        for each in one["steps"]:
            assert "${{" not in each.get("run", "")
            if each.get("uses", "").startswith("OWNER/grader"):
                assert set(each.get("with", {})) <= set(ACTION["inputs"])


# --- the runner's files ------------------------------------------------------------------------------------


@given(st.text(max_size=50) | st.just("a\nb<<c\n::error::x"))
def test_any_value_comes_out_of_the_outputs_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.mktemp("job") / "output"
    job.Job(path, None).tell(score=value, max_score="2")
    data = path.read_bytes().decode("utf-8")
    assert outputs(data) == {"score": value.encode("utf-8", "replace").decode(), "max-score": "2"}


def test_a_summary_keeps_below_github_s_limit(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    job.Job(None, path).summarise(["x" * 600_000, "y" * 600_000, "z"])
    assert path.stat().st_size <= job.MOST_SUMMARY
    assert path.read_text().endswith("The rest does not fit into a summary.\n")


def test_without_a_runner_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = job.Job.of({})
    here.tell(score="1")
    here.summarise(["x"])
    assert list(tmp_path.iterdir()) == []


def test_ten_annotations_of_a_kind_are_kept_errors_first() -> None:
    lines = [f"::warning ::{n}" for n in range(12)] + ["text"] + [f"::error ::{n}" for n in range(12)]
    kept = job.most_important(lines)
    assert kept == [f"::error ::{n}" for n in range(10)] + [f"::warning ::{n}" for n in range(10)]


def test_a_class_is_summed_up_with_flags_first_and_every_text_escaped(tmp_path: Path) -> None:
    course = rubric(tmp_path)
    grades = [graded("ann"), ended("bo", Status.GRADER_ERROR), graded(HOSTILE, flags=[HOSTILE])]
    everybody = people.everybody(course, map(Result, grades))
    told = job.class_summary(course, everybody, ["a <b>note</b>"])
    rows = [line for line in told.splitlines() if line.startswith("| ")][2:]
    assert rows[1:] == ["| ann | graded | 32.5 |  |", "| bo | grader&#95;error | not graded |  |"]
    assert "<script" not in told
    assert "<b>" not in told
    lines = job.class_annotations(everybody)
    assert lines[0] == "::error title=bo::the grader itself failed"
    assert len(lines) == 2
    assert all("\n" not in line for line in lines)


# --- what has changed --------------------------------------------------------------------------------------


def test_a_commit_that_is_not_known_is_a_usage_fault(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    for since, told in (("nothing", "what has changed since 'nothing' is not known"), ("--help", "is no commit")):
        with pytest.raises(UsageError, match=told):
            changes.copied(tmp_path, since, tmp_path / "to")


def test_before_a_branch_s_first_commit_everything_is_new(tmp_path: Path) -> None:
    assert changes.copied(tmp_path, "0" * 40, tmp_path / "to") == tmp_path
