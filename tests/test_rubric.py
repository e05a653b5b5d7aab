"""rubric.yaml becomes a Rubric, or every fault in it is told at once with its line."""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it ships no type information
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import rubric
from grader.errors import UsageError
from grader.model import (
    BandTolerance,
    CodeCriterion,
    Compat,
    DeviceChoice,
    EpochChoice,
    EvidenceKind,
    ExecutesCriterion,
    Execution,
    HistoryCriterion,
    Part,
    Rubric,
    SummaryCriterion,
    Tolerance,
    TrainingCriterion,
)
from grader.rubric import RubricError

TOP = Path(__file__).parent.parent
SHIPPED = TOP / "rubric.yaml"

WHOLE = """\
assignment: a0
title: Digits
points: 100
execution: {device: gpu, seed: 7, max_epochs: 2, timeout: 1.5 h, cell_timeout: 2 min,
  memory: 512 MiB, processes: 16, open_files: 64, scratch: 2 MiB, scratch_files: 100, file_size: 1 MiB,
  output: 8 MB, messages: 1000, evidence: 4 MiB, python: envs/bin/python, answers: ["7", yes please]}
datasets: {mnist.npz: data/mnist.npz}
parts:
  one:
    notebook: "*part1*"
    reference: one.ipynb
    criteria:
      - {id: runs, points: 15, check: executes}
      - {id: seeded, points: 4.5, check: code, pattern: "np.random.seed(0)", after: "$E = 12",
         adjacent: true, title: Seed}
      - {id: first, points: 0.5, check: code, pattern: [import numpy, import numpy as np],
         position: first, before: [x, y]}
      - {id: layers, points: 25, check: model_summary, evidence: observed}
  two:
    notebook: ["*part2*", "*b*"]
    reference: ./two.ipynb
    criteria:
      - {id: runs, points: 15, check: training}
      - {id: band, points: 20, check: history, tolerance: band, coverage: 0.99, epochs: [2, 1]}
      - {id: near, points: 20, check: history, tolerance: {rtol: 1e-3, atol: 0.5}, evidence: observed}
"""

LIMITED = Execution(
    device=DeviceChoice.GPU,
    seed=7,
    max_epochs=2,
    timeout=5400.0,
    cell_timeout=120.0,
    memory=512 * 2**20,
    processes=16,
    open_files=64,
    scratch=2 * 2**20,
    scratch_files=100,
    file_size=2**20,
    output=8_000_000,
    messages=1000,
    evidence=4 * 2**20,
    answers=("7", "yes please"),
)

SMALL = """\
assignment: a0
points: 10
parts:
  only:
    reference: one.ipynb
    criteria:
      - {id: runs, points: 10, check: executes}
"""


def write(folder: Path, text: str | bytes) -> Path:
    for name in ("one.ipynb", "two.ipynb", "data/mnist.npz"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    path = folder / "rubric.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(folder: Path, text: str | bytes) -> list[str]:
    """The faults' lines, without the path that each must begin with."""
    path = write(folder, text)
    with pytest.raises(RubricError) as caught:
        rubric.load(path)
    lines = str(caught.value).split("\n")
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line.removeprefix(f"{path}:") for line in lines]


def replaced(old: str, new: str, text: str = SMALL) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


# --- what is read ------------------------------------------------------------------------------------------


def test_every_field_reaches_the_rubric(tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE)
    assert rubric.load(path) == Rubric(
        path=path,
        assignment="a0",
        title="Digits",
        points=100.0,
        execution=replace(LIMITED, python=str(tmp_path / "envs/bin/python")),
        datasets={"mnist.npz": tmp_path / "data/mnist.npz"},
        parts=(
            Part(
                "one",
                ("*part1*",),
                tmp_path / "one.ipynb",
                (
                    ExecutesCriterion("runs", 15),
                    CodeCriterion("seeded", 4.5, ("np.random.seed(0)",), "Seed", after=("$E = 12",), adjacent=True),
                    CodeCriterion(
                        "first", 0.5, ("import numpy", "import numpy as np"), first=True, before=("x", "y")
                    ),
                    SummaryCriterion("layers", 25, evidence=EvidenceKind.OBSERVED),
                ),
            ),
            Part(
                "two",
                ("*part2*", "*b*"),
                tmp_path / "two.ipynb",
                (
                    TrainingCriterion("runs", 15),
                    HistoryCriterion("band", 20, epochs=(1, 2), tolerance=BandTolerance(0.99)),
                    HistoryCriterion("near", 20, tolerance=Tolerance(0.001, 0.5), evidence=EvidenceKind.OBSERVED),
                ),
            ),
        ),
    )


