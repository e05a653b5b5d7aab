"""The trainer's program: what it writes, and what it declines."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import shared_fits
from forked import answer
from inside_job import job
from keras import layers

from grader.inside import describing, frame, train

pytestmark = pytest.mark.slow

Facts = dict[str, Any]
X = np.linspace(0, 1, 40, dtype="float32").reshape(8, 5)
Y = np.eye(3, dtype="float32")[np.arange(8) % 3]


def request(change: Callable[[Any], object] = lambda _: None) -> tuple[bytes, Facts]:
    """Of a network that `change` was done to; an operation has run then."""
    shared_fits.begin(0)
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(4, name="first"), layers.Dropout(0.5), layers.Dense(3)]
    )
    model.compile("sgd", "mse")
    change(model)
    told = describing.describe(model, {"x": X, "y": Y, "batch_size": 4, "epochs": 5}, 2)
    return frame.header({"fit": told.fit}, told.tensors), told.tensors


def handed(root: Path, change: Callable[[Any], object] = lambda _: None) -> None:
    """Write the request into the file that the trainer reads."""

    def write() -> None:
        descriptor = os.open(root / "notebook", os.O_WRONLY | os.O_CREAT)
        frame.write(descriptor, *request(change))

    answer(write)


def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    """Exit code of `train.main` in a child, and what it said on stderr."""
    said = root / "stderr"
    task = job(root, program="train", threads=1)

    def act() -> Any:
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT), 2)
        monkeypatch.setattr("sys.stderr", os.fdopen(2, "w"))
        try:
            train.main(task)
        except SystemExit as left:
            return left.code
        return 0

    return answer(act), said.read_text()


def test_the_result_tells_figures_times_and_all_that_the_kernel_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed(tmp_path)
    code, said = run(tmp_path, monkeypatch)
    assert code == 0, said
    with (tmp_path / "evidence").open("rb") as stream:
        header, arrays = frame.read(stream.fileno(), 2**20)
        assert stream.read() == b""
    assert sorted(header) == ["epochs", "history", "seconds", "state", "tensors"]
    assert (header["epochs"], list(header["history"]), len(header["seconds"])) == ([0, 1], ["loss"], 2)
    assert sorted(header["state"]) == ["first", "logs", "random", "resolved", "steps", "stopped"]
    assert (header["state"]["steps"], header["state"]["stopped"]) == (2, True)
    assert [name for name in arrays if name.startswith("optimizer")] == ["optimizer 0", "optimizer 1"]
    assert int(arrays["optimizer 0"]) == 4  # iterations: two epochs of two batches


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda model: setattr(model.layers[0], "supports_jit", False),
            "supports_jit is 'True' when built, 'False'",
        ),
        (lambda model: setattr(model.layers[0], "call", keras.ops.relu), "call is 'absent' when built"),
        (lambda model: setattr(model.layers[0], "kernel_regularizer", keras.regularizers.L2(1.0)), "_regularizer"),
        (lambda model: setattr(model.layers[0].kernel, "trainable", False), "_trainable"),
        (lambda model: setattr(model.layers[0], "units", 7), "incompatible with the layer"),
        (lambda _: os.environ.update(XLA_FLAGS="--none"), "environment"),
    ],
)
def test_what_the_configuration_does_not_lead_to_is_declined(
    change: Callable[[Any], object], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed(tmp_path, change)
    code, told = run(tmp_path, monkeypatch)
    assert (code, said in told.splitlines()[-1]) == (1, True), told
    assert (tmp_path / "evidence").read_bytes() == b""


@pytest.mark.parametrize("data", [b"", b"\0" * 8, (9).to_bytes(8, "big") + b'{"fit":1}', b"\xff" * 50])
def test_what_is_no_request_is_declined_in_one_line(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notebook").write_bytes(data)
    code, said = run(tmp_path, monkeypatch)
    assert (code, said.startswith("FrameError: "), said.count("\n")) == (1, True, 1), said
