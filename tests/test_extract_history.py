"""On what Keras 3.15 (in `printed/keras3_*`) and tf_keras 2.21 (`keras2_*`) printed, and on single lines."""

from __future__ import annotations

import json
import pprint
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.extract.history import histories
from grader.model import HistoryForm, PrintedHistory, canonical_metric

PRINTED = Path(__file__).parent / "printed"


def printed(name: str) -> str:
    return (PRINTED / name).read_bytes().decode()


def pairs(**metrics: str) -> PrintedHistory:
    return PrintedHistory(HistoryForm.PAIRS, {name: tuple(numbers.split()) for name, numbers in metrics.items()})


def mapping(**metrics: str) -> PrintedHistory:
    return PrintedHistory(HistoryForm.MAPPING, {name: tuple(numbers.split()) for name, numbers in metrics.items()})


def progress(running: int = 1, **metrics: str) -> PrintedHistory:
    """Most tests' lines are those of TensorFlow 2, whose first epoch may show running averages."""
    read = {name: tuple(numbers.split()) for name, numbers in metrics.items()}
    return PrintedHistory(HistoryForm.PROGRESS, read, running)


# --- values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[('val_loss', 0.056), ('val_acc', 0.9823), ('loss', 0.2544), ('acc', 0.9212)]",
        '[("val_loss", 0.056), ("val_accuracy", 0.9823), ("loss", 0.2544), ("accuracy", 0.9212)]',
        "(('val_loss', 0.056), ('val_acc', 0.9823), ('loss', 0.2544), ('acc', 0.9212))",
        "[['val_loss', 0.056], ['val_acc', 0.9823], ['loss', 0.2544], ['acc', 0.9212]]",
        "[('val_loss', np.float64(0.056)), ('val_acc', np.float32(0.9823)), ('loss', 0.2544), ('acc', 0.9212)]",
        "[('val_loss', 0.056), ('val_acc', 0.9823), ('loss', numpy.float64( 0.2544 )), ('acc', 0.9212)]",
        "[('val_loss', [0.056]), ('val_acc', (0.9823,)), ('loss', [0.2544]), ('acc', [ 0.9212 ])]",
        "dict_items([('val_loss', [0.056]), ('val_acc', [0.9823]), ('loss', [0.2544]), ('acc', [0.9212])])",
        "History: [('val_loss', 0.056),\n ('val_acc', 0.9823),\n ('loss', 0.2544),\n ('acc', 0.9212)]\n",
        "\x1b[1m[('val_loss', 0.056), ('val_acc', 0.9823), ('loss', 0.2544), ('acc', 0.9212)]\x1b[0m",
    ],
)
def test_a_list_of_pairs_is_read_once_whatever_its_brackets_and_quotes(text: str) -> None:
    assert histories(text) == (pairs(val_loss="0.056", val_accuracy="0.9823", loss="0.2544", accuracy="0.9212"),)


@pytest.mark.parametrize(
    "text",
    [
        "{'loss': [0.25, 0.1], 'accuracy': [0.9, 0.97], 'lr': 1.0}",
        "{'loss': [np.float64(0.25), np.float64(0.1)], 'accuracy': [0.9, 0.97], 'lr': np.float32(1.0)}",
        "{'loss': (0.25, 0.1), 'acc': [0.9, 0.97], 'lr': [1.0]}",
        "defaultdict(<class 'list'>, {'loss': [0.25, 0.1], 'acc': [0.9, 0.97], 'lr': [1.0]})",
        "{'model': {'loss': [0.25, 0.1], 'acc': [0.9, 0.97], 'lr': [1.0]}}",
        json.dumps({"loss": [0.25, 0.1], "acc": [0.9, 0.97], "lr": 1.0}, indent=2),
        pprint.pformat({"loss": [0.25, 0.1], "accuracy": [0.9, 0.97], "lr": [1.0]}, width=5, sort_dicts=False),
    ],
)
def test_a_mapping_is_read_from_one_line_or_many(text: str) -> None:
    assert histories(text) == (mapping(loss="0.25 0.1", accuracy="0.9 0.97", lr="1.0"),)


