"""What kernels hand in is checked like a request, and evaluated once their run is over."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pytest
from training_frames import BODY, FIT, frame, parsed

from grader.model import Device, Evaluated, Layer
from grader.training import Conditions, Handed, Served, Source, Trained, Trainer

MOST = 1024**2
CONDITIONS = Conditions({"keras": "3.15.0"}, "cpu", 2, Device.CPU, deterministic=True)
DATA = [{"name": "data 0", "dtype": "uint8", "shape": [24]}, {"name": "data 1", "dtype": "uint8", "shape": [2]}]
ARGUMENTS = {"x": {"tensor": "data 0"}, "y": {"tensor": "data 1"}, "validation_split": 0.0, "batch_size": None}
CALL = FIT | {"arguments": ARGUMENTS}
LAYER = {"name": "d", "kind": "Dense", "output_shape": "(None, 2)", "parameters": 6, "settings": {"units": 2}}
RESULT: dict[str, Any] = {
    "history": {"val_loss": [0.5], "val_accuracy": ["nan"]},
    "epochs": [0],
    "seconds": [0.1],
    "state": {"layers": [LAYER], "loss": "mse", "imitations": []},
    "tensors": [],
}
UNREAD = "its evaluation gave no result that can be read: "
LAMBDA = {"compile": {"loss": {"module": "keras.layers", "class_name": "Lambda", "config": {}}}}


class NoClock:
    def begin(self) -> None: ...

    def end(self, charge: float) -> None: ...


def handed_in(number: Any = 0, fit: Any = CALL, tensors: Any = DATA, body: bytes = BODY) -> bytes:
    return frame({"evaluate": {"fit": number}, "fit": fit, "tensors": tensors}, body)


def told(number: int, why: str) -> bytes:
    return frame({"evaluate": {"fit": number, "why": why}, "tensors": []})


def result(header: Any = None, body: bytes = b"") -> Trained:
    file = TemporaryFile()  # noqa: SIM115 - whom it is given to closes it
    file.write(frame(RESULT if header is None else header, body))
    file.flush()
    return Trained(file)


def converse(trainer: Trainer, *sent: bytes) -> tuple[list[Handed], tuple[Served, ...], list[Any]]:
    """What was handed in, what was served, and the replies, of a kernel that writes this and ends."""
    (theirs, to_us), (from_us, ours) = os.pipe(), os.pipe()

    def write() -> None:
        with os.fdopen(to_us, "wb") as requests:
            requests.write(b"".join(sent))

    writer = threading.Thread(target=write)
    writer.start()
    handed: list[Handed] = []
    served = trainer.serve(theirs, ours, CONDITIONS, NoClock(), threading.Event(), handed=handed)
    writer.join()
    with os.fdopen(from_us, "rb") as replies:
        return handed, served, list(_replies(replies.read()))


def _replies(data: bytes) -> Iterator[Any]:
    while data:
        content, data = parsed(data)
        yield content


@contextmanager
def trainer(folder: Path, answer: Any = result) -> Iterator[tuple[Trainer, list[bytes]]]:
    seen: list[bytes] = []

    def train(spool: BinaryIO) -> Trained:
        seen.append(spool.read())
        return answer()  # type: ignore[no-any-return]  # made by `result`

    with Trainer(None, train, folder, MOST) as made:
        yield made, seen


def test_weights_that_are_handed_in_are_evaluated_when_the_run_is_over(tmp_path: Path) -> None:
    with trainer(tmp_path) as (made, seen):
        handed, served, replies = converse(made, handed_in(3))
        assert (replies, served, seen) == ([{"answer": "taken"}], (), [])
        (found,) = made.evaluate(handed)
    assert found.fit == 3
    assert repr(found.figures) == "{'val_loss': 0.5, 'val_accuracy': nan}"
    assert found.layers == (Layer("d", "Dense", "(None, 2)", 6, {"units": 2}),)
    assert set(found.arrays) == {"validation x", "validation y"}
    assert all(len(digest) == 64 for digest in found.arrays.values())
    assert len(seen) == 1
    header, body = parsed(seen[0])
    assert (header["evaluate"], header["fit"], body) == ({"fit": 3}, CALL, BODY)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("fits-")] == []


def test_of_data_that_fit_splits_the_whole_is_told(tmp_path: Path) -> None:
    split = CALL | {"arguments": ARGUMENTS | {"validation_split": 0.25}}
    with trainer(tmp_path) as (made, _):
        handed, _, _ = converse(made, handed_in(0, split))
        (found,) = made.evaluate(handed)
        assert (set(found.arrays), found.split, found.loss) == ({"x", "y"}, 0.25, "mse")


@pytest.mark.parametrize("kind", ["tuple", "list"])
def test_a_training_says_for_which_data_it_was(kind: str, tmp_path: Path) -> None:
    x, y = {"tensor": "data 0"}, {"tensor": "data 1"}
    call = FIT | {"arguments": {"x": x, "y": y, "validation_data": {kind: [y, x]}, "epochs": 1}}
    with trainer(tmp_path) as (made, _):
        _, (served,), _ = converse(made, frame({"fit": call, "tensors": DATA}, BODY))
    assert served.source is Source.TRAINED
    assert served.arrays.keys() == {"x", "y", "validation x", "validation y"}
    assert served.arrays["validation x"] == served.arrays["y"] != served.arrays["x"]


def test_several_inputs_are_named_as_evidence_names_them(tmp_path: Path) -> None:
    both, lost = [{"tensor": "data 0"}, {"tensor": "data 1"}], [["a", {"tensor": "none"}], 7]
    several = CALL | {"arguments": ARGUMENTS | {"x": {"list": both}, "y": {"dict": [["b", both[1]], *lost]}}}
    with trainer(tmp_path) as (made, _):
        handed, _, _ = converse(made, handed_in(0, several))
        assert set(made.evaluate(handed)[0].arrays) == {"validation x[0]", "validation x[1]", "validation y[b]"}


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (told(1, "it did not validate on arrays"), "it did not validate on arrays"),
        (told(1, ""), "it cannot be handed in"),
        (told(1, "x" * 1000), "x" * 300),
        (
            handed_in(1, FIT | LAMBDA),
            "'keras.layers.Lambda' is not among the built-in objects that are trained outside the kernel",
        ),
        (
            handed_in(1, CALL | {"arguments": ARGUMENTS | {"sample_weight": {"tensor": "data 1"}}}),
            "it validated with sample weights, which evidence does not tell",
        ),
        (
            handed_in(1, {"model": {}}),
            "the description must have exactly the keys arguments, compile, model, state, surroundings",
        ),
    ],
)
def test_what_cannot_be_evaluated_says_why_and_is_not_tried(sent: bytes, why: str, tmp_path: Path) -> None:
    with trainer(tmp_path) as (made, seen):
        handed, _, replies = converse(made, sent)
        assert made.evaluate(handed) == (Evaluated(1, why=why),)
        assert (replies, seen) == ([{"answer": "taken"}], [])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: Trained(failure="it ran out of memory"), "it could not be evaluated: it ran out of memory"),
        (
            lambda: Trained(failure="the sandbox failed; it printed last:\nE0000 cuda\nDifferentError: a is 'b'\n"),
            "it could not be evaluated: a is 'b'",
        ),
        (
            lambda: Trained(failure="killed by signal 9\nnoise"),
            "it could not be evaluated: killed by signal 9",
        ),
        (Trained, "it could not be evaluated: it gave no result"),
        (
            lambda: result(RESULT | {"history": 1}),
            f"{UNREAD}the result's history is no object of at most 1000 metrics",
        ),
        (
            lambda: result(RESULT | {"state": RESULT["state"] | {"imitations": ["the metric 'acc' is 'Mean'"]}}),
            "the metric 'acc' is 'Mean'",
        ),
        (
            lambda: result(RESULT | {"state": {"layers": [{}]}}),
            f"{UNREAD}is not in its form: layers.0.name: Field required",
        ),
    ],
)
def test_an_evaluation_that_fails_says_why(answer: Any, why: str, tmp_path: Path) -> None:
    with trainer(tmp_path, answer) as (made, _):
        handed, _, _ = converse(made, handed_in(0))
        assert made.evaluate(handed) == (Evaluated(0, why=why),)


def test_of_very_many_the_first_twenty_are_evaluated(tmp_path: Path) -> None:
    with trainer(tmp_path) as (made, seen):
        handed, _, replies = converse(made, *(handed_in(number) for number in range(22)))
        found = made.evaluate(handed)
    assert len(replies) == 22
    assert len(seen) == 20
    assert [each.why for each in found[19:]] == [
        "",
        *["more than 20 trainings of this notebook were handed in"] * 2,
    ]


@pytest.mark.parametrize(
    "evaluate", [1, None, [], {}, {"fit": -1}, {"fit": True}, {"fit": 10**7}, {"fit": 1, "more": 2}]
)
def test_who_breaks_the_rules_is_not_listened_to_any_more(evaluate: Any, tmp_path: Path) -> None:
    broken = frame({"evaluate": evaluate, "fit": CALL, "tensors": DATA}, BODY)
    with trainer(tmp_path) as (made, _):
        handed, served, _ = converse(made, handed_in(0), broken, handed_in(1))
        assert [each.fit for each in handed] == [0]
        assert [(each.source, each.error) for each in served] == [
            (Source.BROKEN, "a request to evaluate does not say which fit it is about")
        ]
        assert len(made.evaluate(handed)) == 1


def test_what_nobody_evaluates_is_closed(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with trainer(tmp_path) as (made, _):
        (theirs, to_us), (from_us, ours) = os.pipe(), os.pipe()
        os.write(to_us, handed_in(0))
        os.close(to_us)
        made.serve(theirs, ours, CONDITIONS, NoClock(), threading.Event())
        os.close(from_us)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_header_with_other_keys_is_no_request(tmp_path: Path) -> None:
    with trainer(tmp_path) as (made, _):
        sent = json.dumps({"evaluate": {"fit": 0}, "fit": CALL, "tensors": [], "other": 1}).encode()
        _, served, _ = converse(made, frame(sent))
        assert [each.error for each in served] == ["a request's header has the key 'other', which it must not have"]
