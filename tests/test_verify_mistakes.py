"""A mutant holds the mistake that it is named for: no other spelling of the reference, no fault of the edit."""

from __future__ import annotations

import pytest
from references import changed, one_cell

from grader.verify import figures, fitting, mutants, reading
from grader.verify.change import Change
from grader.verify.claims import Aspect

IMPORTS = "import keras\nfrom keras import layers, optimizers\n"
ADAM_AS_DICTIONARY = '{"class_name": "adam", "config": {"learning_rate": 0.3}}'
HISTORIES = [{"loss": [0.12345, 0.1], "lost": [float("nan")]}, {"loss": [0.5, 0.4]}]

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
    "a list of layers that has a name": (
        "body = [layers.Dense(1), layers.Dense(2)]\nm = keras.Sequential([layers.Flatten(), *body])\n",
        "layer-left-out",
        [["+body = [layers.Dense(2)]"], ["+body = [layers.Dense(1)]"], ["+m = keras.Sequential([*body])"]],
    ),
    "values divided by their spread": (
        "s = x.std(axis=0)\nx -= x.mean(axis=0)\nx /= s\nm.fit(x, y, epochs=1)\n",
        "unscaled",
        [[]],
    ),
    "values divided in a product": (
        "x = (x - 1) / 255 * 2\nm.fit(x, y, epochs=1)\n",
        "unscaled",
        [["+x = (x - 1) * 2"]],
    ),
    "a summary far from where the layers are added": (
        (
            "def f():\n    m = keras.Sequential()\n    m.add(layers.Dense(1))\n    return m\n"
            "n = f()\nprint(n.summary())\n"
        ),
        "summary-early",
        [["+    print(m.summary()); m.add(layers.Dense(1))"]],
    ),
    "a summary far from a list of layers": (
        "def f():\n    return keras.Sequential([a, layers.Dense(1)])\nn = f()\nn.summary()\n",
        "summary-early",
        [["+    return keras.Sequential([a])", "+n.summary(); n.add(layers.Dense(1))"]],
    ),
    "a history with a type": (
        "h: History = m.fit(x, y, epochs=1)\nprint(f'{h.history}')\n",
        "history-not-kept",
        [["+m.fit(x, y, epochs=1)"]],
    ),
    "a first value in a formatted string": (
        "print(x.shape[0], f'loss {h.history[\"loss\"][0]:.4f}')\n",
        "last-value",
        [["+print(x.shape[0], f\"loss {h.history['loss'][-1]:.4f}\")"]],
    ),
    "a first value in a function": (
        "def tell(h):\n    for k, v in h.history.items():\n        print(k, v[0])\ntell(m.fit(x, epochs=1))\n",
        "last-value",
        [["+        print(k, v[-1])"]],
    ),
    "figures that a function prints": (
        "def tell(h):\n    for k, v in h.history.items():\n        print(k, v[0])\ntell(m.fit(x, epochs=1))\n",
        "typed",
        [["+    print([('loss', 0.5)])"], ["+    print([('loss', 0.1235)])"]],
    ),
    "figures of the last epoch": (
        "print({k: v[-1] for k, v in h.history.items()})\n",
        "typed",
        [["+print([('loss', 0.4)])"], ["+print([('loss', 0.1)])"]],
    ),
    "figures of all epochs, which the cell shows too": (
        "print(h.history)\nh.history\n",
        "typed",
        [["+print({'loss': [0.5, 0.4]})"], ["+print({'loss': [0.1235, 0.1]})"]],
    ),
    "figures of a training in a loop": (
        "for n in a:\n    h = m.fit(x, epochs=n)\n    print(h.history)\n",
        "typed",
        [["+    print({'loss': [0.5, 0.4]})"], ["+    print({'loss': [0.1235, 0.1]})"]],
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
    "a layer that needs what its function knows": (
        "def f(n):\n    return keras.Sequential([a, layers.Dense(n)])\nm = f(1)\nm.summary()\n",
        "summary-early",
        "no layer is added by a change of one place after its summary",
    ),
    "figures that are printed by what trains": (
        "print(m.fit(x, epochs=2).history)\n",
        "typed",
        "it prints nothing of a history by a statement of its own",
    ),
    "a spread of what is not trained on": (
        "z = (y - 1) / y.std()\nm.fit(x, y, epochs=1)\n",
        "unscaled",
        "its code divides nothing by 255, nor by what the values reach or how they spread",
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
    made, _ = mutants.mutants(reading.read(cells), mutants.table(HISTORIES))
    lines = [changed(cells, one.notebook) for one in made if one.mistake.id == mistake]
    assert [[line for line in each if line.startswith("+")] for each in lines] == expected


@pytest.mark.parametrize("name", NOT_MADE)
def test_no_mutant_is_made_where_the_mistake_is_none_or_would_be_an_error(name: str) -> None:
    source, mistake, why = NOT_MADE[name]
    made, without = mutants.mutants(reading.read(one_cell(IMPORTS + source)), mutants.table(HISTORIES))
    assert [one.id for one in made if one.mistake.id == mistake] == []
    assert {one.id: one.why for one in without}[mistake] == why


def only(changes: list[Change] | str) -> Change:
    assert len(changes) == 1
    assert isinstance(changes[0], Change)
    return changes[0]


def test_a_history_that_only_formatted_strings_read_is_missed() -> None:
    program = reading.read(one_cell("h: History = m.fit(x, epochs=1)\nprint(f'{h.history}')\n"))
    assert only(figures.history_not_kept(program)).aspects == (Aspect.ERROR,)


@pytest.mark.parametrize(("rest", "aspects"), [("", (Aspect.LATER,)), ("print(h.history)", ()), ("h.history", ())])
def test_the_last_value_is_no_mistake_where_the_first_is_shown_too(rest: str, aspects: tuple[Aspect, ...]) -> None:
    program = reading.read(one_cell(f"print(h.history['loss'][0])\n{rest}\n"))
    assert only(figures.last_value(program)).aspects == aspects


def test_what_a_layer_scales_is_told_by_its_name() -> None:
    program = reading.read(one_cell(f"{IMPORTS}m = keras.Sequential([layers.Rescaling(1 / 255)])\n"))
    assert only(fitting.unscaled(program)).what == "what Rescaling is given is not scaled"
