"""Notebooks written for Keras 1 and 2, graded as a class is: warm, shared, by the shipped rubric."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import EXECUTION, RunNotebook

from grader import batch, rubric
from grader.model import Cell, CellError, Compat, Compiled, Grade, Outcome, Status
from grader.progress import Progress
from grader.runner import Means

pytestmark = pytest.mark.slow

# The old example with the assignment's edits; `{rate}` is what the optimizer is given.
CNN = """
import numpy as np
import keras
from keras.datasets import mnist
from keras.models import Sequential
from keras.layers import Dense, Dropout, Flatten
from keras.layers import Conv2D, MaxPooling2D
from keras import backend as K

batch_size = 128
num_classes = 10
epochs = 12
np.random.seed(0)
img_rows, img_cols = 28, 28

(x_train, y_train), (x_test, y_test) = mnist.load_data()
if K.image_data_format() == 'channels_first':
    x_train = x_train.reshape(x_train.shape[0], 1, img_rows, img_cols)
    x_test = x_test.reshape(x_test.shape[0], 1, img_rows, img_cols)
    input_shape = (1, img_rows, img_cols)
else:
    x_train = x_train.reshape(x_train.shape[0], img_rows, img_cols, 1)
    x_test = x_test.reshape(x_test.shape[0], img_rows, img_cols, 1)
    input_shape = (img_rows, img_cols, 1)
x_train = x_train.astype('float32')
x_test = x_test.astype('float32')
x_train /= 255
x_test /= 255
y_train = keras.utils.to_categorical(y_train, num_classes)
y_test = keras.utils.to_categorical(y_test, num_classes)

model = Sequential()
model.add(Conv2D(32, kernel_size=(3, 3), activation='relu', input_shape=input_shape))
model.add(Conv2D(64, (3, 3), activation='relu'))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(128, activation='relu'))
model.add(Dropout(0.5))
model.add(Dense(num_classes, activation='softmax'))
print(model.summary())
model.compile(loss=keras.losses.categorical_crossentropy,
              optimizer=keras.optimizers.Adadelta({rate}),
              metrics=['accuracy'])
history = model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, verbose=1,
                    validation_data=(x_test, y_test))
print([(key, round(value[0], 4)) for key, value in history.history.items()])
"""
# In the manner of the assignment's Part II: cells, plots, no summary, no history.
PUBLISHED = (
    """
import numpy as np
import matplotlib.pyplot as plt
%matplotlib inline
plt.rcParams['figure.figsize'] = (7, 7)

from keras.datasets import mnist
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers import Conv2D, MaxPooling2D
from keras.utils import np_utils
""",
    """
nb_classes = 10
(X_train, y_train), (X_test, y_test) = mnist.load_data()
X_train = X_train.reshape(X_train.shape[0], 28, 28, 1).astype('float32') / 255
X_test = X_test.reshape(X_test.shape[0], 28, 28, 1).astype('float32') / 255
y_train = np_utils.to_categorical(y_train, nb_classes)
y_test = np_utils.to_categorical(y_test, nb_classes)
""",
    """
for i in range(9):
    plt.subplot(3, 3, i + 1)
    plt.imshow(X_train[i].reshape(28, 28), cmap='gray', interpolation='none')
    plt.title('Class {}'.format(y_train[i].argmax()))
""",
    """
model = Sequential()
model.add(Conv2D(8, (3, 3), activation='relu', input_shape=(28, 28, 1)))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.25))
model.add(Flatten())
model.add(Dense(10))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer='adadelta', metrics=['accuracy'])
""",
    "model.fit(X_train, y_train, batch_size=128, nb_epoch=3, verbose=1, validation_data=(X_test, y_test))",
    """
score = model.evaluate(X_test, y_test, verbose=0)
print('Test accuracy:', score[1] > 0)
""",
    """
predicted_classes = model.predict_classes(X_test)
correct_indices = np.nonzero(predicted_classes == y_test)[0]
incorrect_indices = np.nonzero(predicted_classes != y_test)[0]
print(len(correct_indices), len(incorrect_indices))
""",
    """
plt.figure()
for i, incorrect in enumerate(incorrect_indices[:9]):
    plt.subplot(3, 3, i + 1)
    plt.imshow(X_test[incorrect].reshape(28, 28), cmap='gray', interpolation='none')
    plt.title('Predicted {}, Class {}'.format(predicted_classes[incorrect], y_test[incorrect].argmax()))