def test_what_is_left_out_has_the_defaults(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    part = Part("only", (), tmp_path / "one.ipynb", (ExecutesCriterion("runs", 10),))
    assert rubric.load(path) == Rubric(path, "a0", "a0", 10, Execution(), {}, (part,))


def test_any_criterion_may_be_hidden_and_a_history_verified(tmp_path: Path) -> None:
    criteria = "\n".join(
        f"      - {{id: c{number}, points: 2, hidden: true, check: {check}}}"
        for number, check in enumerate(
            ["executes", "model_summary", "training", "history, evidence: verified", "code, pattern: import numpy"]
        )
    )
    text = replaced("      - {id: runs, points: 10, check: executes}", criteria)
    found = rubric.load(write(tmp_path, text), require_reference=False).parts[0].criteria
    assert [criterion.hidden for criterion in found] == [True] * 5
    assert isinstance(found[3], HistoryCriterion)
    assert found[3].evidence is EvidenceKind.VERIFIED


@pytest.mark.parametrize("line", ["datasets:", "datasets: {}", "execution:", "execution: {}", "title: ''"])
def test_an_empty_section_is_like_an_absent_one(tmp_path: Path, line: str) -> None:
    assert rubric.load(write(tmp_path, f"{line}\n{SMALL}")) == rubric.load(write(tmp_path, SMALL))


def test_paths_are_absolute_for_a_rubric_named_relatively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, SMALL)
    monkeypatch.chdir(tmp_path)
    loaded = rubric.load(Path("rubric.yaml"))
    assert (loaded.path, loaded.parts[0].reference) == (tmp_path / "rubric.yaml", tmp_path / "one.ipynb")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("20 min", 1200), ("90 s", 90), ("1 h", 3600), ("2hours", 7200), ("0.5 min", 30), ("75", 75), ("1.5", 1.5)],
)
def test_a_timeout_is_a_duration_or_seconds(tmp_path: Path, written: str, seconds: float) -> None:
    path = write(tmp_path, f"execution: {{timeout: {written}}}\n{SMALL}")
    assert rubric.load(path).execution.timeout == seconds


@pytest.mark.parametrize(
    ("written", "size"),
    [("4 GiB", 4 * 2**30), ("512 MiB", 512 * 2**20), ("8 MB", 8 * 10**6), ("1.5 kib", 1536), ("4096", 4096)],
)
def test_memory_is_a_size_or_bytes(tmp_path: Path, written: str, size: int) -> None:
    path = write(tmp_path, f"execution: {{memory: {written}}}\n{SMALL}")
    assert rubric.load(path).execution.memory == size


def test_a_bare_command_stays_a_command(tmp_path: Path) -> None:
    path = write(tmp_path, f"execution: {{python: python3.12}}\n{SMALL}")
    assert rubric.load(path).execution.python == "python3.12"


def test_aliases_are_followed(tmp_path: Path) -> None:
    text = SMALL.replace("criteria:\n", "criteria: &same\n").replace("10\n", "20\n", 1)
    text = text.replace("  only:\n", '  only:\n    notebook: "*1*"\n')
    text += '  other: {reference: two.ipynb, notebook: "*2*", criteria: *same}\n'
    first, second = rubric.load(write(tmp_path, text)).parts
    assert first.criteria == second.criteria == (ExecutesCriterion("runs", 10),)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert rubric.load(write(tmp_path, text)).points == 10


