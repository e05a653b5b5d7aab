"""Figures that were typed in are told from figures that a training left, by where the code has them from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.typed import flag
from grader.model import Cell, HistoryForm, Outcome, PrintedHistory

METRICS = ("accuracy", "loss", "val_accuracy", "val_loss")
FIGURES = {"loss": ("0.2544",), "accuracy": ("0.9212",), "val_loss": ("0.056",), "val_accuracy": ("0.9823",)}
PRINTED = PrintedHistory(HistoryForm.PAIRS, FIGURES)
FLAG = "printed history figures stand in the code, printed by a statement that reads no history: "
ALL = "0.9212, 0.2544, 0.9823"  # "0.056" has two digits


def flagged(*sources: str, printed: PrintedHistory = PRINTED, outcome: Outcome = Outcome.RAN) -> str:
    cells = [Cell(number, source, outcome) for number, source in enumerate(sources, 1)]
    return flag(cells, [printed], METRICS)


@pytest.mark.parametrize(
    "source",
    [
        "print([('loss', 0.2544), ('accuracy', 0.9212), ('val_loss', 0.0560), ('val_accuracy', 0.9823)])",
        "print(\"[('loss', 0.2544), ('accuracy', 0.9212), ('val_loss', 0.056), ('val_accuracy', 0.9823)]\")",
        "figures = {'loss': .2544, 'accuracy': .9212, 'val_loss': .056, 'val_accuracy': .9823}\nprint(figures)",
        "a, b, c = 0.25438, 0.92123, 0.98231\nprint([('loss', round(a, 4)), ('acc', round(b, 4)), c])",
        "def show():\n    print({'loss': 0.2544, 'accuracy': 0.9212, 'val_accuracy': 0.9823})\nshow()",
        "for k, v in {'loss': 0.2544, 'acc': 0.9212, 'val_acc': 0.9823}.items():\n    print(k, v)",
        "{'loss': 0.2544, 'accuracy': 0.9212, 'val_loss': 0.056, 'val_accuracy': 0.9823}",
        "%time print('loss 0.2544 accuracy 0.9212 val_loss 0.056 val_accuracy 0.9823')",
    ],
)
def test_typed_figures_are_named(source: str) -> None:
    assert flagged(source) == FLAG + ALL


def test_figures_may_be_typed_in_one_cell_and_printed_in_another() -> None:
    assert flagged("h = {'loss': 0.2544, 'accuracy': 0.9212}", "g = h", "display(g)") == f"{FLAG}0.9212, 0.2544"


@pytest.mark.parametrize(
    "source",
    [
        "history = model.fit(x, y)\nprint([(k, round(v[0], 4)) for k, v in history.history.items()])",
        "h = model.fit(x, y).history\nloss = h['loss'][0]\nprint('loss', loss, 'published: 0.2544 and 0.9212')",
        "rate = 0.2544\nprint('loss', rate)",  # one figure may be a coincidence
        "expected = [0.2544, 0.9212]\nassert expected",  # printed by nobody
        "# loss 0.2544 accuracy 0.9212\nprint(model.summary())",
        "class A:\n    loss = 0.2544\n    accuracy = 0.9212\nprint('done')",
    ],
)
def test_what_reads_a_history_or_prints_no_typed_figures_is_not_flagged(source: str) -> None:
    assert flagged(source) == ""


def test_short_figures_progress_lines_other_metrics_and_cells_that_did_not_run_are_passed_over() -> None:
    source = "print({'loss': 0.25, 'accuracy': 0.92, 'epoch': 123.4, 'time': 567.8})"
    short = PrintedHistory(
        HistoryForm.MAPPING, {"loss": ("0.25",), "accuracy": ("0.92",), "epoch": ("123.4",), "time": ("567.8",)}
    )
    assert flagged(source, printed=short) == ""
    typed = "print('loss: 0.2544 - accuracy: 0.9212')"
    assert flagged(typed, printed=PrintedHistory(HistoryForm.PROGRESS, FIGURES)) == ""
    assert flagged(typed, outcome=Outcome.NOT_RUN) == ""
    assert flagged(typed) == f"{FLAG}0.9212, 0.2544"


def test_what_cannot_be_parsed_is_passed_over() -> None:
    assert flagged("print(0.2544, 0.9212", "print(0.2544, 0.9212)") == f"{FLAG}0.9212, 0.2544"


WORDS = (
    "print(¦0.2544¦, ¦0.9212¦)¦\n¦x = ¦x¦y¦f'{x}'¦'0.2544 0.9212'¦history.history¦for x in ¦:¦ pass¦lambda: ¦",
    "1e999¦0x10¦1_000.5¦def f(): ¦(¦[¦{¦;¦if x¦=0j¦b'0.2544'¦...¦*¦:=",
)
SCRAPS = st.sampled_from("".join(WORDS).split("¦"))


@given(st.lists(st.lists(SCRAPS, max_size=15).map("".join), max_size=5), st.lists(st.text("0123.e-", max_size=6)))
def test_no_code_and_no_printed_text_breaks_the_search(sources: list[str], texts: list[str]) -> None:
    printed = PrintedHistory(HistoryForm.MAPPING, {"loss": ("0.2544", *texts), "accuracy": ("0.9212",)})
    assert flagged(*sources, printed=printed) in ("", *(f"{FLAG}{one}" for one in _named(printed)))


def _named(printed: PrintedHistory) -> list[str]:
    texts = dict.fromkeys(text for metric in METRICS for text in printed.metrics.get(metric, ()))
    found = [text for text in texts if text]
    pairs = [f"{one}, {two}" for one in found for two in found]
    return [*pairs, *(f"{pair}, {three}{more}" for pair in pairs for three in found for more in ("", ", ..."))]


def test_code_with_very_many_names_and_numbers_is_searched_soon() -> None:
    lines = [f"x{number} = x{number - 1} + {number}.25" for number in range(20_000)]
    assert flagged("\n".join(lines)[:190_000], "print(x999, 0.2544, 0.9212)") == f"{FLAG}0.9212, 0.2544"