""",
)
ADAPTED = (
    "keras.layers.core is now keras.layers",
    "keras.utils.np_utils is now keras.utils",
    "keras.optimizers.Adadelta without a rate has 1.0, as in Keras 1 and 2",
    "fit: nb_epoch= is now epochs=",
    "predict_classes is now the argmax of predict",
    "labels and one-hot rows compare as unequal, as in NumPy before 1.25",
)
NOTE = "adapted to today's Keras: "


def old_notebook(*sources: str) -> str:
    """Every count is 0, as in the published one."""
    cells = [
        {"cell_type": "code", "source": source.strip(), "metadata": {}, "outputs": [], "execution_count": 0}
        for source in sources
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 0})


@pytest.fixture(scope="module")
def grades(course: Path) -> dict[str, Grade]:
    notebooks = {
        "explicit": old_notebook(CNN.format(rate="learning_rate=1.0")),
        "plain": old_notebook(CNN.format(rate="")),
        "published": old_notebook(*PUBLISHED),
    }
    for student, text in notebooks.items():
        (course / "old" / student).mkdir(parents=True)
        (course / "old" / student / "assignment0.ipynb").write_text(text, "utf-8")
    wanted = batch.Wanted(means=Means(jobs=1, cache=course / "cache_of_old"))
    run = batch.grade_all(
        rubric.load(course / "rubric.yaml"), course / "old", course / "old_grades", wanted, Progress()
    )
    return {grade.student: grade for grade in run.grades}


def test_the_default_rate_of_then_earns_what_the_explicit_one_earns(grades: dict[str, Grade]) -> None:
    plain, explicit = grades["plain"], grades["explicit"]
    assert plain.score == explicit.score == 100
    assert [replace(check, evidence="") for check in plain.checks] == [
        replace(check, evidence="") for check in explicit.checks
    ]
    assert (plain.trained, plain.flags) == (explicit.trained, explicit.flags) == ("shared", ())
    assert plain.message == f"{NOTE}keras.optimizers.Adadelta without a rate has 1.0, as in Keras 1 and 2"
    assert explicit.message == ""


def test_a_notebook_like_the_published_part_two_runs_to_its_end(grades: dict[str, Grade]) -> None:
    published = grades["published"]
    assert (published.status, published.trained, published.flags) == (Status.GRADED, "shared", ())
    assert next(check for check in published.checks if check.criterion == "runs").passed
    assert published.message.endswith(NOTE + ", ".join(ADAPTED))


def test_its_kernel_starts_cold_and_trains_alone_as_well(
    notebook: Callable[..., Path], mnist: Path, run_notebook: RunNotebook
) -> None:
    execution = replace(EXECUTION, compat=Compat.KERAS2)
    told = run_notebook(notebook(*PUBLISHED), execution, datasets={"mnist.npz": mnist}, max_epochs=1).told
    assert (told.ended, told.observed.replaced, told.observed.adapted) == (Status.GRADED, (), ADAPTED)
    (fit,) = told.observed.fits
    assert fit.compiled == Compiled("Adadelta", 1.0, "categorical_crossentropy", ("accuracy",))
    assert (fit.epochs, fit.epochs_trained, sorted(fit.history)) == (
        3,
        1,
        ["accuracy", "loss", "val_accuracy", "val_loss"],
    )
    assert [cell.text for cell in told.cells[5:7]] == ["Test accuracy: True\n", "0 1\n"]


def test_without_the_rubrics_word_it_ends_at_its_imports(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    told = run_notebook(notebook(PUBLISHED[0])).told
    error = CellError("ModuleNotFoundError", "No module named 'keras.layers.core'", 9, at_cell=1, at_line=9)
    assert told.cells == (Cell(1, PUBLISHED[0], Outcome.RAISED, error=error),)
    assert told.observed.adapted == ()


def test_what_a_notebook_says_was_adapted_is_bounded(
    notebook: Callable[..., Path], run_notebook: RunNotebook
) -> None:
    forges = """
import json, os
path = [name for name in os.listdir('../run') if name.startswith('observed')] if os.path.isdir('../run') else []
for name in path:
    with open(f'../run/{name}', 'a') as file:
        for number in range(500):
            print(json.dumps({'event': 'adapted', 'request': '', 'what': f'{number}' * 500}), file=file)
"""
    told = run_notebook(notebook(forges), replace(EXECUTION, compat=Compat.KERAS2)).told
    assert len(told.observed.adapted) == 50
    assert all(len(each) <= 300 for each in told.observed.adapted)