def test_a_check_needs_no_reference_notebook(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    (tmp_path / "one.ipynb").unlink()
    assert rubric.load(path, require_reference=False).parts[0].reference == tmp_path / "one.ipynb"
    with pytest.raises(RubricError, match=r"one\.ipynb"):
        rubric.load(path)


# --- the shipped rubric and its schema ---------------------------------------------------------------------


def test_the_shipped_rubric_holds_what_the_assignment_asks_for() -> None:
    loaded = rubric.load(SHIPPED, require_reference=False)
    part, cells = loaded.parts
    assert {(c.id, c.points, type(c)) for c in part.criteria} == {
        ("runs", 15, ExecutesCriterion),
        ("numpy_first", 5, CodeCriterion),
        ("seeded", 5, CodeCriterion),
        ("summary_printed", 5, CodeCriterion),
        ("history_kept", 5, CodeCriterion),
        ("architecture", 25, SummaryCriterion),
        ("training", 15, TrainingCriterion),
        ("history_printed", 5, CodeCriterion),
        ("history", 20, HistoryCriterion),
    }
    assert [(c.id, c.points, getattr(c, "evidence", None)) for c in cells.criteria] == [
        ("runs", 20, None),
        ("architecture", 10, EvidenceKind.OBSERVED),
        ("training", 10, None),
        ("history", 10, EvidenceKind.OBSERVED),
    ]
    assert all(criterion.title for each in loaded.parts for criterion in each.criteria)
    assert (loaded.points, part.points, cells.points) == (150, 100, 50)
    assert loaded.execution == Execution(max_epochs=1, compat=Compat.KERAS2)


def test_the_committed_schema_is_the_current_one() -> None:
    committed = (TOP / "docs/rubric.schema.json").read_text(encoding="utf-8")
    assert committed == json.dumps(rubric.schema(), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("text", [SHIPPED.read_text(encoding="utf-8"), WHOLE.replace("1e-3", "0.001"), SMALL])
def test_the_schema_accepts_what_loads(text: str) -> None:
    jsonschema.Draft202012Validator.check_schema(rubric.schema())
    jsonschema.Draft202012Validator(rubric.schema()).validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("points: 10\n", "pionts: 10\n"),
        ("check: executes", "check: exceutes"),
        ("points: 10,", "points: -1,"),
        ("assignment: a0", "execution: {timeout: soon}\nassignment: a0"),
        ("id: runs", "id: 'a b'"),
    ],
)
def test_the_schema_shows_faults_in_the_editor_too(old: str, new: str) -> None:
    validator = jsonschema.Draft202012Validator(rubric.schema())
    assert not validator.is_valid(yaml.safe_load(replaced(old, new)))


def test_every_field_has_a_description_for_editors() -> None:
    schemas = [rubric.schema(), *rubric.schema()["$defs"].values()]
    fields = {name: field for one in schemas for name, field in one.get("properties", {}).items()}
    assert not {n for n, field in fields.items() if "description" not in field}


# --- faults ------------------------------------------------------------------------------------------------