@pytest.mark.parametrize(
    "number",
    [
        "nan",
        "NaN",
        "inf",
        "-inf",
        "Infinity",
        "1.8380e-05",
        "1E+3",
        "-494.8311",
        "0.056",
        "1.0",
        "1.",
        ".5",
        "0",
        "9" * 309,
    ],
)
def test_numbers_keep_their_printed_digits(number: str) -> None:
    assert histories(f"[('loss', {number})]") == (pairs(loss=number),)
    assert histories(f"{{'loss': [{number}, np.float64({number})]}}") == (mapping(loss=f"{number} {number}"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{'a': 1}",
        "{'lr': 0.01}",
        "[('a', 1), ('b', 2)]",
        "{'name': 'dense', 'units': 128, 'activation': 'relu'}",
        "{'optimizer': 'adam', 'loss': 'mse', 'metrics': ['accuracy']}",
        "{'loss': None}",
        "{'loss': []}",
        "{'loss': [0.25, ...]}",
        "{'loss': [0.25, 0.1",
        "{'loss': 0.25x}",
        "{'loss': 1.2.3}",
        "{'loss': 1_000}",
        "{'loss': np.float64(0.25}",
        "{'loss' 0.25}",
        "{'loss': 0.25 'acc': 0.9}",
        "{'loss': '0.25'}",
        "{'a\nloss': 0.25}",
        "{'a very loss': 0.25}",
        "{'" + "x" * 97 + "loss': 0.25}",
        "('loss', 0.25)",
        "loss 0.25",
        "dict_keys(['loss', 'accuracy'])",
        "[0.0559, 0.9823]",
        "<keras.src.callbacks.history.History at 0x7f65d86ce980>",
        "{'loss': " + "9" * 400 + "}",
    ],
)
def test_what_is_not_a_history_is_not_taken(text: str) -> None:
    assert histories(text) == ()


def test_a_value_that_is_no_metric_is_left_out_and_the_rest_is_kept() -> None:
    assert histories("{'loss': [0.25], 'top-5': [0.99], 'acc': []}") == (mapping(loss="0.25"),)


def test_of_two_metrics_of_one_name_the_first_is_kept() -> None:
    assert histories("[('acc', 0.9), ('accuracy', 0.1), ('loss', 0.25), ('loss', 0.1)]") == (
        pairs(accuracy="0.9", loss="0.25"),
    )


@pytest.mark.parametrize(
    "before",
    ["{'loss': [", "[('loss', ", "[('a', 1), ", "{'x': {'y': ", "[", "([(", "'", '{"', "{'a[(", "np.float64("],
)
def test_a_history_is_found_behind_a_value_that_was_given_up(before: str) -> None:
    assert histories(before + "[('loss', 0.25), ('acc', 0.9)]") == (pairs(loss="0.25", accuracy="0.9"),)
    assert histories(before + "{'loss': [0.25], 'acc': [0.9]}") == (mapping(loss="0.25", accuracy="0.9"),)


# --- progress ----------------------------------------------------------------------------------------------

BAR = "━" * 20


@pytest.mark.parametrize(
    "bar",
    [
        f"\x1b[1m469/469\x1b[0m \x1b[32m{BAR}\x1b[0m\x1b[37m\x1b[0m \x1b[1m1s\x1b[0m - acc: 0.9 - loss: 0.25",
        "469/469 [==============================] - 17s 16ms/step - loss: 0.25 - accuracy: 0.9",
        "60000/60000 [==============================] - 10s 173us/step - loss: 0.25 - acc: 0.9",
        "54000/54000 [==============================] - 6s 109us/sample - loss: 0.25 - acc: 0.9",
        "60000/60000 [==============================] - 266s - loss: 0.25 - acc: 0.9     ",
        "27s - loss: 0.25 - acc: 0.9",
        " - 22s - loss: 0.25 - acc: 0.9",
        " - 2s 35us/step - loss: 0.25 - acc: 0.9",
        "60000/60000 - 1s - loss: 0.25 - acc: 0.9",
        "313/313 - 0s - loss: 0.25 - accuracy: 0.9",
        "1313/1313 - 2s - loss: 0.25 - accuracy: 0.9 - 2s/epoch - 2ms/step",
        "334/334 - 4s - 12ms/step - accuracy: 0.9 - loss: 0.25",
        "10/10 [====] - 1s - loss: 0.25 - acc: 0.9Epoch 00001: acc improved from 0.6 to 0.9, saving - loss: 5",
        "10/10 [====] - 1s - loss: 0.25 - acc: 0.9WARNING:tensorflow:slow",
        "10/10 [====] - 1s - loss: 0.25 - acc: 0.9" + "\b" * 200,
        "\r 1/10 [>...] - ETA: 2:25 - loss: 2.3 - acc: 0.1"
        + "\b" * 90
        + "\r10/10 [====] - 1s - loss: 0.25 - acc: 0.9",
    ],
)
def test_the_finished_bar_of_any_keras_is_an_epoch(bar: str) -> None:
    found = histories(f"Train on 60000 samples\nEpoch 1/1\n{bar}\n")
    assert [dict(history.metrics) for history in found] == [{"loss": ("0.25",), "accuracy": ("0.9",)}]


