"""A published output as reference."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from mnist_facts import ENVIRONMENT, OBSERVED
from saved_notebooks import (
    HISTORY,
    OUTPUT,
    PRINTED,
    TABLE,
    Json,
    code_cell,
    displayed,
    notebook,
    old_notebook,
    stream,
)

from grader import bands, published, reference, saved
from grader.checks.alignment import matching
from grader.errors import GraderError, UsageError
from grader.judging import Known, judge, must_answer
from grader.model import (
    Cell,
    Evidence,
    HistoryCriterion,
    Interval,
    Outcome,
    Part,
    Published,
    Recording,
    Status,
    SummaryCriterion,
    Tolerance,
    TrainingCriterion,
)
from grader.notebook_file import opened

SHIPPED = Path(__file__).parent.parent / "reference" / "recordings" / "part1-mnist_cnn.json"
LIMITS = Tolerance(0.0, 0.01)
CRITERIA = (SummaryCriterion("model", 25), HistoryCriterion("history", 20, tolerance=LIMITS))
PART = Part("part1", (), Path("Output.txt"), CRITERIA)
FIGURES = {"accuracy": (0.9212,), "loss": (0.2544,), "val_accuracy": (0.9823,), "val_loss": (0.056,)}
KERAS_3_BAR = (
    "Epoch 1/12\n469/469 ━━━━━━━━━━━━━━━━━━━━ 38s 79ms/step - accuracy: 0.7981 - loss: 0.6231 "
    "- val_accuracy: 0.9823 - val_loss: 0.0560\n"
)


def read(output: str | Json) -> Recording:
    """Of a text, or of a notebook."""
    content, name = (output, "Output.txt") if isinstance(output, str) else (json.dumps(output), "Output.ipynb")
    path = Path(name)
    return published.recording(opened(content.encode(), path), path, PART)


def remarks(output: str) -> list[str]:
    return list(published.remarks(opened(output.encode(), Path("Output.txt")), read(output)))


def test_the_published_output_becomes_a_recording_that_loads_again(tmp_path: Path) -> None:
    recording = read(OUTPUT)
    reference.store(tmp_path / "part1.json", recording)
    assert reference.load(tmp_path / "part1.json") == recording
    assert recording.runs[0].history == FIGURES
    assert recording.published == Published("Output.txt", hashlib.sha256(OUTPUT.encode()).hexdigest(), 1_199_882)
    assert [(layer.kind, layer.output_shape, layer.parameters) for layer in recording.layers] == [
        ("Conv2D", "(None, 26, 26, 32)", 320),
        ("Conv2D", "(None, 24, 24, 64)", 18_496),
        ("MaxPooling2…", "(None, 12, 12, 64)", 0),
        ("Dropout", "(None, 12, 12, 64)", 0),
        ("Flatten", "(None, 9216)", 0),
        ("Dense", "(None, 128)", 1_179_776),
        ("Dropout", "(None, 128)", 0),
        ("Dense", "(None, 10)", 1_290),
    ]


def test_a_recording_of_before_totals_were_kept_still_loads(tmp_path: Path) -> None:
    reference.store(tmp_path / "part1.json", read(OUTPUT))
    stored = json.loads((tmp_path / "part1.json").read_text())
    del stored["published"]["total"]
    (tmp_path / "part1.json").write_text(json.dumps(stored))
    assert reference.load(tmp_path / "part1.json").published == Published(
        "Output.txt", hashlib.sha256(OUTPUT.encode()).hexdigest()
    )


@pytest.mark.parametrize(
    "output",
    [
        notebook(code_cell("fit", stream(OUTPUT))),
        notebook(code_cell("model.summary()", displayed(TABLE)), code_cell("print", stream(HISTORY))),
        notebook(code_cell("fail()", stream(OUTPUT), {"output_type": "error"}, count=None)),
        old_notebook(TABLE, HISTORY),
    ],
    ids=["one cell", "two cells", "never counted", "nbformat 3"],
)
def test_a_notebook_with_its_outputs_is_imported_like_the_text(output: Json) -> None:
    found, text = read(output), read(OUTPUT)
    assert (found.layers, found.runs) == (text.layers, text.runs)
    assert found.published is not None
    assert (found.published.name, found.published.total) == ("Output.ipynb", 1_199_882)


def test_the_shipped_bands_contain_the_published_figures() -> None:
    intervals = bands.intervals(reference.load(SHIPPED), HistoryCriterion("history", 20))[1]
    assert all(intervals[name].low <= value <= intervals[name].high for name, (value,) in FIGURES.items())
    assert sorted(intervals) == sorted(FIGURES)


def test_cut_names_match_the_layers_of_the_shipped_reference() -> None:
    assert matching(read(OUTPUT).layers, reference.load(SHIPPED).layers) == len(read(OUTPUT).layers) == 8


def test_cut_shapes_match_by_what_is_left_of_them() -> None:
    narrow = (PRINTED / "cases" / "s08_keras_3_tiny.txt").read_text("utf-8")
    shapes = [layer.output_shape for layer in read(narrow + HISTORY).layers]
    assert any("…" in shape for shape in shapes)
    whole = [
        replace(layer, output_shape=layer.output_shape.replace("…", "7, 7)"))
        for layer in read(narrow + HISTORY).layers
    ]
    assert matching(read(narrow + HISTORY).layers, whole) == len(whole)


def test_an_output_matches_itself_and_the_same_of_another_width() -> None:
    """Both tables cut, at the same and at other places."""
    shorter = OUTPUT.replace("max_pooling2d_1 (MaxPooling2 ", "pool_of_another_name (MaxPoo ")
    for text in (OUTPUT, shorter):
        judged = saved.judge(opened(text.encode(), Path("a.txt")), [(PART, read(OUTPUT))])
        assert [one.word.value for one in judged.verdicts] == ["match", "match"]


def test_a_submission_earns_all_points_by_an_imported_output() -> None:
    cells = (Cell(1, "pass", Outcome.RAN, TABLE + HISTORY),)
    found = Evidence(Status.GRADED, "", cells, OBSERVED, ENVIRONMENT, 1.0)
    checks = judge(Known(found), PART, read(OUTPUT)).checks
    assert [(check.points, check.max_points, check.why) for check in checks] == [(25, 25, ""), (20, 20, "")]


def test_a_band_around_a_published_output_is_refused_and_limits_are_taken() -> None:
    recording = read(OUTPUT)
    with pytest.raises(GraderError, match=r"write `tolerance: \{rtol"):
        bands.intervals(recording, HistoryCriterion("history", 20))
    found = bands.intervals(recording, HistoryCriterion("history", 20, tolerance=LIMITS))
    assert found[1]["loss"] == Interval(0.2444, 0.2644, 0.2544, "rtol 0, atol 0.01 around the mean of 1 seed")


# --- what is taken and what is not -------------------------------------------------------------------------


def test_running_averages_of_bars_are_left_out_and_that_is_said() -> None:
    assert read(TABLE + KERAS_3_BAR).runs[0].history == {"val_accuracy": (0.9823,), "val_loss": (0.056,)}
    assert remarks(TABLE + KERAS_3_BAR) == [f"left out: accuracy, loss, which stand {AVERAGES}"]


def test_a_printed_history_goes_before_bars_and_evaluations() -> None:
    output = TABLE + KERAS_3_BAR + HISTORY + "{'loss': 0.0401, 'accuracy': 0.9867}\n"
    assert read(output).runs[0].history == FIGURES
    assert remarks(output) == []


def test_figures_of_bars_that_are_the_history_s_are_taken() -> None:
    bars = (PRINTED / "cases" / "p02_keras_2_2.txt").read_text("utf-8")
    assert read(TABLE + bars).runs[0].history["loss"] == (0.2544, 0.0871)


def test_a_total_that_is_another_than_the_layers_have_is_said() -> None:
    assert remarks(OUTPUT) == []
    assert remarks(OUTPUT.replace("Total params: 1,199,882", "Total params: 1,199,000")) == [
        "its layers have 1,199,882 parameters together, and it prints a total of 1,199,000"
    ]


NO_HISTORY = "a History object was shown, which holds no figures"
NO_SUMMARY = "a model object was shown, not its summary"
AVERAGES = "in progress bars alone, where they may be running averages"
WANTED = "expected the output that was published"
KERAS_3_ALONE = "Epoch 1/12\n469/469 ━━━━━━━━━━━━━━━━━━━━ 38s 79ms/step - accuracy: 0.7981 - loss: 0.6231\n"


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (HISTORY, f"'Output.txt' holds no model summary that can be read; {WANTED}"),
        (TABLE, f"'Output.txt' holds no history that can be read; {WANTED}"),
        (
            f"{TABLE}<keras.callbacks.History at 0x7f12>\n",
            f"'Output.txt' holds no history that can be read ({NO_HISTORY}); {WANTED}",
        ),
        (
            f"<keras.models.Sequential at 0x7f12>\n{HISTORY}",
            f"'Output.txt' holds no model summary that can be read ({NO_SUMMARY}); {WANTED}",
        ),
        (
            TABLE + KERAS_3_ALONE,
            f"'Output.txt' shows its figures {AVERAGES}; print those of `history.history`",
        ),
        (
            OUTPUT.replace("0.2544)", "nan)"),
            (
                "'Output.txt' holds a figure that is no finite number; expected those of a training: name another "
                "output"
            ),
        ),
        (
            (PRINTED / "cases" / "s10_keras_3.txt").read_text("utf-8") + HISTORY,
            "'Output.txt' holds a summary of a model that was not built yet; print it with its shapes",
        ),
        (
            (PRINTED / "cases" / "s08_keras_3_tiny.txt").read_text("utf-8").replace("320 │", "3… │") + HISTORY,
            "'Output.txt' holds a summary that cut off a number of parameters; print it on a wider page",
        ),
        (
            notebook(code_cell("model.fit(x, y)")),
            f"'Output.ipynb' shows nothing: no output is saved in it; {WANTED}",
        ),
    ],
)
def test_an_output_that_cannot_be_compared_with_is_refused_with_the_reason(output: str | Json, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read(output)
    assert str(refused.value) == told


@pytest.mark.parametrize("criterion", [HistoryCriterion("history", 20), TrainingCriterion("training", 1)])
def test_what_no_text_shows_is_refused_when_it_is_imported(criterion: HistoryCriterion | TrainingCriterion) -> None:
    with pytest.raises(GraderError, match=r"Output\.txt"):
        must_answer(replace(PART, criteria=(criterion,)), read(OUTPUT))