FAULTY = """\
assignment: ""
titel: x
points: 99
execution: {device: tpu, seed: -1, timeout: soon, memory: 4 gigs}
datasets: {mnist.npz: nowhere.npz}
parts:
  one:
    refrence: x.ipynb
    criteria:
      - {id: runs, points: 15, check: executes}
      - {id: Runs, points: 5, check: code, adjacent: true}
      - {id: score, points: 4, check: cod}
"""
TOLD = [
    "1: assignment: found ''; allowed: text that is not empty",
    (
        "2: titel: found the unknown key 'titel'; allowed: 'assignment', 'title', 'points', 'execution', "
        "'datasets', 'parts', "
        "'students', 'resubmissions', 'late_policy' (did you mean 'title'?)"
    ),
    "3: points: found '99'; allowed: 24, which the points of the criteria add up to; change it or them",
    "4: execution.device: found 'tpu'; allowed: 'auto', 'cpu' or 'gpu'",
    (
        "4: execution.memory: found '4 gigs'; allowed: a size such as '4 GiB', '512 MiB' or '8 MB', "
        "or a number of bytes; 1024 TiB at most"
    ),
    "4: execution.seed: found '-1'; allowed: 0 or more",
    (
        "4: execution.timeout: found 'soon'; allowed: a duration such as '20 min', '90 s' or '1 h', "
        "or a number of seconds; a week at most"
    ),
    (
        "5: datasets.'mnist.npz': found 'nowhere.npz'; allowed: a data file that is there, "
        "its path relative to the rubric's folder"
    ),
    (
        "7: parts.one.reference: found nothing; allowed: a value, as it is needed: "
        "the reference notebook, or `references`, several of them by name"
    ),
    (
        "8: parts.one.refrence: found the unknown key 'refrence'; allowed: 'notebook', 'reference', 'references', "
        "'criteria' "
        "(did you mean 'reference'?)"
    ),
    (
        "11: parts.one.criteria['Runs'].adjacent: found 'true'; allowed: adjacent only beside 'after', "
        "which says to what"
    ),
    ("11: parts.one.criteria['Runs'].id: found 'Runs'; allowed: an id of its own, case aside (line 10 has it too)"),
    (
        "11: parts.one.criteria['Runs'].pattern: found nothing; allowed: a value, as it is needed: "
        "Python with `$NAME` in it; of several patterns, any one will do"
    ),
    (
        "12: parts.one.criteria['score'].check: found 'cod'; allowed: 'executes', 'code', 'model_summary', "
        "'training', 'history' (did you mean 'code'?)"
    ),
    (
        "12: parts.one.criteria['score'].id: found 'score'; allowed: an id that is not one of the other "
        "columns of scores.csv"
    ),
]


def test_all_faults_are_told_at_once_in_order_of_line(tmp_path: Path) -> None:
    assert faults(tmp_path, FAULTY) == TOLD