@pytest.mark.parametrize(
    "bar",
    [
        "14336/60000 [======>.......................] - ETA: 2:25 - loss: 0.0980 - acc: 0.9701",
        "469/469 [==============================] - ETA: 0s - loss: 0.0980 - acc: 0.9701",
        f"468/469 {BAR} 0s 7ms/step - accuracy: 0.5 - loss: 1.0",
        "  11381/Unknown - 168s 13ms/step - loss: 1.4936 - accuracy: 0.5518",
        "54000/1 - 3s - loss: 0.25",
        f"469/469 {BAR} 1s 3ms/step",
        "100%|███| 50/50 [02:04<00:00, 2.48s/it, best loss: -0.936]",
        "50/50 [02:04<00:00, 2.48s/it] - loss: 0.5",
        "loss: 0.25 - acc: 0.9",
        "469/469 [====] - 1s - loss: high",
        "469/469 [====] - 1s - loss: info",
        "469/469 [====] - 1s - speed: 3.0",
    ],
)
def test_what_is_not_a_finished_bar_of_a_training_is_not_an_epoch(bar: str) -> None:
    assert histories(f"Epoch 1/2\n{bar}\n") == ()


def test_every_epoch_gives_one_number_a_metric() -> None:
    found = histories(
        "Epoch 1/3\n10/10 - 1s - loss: nan - lr: 0.0012 - val_loss: inf\n"
        "Epoch 2/3\n10/10 - 1s - loss: 1.8380e-05 - lr: 0.0012 - val_loss: 70986436616009023488.0000\n"
        "Epoch 3/3\n10/10 - 1s - loss: -494.8311 - lr: 0.0012\n"
    )
    assert found == (
        progress(
            loss="nan 1.8380e-05 -494.8311", lr="0.0012 0.0012 0.0012", val_loss="inf 70986436616009023488.0000"
        ),
    )


def test_a_bar_without_a_header_is_an_epoch_only_if_it_was_validated() -> None:
    assert histories(f"313/313 {BAR} 1s 2ms/step - accuracy: 0.98 - loss: 0.05\n") == ()
    assert histories("10/10 - 1s - loss: 0.5 - val_loss: 0.4\n10/10 - 1s - loss: 0.3 - val_loss: 0.2\n") == (
        progress(loss="0.5", val_loss="0.4"),
        progress(loss="0.3", val_loss="0.2"),
    )


@pytest.mark.parametrize("header", ["Epoch 1/2", "Epoch 2/2", "Epoch 3/4"])
def test_a_header_that_does_not_count_on_begins_a_new_fit(header: str) -> None:
    first = "Epoch 1/2\n10/10 - 1s - loss: 0.5\nEpoch 2/2\n10/10 - 1s - loss: 0.4\n"
    assert histories(f"{first}{header}\n10/10 - 1s - loss: 0.3\n") == (
        progress(loss="0.5 0.4"),
        progress(loss="0.3"),
    )


