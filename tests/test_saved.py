"""Saved outputs are judged without a run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from saved_notebooks import CODE, HISTORY, OUTPUT, PRINTED, TABLE, Json, code_cell, notebook, old_notebook, stream

from grader import reference, rubric, saved
from grader.model import (
    CodeCriterion,
    EvidenceKind,
    ExecutesCriterion,
    HistoryCriterion,
    Part,
    Recording,
    SummaryCriterion,
    TrainingCriterion,
)
from grader.notebook_file import opened
from grader.saved import Word

ROOT = Path(__file__).parents[1]
SHIPPED = reference.load(ROOT / "reference" / "recordings" / "part1-mnist_cnn.json")
CRITERIA = (
    ExecutesCriterion("runs", 1),
    CodeCriterion("seed", 1, ("np.random.seed(0)",)),
    SummaryCriterion("model", 1),
    TrainingCriterion("training", 1),
    HistoryCriterion("history", 1),
)
PART = Part("part1", (), Path("part1.ipynb"), CRITERIA)
RUNNING = "accuracy, loss not judged: in progress bars alone, where they may be running averages"


def told(text: str | Json, part: Part = PART, recording: Recording | None = SHIPPED) -> dict[str, tuple[Word, str]]:
    """Of a text, or of a notebook."""
    content, name = (text, "a.txt") if isinstance(text, str) else (json.dumps(text), "a.ipynb")
    judged = saved.judge(opened(content.encode(), Path(name)), [(part, recording)])
    return {one.criterion.id: (one.word, one.why) for one in judged.verdicts}


def words(text: str | Json) -> list[str]:
    return [word.value for word, _ in told(text).values()]


def bars(version: str) -> str:
    """One epoch with the published figures, as this version's bar has them."""
    return {
        "keras 2.2": "Train on 60000 samples, validate on 10000 samples\nEpoch 1/12\n60000/60000 "
        "[==============================] - 10s 173us/step - loss: 0.2544 - acc: 0.9212 - val_loss: 0.0560 "
        "- val_acc: 0.9823\n",
        "tensorflow 2.9": "Epoch 1/12\n469/469 [==============================] - 17s 16ms/step - loss: 0.2544 "
        "- accuracy: 0.9212 - val_loss: 0.0560 - val_accuracy: 0.9823\n",
        "keras 3": "Epoch 1/12\n469/469 ━━━━━━━━━━━━━━━━━━━━ 38s 79ms/step - accuracy: 0.7981 - loss: 0.6231 "
        "- val_accuracy: 0.9823 - val_loss: 0.0560\n",
    }[version]


# --- the published output ----------------------------------------------------------------------------------


def test_the_published_output_matches_the_shipped_recording() -> None:
    assert words(OUTPUT) == ["not judged", "not judged", "match", "not judged", "match"]


def test_the_published_output_matches_the_shipped_rubric_in_all_that_a_text_shows() -> None:
    shipped = rubric.load(ROOT / "rubric.yaml", require_reference=False, require_data=False)
    accepted = [(one, reference.of(one)) for one in shipped.parts[0].accepted]
    judged = saved.judge(opened(OUTPUT.encode(), Path("Output.txt")), accepted)
    assert judged.program == "mnist_cnn"
    assert {one.criterion.id: one.word for one in judged.verdicts if one.word is not Word.NOT_JUDGED} == {
        "architecture": Word.MATCH,
        "history": Word.MATCH,
    }


def test_the_published_figures_are_those_of_the_assignment() -> None:
    """What "match" was said of."""
    assert HISTORY == "[('val_loss', 0.056), ('val_acc', 0.9823), ('loss', 0.2544), ('acc', 0.9212)]\n"
    assert [" ".join(line.split()) for line in TABLE.splitlines() if "(None" in line] == [
        "conv2d_1 (Conv2D) (None, 26, 26, 32) 320",
        "conv2d_2 (Conv2D) (None, 24, 24, 64) 18496",
        "max_pooling2d_1 (MaxPooling2 (None, 12, 12, 64) 0",
        "dropout_1 (Dropout) (None, 12, 12, 64) 0",
        "flatten_1 (Flatten) (None, 9216) 0",
        "dense_1 (Dense) (None, 128) 1179776",
        "dropout_2 (Dropout) (None, 128) 0",
        "dense_2 (Dense) (None, 10) 1290",
    ]
    assert "\nTotal params: 1,199,882\n" in TABLE


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("Total params: 1,199,882", "Total params: 1,199,881", "its total is 1,199,881, expected 1,199,882"),
        ("18496", "18490", "layer 2: expected Conv2D (None, 24, 24, 64), 18,496 parameters; printed Conv2D (None"),
        (
            "(None, 9216)",
            "(None, 9210)",
            "layer 5: expected Flatten (None, 9216), 0 parameters; printed Flatten (N",
        ),
        (
            "(MaxPooling2 ",
            "(AvgPooling2 ",
            "layer 3: expected MaxPooling2D (None, 12, 12, 64), 0 parameters; print",
        ),
        (
            "dropout_2 (Dropout)          (None, 128)               0         \n",
            "",
            "layer 7: expected Dropout (None",
        ),
    ],
)
def test_a_table_that_is_another_does_not_match(was: str, now: str, why: str) -> None:
    assert was in TABLE
    word, said = told(OUTPUT.replace(was, now))["model"]
    assert (word, why in said) == (Word.DIFFERS, True), said


