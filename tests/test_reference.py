from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import ENVIRONMENT, RECORDING

from grader.errors import GraderError
from grader.model import Device, Part, SeedRun, Stratum
from grader.reference import MAX_BYTES, load, path_for, store

# --- the file ----------------------------------------------------------------------------------------------


def test_a_recording_lies_beside_its_reference() -> None:
    part = Part("part1", (), Path("/course/reference/first.ipynb"), ())
    assert path_for(part) == Path("/course/reference/recordings/part1.json")


def test_what_is_stored_is_loaded_the_same(tmp_path: Path) -> None:
    path = tmp_path / "recordings" / "part1.json"
    store(path, RECORDING)
    assert load(path) == RECORDING
    assert [each.name for each in path.parent.iterdir()] == ["part1.json"]


def test_all_strata_are_stored_and_loaded(tmp_path: Path) -> None:
    elsewhere = Stratum(replace(ENVIRONMENT, device=Device.GPU, gpu="Some GPU"), (SeedRun(3, {"loss": (0.2,)}),))
    two = replace(RECORDING, others=(elsewhere,))
    store(tmp_path / "r.json", two)
    assert load(tmp_path / "r.json") == two


def test_a_recording_from_before_there_were_strata_is_loaded(tmp_path: Path) -> None:
    store(tmp_path / "r.json", RECORDING)
    content = json.loads((tmp_path / "r.json").read_text())
    del content["others"]
    (tmp_path / "r.json").write_text(json.dumps(content))
    assert load(tmp_path / "r.json") == RECORDING


def test_types_of_settings_survive(tmp_path: Path) -> None:
    settings = {"a": True, "b": 1, "c": 1.0, "d": None, "e": "x", "f": (1, 2.5, "y", False)}
    layer = replace(RECORDING.layers[0], settings=settings)
    store(tmp_path / "r.json", replace(RECORDING, layers=(layer,)))
    assert repr(load(tmp_path / "r.json").layers[0].settings) == repr(settings)


def test_values_that_are_not_finite_survive(tmp_path: Path) -> None:
    values = (math.nan, math.inf, -math.inf, 0.1)
    store(tmp_path / "r.json", replace(RECORDING, runs=(SeedRun(0, {"loss": values}),)))
    assert repr(load(tmp_path / "r.json").runs[0].history["loss"]) == repr(values)


def test_the_file_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    run = RECORDING.runs[0]
    turned = SeedRun(run.seed, dict(reversed(list(run.history.items()))))
    store(tmp_path / "a.json", RECORDING)
    store(tmp_path / "b.json", replace(RECORDING, runs=(turned, *RECORDING.runs[1:])))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_storing_replaces_an_older_recording(tmp_path: Path) -> None:
    store(tmp_path / "r.json", RECORDING)
    newer = replace(RECORDING, max_epochs=3)
    store(tmp_path / "r.json", newer)
    assert load(tmp_path / "r.json") == newer


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GraderError, match=r'"[^"]*/file/r.json" cannot be written: '):
        store(tmp_path / "file" / "r.json", RECORDING)


def test_a_missing_recording_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with pytest.raises(GraderError) as caught:
        load(path)
    assert str(caught.value) == (
        f'"{path}" is missing, so there is nothing to compare with: record it with `grader reference record`'
    )


def test_a_folder_in_place_of_a_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="cannot be read: Is a directory; allow it, or record it with"):
        load(tmp_path)


def test_a_file_too_large_for_a_recording_is_told(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(GraderError, match="is larger than 67,108,864 bytes and is no recording: record it with"):
        load(path)


def edited(path: Path, change: dict[str, Any]) -> Path:
    store(path, RECORDING)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    return path


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"part": 5}, "part: Input should be a valid string; record"),
        ({"max_epochs": "1"}, "max_epochs: Input should be a valid integer; record"),
        (
            {"runs": [{"seed": 0, "history": {"loss": ["0.5"]}}]},
            "runs.0.history.loss.0: Input should be a valid number",
        ),
        ({"runs": None, "layers": None}, r"layers: Input should be a valid array \(and 1 more faults\); record"),
    ],
)
def test_a_recording_with_a_wrong_value_is_told_by_its_place(
    tmp_path: Path, change: dict[str, Any], fault: str
) -> None:
    with pytest.raises(GraderError, match=f'r.json" is not a recording: {fault}'):
        load(edited(tmp_path / "r.json", change))


@given(st.binary(max_size=200))
def test_bytes_that_are_no_recording_are_told(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "recording.json"
    path.write_bytes(content)
    with pytest.raises(GraderError, match="is not a recording"):
        load(path)
