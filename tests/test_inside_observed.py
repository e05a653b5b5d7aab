"""Lines that the probe, or anybody else in the kernel, wrote: whatever they hold, the harness writes evidence."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inside_job import job

from grader import evidence
from grader.errors import EvidenceError
from grader.inside import evidence as inside_evidence
from grader.inside import observed
from grader.inside.events import MAX_BYTES, Events
from grader.model import Compiled, Evidence, Fit, Layer, ModelSnapshot, Observations, SummaryCall

SNAPSHOT = {
    "model": 0,
    "name": "sequential",
    "layers": [
        {"name": "dense", "kind": "Dense", "output_shape": "(None, 1)", "parameters": 3, "settings": {"units": 1}}
    ],
}
COMPILED = {"optimizer": "Adam", "learning_rate": 0.001, "loss": "mse", "metrics": ["accuracy"]}
FIT = {"fit": 0, "snapshot": 0, "epochs_trained": 1, "history": {"loss": [0.5, math.nan]}, "finished": True}


def line(event: str, **facts: Any) -> bytes:
    return json.dumps({"event": event, "request": "first", **facts}).encode()


def written(folder: Path, *lines: bytes) -> bytes:
    """The evidence file of a run without cells whose kernel left `lines`."""
    task = job(folder)
    Path(task.observed).write_bytes(b"\n".join(lines))
    inside_evidence.write(task, inside_evidence.Run(requests={"first": 0}), [], {}, 1.0)
    return (folder / "evidence").read_bytes()


def test_the_lines_of_the_probe_become_observations(tmp_path: Path) -> None:
    lines = [
        line("snapshot", **SNAPSHOT),
        line("compile", **COMPILED),
        line("summary", snapshot=0),
        line("fit", **FIT | {"finished": False, "history": {}}, compiled=COMPILED),
        line("fit", **FIT, compiled=COMPILED),
        line("trouble", what="nothing to do with it"),
        line("adapted", what="keras.layers.core is now keras.layers"),
        line("adapted", what="keras.layers.core is now keras.layers"),
        line("adapted", what="x" * 1000),
        *(line("adapted", what=str(number)) for number in range(100)),
    ]
    found = evidence.decode(written(tmp_path, *lines)).observed
    compiled = Compiled("Adam", 0.001, "mse", ("accuracy",))
    fit = Fit(
        snapshot=0,
        cell=0,
        compiled=compiled,
        batch_size=None,
        epochs=0,
        initial_epoch=0,
        epochs_trained=1,
        cap=None,
        samples=None,
        validation_samples=None,
        validation_split=0.0,
        arrays={},
        history={"loss": (0.5, math.nan)},
        finished=True,
    )
    assert str(found) == str(
        Observations(
            snapshots=(ModelSnapshot(0, "sequential", (Layer("dense", "Dense", "(None, 1)", 3, {"units": 1}),)),),
            summaries=(SummaryCall(0, 0),),
            compiles=(compiled,),
            fits=(fit,),
            adapted=("keras.layers.core is now keras.layers", "x" * 300, *map(str, range(48))),
        )
    )


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\xff\xfe\x00",
        b'{"event": "summary", "request": "first", "snap',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"event": "snapshot", "request": "first", "layers": ' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"event": "snapshot", "request": "first", "model": ' + b"9" * 100_000 + b"}",
        b'"text"',
        b"null",
        b"[]",
        b"7",
        b'{"event": "summary"}',
        b'{"event": "summary", "request": 7}',
        b'{"event": ["summary"], "request": "first"}',
        b'{"event": "gpu", "request": "first", "name": [[1e999]]}',
    ],
)
def test_garbage_between_the_lines_is_dropped(tmp_path: Path, garbage: bytes) -> None:
    content = written(
        tmp_path, garbage, line("snapshot", **SNAPSHOT), garbage, line("summary", snapshot=0), garbage
    )
    found = evidence.decode(content).observed
    assert (len(found.snapshots), found.summaries) == (1, (SummaryCall(0, 0),))


def test_without_a_file_nothing_was_observed(tmp_path: Path) -> None:
    assert observed.read(str(tmp_path / "observed.jsonl")) == []


def test_half_characters_in_names_are_replaced(tmp_path: Path) -> None:
    found = evidence.decode(written(tmp_path, line("snapshot", **SNAPSHOT | {"name": "\ud800"})))
    assert found.observed.snapshots[0].name == "?"


def test_the_file_of_events_is_bounded_on_both_sides(tmp_path: Path) -> None:
    events = Events(str(tmp_path / "observed.jsonl"))
    for number in range(5):
        events.emit("trouble", number=number, what="x" * (MAX_BYTES // 4))
    assert (tmp_path / "observed.jsonl").stat().st_size <= MAX_BYTES
    with (tmp_path / "observed.jsonl").open("ab") as stream:
        stream.write(line("trouble", number=99) + b"\n" + b" " * MAX_BYTES + b"\n" + line("trouble", number=100))
    assert [event["number"] for event in observed.read(str(tmp_path / "observed.jsonl"))] == [0, 1, 2, 99]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FACTS = ("fit", "snapshot", "model", "name", "layers", "compiled", "history", "line", "arrays", "cap", "finished")
EVENTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(["snapshot", "summary", "compile", "fit", "raised", "gpu"]) | JSON,
        "request": st.sampled_from(["first", "", "other"]) | JSON,
    },
    optional=dict.fromkeys(FACTS, JSON),
).map(lambda event: json.dumps(event).encode())


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS | st.binary(max_size=30) | st.just(line("snapshot", **SNAPSHOT)), max_size=6))
def test_any_lines_give_evidence_or_are_refused(tmp_path: Path, lines: list[bytes]) -> None:
    content = written(tmp_path, *lines)
    try:
        found = evidence.decode(content)
    except EvidenceError:
        return
    assert isinstance(found, Evidence)
