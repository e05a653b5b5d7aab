"""On what Keras 3.15 (in `printed/keras3_*`) and tf_keras 2.21 (`keras2_*`) printed, and on small tables.

The former ran in scripts, and in notebooks whose outputs were joined.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.extract.summary import summaries
from grader.model import UNREADABLE, Layer, ModelSummary

PRINTED = Path(__file__).parent / "printed"

CONVNET = (
    Layer("conv2d", "Conv2D", "(None, 26, 26, 32)", 320),
    Layer("conv2d_1", "Conv2D", "(None, 24, 24, 64)", 18_496),
    Layer("max_pooling2d", "MaxPooling2D", "(None, 12, 12, 64)", 0),
    Layer("dropout", "Dropout", "(None, 12, 12, 64)", 0),
    Layer("flatten", "Flatten", "(None, 9216)", 0),
    Layer("dense", "Dense", "(None, 128)", 1_179_776),
    Layer("dropout_1", "Dropout", "(None, 128)", 0),
    Layer("dense_1", "Dense", "(None, 10)", 1_290),
)

SMALL = """\
Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ flatten (Flatten)               │ (None, 784)            │             0 │
├─────────────────────────────────┼────────────────────────┼───────────────┤
│ dense (Dense)                   │ (None, 10)             │         7,850 │
└─────────────────────────────────┴────────────────────────┴───────────────┘
 Total params: 7,850 (30.66 KB)
 Trainable params: 7,850 (30.66 KB)
 Non-trainable params: 0 (0.00 B)