NUMBER = "a number, without quotes"
TEXT = "text (in quotes where it looks like a number, a date, yes or no)"
CRITERION = "{id: runs, points: 10, check: executes}"
WHERE = "7: parts.only.criteria['runs']"
ID = "a letter, then letters, digits or '_', 64 characters at most"
NOTEBOOK = "a notebook that is there, its path relative to the rubric's folder"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("points: 10,", "points: '10',", f"{WHERE}.points: found '10'; allowed: {NUMBER}"),
        ("points: 10,", "points: true,", f"{WHERE}.points: found 'true'; allowed: {NUMBER}"),
        ("points: 10,", "points: -10,", f"{WHERE}.points: found '-10'; allowed: 0 or more"),
        ("points: 10,", "points: .nan,", f"{WHERE}.points: found '.nan'; allowed: a finite number"),
        (
            "points: 10,",
            f"points: 1{'0' * 5000},",
            f"{WHERE}.points: found '1{'0' * 58}…'; allowed: a finite number",
        ),
        ("points: 10,", "points: 0x0A,", f"{WHERE}.points: found '0x0A'; allowed: {NUMBER}"),
        ("points: 10,", "points: [],", f"{WHERE}.points: found an empty list; allowed: {NUMBER}"),
        ("points: 10\n", "points: 0\n", "2: points: found '0'; allowed: a number above 0"),
        ("assignment: a0", "assignment: 5", f"1: assignment: found '5'; allowed: {TEXT}"),
        ("assignment: a0", "assignment: no", f"1: assignment: found 'no'; allowed: {TEXT}"),
        ("id: runs", "id: 1st", f"7: parts.only.criteria['1st'].id: found '1st'; allowed: {ID}"),
        ("id: runs", "id: '=x'", f"7: parts.only.criteria['=x'].id: found '=x'; allowed: {ID}"),
        ("only:", "my part:", f"4: parts.'my part': found the key 'my part'; allowed: {ID}"),
        (f"- {CRITERION}", "- runs", "7: parts.only.criteria[1]: found 'runs'; allowed: a mapping"),
        (f"\n      - {CRITERION}", " []", "6: parts.only.criteria: found an empty list; allowed: 1 item or more"),
        (f"\n      - {CRITERION}", " runs", "6: parts.only.criteria: found 'runs'; allowed: a list"),
        ("one.ipynb", "gone.ipynb", f"5: parts.only.reference: found 'gone.ipynb'; allowed: {NOTEBOOK}"),
        ("one.ipynb", "data", f"5: parts.only.reference: found 'data'; allowed: {NOTEBOOK}"),
        ("one.ipynb", '"\\0"', rf"5: parts.only.reference: found '\x00'; allowed: {NOTEBOOK}"),
        ("one.ipynb", "x" * 300, f"5: parts.only.reference: found '{'x' * 59}…'; allowed: {NOTEBOOK}"),
        (
            "one.ipynb",
            "!!python/name:os.system x",
            (
                "5: parts.only.reference: found the tag "
                "'tag:yaml.org,2002:python/name:os.system'; allowed: values without tags"
            ),
        ),
        (
            "points: 10\n",
            "points: 10\npoints: 10\n",
            "3: rubric: found the key 'points' again (first on line 2); allowed: each key once",
        ),
        (
            "points: 10\n",
            "points: 10\n? [a]\n: b\n",
            "3: rubric: found a key that is not text; allowed: keys that are text",
        ),
        (
            "check: executes",
            "check: code, pattern: a, position: first, after: b",
            f"{WHERE}.position: found 'first'; allowed: first only without 'after': nothing comes before the first",
        ),
        (
            "check: executes",
            "check: code, pattern: a, position: last",
            f"{WHERE}.position: found 'last'; allowed: 'first'",
        ),
        (
            "check: executes",
            "check: code, pattern: 5",
            f"{WHERE}.pattern: found '5'; allowed: text, or a list of texts",
        ),
        ("check: executes", "check: code, pattern: [a, 5]", f"{WHERE}.pattern[2]: found '5'; allowed: {TEXT}"),
        (
            "check: executes",
            "check: code, pattern: ['']",
            f"{WHERE}.pattern[1]: found ''; allowed: text that is not empty",
        ),
        (
            "check: executes",
            "check: history, tolerance: exact",
            f"{WHERE}.tolerance: found 'exact'; allowed: 'band', or a mapping of 'rtol' and 'atol'",
        ),
        (
            "check: executes",
            "check: history, tolerance: {}",
            f"{WHERE}.tolerance: found an empty mapping; allowed: 'rtol', 'atol' or both",
        ),
        (
            "check: executes",
            "check: history, tolerance: {rtol: -1}",
            f"{WHERE}.tolerance.rtol: found '-1'; allowed: 0 or more",
        ),
        (
            "check: executes",
            "check: history, tolerance: {rtl: 1}",
            f"{WHERE}.tolerance.rtl: found the unknown key 'rtl'; allowed: 'rtol', 'atol' (did you mean 'rtol'?)",
        ),
        (
            "check: executes",
            "check: history, tolerance: {rtol: 1}, coverage: 0.9",
            f"{WHERE}.coverage: found '0.9'; allowed: coverage only beside 'tolerance: band'",
        ),
        (
            "check: executes",
            "check: history, coverage: 1",
            f"{WHERE}.coverage: found '1'; allowed: a number below 1",
        ),
        (
            "check: executes",
            "check: history, epoch: 1.5",
            f"{WHERE}.epoch: found '1.5'; allowed: a whole number, without quotes",
        ),
        (
            "check: executes",
            "check: history, epoch: 2, epochs: [1, 2]",
            f"{WHERE}.epoch: found '2'; allowed: epoch or epochs, not both",
        ),
        *(
            (
                "check: executes",
                f"check: history, epochs: {written}",
                f"{WHERE}.epochs: found {found}; allowed: 'last', 'all', or a list of epochs such as [1, 12]",
            )
            for written, found in (("first", "'first'"), ("3", "'3'"), ("{a: 1}", "a mapping"), ("true", "'true'"))
        ),
        (
            "check: executes",
            "check: history, epochs: []",
            f"{WHERE}.epochs: found an empty list; allowed: 1 item or more",
        ),
        (
            "check: executes",
            "check: history, epochs: [1, 0]",
            f"{WHERE}.epochs[2]: found '0'; allowed: 1 or more",
        ),
        (
            "check: executes",
            "check: history, epochs: [1, 2, 1]",
            f"{WHERE}.epochs[3]: found '1'; allowed: each epoch once",
        ),
        (
            "check: executes",
            "check: history, evidence: seen",
            f"{WHERE}.evidence: found 'seen'; allowed: 'printed', 'observed' or 'verified'",
        ),
        (
            "check: executes",
            "check: [executes]",
            f"{WHERE}.check: found a list; allowed: 'executes', 'code', 'model_summary', 'training', 'history'",
        ),
        (
            ", check: executes",
            "",
            f"{WHERE}.check: found nothing; allowed: 'executes', 'code', 'model_summary', 'training', 'history'",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_the_value_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert expected in faults(tmp_path, replaced(old, new))


ROOM = "a size such as '1 GiB' or '512 MB', or a number of bytes; 1 MiB at least, 1024 TiB at most"
EVIDENCE = "a size such as '16 MiB', or a number of bytes; 1 MiB at least and 16 MiB at most"
SIZE = "a size such as '4 GiB', '512 MiB' or '8 MB', or a number of bytes; 1024 TiB at most"
DURATION = "a duration such as '20 min', '90 s' or '1 h', or a number of seconds; a week at most"
OUTPUT = "a size such as '8 MiB' or '500 kB', or a number of bytes; 12 MiB at most"


@pytest.mark.parametrize(
    ("limit", "smallest", "largest"),
    [
        ("processes", "16", "100000"),
        ("open_files", "64", "1000000"),
        ("scratch", "1 MiB", f"{2**50}"),
        ("scratch_files", "100", "10000000"),
        ("file_size", "1 MiB", f"{2**50}"),
        ("output", "1", "12 MiB"),
        ("messages", "1000", "10000000"),
        ("evidence", "1 MiB", "16 MiB"),
    ],
)
def test_a_limit_may_be_as_small_and_as_large_as_it_says(
    tmp_path: Path, limit: str, smallest: str, largest: str
) -> None:
    written = {"1 MiB": 2**20, "12 MiB": 12 * 2**20, "16 MiB": 16 * 2**20}
    for value in (smallest, largest):
        path = write(tmp_path, f"execution: {{{limit}: {value}}}\n{SMALL}")
        expected = written[value] if value in written else int(value)
        assert asdict(rubric.load(path).execution) == asdict(Execution()) | {limit: expected}


@pytest.mark.parametrize(
    ("limit", "value", "allowed"),
    [
        ("processes", "15", "16 or more"),
        ("processes", "100001", "100000 or less"),
        ("processes", "20.5", "a whole number, without quotes"),
        ("open_files", "63", "64 or more"),
        ("open_files", "1000001", "1000000 or less"),
        ("scratch", "1023 KiB", ROOM),
        ("scratch", f"{2**50 + 1}", SIZE),
        ("scratch_files", "99", "100 or more"),
        ("scratch_files", "10000001", "10000000 or less"),
        ("file_size", "1048575", ROOM),
        ("output", "12582913", OUTPUT),
        ("messages", "999", "1000 or more"),
        ("messages", "10000001", "10000000 or less"),
        ("evidence", "1048575", EVIDENCE),
        ("evidence", "17 MiB", EVIDENCE),
        ("cell_timeout", "0", DURATION),
        ("cell_timeout", "never", DURATION),
    ],
)
def test_a_limit_beyond_that_is_a_fault(tmp_path: Path, limit: str, value: str, allowed: str) -> None:
    text = f"execution:\n  seed: 1\n  {limit}: {value}\n{SMALL}"
    assert faults(tmp_path, text) == [f"3: execution.{limit}: found '{value}'; allowed: {allowed}"]


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ("timeout: 2 min, cell_timeout: 121 s", "found '121 s'; allowed: 120 s or less"),
        ("cell_timeout: 0.5 h", "found '0.5 h'; allowed: 1200 s or less"),
    ],
)
def test_a_cell_may_not_have_more_time_than_its_notebook(tmp_path: Path, times: str, told: str) -> None:
    text = f"execution: {{{times}}}\n{SMALL}"
    assert faults(tmp_path, text) == [f"1: execution.cell_timeout: {told}, the 'timeout' of the whole notebook"]


