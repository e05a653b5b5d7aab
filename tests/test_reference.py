from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import ENVIRONMENT, RECORDED_FIT, RECORDING

from grader.errors import GraderError
from grader.model import BandTolerance, Device, HistoryCriterion, Interval, Part, Recording, SeedRun, Tolerance
from grader.reference import (
    MAX_BYTES,
    environment_differences,
    identical,
    intervals,
    load,
    path_for,
    store,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

BAND = HistoryCriterion("history", 20)
AROUND = replace(BAND, tolerance=Tolerance(rtol=0.1, atol=0.01))


def recorded(**values: list[float]) -> Recording:
    """A recording of one epoch, with these values of each metric, one a seed."""
    columns = zip(*values.values(), strict=True)
    runs = [
        SeedRun(seed, {metric: (value,) for metric, value in zip(values, column, strict=True)})
        for seed, column in enumerate(columns)
    ]
    return replace(RECORDING, runs=tuple(runs))


def rounded(found: Mapping[str, Interval]) -> dict[str, tuple[float, float, float, str]]:
    return {m: (round(i.low, 5), round(i.high, 5), round(i.centre, 5), i.how) for m, i in found.items()}


# --- the file ----------------------------------------------------------------------------------------------


def test_a_recording_lies_beside_its_reference() -> None:
    part = Part("part1", (), Path("/course/reference/first.ipynb"), ())
    assert path_for(part) == Path("/course/reference/recordings/part1.json")


def test_what_is_stored_is_loaded_the_same(tmp_path: Path) -> None:
    path = tmp_path / "recordings" / "part1.json"
    store(path, RECORDING)
    assert load(path) == RECORDING
    assert [each.name for each in path.parent.iterdir()] == ["part1.json"]


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


# --- intervals ---------------------------------------------------------------------------------------------


def test_a_tolerance_lies_around_the_mean_of_the_seeds() -> None:
    how = "rtol 0.1, atol 0.01 around the mean of 2 seeds"
    assert rounded(intervals(recorded(acc=[0.8, 0.9], loss=[-1.0, -3.0]), AROUND)) == {
        "accuracy": (0.755, 0.945, 0.85, how),
        "loss": (-2.21, -1.79, -2.0, how),
    }


T_995 = 5.8409093  # Student's t for 3 degrees of freedom at 0.995, from a table


def by_hand(values: list[float]) -> tuple[float, float, float]:
    """Low, high and centre for one more of four normal values, 0.99 covered."""
    mean, half = fmean(values), T_995 * stdev(values) * math.sqrt(1 + 1 / 4)
    return mean - half, mean + half, mean


def test_a_band_is_the_prediction_interval_on_the_scale_of_its_metric() -> None:
    loss, other = [0.2, 0.25, 0.3, 0.22], [3.0, 5.0, 4.0, 4.5]
    rights = [9000, 9100, 9050, 9150]  # of 10,000 validation samples
    log_odds = [math.log((k + 0.5) / (10_000 - k + 0.5)) for k in rights]
    found = intervals(
        recorded(loss=loss, val_accuracy=[k / 10_000 for k in rights], other=other),
        replace(BAND, tolerance=BandTolerance(0.97)),
    )
    shares = [1 / (1 + math.exp(-odds)) for odds in by_hand(log_odds)]
    expected = {
        "loss": [math.exp(value) for value in by_hand([math.log(value) for value in loss])],
        "other": by_hand(other),
        "val_accuracy": [(share * 10_001 - 0.5) / 10_000 for share in shares],
    }
    how = "band of 4 seeds at 0.97"
    assert rounded(found) == {m: (*(round(value, 5) for value in values), how) for m, values in expected.items()}


def test_bands_of_new_runs_cover_as_often_as_they_promise() -> None:
    source = random.Random(1)  # noqa: S311 - a simulation
    criterion = replace(BAND, tolerance=BandTolerance(0.9))
    inside = 0
    for _ in range(2000):
        *seeds, new = (math.exp(source.gauss(-1, 0.3)) for _ in range(9))
        found = intervals(recorded(loss=seeds), criterion)["loss"]
        inside += found.low <= new <= found.high
    assert 0.88 < inside / 2000 < 0.92


def test_a_proportion_stays_one_and_a_loss_stays_positive() -> None:
    found = intervals(recorded(accuracy=[1.0, 0.9999, 1.0], loss=[1e-9, 1e-3, 0.0]), BAND)
    assert found["accuracy"].high == 1.0
    assert 0.0 <= found["accuracy"].low < 0.9999
    assert found["loss"].low == 0.0
    assert found["loss"].high > 1e-3


def test_a_metric_that_no_seed_changed_gets_the_width_of_its_resolution() -> None:
    recording = recorded(accuracy=[1.0] * 3, val_accuracy=[0.5] * 3, mae=[2.0] * 3, loss=[0.1, 0.2, 0.3])
    found = intervals(recording, BAND)
    how = "band of 3 seeds at 0.999"
    assert rounded({metric: found[metric] for metric in ("accuracy", "mae", "val_accuracy")}) == {
        "accuracy": (0.99998, 1.0, 1.0, how),  # one of 60,000 samples
        "mae": (2.0, 2.0, 2.0, how),
        "val_accuracy": (0.4999, 0.5001, 0.5, how),  # one of 10,000 samples
    }
    assert found["mae"].high - found["mae"].low == pytest.approx(4e-6)


def test_sample_counts_that_were_not_observed_are_no_obstacle() -> None:
    recording = recorded(accuracy=[0.9, 0.91, 0.92])
    recording = replace(recording, fit=replace(RECORDED_FIT, samples=None))
    found = intervals(recording, BAND)["accuracy"]
    assert 0.0 <= found.low < 0.9
    assert 0.92 < found.high <= 1.0


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-1e6, 1e6), st.floats(0, 1e12)), min_size=3, max_size=8),
    st.floats(0.5, 0.9999),
)
def test_every_band_is_finite_and_holds_its_centre(rows: list[tuple[float, float, float]], coverage: float) -> None:
    accuracy, other, loss = (list(column) for column in zip(*rows, strict=True))
    seeds = recorded(accuracy=accuracy, other=other, loss=loss, varied=[float(n) for n in range(len(rows))])
    for found in intervals(seeds, replace(BAND, tolerance=BandTolerance(coverage))).values():
        assert all(map(math.isfinite, (found.low, found.centre, found.high)))
        assert found.low <= found.centre <= found.high


