"""Honest notebooks of many kinds raise no flag, fabricated ones theirs; each says how strong its evidence is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader import batch, rubric
from grader.model import Check, Grade
from grader.progress import Progress
from grader.runner import Means

pytestmark = pytest.mark.slow

START = """
import numpy as np
import keras
from keras import layers
batch_size, num_classes = 128, 10
epochs = 12
np.random.seed(0)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255
x_test = x_test.reshape(-1, 28, 28, 1).astype("float32") / 255
y_train, y_test = (keras.utils.to_categorical(y, num_classes) for y in (y_train, y_test))
def network(*extra):
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(), layers.Dropout(0.25), layers.Flatten(),
        layers.Dense(128, activation="relu"), layers.Dropout(0.5), *extra, layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adadelta(1.0), "categorical_crossentropy", metrics=["accuracy"])
    return model
def small():
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model
data = {"batch_size": batch_size, "epochs": epochs, "validation_data": (x_test, y_test)}
"""
BUILD = "model = network()\nprint(model.summary())"
FIT = "history = model.fit(x_train, y_train, **data)"
PRINT = "print([(key, round(value[0], 4)) for key, value in history.history.items()])"
TYPED = "print([('loss', 2.1234), ('accuracy', 0.3217), ('val_loss', 1.8765), ('val_accuracy', 0.4567)])"
REPLACED = "the notebook replaced what belongs to Keras or Python: "
TYPED_IN = "printed history figures stand in the code, printed by a statement that reads no history: "
GOOD = "dict(loss=0.1122, accuracy=0.9722, val_loss=0.0722, val_accuracy=0.9822)"
WRITING = f"class Writing(keras.callbacks.Callback):\n    def on_epoch_end(self, e, logs=None): logs |= {GOOD}\n"
BASE = "keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten()], name='base')"
WHOLE = """model = keras.Sequential([base, layers.Dense(10, activation="softmax")])
model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])"""
FOLDS = """
scores = {"val_loss": [], "val_accuracy": []}
for left, right in ((0, 200), (200, 400), (400, 600)):
    part = {"validation_data": (x_train[left:right], y_train[left:right]), "epochs": 2, "verbose": 0}
    h = small().fit(np.delete(x_train, slice(left, right), 0), np.delete(y_train, slice(left, right), 0), **part)
    for key in scores: scores[key].append(h.history[key][-1])
print(scores, {key: (np.mean(value), np.std(value)) for key, value in scores.items()})
"""
EVALUATING = """
log = {"loss": [], "val_loss": []}
for e in range(2):
    history = model.fit(x_train, y_train, batch_size=128)
    log["loss"] += history.history["loss"]
    log["val_loss"].append(model.evaluate(x_test, y_test, verbose=0)[0])
print(log)
"""
OWN_LOOP = """
log = {"loss": [], "val_loss": []}
for e in range(2):
    log["loss"].append(float(model.train_on_batch(x_train[:128], y_train[:128])[0]))
    log["val_loss"].append(float(model.test_on_batch(x_test[:128], y_test[:128])[0]))
