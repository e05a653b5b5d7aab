"""One table of what Keras printed, version by version (`printed/cases`), and what is read of it.

A file's name says the variant and the version. Those of Keras before 3 and of pandas were set by the rules of
their printing, as no such version runs here; what the Keras of this machine prints is in `test_extract_keras`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.extract import refused
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.model import UNREADABLE, Layer, ModelSummary

CASES = Path(__file__).parent / "printed" / "cases"

Row = tuple[str, str, str, int]


def printed(name: str) -> str:
    return (CASES / f"{name}.txt").read_bytes().decode()


def layers(kinds: str, shapes: str, counts: str) -> list[tuple[str, str, int]]:
    """By the columns of a table; shapes without their brackets and batches."""
    written = (f"(None, {shape.replace('x', ', ')})" if shape[0].isdigit() else shape for shape in shapes.split())
    return list(zip(kinds.split(), written, map(int, counts.split()), strict=True))


KERAS_1 = layers(
    "Convolution2D Activation Convolution2D MaxPooling2D Flatten Dense Dense",
    "32x26x26 32x26x26 32x24x24 32x12x12 4608 128 10",
    "320 0 9248 0 0 589952 1290",
)
CNN = layers(
    "Conv2D Conv2D MaxPooling2D Dropout Flatten Dense Dropout Dense",
    "26x26x32 24x24x64 12x12x64 12x12x64 9216 128 128 10",
    "320 18496 0 0 0 1179776 0 1290",
)
CONVNET = layers(
    "Conv2D MaxPooling2D Conv2D MaxPooling2D Flatten Dropout Dense",
    "26x26x32 13x13x32 11x11x64 5x5x64 1600 1600 10",
    "320 0 18496 0 0 0 16010",
)
TWO_INPUTS = layers(
    "InputLayer InputLayer Flatten Flatten Concatenate Dense",
    "28x28x1 224x224x10 784 501760 502544 10",
    "0 0 0 0 0 5025450",
)


def cut(rows: list[tuple[str, str, int]], number: int, *left: object) -> list[tuple[str, str, int]]:
    """With another row in the place of one."""
    return [*rows[:number], left, *rows[number + 1 :]]  # type: ignore[list-item]  # the rows of this table


SUMMARIES = {
    "s01_keras_1_0": (cut(KERAS_1, 2, "Conv…", "(None, 32, 24, 24)", 9_248), 600_810),
    "s02_keras_1_2": (KERAS_1, 600_810),
    "s03_keras_2_2": (cut(CNN, 2, "MaxPooling2…", "(None, 12, 12, 64)", 0), 1_199_882),
    "s04_tensorflow_2_3": (CNN, 1_199_882),
    "s05_tensorflow_2_9": (
        layers("Conv2D AveragePooling2D GlobalAveragePooling2D Dense", "28x28x6 14x14x6 6 10", "156 0 0 70"),
        226,
    ),
    "s06_tensorflow_2_15": (CONVNET, 34_826),
    "s07_keras_3_after_fit": (CONVNET, 34_826),
    "s08_keras_3_narrow": (
        layers("Conv2D MaxPooling2D BatchNormalizatio…", "32x32x16 16x16x16 16x16x16", "448 0 64"),
        512,
    ),
    "s08_keras_3_tiny": ([("Conv2…", "(No… 26, 26, 32)", 320), ("MaxPo…", "(No… 13, 13, 32)", 0)], 320),
    "s09_keras_3": (CONVNET, 34_826),
    "s09_keras_3_windows": (CONVNET, 34_826),
    "s10_keras_3": ([("Dense", "?", 0), ("Dense", "?", 0)], 0),
    "s11_tensorflow_2_4": (cut(TWO_INPUTS, 1, "InputLayer", "[(None, 224, 224, 10)…", 0), 5_025_450),
    "s11_tensorflow_2_9": (TWO_INPUTS, 5_025_450),
    "s12_keras_2_2": (layers("InputLayer Dense", "784 512", "0 401920"), 401_920),
    "s12_tensorflow_1_14": (
        [
            ("InputLayer", "(None, 784)", 0),
            ("Model", "[(None, 2), (None, 2), (N…", 403_972),
            ("Model", "(None, 784)", 403_728),
        ],
        807_700,
    ),
    "s13_tensorflow_2_3": ([("Flatten", "?", 0), ("Dense", "?", 100_480), ("Dense", "?", 0)], 100_480),
    "s14_keras_3": (layers("Sequential Dense", "8 10", "6280 90"), 6_370),
    "s14_tensorflow_2_9": (
        layers("Sequential Rescaling GlobalAveragePooling2D Dense", "300x300x3 300x300x3 3 10", "0 0 0 40"),
        40,
    ),
    "s15_keras_3": (layers("Dense Dropout Dense", "8 8 10", "6280 0 90"), 6_370),
    "s15_tensorflow_2_9": (
        layers("Dense BatchNormalization Dense", "128 128 10", "100480 512 1290"),
        102_282,
    ),
    "s16_tensorflow_2_4_narrow": (
        [
            ("Conv2D", "(None, 26, 26,…", 320),
            ("Conv2D", "(None, 24, 24,…", 18_496),
            ("Ma…", "(None, 12, 12,…", 0),
            ("Dropout", "(None, 12, 12,…", 0),
        ],
        18_816,
    ),
    "s16_tensorflow_2_4_wide": (
        layers("Conv2D Conv2D MaxPooling2D", "26x26x32 24x24x64 12x12x64", "320 18496 0"),
        18_816,
    ),
    "s16_tensorflow_2_9_narrow": (
        layers("Conv2D MaxPooling2D Conv2D", "26x26x32 13x13x32 11x11x64", "320 0 18496"),
        18_816,
    ),
}

FIRST_TWO = {
    "loss": "0.2544 0.0871",
    "accuracy": "0.9212 0.9744",
    "val_loss": "0.0560 0.0401",
    "val_accuracy": "0.9823 0.9867",
}
FIRST = {name: numbers.split()[0] for name, numbers in FIRST_TWO.items()}
ROUNDED = FIRST | {"val_loss": "0.056"}
LINES = FIRST_TWO | {
    "loss": "0.2376 0.0871",
    "accuracy": "0.9328 0.9744",
    "val_loss": "0.0601 0.0401",
    "val_accuracy": "0.9800 0.9867",
}
KERAS_0 = {
    "loss": "0.4978 0.2103",
    "accuracy": "0.8542 0.9381",
    "val_loss": "0.1821 0.1340",
    "val_accuracy": "0.9469 0.9602",
}
STOPPED_EARLY = FIRST_TWO | {"val_loss": "0.0560 0.0601"}
UNKNOWN_STEPS = {
    "loss": "1.4936 1.1001",
    "accuracy": "0.5518 0.6518",
    "val_loss": "1.2001 1.0001",
    "val_accuracy": "0.6012 0.7012",
}
MANY_DIGITS = {"accuracy": "0.49488332867622375 0.6012", "loss": "1.716402292251587 1.2"}
FRAME = FIRST_TWO | {"loss": "0.254400 0.087100", "val_loss": "0.056000 0.040100"}

# Of how many epochs the training figures may be running averages, and the figures, of each history.
HISTORIES: dict[str, list[tuple[int, dict[str, str]]]] = {
    "p00_keras_0_bars": [(0, KERAS_0)],
    "p00_keras_0_lines": [(0, KERAS_0)],
    "p01_keras_2_0": [
        (
            0,
            {
                "loss": "0.3500 0.1221",
                "accuracy": "0.8912 0.9640",
                "val_loss": "0.0802 0.0561",
                "val_accuracy": "0.9747 0.9812",
            },
        )
    ],
    "p02_keras_2_2": [(0, FIRST_TWO)],
    "p03_tensorflow_2_1": [
        (0, {"loss": "0.2037", "accuracy": "0.9378", "val_loss": "0.0612", "val_accuracy": "0.9828"})
    ],
    "p04_tensorflow_2_9": [
        (
            1,
            {
                "loss": "2.2641 2.1907",
                "accuracy": "0.2865 0.3921",
                "val_loss": "2.2221 2.1401",
                "val_accuracy": "0.4371 0.5612",
            },
        )
    ],
    "p05_keras_3": [
        (
            2,
            {
                "loss": "0.4981 1.8380e-05",
                "accuracy": "0.8512 1.0000",
                "val_loss": "0.0991 0.0686",
                "val_accuracy": "0.9702 0.9902",
            },
        )
    ],
    "p06_keras_2_0": [(0, LINES)],
    "p06_keras_2_2": [(0, LINES)],
    "p06_keras_3": [(2, {"loss": "0.2544 0.0243", "accuracy": "0.9212 0.9928"})],
    "p06_tensorflow_1_15": [(0, {"loss": "1.1503 0.5011", "accuracy": "0.7103 0.8721"})],
    "p06_tensorflow_2_4": [(1, {"loss": "0.2934 0.1400", "accuracy": "0.9147 0.9580"})],
    "p06_tensorflow_2_9": [(1, {"loss": "0.2544 0.1074", "accuracy": "0.9212 0.9691"})],
    "p07_keras_2_2_stopped": [(0, FIRST)],
    "p08_keras_1_2": [
        (0, {"loss": "0.3402", "accuracy": "0.8951", "val_loss": "0.0812", "val_accuracy": "0.9762"})
    ],
    "p09_keras_2_2": [(1, {"loss": "0.6131 0.4131", "accuracy": "0.8106 0.8710"})],
    "p09_tensorflow_2_4": [
        (1, {"loss": "2.3021 2.1021", "accuracy": "0.0783 0.1783"}),
        (1, {"loss": "2.0021", "accuracy": "0.2783"}),
    ],
    "p10_keras_2_3_script": [(0, FIRST)],
    "p10_keras_3_script": [
        (
            2,
            {
                "loss": "2.2100 2.0100",
                "accuracy": "0.2200 0.4200",
                "val_loss": "2.1000 1.9000",
                "val_accuracy": "0.3000 0.5000",
            },
        )
    ],
    "p11_keras_2_2": [(0, STOPPED_EARLY)],
    "p11_tensorflow_2_9": [(1, STOPPED_EARLY | {"lr": "1.0000 1.0000"})],
    "p12_keras_3": [
        (
            2,
            {
                "f1_score": "0.8010 0.9010",
                "loss": "0.4981 0.2981",
                "top_k_categorical_accuracy": "0.9702 0.9902",
                "val_loss": "0.0991 0.0891",
                "learning_rate": "0.0010 1.0000e-04",
            },
        )
    ],
    "p13_keras_2_2": [
        (
            0,
            {
                "loss": "2.1346",
                "main_output_loss": "1.9194",
                "aux_output_loss": "4.0632",
                "c1_acc": "0.8013",
                "val_loss": "2.9120",
                "val_main_output_loss": "2.1001",
            },
        )
    ],
    "p14_keras_2_2": [(0, {"loss": "0.4793 0.1608"})],
    "p15_tensorflow_2_4": [
        (
            1,
            {
                "loss": "1.8380e-05 -494.8311 nan inf 70986436616009023488.0000",
                "accuracy": "0.0000e+00 0.0996 0.0996 0.1503 1.0000",
                "val_loss": "9.8632e-04 -500.0000 nan inf 0.5000",
            },
        )
    ],
    "p16_keras_3": [(2, {"loss": "1.4936 1.1001"})],
    "p16_tensorflow_2_0": [(1, UNKNOWN_STEPS)],
    "p18_convnet": [(1, {"loss": "0.3671", "accuracy": "0.8871", "val_loss": "0.0812", "val_accuracy": "0.9782"})],
    "p18_emnist": [(0, {"loss": "0.6012", "accuracy": "0.8112", "val_loss": "0.4321", "val_accuracy": "0.8512"})],
    "p19_split": [(1, {"loss": "0.2544 0.0871", "accuracy": "0.9212 0.9744"})],
    "h01_keras_2_2": [(0, ROUNDED)],
    "h02_keras_3": [(0, ROUNDED)],
    "h02_tensorflow_2": [(0, ROUNDED)],
    "h03_pretty": [(0, MANY_DIGITS)],
    "h03_tensorflow_1": [(0, MANY_DIGITS | {"val_accuracy": "0.62 0.7", "val_loss": "1.3 1.1"})],
    "h04_pandas": [(0, FRAME)],
    "h04_pandas_wrapped": [(0, FRAME)],
    "h06_numpy_2": [(0, {"loss": "0.2544", "accuracy": "0.9212"})],
    "h07_rounded": [(0, {"loss": "1.0", "accuracy": "0.0", "val_loss": "nan", "val_accuracy": "0.1"})],
}

OBJECT = "a History object was shown, which holds no figures"
NOT_FINISHED = "its bars were not finished, or may be those of `evaluate`"
NO_STEPS = "the progress of an epoch whose number of steps was not known was not finished"
NOT_HISTORIES = {
    "h02_names": "the names of the metrics were shown without their figures",
    "h04_pandas_tail": "a table was shown that does not begin with its first epoch",
    "h05_keras_2": OBJECT,
    "h05_keras_3": OBJECT,
    "h05_tensorflow_2": OBJECT,
    "h05_tensorflow_2_13": OBJECT,
    "h08_plots": "plots were shown, which hold no figures that can be read",
    "p07_keras_2_2_unfinished": NOT_FINISHED,
    "p07_keras_3_stopped": NOT_FINISHED,
    "p16_tensorflow_2_0_joined": NO_STEPS,
    "p16_tensorflow_2_4_stopped": NO_STEPS,
    "p17_tqdm": "the figures in bars of tqdm are those of a loop, not of `fit`",
}
NOT_SUMMARIES = {
    "look_ascii": "the table is keras-sequential-ascii's, not Keras'",
    "look_autokeras": "",
    "look_nvidia_smi": "",
    "look_prettytable": "a table was shown in a frame that Keras does not draw",
    "look_rich": "",
    "look_torchinfo": "the table is torchinfo's, not Keras'",
    "look_torchsummary": "the table is torchsummary's, not Keras'",
}


def test_every_case_is_in_the_table() -> None:
    assert sorted(case.stem for case in CASES.iterdir()) == sorted(
        [*SUMMARIES, *HISTORIES, *NOT_HISTORIES, *NOT_SUMMARIES]
    )


@pytest.mark.parametrize("name", SUMMARIES)
def test_a_summary_is_read_whatever_printed_it(name: str) -> None:
    (found,) = summaries(printed(name))
    rows = [(layer.kind, layer.output_shape, layer.parameters) for layer in found.layers]
    assert (rows, found.total) == SUMMARIES[name]


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_is_read_whatever_printed_it(name: str) -> None:
    found = [(each.running, dict(each.metrics)) for each in histories(printed(name))]
    assert found == [
        (running, {metric: tuple(numbers.split()) for metric, numbers in metrics.items()})
        for running, metrics in HISTORIES[name]
    ]


@pytest.mark.parametrize("name", NOT_HISTORIES)
def test_what_holds_no_history_is_refused_with_the_reason(name: str) -> None:
    assert histories(printed(name)) == ()
    assert refused.histories(printed(name))[0] == NOT_HISTORIES[name]


@pytest.mark.parametrize("name", NOT_SUMMARIES)
def test_tables_of_other_programs_are_refused(name: str) -> None:
    assert summaries(printed(name)) == ()
    assert histories(printed(name)) == ()
    assert "".join(refused.summaries(printed(name))) == NOT_SUMMARIES[name]


@pytest.mark.parametrize("name", ["s03_keras_2_2", "s06_tensorflow_2_15", "s09_keras_3"])
def test_the_line_ends_of_windows_change_nothing(name: str) -> None:
    assert summaries(printed(name).replace("\n", "\r\n")) == summaries(printed(name))


def test_a_count_that_fills_its_column_may_have_been_cut() -> None:
    text = printed("s16_tensorflow_2_4_narrow").replace("18496 ", "118496")
    found = summaries(text)[0].layers
    assert found[1] == Layer("conv2d_1", "Conv2D", "(None, 24, 24,…", UNREADABLE)


def test_a_summary_is_found_between_other_outputs() -> None:
    text = printed("look_torchsummary") + printed("s03_keras_2_2") + printed("look_nvidia_smi")
    assert summaries(text) == summaries(printed("s03_keras_2_2"))
    assert isinstance(summaries(text)[0], ModelSummary)