def test_the_epoch_asked_for_is_the_one_compared() -> None:
    runs = tuple(SeedRun(seed, {"loss": (9.0, 1.0 + seed)}) for seed in range(2))
    found = intervals(replace(RECORDING, runs=runs), replace(AROUND, epoch=2))
    assert found["loss"].centre == 1.5


MORE = "run `grader reference record --seeds 16`"
UNANSWERABLE: list[tuple[Recording, HistoryCriterion, str]] = [
    (
        recorded(loss=[0.1, 0.2]),
        BAND,
        f'the recording of "part1" holds 2 seeds, a band needs at least 3: {MORE}',
    ),
    (
        recorded(loss=[0.1]),
        BAND,
        f'the recording of "part1" holds 1 seed, a band needs at least 3: {MORE}',
    ),
    (
        recorded(loss=[0.1, 0.1, 0.1]),
        BAND,
        (
            'the recording of "part1" has the same history under each of its 3 seeds: the seeds did not reach the '
            f"training, and a band needs their spread; look for what fixes the randomness, then {MORE}"
        ),
    ),
    (
        recorded(loss=[0.1, 0.2, 0.3]),
        replace(BAND, epoch=2),
        (
            'the recording of "part1" holds 1 epoch, but "history" asks for epoch 2: raise max_epochs and '
            "record it with `grader reference record`"
        ),
    ),
    (
        recorded(loss=[0.1, math.nan, 0.3]),
        AROUND,
        (
            'the recording of "part1" has a loss that is not finite: the reference diverged; mend and '
            "record it with `grader reference record`"
        ),
    ),
    (
        replace(RECORDING, runs=()),
        AROUND,
        'the recording of "part1" holds no histories: record it with `grader reference record`',
    ),
    (
        replace(RECORDING, runs=(*RECORDING.runs, SeedRun(9, {"loss": (0.1,)}))),
        AROUND,
        (
            'the recording of "part1" has seeds with different metrics, expected accuracy, loss, val_accuracy, '
            "val_loss in each: record it with `grader reference record`"
        ),
    ),
]


@pytest.mark.parametrize(("recording", "criterion", "message"), UNANSWERABLE)
def test_a_recording_that_cannot_answer_says_how_to_make_one_that_can(
    recording: Recording, criterion: HistoryCriterion, message: str
) -> None:
    with pytest.raises(GraderError) as caught:
        intervals(recording, criterion)
    assert str(caught.value) == message


# --- seeds and environments --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "same"),
    [
        (RECORDING.runs, False),
        ([SeedRun(0, {"loss": (0.1, math.nan)}), SeedRun(1, {"loss": (0.1, math.nan)})], True),
        ([SeedRun(0, {"a": (1.0,), "b": (2.0,)}), SeedRun(1, {"b": (2.0,), "a": (1.0,)})], True),
        ([SeedRun(0, {"loss": (0.1,)})], False),
        ([], False),
    ],
)
def test_identical_histories_are_told_from_seeds_that_did_something(
    runs: list[SeedRun],
    same: bool,  # noqa: FBT001 - a table
) -> None:
    assert identical(runs) is same


def test_one_environment_does_not_differ_from_itself_under_another_seed() -> None:
    assert environment_differences(ENVIRONMENT, replace(ENVIRONMENT, seed=9)) == ()


def test_every_difference_of_environments_is_one_phrase() -> None:
    here = replace(
        ENVIRONMENT,
        versions={"keras": "3.14.0", "numpy": "2.4.0", "tensorflow": "2.21.0"},
        platform="Linux-6.2-x86_64",
        cpu="Other CPU",
        device=Device.GPU,
        gpu="Some GPU",
        threads=4,
        deterministic=False,
    )
    assert environment_differences(ENVIRONMENT, here) == (
        "keras 3.15.1 was recorded, 3.14.0 is here",
        "no numpy was recorded, 2.4.0 is here",
        "python 3.11.7 was recorded, none is here",
        "platform Linux-6.1-x86_64 was recorded, Linux-6.2-x86_64 is here",
        "CPU Some CPU was recorded, Other CPU is here",
        "device cpu was recorded, gpu is here",
        "no GPU was recorded, Some GPU is here",
        "2 threads was recorded, 4 threads is here",
        "deterministic was recorded, not deterministic is here",
    )