def test_a_table_without_its_last_layer_is_told() -> None:
    short = TABLE.replace("dense_2 (Dense)              (None, 10)                1290      \n", "")
    assert told(short)["model"] == (Word.DIFFERS, "printed with 7 layers; expected 8")


def test_one_of_several_printed_tables_and_histories_may_match() -> None:
    other = TABLE.replace("18496", "18490"), HISTORY.replace("0.9212", "0.5212")
    found = told("".join((TABLE, *other, HISTORY)))
    assert found["model"] == (Word.MATCH, "one of 2 printed summaries")
    assert found["history"] == (Word.MATCH, "one of 2 printed histories")


@pytest.mark.parametrize(
    "name", ["s03_keras_2_2", "s04_tensorflow_2_3", "s08_keras_3_narrow", "s09_keras_3", "s07_keras_3_after_fit"]
)
def test_tables_of_all_versions_are_compared_by_what_is_left_of_them(name: str) -> None:
    """Of the assignment's networks in them, that of the first matches, the second's does not."""
    text = (PRINTED / "cases" / f"{name}.txt").read_text("utf-8")
    is_cnn = "1,199,882" in text or "1199882" in text
    assert told(text)["model"][0] is (Word.MATCH if is_cnn else Word.DIFFERS)


def test_a_table_of_a_model_that_was_not_built_shows_no_layers() -> None:
    text = (PRINTED / "cases" / "s10_keras_3.txt").read_text("utf-8")
    assert told(text)["model"] == (Word.DIFFERS, "its output shapes were not known when it was printed")


# --- figures -----------------------------------------------------------------------------------------------


def test_a_figure_outside_its_band_does_not_match() -> None:
    word, why = told(OUTPUT.replace("0.9212)", "0.5212)"))["history"]
    assert word is Word.DIFFERS
    assert why.startswith("accuracy is printed as 0.5212 for epoch 1, expected 0.9")
    assert why.endswith("(band of 32 seeds at 0.999)")


@pytest.mark.parametrize("figure", ["nan", "inf", "-0.056", "1e400", "9" * 100])
def test_what_is_no_figure_does_not_match(figure: str) -> None:
    assert told(HISTORY.replace("0.056", figure))["history"][0] is Word.DIFFERS


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("keras 2.2", (Word.MATCH, "printed")),
        ("tensorflow 2.9", (Word.IN_PART, f"val_accuracy, val_loss printed; {RUNNING}")),
        ("keras 3", (Word.IN_PART, f"val_accuracy, val_loss printed; {RUNNING}")),
    ],
)
def test_training_figures_of_bars_count_only_where_they_are_the_history_s(
    version: str, expected: tuple[Word, str]
) -> None:
    assert told(bars(version))["history"] == expected


def test_validation_figures_of_bars_are_judged() -> None:
    word, why = told(bars("keras 3").replace("0.0560", "0.5600"))["history"]
    assert (word, why.split(",")[0]) == (Word.DIFFERS, "val_loss is printed as 0.5600 for epoch 1")


def test_bars_without_validation_that_may_show_averages_leave_nothing_to_judge() -> None:
    """The recording's validation figures are not there, and that is told first."""
    text = "Epoch 1/2\n469/469 ━━━━━━━━━━━━━━━━━━━━ 38s 79ms/step - accuracy: 0.79 - loss: 0.62\n"
    assert told(text)["history"] == (Word.DIFFERS, "val_accuracy is not printed for epoch 1")
    without = [
        replace(run, history={name: run.history[name] for name in ("accuracy", "loss")}) for run in SHIPPED.runs
    ]
    recording = replace(SHIPPED, runs=tuple(without))
    assert told(text, recording=recording)["history"] == (Word.NOT_JUDGED, RUNNING)


def test_training_figures_are_not_taken_from_bars_where_a_history_is_printed() -> None:
    partly = "[('val_loss', 0.056), ('val_acc', 0.9823)]\n"
    assert told(bars("keras 2.2") + partly)["history"] == (Word.DIFFERS, "accuracy is not printed for epoch 1")


