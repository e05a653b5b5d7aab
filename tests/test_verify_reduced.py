"""The quick form: less data, its own recording, and the shipped rubric verified from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader import reference, rubric
from grader.errors import UsageError
from grader.model import BandTolerance, HistoryCriterion, SeedRun, Tolerance
from grader.verify import form, reduced

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "reference" / "recordings" / "part1-mnist_cnn.json"


def test_the_first_samples_of_each_array_are_kept(tmp_path: Path) -> None:
    full = rubric.load(ROOT / "rubric.yaml")
    arrays = {"a": np.arange(5000).reshape(1000, 5), "b": np.arange(3), "c": np.array(7)}
    np.savez(tmp_path / "x.npz", allow_pickle=False, **arrays)
    (tmp_path / "course").mkdir()
    given = replace(full, datasets={"x.npz": tmp_path / "x.npz"})
    course = reduced.course(given, full.parts[0], tmp_path / "course")
    with np.load(course.datasets["x.npz"], allow_pickle=False) as kept:
        assert {name: kept[name].tolist() for name in kept.files} == {
            "a": arrays["a"][: form.SAMPLES].tolist(),
            "b": [0, 1, 2],
            "c": 7,
        }
    assert (course.points, len(course.parts)) == (100, 1)
    assert course.parts[0].reference == tmp_path / "course" / "mnist_cnn" / "part1.ipynb"
    assert course.parts[0].reference.read_bytes() == full.parts[0].reference.read_bytes()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_data_that_cannot_be_reduced_is_a_usage_fault(content: bytes, tmp_path: Path) -> None:
    full = rubric.load(ROOT / "rubric.yaml")
    (tmp_path / "x.npz").write_bytes(content)
    (tmp_path / "course").mkdir()
    with pytest.raises(
        UsageError, match=r"'x\.npz' cannot be reduced .*; expected an \.npz file of plain arrays: leave --quick"
    ):
        reduced.course(replace(full, datasets={"x.npz": tmp_path / "x.npz"}), full.parts[0], tmp_path / "course")


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    full = rubric.load(ROOT / "rubric.yaml")
    np.savez(tmp_path / "x.npz", a=np.array([{}], dtype=object))
    (tmp_path / "course").mkdir()
    with pytest.raises(UsageError, match="Object arrays cannot be loaded"):
        reduced.course(replace(full, datasets={"x.npz": tmp_path / "x.npz"}), full.parts[0], tmp_path / "course")


TOLERANCE = Tolerance(0.01, 0.0)
HISTORIES = {"spread": [1.0, 1.1, 1.3], "one figure": [1.0, 1.0, 1.0]}


@pytest.mark.parametrize(("name", "judged_by"), [("spread", BandTolerance()), ("one figure", TOLERANCE)])
def test_tolerances_of_all_the_data_give_way_to_bands_where_there_is_a_spread(
    name: str, judged_by: object, tmp_path: Path
) -> None:
    given, recorded = rubric.load(ROOT / "rubric.yaml"), reference.load(SHIPPED)
    criteria = tuple(
        replace(one, tolerance=TOLERANCE) if isinstance(one, HistoryCriterion) else one
        for one in given.parts[0].criteria
    )
    part = replace(given.parts[0], reference=tmp_path / "part1.ipynb", criteria=criteria, others=())
    runs = tuple(SeedRun(number, {"loss": (loss,)}) for number, loss in enumerate(HISTORIES[name]))
    reference.store(reference.path_for(part), replace(recorded, runs=runs))
    (told,) = reduced.by_bands(replace(given, parts=(part,))).parts
    assert [one.tolerance for one in told.criteria if isinstance(one, HistoryCriterion)] == [judged_by]
    kept = [one for one in part.criteria if not isinstance(one, HistoryCriterion)]
    assert [one for one in told.criteria if not isinstance(one, HistoryCriterion)] == kept


def test_a_part_that_compares_nothing_stays_as_it_is() -> None:
    given = rubric.load(ROOT / "rubric.yaml")
    part = replace(given.parts[0], criteria=given.parts[0].criteria[:3], others=())
    course = replace(given, parts=(part,))
    assert reduced.by_bands(course) == course


SIZES = {"part1 (mnist_cnn)": (34, 36, 384), "part1 (mnist_convnet)": (21, 32, 384), "part2": (27, 36, 384)}


@pytest.mark.slow
def test_every_mutant_of_the_shipped_references_is_caught_and_no_variant_loses_anything(tmp_path: Path) -> None:
    """By every criterion that claims it."""
    command = ["verify", "--quick", "--format", "json", "--device", "cpu", "--cache", str(tmp_path / "fits")]
    done = subprocess.run(
        [sys.executable, "-m", "grader", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts = json.loads(done.stdout)["parts"]
    assert {part["part"]: (len(part["mutants"]), len(part["variants"]), part["samples"]) for part in parts} == SIZES
    for part in parts:
        assert {one["id"]: one["verdict"] for one in part["mutants"] if one["verdict"] != "caught"} == {}
        assert [one for one in part["variants"] if one["lost"] or one["flags"]] == []
        for one in part["mutants"]:
            lost = {each["criterion"] for each in one["lost"]}
            assert set(one["claimed_by"]) - {"history"} <= lost, (part["part"], one["id"])
