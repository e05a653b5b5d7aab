"""What no criterion judges is told with its facts, and honest notebooks are told nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mnist_facts import ENVIRONMENT, FIT, LAYERS, OBSERVED, SNAPSHOT

from grader.checks.flags import raised
from grader.checks.strength import Strength
from grader.model import (
    Cell,
    Evidence,
    EvidenceKind,
    HistoryForm,
    Layer,
    ModelSnapshot,
    Observations,
    Outcome,
    PrintedHistory,
    Status,
    SummaryCall,
)

METRICS = ("accuracy", "loss")
OTHER = ModelSnapshot(1, "small", tuple(replace(layer, name=f"{layer.name}_1") for layer in LAYERS[4:]))
UNBUILT = ModelSnapshot(1, "early", tuple(replace(each, output_shape="?", parameters=0) for each in LAYERS))
BASE = ModelSnapshot(1, "base", LAYERS[:5])
NESTED = ModelSnapshot(2, "nested", (Layer("base", "Sequential", "(None, 9216)", 18816), *LAYERS[5:]))
TWIN = ModelSnapshot(1, "again", tuple(replace(layer, name=f"{layer.name}_1") for layer in LAYERS))


def flags(observed: Observations, *printed: PrintedHistory, source: str = "") -> tuple[str, ...]:
    evidence = Evidence(Status.GRADED, "", (Cell(1, source, Outcome.RAN),), observed, ENVIRONMENT, 1.0)
    return raised(evidence, printed, METRICS)


def seen(*snapshots: ModelSnapshot, summarised: tuple[int, ...], trained: tuple[int, ...]) -> Observations:
    return Observations(
        snapshots=snapshots,
        summaries=tuple(SummaryCall(number, 1) for number in summarised),
        fits=tuple(replace(FIT, snapshot=number) for number in trained),
    )


def progress(epochs: int) -> PrintedHistory:
    return PrintedHistory(HistoryForm.PROGRESS, {"loss": ("0.1",) * epochs})


@pytest.mark.parametrize(
    "observed",
    [
        OBSERVED,
        Observations(),
        seen(SNAPSHOT, OTHER, summarised=(0, 0), trained=(0,)),
        seen(SNAPSHOT, OTHER, summarised=(0, 1), trained=(0, 1)),
        seen(SNAPSHOT, OTHER, summarised=(0,), trained=(0, 1)),
        seen(SNAPSHOT, TWIN, summarised=(0,), trained=(1,)),  # built again by a function, or loaded from a file
        seen(
            replace(SNAPSHOT, layers=LAYERS[:3]), SNAPSHOT, summarised=(0,), trained=(1,)
        ),  # too early, but its own
        seen(SNAPSHOT, UNBUILT, summarised=(1,), trained=(0,)),  # before its first batch, and built again
        seen(BASE, NESTED, summarised=(0,), trained=(1,)),  # the base of a transfer
        seen(SNAPSHOT, BASE, summarised=(1,), trained=(0,)),  # of layers that both have
        seen(SNAPSHOT, BASE, summarised=(0,), trained=(1,)),
        seen(SNAPSHOT, OTHER, summarised=(), trained=(1,)),
        seen(SNAPSHOT, OTHER, summarised=(1,), trained=()),
    ],
)
def test_an_honest_notebook_raises_nothing(observed: Observations) -> None:
    assert flags(observed) == ()


def test_a_summary_of_a_model_that_nobody_trained_is_told() -> None:
    told = (
        "the model that was summarised is not the model that was trained: 'sequential' with 8 layers and 1,199,882 "
        "parameters against 'small' with 4 layers and 1,181,066 parameters"
    )
    assert flags(seen(SNAPSHOT, OTHER, summarised=(0,), trained=(1,))) == (told,)


def test_numbers_that_point_nowhere_are_passed_over() -> None:
    assert flags(seen(SNAPSHOT, summarised=(7, -1), trained=(9,))) == ()


def test_what_was_replaced_is_named_once_and_on_one_line() -> None:
    names = ("'keras.src.A.fit' was replaced", "'builtins.print' was replaced", "x\ny" * 100, "fourth")
    (flag,) = flags(replace(OBSERVED, replaced=(*names, *names)))
    assert flag.startswith(
        "the notebook replaced what belongs to Keras or Python: 'keras.src.A.fit' was replaced, "
        "'builtins.print' was replaced, x y"
    )
    assert flag.endswith(", ...")
    assert "\n" not in flag
    assert len(flag) < 300


@pytest.mark.parametrize(
    ("printed", "trained", "asked", "cap", "told"),
    [
        (12, 12, 12, None, ()),
        (3, 12, 12, None, ()),
        (12, 1, 12, 1, ()),  # the rubric trains one of twelve
        (12, 3, 3, None, ("more epochs were printed than were trained: 12 in progress lines, 3 epochs trained",)),
        (13, 1, 12, 1, ("more epochs were printed than were trained: 13 in progress lines, 12 epochs trained",)),
        (2, 1, 1, None, ("more epochs were printed than were trained: 2 in progress lines, 1 epoch trained",)),
    ],
)
def test_epochs_that_were_neither_trained_nor_capped_are_told(
    printed: int, trained: int, asked: int, cap: int | None, told: tuple[str, ...]
) -> None:
    fit = replace(FIT, epochs=asked, epochs_trained=trained, cap=cap)
    assert flags(replace(OBSERVED, fits=(fit,)), progress(printed)) == told


def test_trainings_in_a_row_count_together() -> None:
    fit = replace(FIT, epochs=6, epochs_trained=6, cap=None)
    assert flags(replace(OBSERVED, fits=(fit, fit)), progress(12)) == ()


def test_lines_of_a_training_that_was_cut_short_are_not_counted() -> None:
    fit = replace(FIT, epochs=12, epochs_trained=0, cap=None, finished=False)
    assert flags(replace(OBSERVED, fits=(fit,)), progress(7)) == ()
    assert len(flags(replace(OBSERVED, fits=(fit,)), progress(13))) == 1


def test_what_the_graders_own_evaluation_denies_is_told() -> None:
    evidence = Evidence(Status.GRADED, "", (), OBSERVED, ENVIRONMENT, 1.0)
    behind = Strength(EvidenceKind.OBSERVED, "it was not", "val_loss 0.3 against 0.2")
    told = "the grader's own evaluation gives other figures than the history has: val_loss 0.3 against 0.2"
    assert raised(evidence, (), METRICS, behind) == (told,)


def test_typed_figures_quoted_beside_the_trainings_own_are_not_told() -> None:
    true = PrintedHistory(HistoryForm.PAIRS, {"loss": ("0.2544",), "val_loss": ("0.056",)})
    quoted = PrintedHistory(HistoryForm.PAIRS, {"loss": ("0.311",), "val_loss": ("0.0789",)})
    source = "print([('loss', 0.311), ('val_loss', 0.0789)])"
    evidence = Evidence(Status.GRADED, "", (Cell(1, source, Outcome.RAN),), OBSERVED, ENVIRONMENT, 1.0)
    assert raised(evidence, (true, quoted), (*METRICS, "val_loss")) == ()
    assert len(raised(evidence, (quoted,), (*METRICS, "val_loss"))) == 1


def test_typed_figures_are_told_too() -> None:
    printed = PrintedHistory(HistoryForm.PAIRS, {"loss": ("0.2544",), "accuracy": ("0.9212",)})
    (flag,) = flags(OBSERVED, printed, source="print([('loss', 0.2544), ('accuracy', 0.9212)])")
    assert flag.startswith("printed history figures stand in the code")