"""
FLATTEN = Layer("flatten", "Flatten", "(None, 784)", 0)
DENSE = Layer("dense", "Dense", "(None, 10)", 7_850)
SMALL_SUMMARY = ModelSummary((FLATTEN, DENSE), 7_850)

KERAS_2_0 = """\
_________________________________________________________________
Layer (type)                 Output Shape              Param #   
=================================================================
conv2d_1 (Conv2D)            (None, 26, 26, 32)        320       
_________________________________________________________________
max_pooling2d_1 (MaxPooling2 (None, 12, 12, 64)        0         
_________________________________________________________________
a_layer_with_quite_a_long_nam (None, 10)               1290      
=================================================================
Total params: 1,199,882
Trainable params: 1,199,882
Non-trainable params: 0
_________________________________________________________________
None
"""  # noqa: W291 - Keras pads its lines

KERAS_1_0 = """\
____________________________________________________________________________________________________
Layer (type)                     Output Shape          Param #     Connected to                     
====================================================================================================
convolution2d_148 (Convolution2D)(None, 32, 26, 26)    320         convolution2d_input_71[0][0]     
____________________________________________________________________________________________________
merge_1 (Merge)                  (None, 64, 26, 26)    0           convolution2d_148[0][0]          
                                                                   convolution2d_149[0][0]          
====================================================================================================
Total params: 19908
____________________________________________________________________________________________________
"""  # noqa: W291 - as above

TENSORFLOW_2_3 = """\
Model: "vae_mlp"
_________________________________________________________________
Layer (type)                 Output Shape              Param #   
=================================================================
encoder_input (InputLayer)   [(None, 784)]             0         
_________________________________________________________________
encoder (Model)              [(None, 2), (None, 2), (N 403972    
_________________________________________________________________
decoder (Functional)         multiple                  0 (unused)
=================================================================
Total params: 403,972
"""  # noqa: W291 - as above

TORCHSUMMARY = """\
----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1           [-1, 32, 26, 26]             320
================================================================
Total params: 320
----------------------------------------------------------------
"""

PRETTY_TABLE = """\
+--------------+--------------+---------+
| Layer (type) | Output Shape | Param # |
+--------------+--------------+---------+
| conv (Conv2d)| (32, 26, 26) | 320     |
+--------------+--------------+---------+
"""

RICH_TABLE = """\
┏━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━┓
┃ Layer        ┃ Shape   ┃ Value   ┃
┡━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━┩
│ dense        │ 10      │ 7,850   │
└──────────────┴─────────┴─────────┘
 Total params: 7,850
"""


def printed(name: str) -> str:
    return (PRINTED / name).read_bytes().decode()


@pytest.mark.parametrize("name", ["keras3_notebook.txt", "keras3_script.txt", "keras2_notebook.txt"])
def test_a_summary_reads_the_same_from_a_script_and_a_notebook_before_and_after_training(name: str) -> None:
    assert summaries(printed(name)) == (ModelSummary(CONVNET, 1_199_882), ModelSummary(CONVNET, 1_199_882))


def test_layers_with_wrapped_and_cut_names_unbuilt_shapes_and_further_columns_are_read() -> None:
    two_inputs = (
        Layer("left", "InputLayer", "(None, 8)", 0),
        Layer("right_with_a_rathe…", "InputLayer", "(None, 8)", 0),
        Layer("shared", "Dense", "(None, 4)", 36),
        Layer("concatenate", "Concatenate", "(None, 8)", 0),
        Layer("batch_normalizatio…", "BatchNormalizatio…", "(None, 8)", 32),
        Layer("dense", "Dense", "(None, 1)", 9),
    )
    outer = (Layer("inner", "Sequential", "(None, 2)", 46), Layer("dense_3", "Dense", "(None, 3)", 9))
    unbuilt = (Layer("dense_4", "Dense", "?", 0), Layer("dense_5", "Dense", "?", 0))
    found = summaries(printed("keras3_tables_script.txt"))
    assert found[0] == ModelSummary(two_inputs, 77)
    assert found[2:4] == (ModelSummary(outer, 55), ModelSummary(unbuilt, 0))


def test_a_narrow_table_gives_what_it_shows() -> None:
    assert summaries(printed("keras3_tables_script.txt"))[5] == ModelSummary(
        (
            Layer("conv2d_2", "Conv2D", "(None, 26, 26, 32)", 320),
            Layer("conv2d_3", "Conv2D", "(None, 24, 24, 64)", UNREADABLE),
            Layer("max_pooling2…", "MaxPooling2…", "(None, 12, 12, 64)", 0),
            Layer("dropout_2", "Dropout", "(None, 12, 12, 64)", 0),
            Layer("flatten_1", "Flatten", "(None, 9216)", 0),
            Layer("dense_8", "Dense", "(None, 128)", UNREADABLE),
            Layer("dropout_3", "Dropout", "(None, 128)", 0),
            Layer("dense_9", "Dense", "(None, 10)", 1_290),
        ),
        1_199_882,
    )


def test_coloured_tables_in_separate_outputs_read_as_the_plain_ones() -> None:
    found = summaries(printed("keras3_tables_script.txt"))
    assert len(found) == 7
    assert summaries(printed("keras3_tables_notebook.txt")) == found


def test_the_tables_of_keras_2_are_read_with_their_wrapped_names() -> None:
    two_inputs = (
        Layer("left", "InputLayer", "(None, 8)", 0),
        Layer("right_with_a_rather_long_name", "InputLayer", "(None, 8)", 0),
        Layer("shared", "Dense", "(None, 4)", 36),
        Layer("concatenate", "Concatenate", "(None, 8)", 0),
        Layer("batch_normalization_with_a_long_name", "BatchNormalization", "(None, 8)", 32),
        Layer("dense", "Dense", "(None, 1)", 9),
    )
    outer = (Layer("inner", "Sequential", "(None, 2)", 46), Layer("dense_3", "Dense", "(None, 3)", 9))
    found = summaries(printed("keras2_tables.txt"))
    assert found[:2] == (ModelSummary(two_inputs, 77), ModelSummary(outer, 55))
    assert [layer.parameters for layer in found[2].layers] == [layer.parameters for layer in CONVNET]


@pytest.mark.parametrize(
    ("text", "layers", "total"),
    [
        (
            KERAS_2_0,
            (
                Layer("conv2d_1", "Conv2D", "(None, 26, 26, 32)", 320),
                Layer("max_pooling2d_1", "MaxPooling2…", "(None, 12, 12, 64)", 0),
                Layer("a_layer_with_quite_a_long_nam…", "…", "(None, 10)", 1_290),
            ),
            1_199_882,
        ),
        (
            KERAS_1_0,
            (
                Layer("convolution2d_148", "Convolution2D", "(None, 32, 26, 26)", 320),
                Layer("merge_1", "Merge", "(None, 64, 26, 26)", 0),
            ),
            19_908,
        ),
        (
            TENSORFLOW_2_3,
            (
                Layer("encoder_input", "InputLayer", "(None, 784)", 0),
                Layer("encoder", "Model", "[(None, 2), (None, 2), (N…", 403_972),
                Layer("decoder", "Functional", "?", 0),
            ),
            403_972,
        ),
    ],
    ids=["Keras 2.0", "Keras 1.0", "TensorFlow 2.3"],
)
def test_older_dialects_are_read(text: str, layers: tuple[Layer, ...], total: int) -> None:
    assert summaries(text) == (ModelSummary(layers, total),)


def test_tables_of_both_dialects_come_in_order_of_appearance() -> None:
    older = summaries(KERAS_2_0)
    assert summaries(KERAS_2_0 + SMALL + KERAS_2_0) == (*older, SMALL_SUMMARY, *older)


@pytest.mark.parametrize("text", [TORCHSUMMARY, PRETTY_TABLE, RICH_TABLE, "", "Total params: 7,850"])
def test_tables_of_other_programs_are_not_taken(text: str) -> None:
    assert summaries(text) == ()


@pytest.mark.parametrize(
    ("end", "layers"),
    [
        ("Param # ┃", None),
        ("╇━━━", ()),
        ("│ flatten (Flatten)               │ (None, 784)", ()),
        ("            0 │", ()),
        ("├─────", (FLATTEN,)),
        ("│ dense (Dense)                   │ (None, 10)", (FLATTEN,)),
        ("        7,850 │", (FLATTEN,)),
        ("└──────────", (FLATTEN, DENSE)),
    ],
)
def test_of_a_table_that_was_cut_short_the_whole_rows_are_given(end: str, layers: tuple[Layer, ...] | None) -> None:
    text = SMALL[: SMALL.index(end) + len(end)]
    expected = () if layers is None else (ModelSummary(layers),)
    assert summaries(text) == expected
    assert summaries(text + "\n[the rest of the output was dropped]\n") == expected


def test_of_an_older_table_that_was_cut_short_the_whole_rows_are_given() -> None:
    first = ModelSummary((Layer("conv2d_1", "Conv2D", "(None, 26, 26, 32)", 320),))
    cut = KERAS_2_0[: KERAS_2_0.index("max_pooling2d_1")]
    assert summaries(cut) == (first,)
    assert summaries(cut + "Epoch 1/12\n\n" + KERAS_2_0) == (first, *summaries(KERAS_2_0))


def test_a_table_without_layers_is_a_summary_without_layers() -> None:
    rows = SMALL.index("│ flatten"), SMALL.index("└")
    assert summaries(SMALL[: rows[0]] + SMALL[rows[1] :]) == (ModelSummary((), 7_850),)


def test_the_optimizers_variables_do_not_count() -> None:
    trained = (
        SMALL.replace("Total params: 7,850", "Total params: 23,552") + " Optimizer params: 15,702 (61.34 KB)\n"
    )
    assert summaries(trained) == (SMALL_SUMMARY,)


def test_a_total_that_belongs_to_something_else_is_not_taken() -> None:
    table = SMALL[: SMALL.index(" Total")]
    assert summaries(table + "done\n Total params: 5\n") == (ModelSummary((FLATTEN, DENSE)),)


def test_a_bar_in_a_layers_name_does_not_shift_its_columns() -> None:
    found = summaries(SMALL.replace("│ dense (Dense)", "│ de│se (Dense)"))
    assert found[0].layers[1] == Layer("de│se", "Dense", "(None, 10)", 7_850)


def test_a_row_with_too_few_cells_ends_the_table() -> None:
    assert summaries(SMALL.replace("(None, 10)             │", "(None, 10)")) == (ModelSummary((FLATTEN,)),)


@pytest.mark.parametrize("count", ["9" * 5_000, "٣", "-1", "many", ""])
def test_a_count_that_is_none_is_unreadable(count: str) -> None:
    found = summaries(SMALL.replace("        7,850 │", f"{count} │"))
    assert found[0].layers == (FLATTEN, Layer("dense", "Dense", "(None, 10)", UNREADABLE))


@pytest.mark.parametrize(("text", "row"), [(SMALL, 4), (KERAS_2_0, 3)])
def test_a_table_of_endless_length_is_read_up_to_a_bound(text: str, row: int) -> None:
    lines = text.split("\n")
    assert len(summaries("\n".join(lines[:row] + lines[row : row + 2] * 30_000))[0].layers) == 10_000
    assert summaries("\n".join(lines[:row] + lines[row : row + 1] * 30_000))[0].layers == ()


fragments = st.lists(
    st.one_of(
        st.sampled_from(SMALL.split("\n") + KERAS_2_0.split("\n")),
        st.sampled_from(
            [*"┏┃┡│├└┘━_=|¯… \n\r\b\x1b()[,", "Total params: ", "Layer (type)", "____________", "============"]
        ),
        st.text(max_size=5),
    )
)


@given(fragments.map("\n".join), fragments.map("".join))
def test_a_table_is_found_whatever_surrounds_it(before: str, after: str) -> None:
    assert SMALL_SUMMARY in summaries(f"{before}\n{SMALL}{after}")
    assert SMALL_SUMMARY in summaries(f"{after}\n{SMALL}\n{before}")


@given(st.sampled_from([SMALL, KERAS_2_0, KERAS_1_0]), st.data())
def test_a_damaged_table_is_read_without_an_error(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.sampled_from([0, 1, 20, 100]))
        text = (
            text[:start] + data.draw(st.sampled_from(["", "│", "┃", "\n", "(", "…", "\r", "\b", " "])) + text[end:]
        )
    for found in summaries(text):
        assert all(layer.parameters >= UNREADABLE for layer in found.layers)


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert summaries(text) == ()


HEAD = "\n".join(SMALL.split("\n")[:4]) + "\n"
OLD_HEAD = "\n".join(KERAS_2_0.split("\n")[:3]) + "\n"


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        ("", "┃"),
        ("", "┏\n"),
        ("┏\n", "┃ a ┃\n"),
        ("", HEAD),
        (HEAD, "│"),
        (HEAD, "│ a │ (, │ 1 │\n"),
        (HEAD, "│││││\n"),
        (HEAD, "│ ( │ , │ 9 │\n├\n"),
        (HEAD + "│ ", "("),
        (HEAD + "└\n", "\n"),
        (HEAD + "└\n", " Total params: 1\n"),
        (OLD_HEAD, "a\n"),
        (OLD_HEAD, " " * 65 + "\n"),
        ("", OLD_HEAD),
        (OLD_HEAD + "a ", "_"),
    ],
)
def test_two_hundred_thousand_hostile_characters_take_seconds_at_most(start: str, unit: str) -> None:
    text = start + unit * (200_000 // len(unit))
    started = time.process_time()
    summaries(text)
    assert time.process_time() - started < 3


def test_the_rule_below_a_table_of_one_layer_begins_no_other_table() -> None:
    rules = "_" * 65, "=" * 65
    heading = "Layer (type)                 Output Shape              Param #   "
    row = "dense_1 (Dense)              (None, 1)                 4         "
    text = "\n".join((rules[0], heading, rules[1], row, rules[1], "Total params: 4"))
    assert summaries(text) == (ModelSummary((Layer("dense_1", "Dense", "(None, 1)", 4),), 4),)