def test_evaluations_after_and_between_epochs_are_left_out() -> None:
    found = histories(
        "Epoch 1/2\n10/10 - 1s - loss: 0.5 - acc: 0.5\n10/10 - 1s - loss: 9.0 - acc: 0.0\n"
        "Epoch 2/2\n10/10 - 1s - loss: 0.4 - acc: 0.6\n"
        "Epoch 2: early stopping\n10/10 - 1s - loss: 9.0 - acc: 0.0\n 5/5 - 1s - loss: 9.0 - acc: 0.0\n"
    )
    assert found == (progress(loss="0.5 0.4", accuracy="0.5 0.6"),)


@pytest.mark.parametrize("callback", ["", "\nEpoch 1: val_loss improved from inf to 0.4\n"])
def test_the_last_state_of_a_bar_that_was_drawn_twice_counts(callback: str) -> None:
    drawn_twice = (
        f"5/5 {BAR} 0s 1ms/step - loss: 0.6\n{callback}5/5 {BAR} 1s 2ms/step - loss: 0.5 - val_loss: 0.4\n"
    )
    assert histories("Epoch 1/1\n" + drawn_twice) == (progress(loss="0.5", val_loss="0.4"),)


def test_a_bar_that_a_callback_interrupted_is_read_from_its_second_half() -> None:
    first, second = f"5/5 {BAR} 0s 1ms/step - loss: 0.6", f"5/5 {BAR} 1s 2ms/step - loss: 0.5"
    assert histories(f"Epoch 1/1\n{first}\nEpoch 1: saving model\n{second}\n") == (progress(loss="0.5"),)
    assert histories(f"Epoch 1/1\n{first}Epoch 1: saving model\n{second}\n") == (progress(loss="0.5"),)


def test_a_bar_that_began_anew_is_not_the_epochs_any_more() -> None:
    validated = f"1/5 {BAR} 0s 1ms/step - loss: 0.3\n5/5 {BAR} 1s 1ms/step - loss: 0.3 - mae: 0.2\n"
    assert histories(f"Epoch 1/1\n5/5 {BAR} 1s 1ms/step - loss: 0.5\n{validated}") == (progress(loss="0.5"),)


def test_nothing_is_read_after_an_epoch_whose_figures_are_missing() -> None:
    epochs = "Epoch 1/3\n5/5 - 1s - loss: 0.5\nEpoch 2/3\n(stopped)\nEpoch 3/3\n5/5 - 1s - loss: 0.3\n"
    assert histories(epochs) == (progress(loss="0.5"),)


# --- what Keras really printed -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["keras3_notebook.txt", "keras3_script.txt", "keras2_notebook.txt"])
def test_all_histories_of_a_notebook_come_in_order_and_agree(name: str) -> None:
    found = histories(printed(name))
    forms = [
        HistoryForm.PROGRESS,
        HistoryForm.PAIRS,
        HistoryForm.MAPPING,
        HistoryForm.MAPPING,
        HistoryForm.PROGRESS,
    ]
    assert [history.form for history in found] == forms
    bars, first, all_epochs, scalars, second_fit = (history.metrics for history in found)
    assert all_epochs == scalars
    assert bars == {name: tuple(f"{float(value):.4f}" for value in values) for name, values in all_epochs.items()}
    assert first == {name: (str(round(float(values[0]), 4)),) for name, values in all_epochs.items()}
    assert set(first) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    assert {name: len(values) for name, values in second_fit.items()} == {"accuracy": 2, "loss": 2}


@pytest.mark.parametrize("name", ["keras3_callbacks.txt", "keras2_callbacks.txt"])
def test_bars_agree_with_the_histories_printed_after_them(name: str) -> None:
    stopped, *found = histories(printed(name))
    assert {len(values) for values in stopped.metrics.values()} == {3}
    assert {"lr", "learning_rate"} & set(stopped.metrics)
    assert [history.form for history in found] == [HistoryForm.PROGRESS, HistoryForm.MAPPING] * 5
    for bars, values in zip(found[::2], found[1::2], strict=True):
        shown = {
            name: tuple(f"{float(value):.4f}" for value in numbers) for name, numbers in values.metrics.items()
        }
        assert bars.metrics == shown


