"""Which layer is chosen, and what is said of those that are not: from a table, and by really trying them here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hostile_run
import pytest
from hostile_world import ROOT, World, world

from grader.errors import GraderError, UsageError
from grader.model import Execution, Isolation
from grader.sandbox import Aids, Layer, Task, bubblewrap, layers

ORDINARY = 40_000 + os.getpid() % 20_000  # a uid that nobody else has
EXECUTION = Execution(timeout=30.0)
DIRECT, BORN = Layer(Isolation.BUBBLEWRAP), Layer(Isolation.BUBBLEWRAP, bwrap=Path("/opt/bwrap"))
LANDLOCK, NONE = Layer(Isolation.LANDLOCK), Layer(Isolation.NONE)
AS_ROOT = Layer(Isolation.NONE, drops=False)
ALL = [DIRECT, BORN, LANDLOCK, NONE, AS_ROOT]
WAYS = {
    DIRECT: "namespaces, taken directly",
    BORN: "namespaces, made by '/opt/bwrap'",
    LANDLOCK: "Landlock and seccomp",
    NONE: "a process group and limits only",
    AS_ROOT: "a process group and limits only, as root",
}
TRIES = """
import json
from grader.model import Execution
from grader.sandbox import layers
found = layers.trials(Execution(timeout=30.0))
print(json.dumps([[trial.layer.isolation, trial.way, trial.fault] for trial in found]))
"""


@pytest.fixture
def works(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Layer]]:
    """Sets which layers work, on a machine that has bwrap and where we are root; gives those that were tried."""

    def only(*good: Layer) -> list[Layer]:
        tried: list[Layer] = []

        def fault(layer: Layer, _: Execution) -> str:
            tried.append(layer)
            return "" if layer in good else f"no {layer.isolation}"

        monkeypatch.setattr(bubblewrap, "find", lambda: BORN.bwrap)
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(layers, "fault", fault)
        return tried

    return only


def refusal(wanted: Isolation | None, *, trusted: bool = False) -> str:
    with pytest.raises(UsageError) as caught:
        layers.choose(wanted, EXECUTION, trusted=trusted)
    return str(caught.value)


# --- choosing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strongest", range(len(ALL)))
def test_one_that_is_trusted_gets_the_strongest_that_works_and_weaker_ones_are_not_tried(
    works: Callable[..., list[Layer]], strongest: int
) -> None:
    tried = works(*ALL[strongest:])
    assert layers.choose(None, EXECUTION, trusted=True) == ALL[strongest]
    assert tried == ALL[: strongest + 1]


@pytest.mark.parametrize(
    ("wanted", "chosen", "tried"),
    [
        (Isolation.BUBBLEWRAP, BORN, [DIRECT, BORN]),
        (Isolation.LANDLOCK, LANDLOCK, [LANDLOCK]),
        (Isolation.NONE, NONE, [NONE]),
    ],
)
@pytest.mark.parametrize("trusted", [True, False])
def test_a_layer_that_is_wanted_is_the_only_one_that_is_tried(
    works: Callable[..., list[Layer]], wanted: Isolation, chosen: Layer, tried: list[Layer], *, trusted: bool
) -> None:
    found = works(BORN, LANDLOCK, NONE)
    assert layers.choose(wanted, EXECUTION, trusted=trusted) == chosen
    assert found == tried


def test_strangers_notebooks_are_refused_where_only_none_is_left_with_every_reason_and_the_remedy(
    works: Callable[..., list[Layer]],
) -> None:
    tried = works(NONE, AS_ROOT)
    assert refusal(None).splitlines() == [
        "no layer of isolation works here, so no notebook was run.",
        "  namespaces, taken directly: no bubblewrap",
        "  namespaces, made by '/opt/bwrap': no bubblewrap",
        "  Landlock and seccomp: no landlock",
        layers.REMEDY,
    ]
    assert tried == [DIRECT, BORN, LANDLOCK]


def test_a_layer_that_is_wanted_and_does_not_work_is_not_replaced(works: Callable[..., list[Layer]]) -> None:
    works(DIRECT, NONE, AS_ROOT)
    assert refusal(Isolation.LANDLOCK, trusted=True).splitlines() == [
        "the isolation 'landlock' does not work here, so no notebook was run.",
        "  Landlock and seccomp: no landlock",
        layers.REMEDY,
    ]


def test_a_machine_without_bwrap_and_a_user_who_is_not_root_have_fewer_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bubblewrap, "find", lambda: BORN.bwrap)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert list(layers.ways()) == [(WAYS[layer], layer) for layer in ALL]
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert [layer for _, layer in layers.ways()] == [DIRECT, BORN, LANDLOCK, NONE]
    monkeypatch.setattr(bubblewrap, "find", lambda: None)
    assert [layer for _, layer in layers.ways()] == [DIRECT, LANDLOCK, NONE]


def test_trials_are_made_one_by_one_as_they_are_asked_for(works: Callable[..., list[Layer]]) -> None:
    tried = works(DIRECT, LANDLOCK)
    found = layers.trials(EXECUTION)
    assert next(found) == layers.Trial(DIRECT, WAYS[DIRECT])
    assert tried == [DIRECT]
    assert [(trial.way, trial.fault) for trial in found] == [
        (WAYS[BORN], "no bubblewrap"),
        (WAYS[LANDLOCK], ""),
        (WAYS[NONE], "no none"),
        (WAYS[AS_ROOT], "no none"),
    ]


# --- faults ------------------------------------------------------------------------------------------------------


def test_what_a_notebook_can_still_do_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "_answer", lambda *_: {"holes": ["is root", "opens network sockets"]})
    assert layers.fault(LANDLOCK, EXECUTION) == "a notebook still is root, opens network sockets"


def test_a_sandbox_that_fails_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise GraderError("the sandbox failed (exit code 71); it printed last:\nmount proc:\n\n  not permitted\n")

    monkeypatch.setattr(layers, "_answer", fail)
    found = layers.fault(DIRECT, EXECUTION)
    assert found == "the sandbox failed (exit code 71); it printed last: mount proc: not permitted"


def test_a_layer_is_tried_on_something_that_nothing_else_keeps_from_being_read_and_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []

    def look(task: Task, _: Aids) -> dict[str, list[str]]:
        modes = [path.stat().st_mode & 0o777 for path in (task.notebook, task.notebook.parent)]
        seen.extend([task.notebook, *modes])
        return {"holes": []}

    monkeypatch.setattr(layers, "_answer", look)
    assert layers.fault(DIRECT, EXECUTION) == ""
    assert seen[1:] == [0o644, 0o777]
    assert not seen[0].parent.exists()


def test_an_interpreter_that_cannot_be_started_is_the_fault_of_every_layer() -> None:
    execution = Execution(python="/no/such/python")
    with pytest.raises(UsageError) as caught:
        layers.choose(None, execution, trusted=True)
    first, *faults, last = str(caught.value).splitlines()
    assert (first, last) == ("no layer of isolation works here, so no notebook was run.", layers.REMEDY)
    assert len(faults) == len(list(layers.ways()))
    assert all(": '/no/such/python' could not be asked where it lives: " in line for line in faults)


# --- on this machine -----------------------------------------------------------------------------------------


def faults_found(words: list[str]) -> list[list[Any]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=environment, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.fixture
def ordinary() -> Iterator[World]:
    """A place of an ordinary user's, whoever runs these tests."""
    with world(ORDINARY if os.geteuid() == 0 else None) as made:
        if made.uid is not None:
            os.chown(made.temporary, made.uid, made.uid)
        yield made


