"""One change a mutant, made on syntax, in references of several styles."""

from __future__ import annotations

from pathlib import Path

import pytest
from references import ADDS, LIST, TENSORS, changed, one_cell

from grader import rubric
from grader.verify import fitting, layering, mutants, notebook, reading
from grader.verify.notebook import CODE, Cell, Notebook

ROOT = Path(__file__).parents[1]
HISTORIES = [{"loss": [0.12345, 0.1]}, {"loss": [0.2, 0.1]}]
REFERENCES: dict[str, Notebook] = {"ADDS": one_cell(ADDS), "LIST": LIST, "TENSORS": one_cell(TENSORS)}

# Mutant -> what is wrong, where, and the lines that differ from the reference.

ADDS_MUTANTS: dict[str, tuple[str, str, list[str]]] = {
    "layer-left-out-1": (
        "Conv2D left out",
        "cell 1, line 12",
        ['-model.add(layers.Conv2D(8, 3, activation="relu", name="first"))'],
    ),
    "layer-left-out-2": ("Flatten left out", "cell 1, line 13", ["-model.add(layers.Flatten())  # rows"]),
    "layer-left-out-3": (
        "Dense left out",
        "cell 1, line 14",
        ['-model.add(layers.Dense(10, activation="softmax"))'],
    ),
    "layer-doubled-1": (
        "Conv2D twice in a row",
        "cell 1, line 12",
        ['+model.add(layers.Conv2D(8, 3, activation="relu"))'],
    ),
    "layer-doubled-2": ("Flatten twice in a row", "cell 1, line 13", ["+model.add(layers.Flatten())"]),
    "layer-doubled-3": (
        "Dense twice in a row",
        "cell 1, line 14",
        ['+model.add(layers.Dense(10, activation="softmax"))'],
    ),
    "filters-1": (
        "Conv2D: filters 4 instead of 8",
        "cell 1, line 12",
        [
            '-model.add(layers.Conv2D(8, 3, activation="relu", name="first"))',
            '+model.add(layers.Conv2D(4, 3, activation="relu", name="first"))',
        ],
    ),
    "kernel-size-1": (
        "Conv2D: kernel_size 2 instead of 3",
        "cell 1, line 12",
        [
            '-model.add(layers.Conv2D(8, 3, activation="relu", name="first"))',
            '+model.add(layers.Conv2D(8, 2, activation="relu", name="first"))',
        ],
    ),
    "units-1": (
        "Dense: units 5 instead of 10",
        "cell 1, line 14",
        ['-model.add(layers.Dense(10, activation="softmax"))', '+model.add(layers.Dense(5, activation="softmax"))'],
    ),
    "activation-1": (
        'Conv2D: activation "tanh" instead of "relu"',
        "cell 1, line 12",
        [
            '-model.add(layers.Conv2D(8, 3, activation="relu", name="first"))',
            '+model.add(layers.Conv2D(8, 3, activation="tanh", name="first"))',
        ],
    ),
    "activation-2": (
        'Dense: activation "sigmoid" instead of "softmax"',
        "cell 1, line 14",
        [
            '-model.add(layers.Dense(10, activation="softmax"))',
            '+model.add(layers.Dense(10, activation="sigmoid"))',
        ],
    ),
    "optimizer-1": (
        'optimizer "adam" instead of keras.optimizers.SGD(0.5)',
        "cell 1, line 16",
        [
            '-model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))',
            '+model.compile(loss="mse", optimizer="adam")',
        ],
    ),
    "learning-rate-1": (
        "learning rate 0.0005 instead of 0.5",
        "cell 1, line 16",
        [
            '-model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))',
            '+model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.0005))',
        ],
    ),
    "loss-1": (
        'loss "mean_absolute_error" instead of "mse"',
        "cell 1, line 16",
        [
            '-model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))',
            '+model.compile(loss="mean_absolute_error", optimizer=keras.optimizers.SGD(0.5))',
        ],
    ),
    "batch-size-1": (
        "batch_size 16 instead of 32",
        "cell 1, line 17",
        [
            "-history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)",
            "+history = model.fit(x, y, batch_size=16, epochs=epochs, validation_split=0.2)",
        ],
    ),
    "epochs-1": (
        "epochs 3 instead of epochs",
        "cell 1, line 17",
        [
            "-history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)",
            "+history = model.fit(x, y, batch_size=32, epochs=3, validation_split=0.2)",
        ],
    ),
    "unscaled-1": (
        "x is not scaled",
        "cell 1, line 8",
        ['-x = x.astype("float32") / 255', '+x = x.astype("float32")'],
    ),
    "labels-shuffled-1": (
        "y in reverse, so that the labels are those of other images",
        "cell 1, line 17",
        [
            "-history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)",
            "+history = model.fit(x, y[::-1], batch_size=32, epochs=epochs, validation_split=0.2)",
        ],
    ),
    "validated-on-training-1": (
        "validated on what it trains on",
        "cell 1, line 17",
        [
            "-history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)",
            "+history = model.fit(x, y, batch_size=32, epochs=epochs, validation_data=(x, y))",
        ],
    ),
    "no-seed-1": ("no np.random.seed(0)", "cell 1, line 6", ["-np.random.seed(0)  # as the assignment asks"]),
    "no-summary-1": ("no summary is shown", "cell 1, line 15", ["-print(model.summary())"]),
    "summary-early-1": (
        "the summary is shown before the last layer",
        "cell 1, line 15",
        ["+print(model.summary())", "-print(model.summary())"],
    ),
    "history-not-kept-1": (
        "what fit returns is not kept as history",
        "cell 1, line 17",
        [
            "-history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)",
            "+model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.2)",
        ],
    ),
    "last-value-1": (
        "the last value of each figure instead of the first",
        "cell 1, line 18",
        ['-print(history.history["loss"][0])', '+print(history.history["loss"][-1])'],
    ),
    "typed-1": (
        "figures typed in, of another run",
        "cell 1, line 18",
        ['-print(history.history["loss"][0])', "+print([('loss', 0.2)])"],
    ),
    "typed-2": (
        "figures typed in, of this very run",
        "cell 1, line 18",
        ['-print(history.history["loss"][0])', "+print([('loss', 0.1235)])"],
    ),
}
LIST_MUTANTS: dict[str, tuple[str, str, list[str]]] = {
    "layer-left-out-1": (
        "Dense left out",
        "cell 3, line 3",
        ['-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),', "+    L.Dropout(rate=0.5),"],
    ),
    "layer-left-out-2": (
        "Dropout left out",
        "cell 3, line 3",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            "-    L.Dense(1),  # the answer",
            '+    L.Dense(maß, "tanh", input_shape=s), L.Dense(1),  # the answer',
        ],
    ),
    "layer-left-out-3": (
        "Dense left out",
        "cell 3, line 4",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            "-    L.Dense(1),  # the answer",
            '+    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),  # the answer',
        ],
    ),
    "layer-doubled-1": (
        "Dense twice in a row",
        "cell 3, line 3",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            '+    L.Dense(maß, "tanh", input_shape=s), L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
        ],
    ),
    "layer-doubled-2": (
        "Dropout twice in a row",
        "cell 3, line 3",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            '+    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5), L.Dropout(rate=0.5),',
        ],
    ),
    "layer-doubled-3": (
        "Dense twice in a row",
        "cell 3, line 4",
        ["-    L.Dense(1),  # the answer", "+    L.Dense(1), L.Dense(1),  # the answer"],
    ),
    "units-1": (
        "Dense: units 8 instead of maß",
        "cell 3, line 3",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            '+    L.Dense(8, "tanh", input_shape=s), L.Dropout(rate=0.5),',
        ],
    ),
    "units-2": (
        "Dense: units 2 instead of 1",
        "cell 3, line 4",
        ["-    L.Dense(1),  # the answer", "+    L.Dense(2),  # the answer"],
    ),
    "activation-1": (
        'Dense: activation "relu" instead of "tanh"',
        "cell 3, line 3",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            '+    L.Dense(maß, "relu", input_shape=s), L.Dropout(rate=0.5),',
        ],
    ),
    "dropout-rate-1": (
        "Dropout: rate 0.25 instead of 0.5",
        "cell 3, line 3",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            '+    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.25),',
        ],
    ),
    "optimizer-1": (
        'optimizer "sgd" instead of "adam"',
        "cell 4, line 1",
        ['-net.compile("adam", "mae")', '+net.compile("sgd", "mae")'],
    ),
    "learning-rate-1": (
        'learning rate 0.3 instead of the default of "adam"',
        "cell 4, line 1",
        [
            '-net.compile("adam", "mae")',
            '+net.compile({"class_name": "adam", "config": {"learning_rate": 0.3}}, "mae")',
        ],
    ),
    "loss-1": (
        'loss "mean_squared_error" instead of "mae"',
        "cell 4, line 1",
        ['-net.compile("adam", "mae")', '+net.compile("adam", "mean_squared_error")'],
    ),
    "epochs-1": ("epochs 2", "cell 4, line 3", ["-net.fit(data.batch(8))", "+net.fit(data.batch(8), epochs=2)"]),
    "no-seed-1": (
        "no seed at all",
        "cell 1, line 4",
        ["-tf.random.set_seed(1); import random; random.seed(2)", "+pass; import random; pass"],
    ),
    "no-seed-2": (
        "no tf.random.set_seed(1)",
        "cell 1, line 4",
        ["-tf.random.set_seed(1); import random; random.seed(2)", "+pass; import random; random.seed(2)"],
    ),
    "no-seed-3": (
        "no random.seed(2)",
        "cell 1, line 4",
        ["-tf.random.set_seed(1); import random; random.seed(2)", "+tf.random.set_seed(1); import random; pass"],
    ),
    "no-summary-1": ("no summary is shown", "cell 3, line 6", ["-net.summary()"]),
    "summary-early-1": (
        "the summary is shown before the last layer",
        "cell 3, line 6",
        [
            '-    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),',
            "-    L.Dense(1),  # the answer",
            '+    L.Dense(maß, "tanh", input_shape=s), L.Dropout(rate=0.5),  # the answer',
            "-net.summary()",
            "+net.summary(); net.add(L.Dense(1))",
        ],
    ),
    "last-value-1": (
        "the last value of each figure instead of the first",
        "cell 5, line 2",
        ["-    print(name, values[0])", "+    print(name, values[-1])"],
    ),
    "typed-1": (
        "figures typed in, of another run",
        "cell 5, line 2",
        ["-for name, values in h.history.items():", "-    print(name, values[0])", "+print([('loss', 0.2)])"],
    ),
    "typed-2": (
        "figures typed in, of this very run",
        "cell 5, line 2",
        ["-for name, values in h.history.items():", "-    print(name, values[0])", "+print([('loss', 0.1235)])"],
    ),
}
TENSORS_MUTANTS: dict[str, tuple[str, str, list[str]]] = {
    "layer-left-out-1": (
        "Dense left out",
        "cell 1, line 10",
        ['-x = Dense(units=UNITS, activation="relu")(inputs)', "+x = inputs"],
    ),
    "layer-left-out-2": (
        "Dense left out",
        "cell 1, line 11",
        ['-x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))', "+x = Dropout(0.01)(x)"],
    ),
    "layer-left-out-3": (
        "Dropout left out",
        "cell 1, line 11",
        ['-x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))', '+x = Dense(UNITS * 2, name="wide")(x)'],
    ),
    "layer-doubled-1": (
        "Dense twice in a row",
        "cell 1, line 10",
        [
            '-x = Dense(units=UNITS, activation="relu")(inputs)',
            '+x = Dense(units=UNITS, activation="relu")(Dense(units=UNITS, activation="relu")(inputs))',
        ],
    ),
    "layer-doubled-2": (
        "Dense twice in a row",
        "cell 1, line 11",
        [
            '-x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))',
            '+x = Dense(UNITS * 2)(Dense(UNITS * 2, name="wide")(Dropout(0.01)(x)))',
        ],
    ),
    "layer-doubled-3": (
        "Dropout twice in a row",
        "cell 1, line 11",
        [
            '-x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))',
            '+x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(Dropout(0.01)(x)))',
        ],
    ),
    "units-1": (
        "Dense: units 6 instead of UNITS",
        "cell 1, line 10",
        ['-x = Dense(units=UNITS, activation="relu")(inputs)', '+x = Dense(units=6, activation="relu")(inputs)'],
    ),
    "units-2": (
        "Dense: units (UNITS * 2) + 1 instead of UNITS * 2",
        "cell 1, line 11",
        [
            '-x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))',
            '+x = Dense((UNITS * 2) + 1, name="wide")(Dropout(0.01)(x))',
        ],
    ),
    "activation-1": (
        'Dense: activation "tanh" instead of "relu"',
        "cell 1, line 10",
        [
            '-x = Dense(units=UNITS, activation="relu")(inputs)',
            '+x = Dense(units=UNITS, activation="tanh")(inputs)',
        ],
    ),
    "dropout-rate-1": (
        "Dropout: rate 0.5 instead of 0.01",
        "cell 1, line 11",
        [
            '-x = Dense(UNITS * 2, name="wide")(Dropout(0.01)(x))',
            '+x = Dense(UNITS * 2, name="wide")(Dropout(0.5)(x))',
        ],
    ),
    "optimizer-1": (
        'optimizer "sgd" instead of Adam(learning_rate=1e-3)',
        "cell 1, line 14",
        [
            '-m.compile(optimizer=Adam(learning_rate=1e-3), loss="mean_squared_error")',
            '+m.compile(optimizer="sgd", loss="mean_squared_error")',
        ],
    ),
    "learning-rate-1": (
        "learning rate 0.1 instead of 1e-3",
        "cell 1, line 14",
        [
            '-m.compile(optimizer=Adam(learning_rate=1e-3), loss="mean_squared_error")',
            '+m.compile(optimizer=Adam(learning_rate=0.1), loss="mean_squared_error")',
        ],
    ),
    "loss-1": (
        'loss "mean_absolute_error" instead of "mean_squared_error"',
        "cell 1, line 14",
        [
            '-m.compile(optimizer=Adam(learning_rate=1e-3), loss="mean_squared_error")',
            '+m.compile(optimizer=Adam(learning_rate=1e-3), loss="mean_absolute_error")',
        ],
    ),
    "batch-size-1": (
        "batch_size 32 instead of 64",
        "cell 1, line 15",
        [
            "-m.fit(prepare(a), labels - 1, 64, UNITS // 6, validation_data=(b, c))",
            "+m.fit(prepare(a), labels - 1, 32, UNITS // 6, validation_data=(b, c))",
        ],
    ),
    "epochs-1": (
        "epochs (UNITS // 6) + 1 instead of UNITS // 6",
        "cell 1, line 15",
        [
            "-m.fit(prepare(a), labels - 1, 64, UNITS // 6, validation_data=(b, c))",
            "+m.fit(prepare(a), labels - 1, 64, (UNITS // 6) + 1, validation_data=(b, c))",
        ],
    ),
    "unscaled-1": (
        "what the statement makes is not scaled",
        "cell 1, line 6",
        ["-    return images / 255.0", "+    return images"],
    ),
    "labels-shuffled-1": (
        "labels - 1 in reverse, so that the labels are those of other images",
        "cell 1, line 15",
        [
            "-m.fit(prepare(a), labels - 1, 64, UNITS // 6, validation_data=(b, c))",
            "+m.fit(prepare(a), (labels - 1)[::-1], 64, UNITS // 6, validation_data=(b, c))",
        ],
    ),
    "validated-on-training-1": (
        "validated on what it trains on",
        "cell 1, line 15",
        [
            "-m.fit(prepare(a), labels - 1, 64, UNITS // 6, validation_data=(b, c))",
            "+m.fit(prepare(a), labels - 1, 64, UNITS // 6, validation_data=(prepare(a), labels - 1))",
        ],
    ),
}
NO_ROOM: dict[str, dict[str, str]] = {
    "ADDS": {"dropout-rate": "no layer is given `rate` in a form that can be changed"},
    "LIST": {
        "filters": "no layer is given `filters` in a form that can be changed",
        "kernel-size": "no layer is given `kernel_size` in a form that can be changed",
        "batch-size": "`fit` is given no labels by themselves",
        "unscaled": fitting.NO_SCALING,
        "labels-shuffled": "`fit` is given no labels by themselves",
        "validated-on-training": "`fit` is given nothing to validate on, or no arrays that it could be "
        "validated on instead",
        "history-not-kept": "it keeps no history of a training",
    },
    "TENSORS": {
        "filters": "no layer is given `filters` in a form that can be changed",
        "kernel-size": "no layer is given `kernel_size` in a form that can be changed",
        "no-seed": "it sets no seed",
        "no-summary": "it shows no summary of a model by a statement of its own",
        "summary-early": "it shows no summary of a model by a statement of its own",
        "history-not-kept": "it keeps no history of a training",
        "last-value": "it prints no first value of a history, `[0]`",
        "typed": "it prints nothing of a history by a statement of its own",
    },
}
EXPECTED = {"ADDS": ADDS_MUTANTS, "LIST": LIST_MUTANTS, "TENSORS": TENSORS_MUTANTS}


