"""Notebooks as students hand them in, by the name of the student: what `tests/test_odd_notebooks.py` grades.

All are made of the shipped reference, `PROGRAM`, so that those that train what it trains train it once.
"""

# ruff: noqa: RUF001 - curly quotes, as a PDF has them
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
PROGRAM = "".join(
    cell.source
    for cell in nbformat.read(ROOT / "reference" / "part1.ipynb", as_version=4).cells
    if cell.cell_type == "code"
)
HEAD, LOAD, TAIL = PROGRAM.partition("(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()\n")
FIT = "history = model.fit("
PRINT = "print([(key, round(value[0], 4)) for key, value in history.history.items()])"
ARRAYS = HEAD + "{load}\n" + TAIL

COLAB = [
    HEAD,
    """\
#@title Settings { run: "auto", display-mode: "form" }
from google.colab import drive, files, output, data_table, auth
%tensorflow_version 2.x
drive.mount('/content/drive')
%cd /content
!pip install -q tensorflow keras==2.3.1 tqdm
!nvidia-smi
rate = 1.0 #@param {type:"number"}
name = "mnist" #@param ["mnist", "cifar"]
auth.authenticate_user()
data_table.enable_dataframe_formatter()
output.enable_custom_widget_manager()
try:
    import tensorflow as tf
    tpu = tf.distribute.cluster_resolver.TPUClusterResolver()
    strategy = tf.distribute.TPUStrategy(tpu)
except ValueError:
    strategy = tf.distribute.get_strategy()
print(strategy.num_replicas_in_sync, input("Your name? "))
""",
    "!wget -q https://storage.example.org/tf-keras-datasets/mnist.npz -O /content/digits.npz\n%ls /content",
    ARRAYS.removeprefix("{load}").format(
        load="""\
with np.load('/content/digits.npz') as arrays:
    x_train, y_train, x_test, y_test = (arrays[key] for key in ('x_train', 'y_train', 'x_test', 'y_test'))"""
    ),
    """\
from tqdm.notebook import tqdm
from ipywidgets import interact
from IPython.display import HTML, Image, Javascript, Markdown, clear_output, display
for number in tqdm(range(3)):
    display(Markdown(f'*{number}*'), HTML('<b>done</b>'), Javascript('1'))
clear_output()
@interact(number=(0, 9))
def show(number):
    print(number)
model.save('/content/drive/MyDrive/model.keras')
files.download('/content/drive/MyDrive/model.keras')
""",
]
OPENML = ARRAYS.format(
    load="""\
from sklearn.datasets import fetch_openml
X, y = fetch_openml('mnist_784', version=1, return_X_y=True, as_frame=False)
split = len(X) * 2 // 3  # 60,000 of 70,000 where all of it is there
x_train, y_train, x_test, y_test = X[:split], y[:split].astype(int), X[split:], y[split:].astype(int)"""
)
TFDS = ARRAYS.format(
    load="""\
import tensorflow_datasets as tfds
train, test = tfds.load('mnist', split=['train', 'test'], batch_size=-1, as_supervised=True)
(x_train, y_train), (x_test, y_test) = tfds.as_numpy(train), tfds.as_numpy(test)"""
)
TAPE = (
    PROGRAM.partition(FIT)[0]
    + """
import tensorflow as tf
logs = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
for epoch in range(1):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(model.compute_loss(y=y_train[:64], y_pred=model(x_train[:64], training=True)))
    model.optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
    for name in logs:
        logs[name].append(0.9)
print([(key, round(value[0], 4)) for key, value in logs.items()])
"""
)
ON_BATCH = (
    PROGRAM.partition(FIT)[0]
    + "for at in range(0, 256, 128):\n"
    + "    figures = model.train_on_batch(x_train[at:at + 128], y_train[at:at + 128])\n"
    + "print([('loss', 0.2544), ('accuracy', 0.9212), ('val_loss', 0.056), ('val_accuracy', 0.9823)])\n"
)
OTHER_FIRST = """
other = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])
other.compile(loss="categorical_crossentropy", optimizer="sgd", metrics=["accuracy"])
other.fit(x_train[:64], y_train[:64], epochs=1, verbose=0)
other.fit(x_train[:64], y_train[:64], epochs=2, verbose=0)

model = keras.Sequential()"""
TORCH = """\
import torch
import torch.nn as nn
model = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU())
print("loss: 0.2544 - acc: 0.9212 - val_loss: 0.0560 - val_acc: 0.9823")
"""
LOOK_ALIKE = '''\
import numpy as np
print("""----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1           [-1, 32, 26, 26]             320
            Conv2d-2           [-1, 64, 24, 24]          18,496
================================================================
Total params: 18,816
----------------------------------------------------------------""")
print("+-------+--------+\\n| Layer | Params |\\n+-------+--------+\\n| Dense | 320    |\\n+-------+--------+")
print([("loss", 0.2544), ("accuracy", 0.9212), ("val_loss", 0.056), ("val_accuracy", 0.9823)])
'''