@pytest.mark.parametrize("unit", ["[('loss', 1)]\n", "2/2 - 1s - val_loss: 1\n"])
def test_of_endless_histories_the_first_thousand_are_read(unit: str) -> None:
    assert len(histories(unit * 3_000)) == 1_000


def test_a_value_with_thousands_of_names_is_not_a_history() -> None:
    assert histories(str({"loss": 1} | {f"metric_{number}": 1 for number in range(2_000)})) == ()


# --- any text ----------------------------------------------------------------------------------------------

fragments = st.lists(
    st.one_of(
        st.sampled_from(
            [*"[](){}'\",:-+.0159eE \n\r\b\x1b\\", "loss", "acc", "nan", "inf", "np.float64(", "[('", "{'"]
        ),
        st.sampled_from(
            ["Epoch ", "Epoch 1/2\n", "2/2", " - ", " [==]", "ETA: ", "1s", "loss: 0.5", "val_loss: 1", BAR]
        ),
        st.text(max_size=5),
    )
).map("".join)


@given(fragments, fragments)
def test_a_history_is_found_whatever_surrounds_it(before: str, after: str) -> None:
    found = histories(f"{before}\n[('loss', 0.125), ('acc', 0.5)]\n{after}")
    assert pairs(loss="0.125", accuracy="0.5") in found


@given(st.one_of(fragments, st.text()))
def test_what_is_found_in_any_text_are_names_with_numbers(text: str) -> None:
    for history in histories(text):
        for name, numbers in history.metrics.items():
            assert name.isidentifier()
            assert numbers
            assert all(isinstance(float(number), float) for number in numbers)


names = st.from_regex(r"[a-z][a-z_0-9]{0,20}", fullmatch=True)
numbers = st.lists(st.floats(), min_size=1, max_size=5)


@given(st.dictionaries(names, numbers, max_size=5), numbers)
def test_what_python_prints_is_what_is_read(metrics: dict[str, list[float]], loss: list[float]) -> None:
    history = {"loss": loss} | metrics
    canonical: dict[str, tuple[str, ...]] = {}
    for name, values in history.items():
        canonical.setdefault(canonical_metric(name), tuple(map(repr, values)))
    assert histories(repr(history)) == (PrintedHistory(HistoryForm.MAPPING, canonical),)
    assert histories(str(list(history.items()))) == (PrintedHistory(HistoryForm.PAIRS, canonical),)


@pytest.mark.parametrize(
    ("start", "unit"),
    [
        ("", "["),
        ("", "[("),
        ("", "[ ("),
        ("[", " "),
        ("", "[" + " " * 1_000),
        ("", "'"),
        ("", "{'"),
        ("", "{'a"),
        ("", "{'a': ["),
        ("", "[('a', "),
        ("", "[('a', [1, 2, "),
        ("{'loss': [1", ", 2"),
        ("{'loss': ", "1"),
        ("{'loss': 1", "e"),
        ("{'loss': ", "np.float64("),
        ("{'loss': [", "1, " * 99 + "x {'a': ["),
        ("[('loss', 1)", ", ('loss', 1)"),
        ("", "Epoch 1/2"),
        ("", "Epoch 1/2\n2/2 - 1s - loss: 1\n"),
        ("Epoch 1/2\n", "2/2 - 1s - loss: 1\n"),
        ("", "2/2 - 1s - val_loss: 1\n"),
        ("Epoch 1/2\n2/2 - 1s", " - loss: 1"),
        ("Epoch 1/2\n2/2 - 1s - loss: ", "1"),
        ("Epoch 1/2\n2/2 [", "="),
        ("Epoch 1/2\n2/2 ", "━"),
        ("Epoch 1/2\n2/2 - 1s - ", "a"),
        ("Epoch 1/2\n", " "),
        ("Epoch 1/2\n2/2 [==] - 1s - loss: 1", "\b"),
        ("", "Epoch 1: "),
    ],
)
def test_two_hundred_thousand_hostile_characters_take_seconds_at_most(start: str, unit: str) -> None:
    text = start + unit * (200_000 // len(unit))
    started = time.process_time()
    histories(text)
    assert time.process_time() - started < 3