@pytest.mark.parametrize("name", REFERENCES)
def test_each_mutant_is_one_change_of_the_reference(name: str) -> None:
    cells = REFERENCES[name]
    made, without = mutants.mutants(reading.read(cells), mutants.table(HISTORIES))
    found = {one.id: (one.change.what, one.change.where, changed(cells, one.notebook)) for one in made}
    assert found == EXPECTED[name]
    assert {one.id: one.why for one in without} == NO_ROOM[name]
    every = {mistake.id for mistake in mutants.table(HISTORIES)}
    assert {one.mistake.id for one in made} | {one.id for one in without} == every


def test_the_shipped_reference_leaves_room_for_every_mistake() -> None:
    part = rubric.load(ROOT / "rubric.yaml").parts[0]
    cells = notebook.read(part.reference)
    made, without = mutants.mutants(reading.read(cells), mutants.table(HISTORIES))
    assert without == ()
    assert len(made) == 45
    assert len({one.notebook for one in made}) == len(made)


def test_of_many_sites_the_first_the_last_and_some_between_are_taken() -> None:
    adds = [f"m.add(Conv2D({number}, 3))" for number in range(2, 22)]
    source = "\n".join(["from keras.layers import *", "m = S()", *adds])
    made, _ = mutants.mutants(reading.read(one_cell(source)), mutants.table(()))
    places = [one.change.where for one in made if one.mistake.id == "layer-left-out"]
    assert [int(place.rpartition(" ")[2]) - 2 for place in places] == [1, 4, 6, 9, 12, 15, 17, 20]