print(log)
"""
QUIET = "class Quiet(keras.callbacks.Callback):\n    pass\n"

HONEST = {
    "plain": (BUILD, FIT, PRINT),
    "summary_twice": (BUILD, "model.summary()", FIT, PRINT, "model.summary()"),
    "two_models": ("other = small()\nother.fit(x_train, y_train, epochs=1)", BUILD, FIT, PRINT),
    "one_summarised": (BUILD, FIT, PRINT, "b = small().fit(x_train, y_train, epochs=2)\nprint(b.history)"),
    "continued": (
        BUILD,
        FIT,
        PRINT,
        "more = model.fit(x_train, y_train, **data)",
        "model.evaluate(x_test, y_test)",
    ),
    "weights_reloaded": (
        BUILD,
        FIT,
        PRINT,
        "model.save_weights('a.weights.h5')\nagain = network()\nagain.load_weights('a.weights.h5')",
        "score = again.evaluate(x_test, y_test)\nprint('Test loss:', score[0], 'Test accuracy:', score[1])",
    ),
    "model_reloaded": (
        BUILD,
        FIT,
        PRINT,
        "model.save('m.keras')\nmodel = keras.models.load_model('m.keras')\nmodel.summary()",
        "print(model.evaluate(x_test, y_test, verbose=0))",
    ),
    "callback": (QUIET + BUILD, FIT.replace("**data", "**data, callbacks=[Quiet()]"), PRINT),
    "own_layer": (
        "class Twice(layers.Layer):\n    def call(self, x):\n        return 2 * x",
        BUILD.replace("network()", "network(Twice())"),
        FIT,
        PRINT,
    ),
    "published_quoted": (f'print("The assignment shows:")\n{TYPED}', BUILD, FIT, PRINT),
    "folds": (FOLDS, "small().summary()"),
    "evaluating": (BUILD, EVALUATING),
    "own_loop": (BUILD, OWN_LOOP),
    "base_summarised": (f"base = {BASE}\nbase.summary()", WHOLE, FIT, PRINT),
    "all_epochs_printed": (
        BUILD,
        FIT,
        PRINT,
        "print(history.history)",
        "for v in history.history['loss']: print(v)",
    ),
}
FABRICATED = {
    "typed": (BUILD, FIT, TYPED),
    "never_trained": (BUILD, TYPED),
    "other_summarised": (BUILD, "model = small()", FIT, PRINT),
    "keras_replaced": (
        BUILD,
        "keras.Sequential.predict = lambda self, x: None",
        FIT,
        PRINT,
    ),
    "logs_written": (WRITING + BUILD, FIT.replace("**data", "**data, callbacks=[Writing()]"), PRINT),
    "evaluate_replaced": (BUILD, f"model.evaluate = lambda *a, **k: {GOOD}", FIT, PRINT),
    "own_accuracy": (
        "def accuracy(true, predicted): return keras.ops.mean(true * 0 + 0.9722, -1)",
        BUILD + "\nmodel.compile('adadelta', 'categorical_crossentropy', metrics=[accuracy])",
        FIT,
        PRINT,
    ),
    "progress_forged": (
        BUILD,
        FIT.replace("**data", "batch_size=128, epochs=1, verbose=0"),
        "for e in range(3):\n    print(f'Epoch {e + 1}/3\\n5/5 - 1s - accuracy: 0.9{e}12 - loss: 0.1{e}22')",
    ),
}


@pytest.fixture(scope="module")
def grades(course: Path) -> dict[str, Grade]:
    return graded(course, "flagged", HONEST | FABRICATED, Means(jobs=2, cache=course / "cache"))


def graded(course: Path, name: str, notebooks: Mapping[str, Sequence[str]], means: Means) -> dict[str, Grade]:
    submissions = course / name
    for student, cells in notebooks.items():
        (submissions / student).mkdir(parents=True)
        (submissions / student / "assignment0.ipynb").write_text(notebook(START, *cells), "utf-8")
    loaded = rubric.load(course / "rubric.yaml")
    run = batch.grade_all(loaded, submissions, course / f"{name}_grades", batch.Wanted(means=means), Progress())
    shutil.rmtree(submissions)
    return {grade.student: grade for grade in run.grades}


def notebook(*sources: str) -> str:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "source": source.strip(), "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def history(grade: Grade) -> Check:
    return next(check for check in grade.checks if check.criterion == "history")


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_notebook_raises_no_flag(name: str, grades: dict[str, Grade]) -> None:
    assert grades[name].flags == ()
    assert grades[name].status == "graded"


@pytest.mark.parametrize("name", FABRICATED)
def test_a_fabricated_one_raises_its_flag(name: str, grades: dict[str, Grade]) -> None:
    begins = {
        "typed": ["the printed history differs from the training that ran: ", TYPED_IN],
        "never_trained": ["history figures were printed, but no training", TYPED_IN],
        "other_summarised": ["the model that was summarised is not the model that was trained: 'sequential"],
        "keras_replaced": [f"{REPLACED}'keras."],
        "logs_written": ["the printed history differs from the training that ran: "],
        "evaluate_replaced": [f"{REPLACED}'evaluate' of the model 'sequential"],
        "own_accuracy": [f"{REPLACED}the metric 'accuracy' is the notebook's own"],
        "progress_forged": ["more epochs were printed than were trained: "],
    }[name]
    flags = grades[name].flags
    assert len(flags) == len(begins), flags
    for flag, begin in zip(flags, begins, strict=True):
        assert flag.startswith(begin)
    if name in ("typed", "never_trained", "logs_written"):
        assert history(grades[name]).points == 0


def test_each_history_says_how_strong_its_evidence_is(grades: dict[str, Grade]) -> None:
    kernel = "trained in the notebook's kernel; "
    verified = {"plain", "summary_twice", "continued", "model_reloaded", "weights_reloaded", "all_epochs_printed"}
    found = {name: history(grades[name]).evidence for name in HONEST}
    assert {found[name] for name in verified} == {"verified: the grader trained it"}
    assert found["callback"] == f"verified: {kernel}the grader evaluated its final weights to the same figures"
    assert found["own_layer"].startswith(f"observed: {kernel}")
    assert "Twice" in found["own_layer"]
    assert history(grades["never_trained"]).evidence == ""


def test_without_sharing_the_same_figures_are_verified_by_evaluation(
    course: Path, grades: dict[str, Grade]
) -> None:
    unshared = Means(jobs=2, cache=course / "cache", sharing=False)
    alone = graded(course, "unshared", {"plain": HONEST["plain"]}, unshared)["plain"]
    assert (alone.trained, grades["plain"].trained) == ("kernel", "shared")
    assert alone.score == grades["plain"].score
    assert history(alone).evidence == (
        "verified: trained in the notebook's kernel; the grader evaluated its final weights to the same figures"
    )
    assert history(alone).found == history(grades["plain"]).found