def test_a_cell_may_have_all_of_its_notebooks_time(tmp_path: Path) -> None:
    path = write(tmp_path, f"execution: {{timeout: 2 min, cell_timeout: 120 s}}\n{SMALL}")
    assert rubric.load(path).execution == Execution(timeout=120.0, cell_timeout=120.0)


def test_an_epoch_that_the_cap_leaves_untrained_is_a_fault(tmp_path: Path) -> None:
    text = WHOLE.replace("max_epochs: 2", "max_epochs: 1")
    (told,) = faults(tmp_path, text)
    assert told == (
        "24: parts.two.criteria['band'].epochs[1]: found '2'; "
        "allowed: 1 or less, as 'max_epochs' ends training there"
    )


@pytest.mark.parametrize(
    ("written", "epochs"),
    [
        ("epoch: 3", (3,)),
        ("epochs: [12, 1]", (1, 12)),
        ("epochs: last", EpochChoice.LAST),
        ("epochs: all", EpochChoice.ALL),
        ("title: x", (1,)),
    ],
)
def test_epochs_are_numbers_or_words(tmp_path: Path, written: str, epochs: tuple[int, ...] | EpochChoice) -> None:
    (part,) = rubric.load(write(tmp_path, replaced("check: executes", f"check: history, {written}"))).parts
    assert part.criteria == (HistoryCriterion("runs", 10, "x" if "title" in written else "", epochs),)