def test_the_program_s_own_print_goes_before_bars() -> None:
    assert told(bars("keras 3") + HISTORY)["history"] == (Word.MATCH, "printed")
    wrong = HISTORY.replace("0.9823", "0.4823")
    assert told(bars("keras 2.2") + wrong)["history"][0] is Word.DIFFERS


def test_what_evaluate_returned_is_no_history_where_there_is_one() -> None:
    assert told(HISTORY + "{'loss': 0.0401, 'accuracy': 0.9867}\n")["history"] == (Word.MATCH, "printed")


def test_histories_of_two_cells_are_two() -> None:
    """Bars of a second cell are not the first one's next epochs."""
    cells = notebook(code_cell("a", stream(bars("keras 2.2"))), code_cell("b", stream(bars("keras 2.2"))))
    assert told(cells)["history"] == (Word.MATCH, "one of 2 printed histories")


@pytest.mark.parametrize(
    ("text", "history", "model"),
    [
        ("hello\n", "no history is printed", "no model summary is printed"),
        (
            "<keras.callbacks.History at 0x7f12>\n<keras.models.Sequential at 0x7f12>\n",
            "no history is printed: a History object was shown, which holds no figures",
            "no model summary is printed: a model object was shown, not its summary",
        ),
    ],
)
def test_where_nothing_can_be_read_the_reason_is_told(text: str, history: str, model: str) -> None:
    found = told(text)
    assert found["history"] == (Word.DIFFERS, history)
    assert found["model"] == (Word.DIFFERS, model)


def test_what_need_not_be_printed_needs_a_run_where_it_was_not() -> None:
    observed = (
        SummaryCriterion("model", 1, evidence=EvidenceKind.OBSERVED),
        HistoryCriterion("history", 1, evidence=EvidenceKind.VERIFIED),
    )
    part = Part("part2", (), Path("part2.ipynb"), observed)
    assert told("hello\n", part) == {
        "model": (Word.NOT_JUDGED, "needs a run: no model summary is printed"),
        "history": (Word.NOT_JUDGED, "needs a run: no history is printed"),
    }
    assert told(OUTPUT, part) == {"model": (Word.MATCH, "printed"), "history": (Word.MATCH, "printed")}


def test_without_a_recording_nothing_is_compared() -> None:
    part = Part("part1", (), Path("part1.ipynb"), (SummaryCriterion("model", 1),))
    assert told(OUTPUT, part, None) == {"model": (Word.NOT_JUDGED, "nothing is recorded")}


# --- notebooks ---------------------------------------------------------------------------------------------


def test_saved_outputs_of_a_notebook_are_judged_and_its_errors_seen() -> None:
    cell = code_cell(CODE, stream(OUTPUT))
    assert words(notebook(cell)) == ["match in part", "match", "match", "not judged", "match"]
    cell["outputs"].append({"output_type": "error"})
    assert told(notebook(cell))["runs"] == (Word.DIFFERS, "cell 1 has a saved error")


def test_a_notebook_of_the_third_format_is_judged() -> None:
    assert words(old_notebook(OUTPUT)) == ["match in part", "match", "match", "not judged", "match"]


def test_code_is_judged_by_the_source_of_cells_that_were_never_run() -> None:
    found = told(notebook(code_cell(CODE, count=None)))
    assert found["seed"] == (Word.MATCH, "")
    assert found["runs"] == (Word.NOT_JUDGED, "needs a run: not every cell has a saved count or output")


def test_where_no_output_is_saved_there_is_none_to_judge() -> None:
    """Ran, but its outputs were cleared."""
    found = told(notebook(code_cell(CODE, count=3)))
    assert found["runs"] == (Word.IN_PART, "no error is saved; whether it runs from top to bottom needs a run")
    assert found["model"] == found["history"] == (Word.NOT_JUDGED, "needs a run: no output is saved")


def test_code_that_is_not_there_is_named() -> None:
    word, why = told(notebook(code_cell("import numpy as np\nnp.random.seed(1)")))["seed"]
    assert word is Word.DIFFERS
    assert "looked for `np.random.seed(0)`" in why
    assert "np.random.seed(1)" in why


def test_a_name_stands_for_the_same_in_all_patterns() -> None:
    criteria = (
        CodeCriterion("built", 1, ("$MODEL = Sequential()",)),
        CodeCriterion("fitted", 1, ("$MODEL.fit($$$)",)),
    )
    part = Part("part1", (), Path("part1.ipynb"), criteria)
    found = told(notebook(code_cell("a = Sequential()\nb.fit(x)")), part)
    assert sorted(word.value for word, _ in found.values()) == ["does not match", "match"]


def test_a_text_holds_no_code() -> None:
    found = told(OUTPUT)
    assert found["seed"] == (Word.NOT_JUDGED, "a text holds no code")
    assert found["runs"] == (Word.NOT_JUDGED, "needs a run: a text holds no code")
