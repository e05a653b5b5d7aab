"""Where nothing that counts was printed, the row says what was printed instead."""

from __future__ import annotations

import pytest

from grader.judging import _explained
from grader.model import Cell, Check, Evidence, Observations, Outcome, Status

NO_HISTORY = "no history was printed"
NO_SUMMARY = "no model summary was printed"


def explained(why: str, *texts: str) -> str:
    cells = tuple(Cell(number, "", Outcome.RAN, text) for number, text in enumerate(texts, start=1))
    found = Evidence(Status.GRADED, "", cells, Observations(), None, 1.0)
    return _explained(Check("history", "The history", 0.0, 20.0, "", "", why, ""), found).why


@pytest.mark.parametrize(
    ("why", "texts", "told"),
    [
        (NO_HISTORY, ("hello",), NO_HISTORY),
        (NO_HISTORY, (), NO_HISTORY),
        (
            NO_HISTORY,
            ("hello", "<keras.src.callbacks.history.History at 0x7f12>\n"),
            f"{NO_HISTORY}: a History object was shown, which holds no figures",
        ),
        (
            NO_SUMMARY,
            ("<Sequential name=sequential, built=True>\n",),
            f"{NO_SUMMARY}: a model object was shown, not its summary",
        ),
        (
            NO_SUMMARY,
            ("Layer (type)   Output Shape\n",),
            f"{NO_SUMMARY}: its table was cut off, or changed after Keras had drawn it",
        ),
        ("", ("<keras.callbacks.History at 0x7f12>",), ""),
        ("no model was observed", ("<keras.callbacks.History at 0x7f12>",), "no model was observed"),
    ],
)
def test_the_reason_is_told_where_there_is_one(why: str, texts: tuple[str, ...], told: str) -> None:
    assert explained(why, *texts) == told
