"""The full form, on a course that takes a moment: a model by a list in several cells, without a data set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.cli import main
from grader.verify import notebook
from grader.verify.elsewhere import ELSEWHERE
from grader.verify.notebook import CODE, Cell

RUBRIC = """\
assignment: small
title: Small
points: 11
execution: {timeout: 2 min}
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 2, check: executes}
      - {id: layers, points: 3, check: model_summary}
      - {id: settings, points: 2, check: training}
      - {id: figures, points: 3, check: history, epoch: 1}
      - {id: strict, points: 1, check: code, pattern: "net.summary()"}
"""
REFERENCE = tuple(
    Cell(CODE, source)
    for source in (
        (
            "%matplotlib inline\nimport tensorflow as tf\nfrom tensorflow.keras import layers\nimport numpy as np\n"
            "tf.random.set_seed(1)"
        ),
        (
            "rng = np.random.default_rng(0)\nimages = rng.integers(0, 256, (256, 8)).astype('float32')\n"
            "labels = (images[:, 0] > 127).astype('float32')\nimages /= 255.0"
        ),
        (
            "UNITS = 16\nnet = tf.keras.models.Sequential([\n"
            "    layers.Dense(UNITS, activation='relu', input_shape=(8,)),  # hidden\n    layers.Dropout(0.2),\n"
            "    layers.Dense(1, 'sigmoid'),\n])\nnet.summary()"
        ),
        (
            "net.compile('adam', 'binary_crossentropy', metrics=['accuracy'])\n"
            "h = net.fit(images, labels, epochs=3, validation_split=0.25, verbose=0)"
        ),
        "print({name: values[0] for name, values in h.history.items()})",
    )
)
RENAMED = ["all-renamed", "model-renamed", "renamed+split", "swapped+renamed", "tf+split"]
NO_ROOM = ["another number of filters", "another kernel size", "Sequential by a list"]


@pytest.mark.long
def test_a_pattern_that_only_one_name_meets_is_found_by_variants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    notebook.write(tmp_path / "reference.ipynb", REFERENCE)
    assert main(["reference", "record", "--seeds", "4", "--threads", "1", "--device", "cpu"]) == 0
    capsys.readouterr()
    assert main(["verify", "--format", "json", "--device", "cpu", "--cache", "fits"]) == 1
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    lost = {one["id"]: [each["criterion"] for each in one["lost"]] for one in part["variants"] if one["lost"]}
    assert lost == {name: ["strict"] for name in RENAMED}
    assert [one["id"] for one in part["variants"] if one["flags"]] == []
    assert {one["id"]: one["verdict"] for one in part["mutants"] if one["verdict"] != "caught"} == {
        "no-seed-1": "beyond the criteria"
    }
    assert [one["words"] for one in part["not_applicable"]][:3] == NO_ROOM
    last = next(one for one in part["mutants"] if one["id"] == "last-value-1")
    assert (last["claimed_by"], [each["criterion"] for each in last["lost"]]) == (["figures"], ["figures"])


TWO_MODELS = (
    Cell(
        CODE,
        "import keras\nimport numpy as np\nfrom keras import layers\nrng = np.random.default_rng(0)\n"
        "x = rng.normal(size=(64, 4)).astype('float32')\ny = x[:, 0]",
    ),
    Cell(
        CODE, "small = keras.Sequential([layers.Dense(1)])\nsmall.compile('adam', 'mse')\nsmall.fit(x, y, epochs=1)"
    ),
    Cell(CODE, "net = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(1)])\nnet.summary()"),
    Cell(CODE, "net.compile('sgd', 'mae')\nh = net.fit(x, y, epochs=2, batch_size=8)\nprint(h.history)"),
)
IN_THE_FIRST = [
    "layer-doubled-1", "optimizer-1", "learning-rate-1", "loss-1", "batch-size-1", "epochs-1", "labels-shuffled-1",
]  # fmt: skip


@pytest.mark.long
def test_a_mistake_in_a_training_that_is_not_judged_is_beyond_the_criteria(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rubric.yaml").write_text(RUBRIC.replace("net.summary()", "$M.summary()"), "utf-8")
    notebook.write(tmp_path / "reference.ipynb", TWO_MODELS)
    assert main(["verify", "--quick", "--format", "json", "--device", "cpu", "--cache", "fits"]) == 0
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    beyond = {one["id"]: one["why"] for one in part["mutants"] if one["verdict"] != "caught"}
    assert beyond == dict.fromkeys(IN_THE_FIRST, ELSEWHERE)
