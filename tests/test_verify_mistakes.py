"""A mutant holds the mistake that it is named for: no other spelling of the reference, no fault of the edit."""

from __future__ import annotations

import pytest
from references import changed, one_cell

from grader.verify import mutants, reading

IMPORTS = "import keras\nfrom keras import layers, optimizers\n"
ADAM_AS_DICTIONARY = '{"class_name": "adam", "config": {"learning_rate": 0.3}}'

# Name -> code, which mistake, and the lines that the mutants' changes add.

MADE: dict[str, tuple[str, str, list[list[str]]]] = {
    "an optimizer by a name that was bound before": (
        "opt = optimizers.SGD(0.1)\nm.compile(opt, 'mae')\nm.fit(x, epochs=2)\n",
        "optimizer",
        [["+m.compile(\"adam\", 'mae')"]],
    ),
    "an optimizer that only the rest of the program tells": (
        "C = {'opt': 'sgd'}\nm.compile(C['opt'], 'mae')\nm.fit(x, epochs=2)\n",
        "optimizer",
        [["+m.compile(\"adam\", 'mae')"]],
    ),
    "an optimizer that Keras looks up": (
        "m.compile(optimizers.get('sgd'), 'mae')\nm.fit(x, epochs=2)\n",
        "optimizer",
        [["+m.compile(\"adam\", 'mae')"]],
    ),
    "a loss by a name that was bound before": (
        "LOSS: str = 'mse'\nm.compile('adam', LOSS)\nm.fit(x, epochs=2)\n",
        "loss",
        [["+m.compile('adam', \"mean_absolute_error\")"]],
    ),
    "a loss that a function is given": (
        "def f(m, how='mean_squared_error'):\n    m.compile('adam', how)\nm.fit(x, epochs=2)\n",
        "loss",
        [["+    m.compile('adam', \"mean_absolute_error\")"]],
    ),
    "an activation that a function is given": (
        "def f(n, act='relu'):\n    return layers.Dense(n, activation=act)\n",
        "activation",
        [['+    return layers.Dense(n, activation="tanh")']],
    ),
    "units that may be a single one": (
        "def f(n):\n    return layers.Dense(n)\n",
        "units",
        [["+    return layers.Dense((n) + 1)"]],
    ),
    "batches of the default size": (
        "m.fit(x, y, batch_size=None)\n",
        "batch-size",
        [["+m.fit(x, y, batch_size=16)"]],
    ),
    "a schedule of learning rates": (
        "s = optimizers.schedules.ExponentialDecay(0.1, 9, 0.9)\no = optimizers.Adam(s)\n",
        "learning-rate",
        [["+o = optimizers.Adam(0.3)"]],
    ),
    "the default learning rate": (
        "o = optimizers.Adam()\n",
        "learning-rate",
        [["+o = optimizers.Adam(learning_rate=0.3)"]],
    ),
    "an optimizer that is only named": (
        "m.compile('adam', 'mae')\nm.fit(x, epochs=2)\n",
        "learning-rate",
        [[f"+m.compile({ADAM_AS_DICTIONARY}, 'mae')"]],
    ),
    "a learning rate of nothing": ("o = optimizers.Adam(0.0)\n", "learning-rate", [["+o = optimizers.Adam(0.3)"]]),
}
NOT_MADE: dict[str, tuple[str, str, str]] = {
    "what a dictionary may give": (
        "m.compile(**options)\nm.fit(x, epochs=2)\n",
        "loss",
        "it calls no `compile` whose settings stand in its code",
    ),
    "what a list may give": (
        "m.compile()\nm.fit(*data)\n",
        "epochs",
        "it calls no `fit` whose settings stand in its code",
    ),
    "an optimizer of unknown settings": (
        "o = optimizers.Adam(**settings)\n",
        "learning-rate",
        "it makes no optimizer in its code",
    ),
    "validation on what it is validated on already": (
        "m.fit(x, y, validation_data=[x, y])\n",
        "validated-on-training",
        "`fit` is given nothing to validate on, or no arrays that it could be validated on instead",
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_a_mutant_holds_the_mistake_that_it_is_named_for(name: str) -> None:
    source, mistake, expected = MADE[name]
    cells = one_cell(IMPORTS + source)
    made, _ = mutants.mutants(reading.read(cells), mutants.table(()))
    lines = [changed(cells, one.notebook) for one in made if one.mistake.id == mistake]
    assert [[line for line in each if line.startswith("+")] for each in lines] == expected


@pytest.mark.parametrize("name", NOT_MADE)
def test_no_mutant_is_made_where_the_mistake_is_none_or_would_be_an_error(name: str) -> None:
    source, mistake, why = NOT_MADE[name]
    made, without = mutants.mutants(reading.read(one_cell(IMPORTS + source)), mutants.table(()))
    assert [one.id for one in made if one.mistake.id == mistake] == []
    assert {one.id: one.why for one in without}[mistake] == why