SOURCES = {
    "a layer in a block": ("if a:\n    m.add(layers.Dense(1))\n", "if a:\n    pass\n"),
    "a layer in one line with its block": ("for n in a: m.add(layers.Dense(n))\n", "for n in a: pass\n"),
    "a layer between others in a line": ("a = 1; m.add(layers.Dense(1)); b = 2\n", "a = 1; pass; b = 2\n"),
    "a layer over several lines": ("a\nm.add(\n    layers.Dense(1)\n)\nb\n", "a\nb\n"),
    "the last line of a cell": ("a\nm.add(layers.Dense(1))", "a"),
    "the only line of a cell": ("m.add(layers.Dense(1))", ""),
    "a wrapped layer goes with its wrapper": (
        "m.add(layers.TimeDistributed(layers.Dense(1)))\na\n",
        "a\n",
    ),
    "the only one of a list": ("m = keras.Sequential([layers.Dense(1)])\n", "m = keras.Sequential([])\n"),
    "the list by its name": (
        "m = keras.Sequential(layers=(a, b, layers.Dense(1)))\n",
        "m = keras.Sequential(layers=(a, b))\n",
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_layer_is_left_out_wherever_it_stands(name: str) -> None:
    before, after = SOURCES[name]
    cells = (Cell(CODE, "import keras\nfrom keras import layers"), Cell(CODE, before))
    program = reading.read(cells)
    changes = layering.drop(program)
    assert [program.apply(change.edits)[1].source for change in changes if not isinstance(change, str)] == [after]


def test_layers_that_a_program_only_names_are_not_taken_for_its_own() -> None:
    source = "from mine import Dense\nm.add(Dense(1))\nx = [Dense(2)]\nd = {'a': Dense}\n"
    program = reading.read(one_cell(source))
    assert layering.drop(program) == layering.double(program) == layering.NO_LAYERS