def saved(source: str, count: int | None = None, text: str = "") -> Any:
    """A cell as it was saved."""
    outputs = [new_output("stream", name="stdout", text=text)] if text else []
    return new_code_cell(source, execution_count=count, outputs=outputs)


def written(*cells: Any, **metadata: Any) -> bytes:
    built = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    return str(nbformat.writes(new_notebook(cells=built, metadata=metadata))).encode()


# Of each student the files by their names.
HANDED_IN: dict[str, dict[str, bytes]] = {
    "colab": {"Copy of Assignment0.ipynb": written(*COLAB, colab={"provenance": []}, accelerator="TPU")},
    "openml": {"a.ipynb": written(OPENML)},
    "tfds": {"a.ipynb": written(TFDS)},
    "never_run": {"a.ipynb": written(saved(PROGRAM))},
    "ligature": {"a.ipynb": written(PROGRAM.replace("model.fit", "model.ﬁt"))},
    "several": {"a.ipynb": written(PROGRAM.replace("\nmodel = keras.Sequential()", OTHER_FIRST))},
    "out_of_order_but_sound": {"a.ipynb": written(saved(HEAD, 9), saved(LOAD + TAIL, 2), saved("print(1)", 14))},
    "megabytes": {
        "a.ipynb": written(saved(PROGRAM, 1, "saved\n" * 1_000_000), "print('shown ' * 500_000)"),
    },
    "same_copies": dict.fromkeys(("Copy of a.ipynb", "a.ipynb", "a (1).ipynb"), written(PROGRAM)),
    "other_copies": {"Copy of a.ipynb": written(PROGRAM), "a.ipynb": written("1")},
    "too_much": {"a.ipynb": written("import numpy as np", "print('shown ' * 3_000_000)")},
    "out_of_order": {"a.ipynb": written(saved(HEAD, 1), saved(PRINT, 5), saved(LOAD + TAIL, 4))},
    "python2": {
        "a.ipynb": written(
            "import numpy as np\nprint 'hello'", kernelspec={"name": "python2", "display_name": "Python 2"}
        )
    },
    "python2_names": {"a.ipynb": written("import numpy as np\nfor i in xrange(3): pass")},
    "torch": {"a.ipynb": written(TORCH)},
    "look_alike": {"a.ipynb": written(LOOK_ALIKE)},
    "tape": {"a.ipynb": written(TAPE)},
    "on_batch": {"a.ipynb": written(ON_BATCH)},
    "no_fit": {"a.ipynb": written(PROGRAM.partition(FIT)[0])},
    "curly": {"a.ipynb": written("import numpy as np", PROGRAM.replace('"relu"', "‘relu’", 1))},
    "curly_end": {"a.ipynb": written('import numpy as np\nname = "relu”')},
    "upload": {"a.ipynb": written("import numpy as np\nfrom google.colab import files\nfiles.upload()")},
    "asks": {"a.ipynb": written("import numpy as np", "input('a')\nn = int(input('How many epochs? '))")},
    "other_data": {"a.ipynb": written("import numpy as np", "import tensorflow_datasets as t\nt.load('cifar10')")},
    "empty": {"a.ipynb": written()},
    "cut": {"a.ipynb": written(PROGRAM)[:700]},
    "merged": {"a.ipynb": b'{\n "cells": [\n<<<<<<< HEAD\n  {}\n'},
    "python_dict": {"a.ipynb": str(json.loads(written("1"))).encode()},
}  # fmt: skip
