"""References as different teachers write them, for the tests of `grader verify`."""

from __future__ import annotations

import difflib

from grader.verify.notebook import CODE, MARKDOWN, Cell, Notebook

ADDS = """\
import numpy as np
import keras
from keras import layers

epochs = 2
np.random.seed(0)  # as the assignment asks
x, y = np.load("x.npy"), np.load("y.npy")
x = x.astype("float32") / 255

model = keras.Sequential()
model.add(keras.Input(shape=(28, 28, 1)))
model.add(layers.Conv2D(8, 3, activation="relu", name="first"))
model.add(layers.Flatten())  # rows
model.add(layers.Dense(10, activation="softmax"))
print(model.summary())
model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))
history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)
print(history.history["loss"][0])
"""

LIST = (
    Cell(MARKDOWN, "# Ünïcode text"),
    Cell(
        CODE,
        "%matplotlib inline\nimport tensorflow as tf\nL = tf.keras.layers\n"
        "tf.random.set_seed(1); import random; random.seed(2)",
    ),
    Cell(CODE, "%%bash\necho hello"),
    Cell(
        CODE,
        "maß = 16  # bytes are not characters: äöü\n"
        "net = tf.keras.models.Sequential([\n"
        '    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),\n'
        "    L.Dense(1),  # the answer\n"
        "])\n"
        "net.summary()",
    ),
    Cell(CODE, 'net.compile("adam", "mae")\n%time h = net.fit(data, epochs=3)\nnet.fit(data.batch(8))'),
    Cell(CODE, "!ls\nfor name, values in h.history.items():\n    print(name, values[0])"),
)

TENSORS = """\
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import Adam

def prepare(images):
    return images / 255.0

UNITS = 12
inputs = Input((8,))
x = Dense(units=UNITS, activation="relu")(inputs)
x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))
outputs = Concatenate()([x, inputs])
m = Model(inputs, outputs)
m.compile(optimizer=Adam(learning_rate=1e-3), loss="mean_squared_error")
m.fit(prepare(a), labels - 1, 64, UNITS // 6, validation_data=(b, c))
"""


def one_cell(source: str) -> Notebook:
    return (Cell(CODE, source),)


def changed(before: Notebook, after: Notebook) -> list[str]:
    """The lines that were removed (-) and added (+), over all cells; borders of cells are lines of their own."""
    old, new = (_lines(notebook) for notebook in (before, after))
    told = difflib.unified_diff(old, new, n=0, lineterm="")
    return [line for line in told if not line.startswith(("---", "+++", "@@"))]


def _lines(notebook: Notebook) -> list[str]:
    return "\n---\n".join(cell.source for cell in notebook).split("\n")