def test_of_several_parts_one_may_do_without_names_of_notebooks(tmp_path: Path) -> None:
    other = '  Only: {reference: two.ipynb, notebook: "*", criteria: [{id: a, points: 0, check: training}]}\n'
    third = "  three: {reference: two.ipynb, criteria: [{id: a, points: 0, check: training}]}\n"
    assert faults(tmp_path, SMALL + other + third) == [
        "8: parts.Only: found the part 'Only' again; allowed: names that differ in more than case",
        (
            '9: parts.three.notebook: found nothing; allowed: the part\'s file names, such as "*part2*"; '
            "one part may do without, and takes what these leave"
        ),
    ]


def test_points_are_added_up_over_all_parts_without_rounding(tmp_path: Path) -> None:
    tenths = "".join(f"      - {{id: c{n}, points: 0.1, check: executes}}\n" for n in range(10))
    text = replaced(f"      - {CRITERION}\n", tenths).replace("points: 10\n", "points: 1\n")
    assert rubric.load(write(tmp_path, text)).points == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"a: b\nc: \xff", "2: file: found the byte 0xff; allowed: text in UTF-8"),
        (b"x" * 1_000_001, "1: file: found a larger file; allowed: at most 1,000,000 bytes"),
        (b"", "1: rubric: found an empty file; allowed: a mapping"),
        (b"# only\n", "1: rubric: found an empty file; allowed: a mapping"),
        (b"- a\n", "1: rubric: found a list; allowed: a mapping"),
        (
            b"a: 1\nb: [1,\n",
            (
                "3: rubric: found text that is not YAML (while parsing a flow node, "
                "did not find expected node content); allowed: one YAML document"
            ),
        ),
        (
            b"a: 1\nb: \x01",
            (
                "2: rubric: found text that is not YAML (control characters are not allowed); "
                "allowed: one YAML document"
            ),
        ),
        (
            b"a: 1\n---\nb: 1\n",
            (
                "2: rubric: found text that is not YAML (expected a single document in the stream, "
                "but found another document); allowed: one YAML document"
            ),
        ),
        (b"a: *x\n", "1: rubric: found text that is not YAML (found undefined alias); allowed: one YAML document"),
        (b"[" * 900_000, "1: rubric: found deeper nesting; allowed: 20 levels at most"),
        (
            b"a: &a [*a]\n",
            (
                "1: rubric: found a larger document; allowed: 10,000 values and 20 levels at most, "
                "with aliases followed"
            ),
        ),
    ],
)
def test_what_is_no_rubric_at_all_is_told_in_one_line(tmp_path: Path, text: bytes, expected: str) -> None:
    assert faults(tmp_path, text) == [expected]