@pytest.mark.slow
def test_what_works_here_is_chosen_for_an_ordinary_user(ordinary: World) -> None:
    words = ["env", f"TMPDIR={ordinary.temporary}", f"HOME={ordinary.home}", sys.executable, "-P", "-c", TRIES]
    found = faults_found(hostile_run.as_user(ordinary, words))
    by_way = {way: fault for _, way, fault in found}
    assert list(ordinary.temporary.iterdir()) == []
    assert by_way["a process group and limits only"] == ""
    assert "a process group and limits only, as root" not in by_way
    faults = {way: fault for way, fault in by_way.items() if fault}
    if faults:
        pytest.skip(f"this machine does not offer an ordinary user all layers: {faults}")


@pytest.mark.slow
def test_what_works_here_is_chosen_for_whoever_runs_these_tests() -> None:
    found = faults_found([sys.executable, "-P", "-c", TRIES])
    working = [isolation for isolation, _, fault in found if not fault]
    assert "none" in working
    chosen = layers.choose(None, EXECUTION, trusted=True)
    assert chosen.isolation == working[0]
    for isolation in set(Isolation) - set(working):
        message = refusal(isolation, trusted=True)
        assert re.match(
            rf"the isolation '{isolation}' does not work here, so no notebook was run\.\n  .+: .+\n", message
        )