def test_a_rubric_that_is_not_there_is_told(tmp_path: Path) -> None:
    for path, found in ((tmp_path / "none.yaml", "no file"), (tmp_path, "something that is not a file")):
        with pytest.raises(RubricError) as caught:
            rubric.load(path)
        allowed = "a rubric, a YAML file: name it with --rubric, or draft one with `grader init`"
        assert str(caught.value) == f"{path}:1: file: found {found}; allowed: {allowed}"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "rubric.yaml")
    with pytest.raises(RubricError, match="something that is not a file"):
        rubric.load(tmp_path / "rubric.yaml")


def test_a_rubric_fault_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        rubric.load(tmp_path / "none.yaml")
    assert caught.value.exit_code == 2


def laughs() -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 15)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "text",
    [
        laughs(),
        b"- " * 400_000,
        b"{a: " * 200_000,
        b"- x\n" * 200_000,
        b"".join(b"k%d: x\n" % n for n in range(9_000)),
        b"a: '" + b"x" * 900_000 + b"'",
        b"execution: {timeout: '" + b"1 " * 400_000 + b"'}",
        b"parts: {p: {criteria: [" + b"{points: x}," * 3_000 + b"]}}",
        b"a: " + b"9" * 900_000,
        b"&" + b"a" * 900_000,
    ],
)
def test_a_hostile_rubric_is_refused_soon_and_shortly(tmp_path: Path, text: bytes) -> None:
    begun = time.process_time()
    told = faults(tmp_path, text)
    assert time.process_time() - begun < 3
    assert len(told) <= 101
    assert max(map(len, told)) < 500


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
        st.text("&*!|>-:?[]{}#,'\"% \n\tab01.", max_size=60).map(str.encode),
    )
)
def test_any_bytes_load_or_raise_a_rubric_error(tmp_path: Path, raw: bytes) -> None:
    for text in (raw, SMALL.encode() + raw, SMALL.replace("a0", "{}").encode().replace(b"{}", raw)):
        try:
            loaded = rubric.load(write(tmp_path, text))
        except RubricError as error:
            assert error.faults  # noqa: PT017 - either outcome is right, and is looked at
        else:
            assert loaded.points == 10


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_value_in_any_place_loads_or_raises_a_rubric_error(tmp_path: Path, data: st.DataObject) -> None:
    whole = yaml.safe_load(WHOLE)
    place = whole
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    path = write(tmp_path, yaml.safe_dump(whole, allow_unicode=True))
    try:
        assert rubric.load(path).assignment
    except RubricError as error:
        assert all(1 <= fault.line <= 200 for fault in error.faults)  # noqa: PT017 - as above


def test_more_output_than_the_grader_reads_is_a_fault(tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "rubric.yaml").read_text("utf-8").replace("output: 8 MiB", "output: 13 MiB")
    (tmp_path / "rubric.yaml").write_text(text, "utf-8")
    with pytest.raises(RubricError) as caught:
        rubric.load(tmp_path / "rubric.yaml", require_reference=False, require_data=False)
    assert [fault.line for fault in caught.value.faults] == [8]
    assert "found '13 MiB'; allowed: a size such as '8 MiB'" in str(caught.value)
