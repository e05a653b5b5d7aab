"""Dresses change how a reference is written, and nothing of what it does."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from references import ADDS, LIST, TENSORS, one_cell

from grader import rubric
from grader.model import CodeCriterion, Part
from grader.verify import arranging, claims, cosmetic, modelling, notebook, reading, renaming
from grader.verify.cosmetic import DRESSES, FROM_TF, FULL, MODULES, NAMES, SHORT, TF_FULL, TF_NAMES, variants
from grader.verify.dress import Asked, Rewrite, asked
from grader.verify.notebook import CODE, Cell, Notebook

ROOT = Path(__file__).parents[1]
NOTHING = Asked(frozenset())
PART = Part(
    "part",
    (),
    Path("reference.ipynb"),
    (
        CodeCriterion("first", 1, ("import numpy as np",), first=True),
        CodeCriterion("seeded", 1, ("np.random.seed(0)",), after=("$EPOCHS = 2",), adjacent=True),
    ),
)

MODEL = """\
m = keras.Sequential()
m.add(keras.Input((4,)))
m.add(layers.Dense(2))  # rows
m.add(layers.Dense(1))
"""
MODEL_LIST = """\
m = keras.Sequential([
    keras.Input((4,)),
    layers.Dense(2),
    layers.Dense(1),
])
"""
IMPORTS = "import keras\nfrom keras import layers\n"
USES = "d = layers.Dense(1, activation=keras.activations.relu)\ni = keras.Input((keras.x.y.z,))\n"

WRITTEN: dict[str, tuple[Rewrite, str, str]] = {
    "a model's name": (
        renaming.model,
        "m = f()\nm.compile(loss='mse')\nm.fit(x)  # m\nprint('m:', m.n, k(m=m))\n",
        "my_m = f()\nmy_m.compile(loss='mse')\nmy_m.fit(x)  # m\nprint('m:', my_m.n, k(m=my_m))\n",
    ),
    "a history's name, where the new one is taken": (
        renaming.history,
        "my_h = 1\nh = m.fit(x, epochs=1)\nh.history\n",
        "my_h = 1\nmy_h_ = m.fit(x, epochs=1)\nmy_h_.history\n",
    ),
    "the data's names": (
        renaming.data,
        "a, b = c = load()\nm.fit(x=a, y=b, validation_data=(c, c), epochs=9)\n",
        "my_a, my_b = my_c = load()\nm.fit(x=my_a, y=my_b, validation_data=(my_c, my_c), epochs=9)\n",
    ),
    "names in loops": (
        renaming.loops,
        "for k, v in d:\n    print(k, v[0])\n[i for i in d]\n",
        "for my_k, my_v in d:\n    print(my_k, my_v[0])\n[my_i for my_i in d]\n",
    ),
    "no names that anything else may refer to": (
        renaming.everything,
        "import a\na = b = c = d = e = g = 1\ndef f(b): return f'{c}'\nclass C: d = 2\nprint(locals()['e'], g)\n",
        (
            "import a\na = b = my_c = d = e = my_g = 1\ndef f(b): return f'{my_c}'\nclass C: d = 2\n"
            "print(locals()['e'], my_g)\n"
        ),
    ),
    "names in formatted strings": (
        renaming.history,
        "h = m.fit(x, epochs=1)\nprint(f\"a{h.history['loss'][0]:>{len(h)}} {i}\" 'b')\n",
        "my_h = m.fit(x, epochs=1)\nprint(f\"a{my_h.history['loss'][0]:>{len(my_h)}} {i}b\")\n",
    ),
    "comments": (
        arranging.comments_added,
        "a = (1,\n  2)\nb = 1; c = 2\nif a:\n    b\n",
        "# Step 1.\na = (1,\n  2)\nb = 1; c = 2\n# Step 2.\nif a:\n    b\n",
    ),
    "no comments": (
        arranging.comments_removed,
        "# one\na = '# two'  # three\n\n# four\nb = 2  # five",
        "a = '# two'\n\nb = 2",
    ),
    "two pairs, the assignment's own statement between them": (
        arranging.all_pairs,
        "a = 1  # one\nb = (2,\n  3)\nnp.random.seed(0)\nx = x.astype(float)\ny = y.reshape(a)\n",
        "b = (2,\n  3)  # one\na = 1\nnp.random.seed(0)\ny = y.reshape(a)\nx = x.astype(float)\n",
    ),
    "a model by a list": (modelling.as_list, IMPORTS + MODEL, IMPORTS + MODEL_LIST),
    "a model by `add`": (
        modelling.as_adds,
        IMPORTS + MODEL_LIST,
        IMPORTS + MODEL.replace("  # rows", ""),
    ),
    "a model by tensors": (
        modelling.as_tensors,
        IMPORTS + MODEL,
        (
            f"{IMPORTS}model_inputs = keras.Input((4,))\ntensor = layers.Dense(2)(model_inputs)\n"
            "tensor = layers.Dense(1)(tensor)\nm = keras.Model(model_inputs, tensor)\n"
        ),
    ),
    "`input_shape` where layers are added": (
        modelling.input_shape,
        IMPORTS + MODEL,
        (
            f"{IMPORTS}m = keras.Sequential()\nm.add(layers.Dense(2, input_shape=(4,)))  # rows\n"
            "m.add(layers.Dense(1))\n"
        ),
    ),
    "`input_shape` in a list": (
        modelling.input_shape,
        f"{IMPORTS}m = keras.Sequential([keras.Input(shape=(4,)), layers.Flatten()])\n",
        f"{IMPORTS}m = keras.Sequential([layers.Flatten(input_shape=(4,))])\n",
    ),
    "`keras.Input` where layers are added": (
        modelling.input_layer,
        (
            "from keras import *\nfrom keras.layers import *\nm = Sequential()\n"
            "m.add(Dense(1, input_shape=s, name='a'))\n"
        ),
        (
            "from keras import *\nfrom keras.layers import *\nfrom keras import Input\nm = Sequential()\n"
            "m.add(Input(shape=s))\nm.add(Dense(1, name='a'))\n"
        ),
    ),
    "`keras.Input` in a list": (
        modelling.input_layer,
        f"{IMPORTS}m = keras.Sequential([layers.Dense(1, input_shape=(4,))])\n",
        f"{IMPORTS}m = keras.Sequential([keras.Input(shape=(4,)), layers.Dense(1)])\n",
    ),
    "everything in full": (
        FULL,
        IMPORTS + USES,
        "import keras\n" + USES.replace("layers", "keras.layers"),
    ),
    "a short root": (
        SHORT,
        IMPORTS + USES,
        "import keras as K\nd = K.layers.Dense(1, activation=K.activations.relu)\ni = K.Input((K.x.y.z,))\n",
    ),
    "tf.keras": (
        TF_FULL,
        IMPORTS + USES,
        (
            "import tensorflow as tf\nd = tf.keras.layers.Dense(1, activation=tf.keras.activations.relu)\n"
            "i = tf.keras.Input((tf.keras.x.y.z,))\n"
        ),
    ),
    "keras from tensorflow": (
        FROM_TF,
        f"import tensorflow as tf\ntf.random.set_seed(0)\n{USES.replace('layers', 'tf.keras.layers')}",
        (
            "import tensorflow as tf\nfrom tensorflow import keras\ntf.random.set_seed(0)\n"
            "d = keras.layers.Dense(1, activation=keras.activations.relu)\ni = keras.Input((keras.x.y.z,))\n"
        ),
    ),
    "by name": (
        NAMES,
        IMPORTS + USES,
        (
            "from keras.activations import relu\nfrom keras.layers import Dense\nfrom keras.layers import Input\n"
            "from keras.x import y\nd = Dense(1, activation=relu)\ni = Input((y.z,))\n"
        ),
    ),
    "by name from tf.keras, beside what `*` brings": (
        TF_NAMES,
        "from tensorflow.keras.layers import *\nd = Dense(1)\n",
        "from tensorflow.keras.layers import *\nfrom tensorflow.keras.layers import Dense\nd = Dense(1)\n",
    ),
    "by module": (
        MODULES,
        "import keras; a = 1\nd = keras.layers.Dense(keras.Input)\n",
        "pass; from keras import Input; from keras import layers; a = 1\nd = layers.Dense(Input)\n",
    ),
}


def sources(told: Notebook | str) -> list[str]:
    assert not isinstance(told, str), told
    return [cell.source for cell in told]


@pytest.mark.parametrize("name", WRITTEN)
def test_it_is_written_in_another_way(name: str) -> None:
    rewrite, before, after = WRITTEN[name]
    program = reading.read(one_cell(before))
    assert sources(rewrite(program, NOTHING)) == [after]


CELLS = (Cell(CODE, "# one\na = 1\n\n# two\nb = 2; c = 3\n@d\ndef f():\n    pass"), Cell(CODE, "%%time\na\nb"))


def test_cells_are_split_between_statements_and_joined_again() -> None:
    program = reading.read(CELLS)
    pieces = ["# one\na = 1", "# two\nb = 2; c = 3", "@d\ndef f():\n    pass"]
    assert sources(arranging.split(program, NOTHING)) == [*pieces, "%%time\na\nb"]
    halves = ["\n\n".join(pieces[:2]), pieces[2], "%%time\na\nb"]
    assert sources(arranging.split_in_two(program, NOTHING)) == halves
    assert sources(arranging.split_with_text(program, NOTHING))[:3] == [pieces[0], "Next:", pieces[1]]
    apart = reading.read(tuple(Cell(CODE, piece) for piece in pieces))
    assert sources(arranging.joined(apart, NOTHING)) == ["\n\n".join(pieces)]
    assert arranging.joined(program, NOTHING) == "a cell with a magic of its own cannot be joined with others"


JOINED = {
    "a value is shown": (["h.history", "a"], arranging.SHOWN),
    "what a call returns may be shown": (["DataFrame(h.history)", "a"], arranging.SHOWN),
    "an import comes first": (["import os", "from __future__ import annotations"], arranging.FUTURE),
}
SHOWS_NOTHING = ["print(h.history)", "m.summary()", "m.fit(x)", "seed(1)", '"text"', "a = 1", "h.history"]


@pytest.mark.parametrize("name", JOINED)
def test_cells_are_not_joined_where_that_would_change_what_they_do(name: str) -> None:
    cells, why = JOINED[name]
    assert arranging.joined(reading.read(tuple(Cell(CODE, each) for each in cells)), NOTHING) == why


def test_cells_that_end_in_what_shows_nothing_are_joined() -> None:
    cells = tuple(Cell(CODE, each) for each in SHOWS_NOTHING)
    assert sources(arranging.joined(reading.read(cells), NOTHING)) == ["\n\n".join(SHOWS_NOTHING)]


def test_a_name_that_means_the_same_already_is_not_in_the_way() -> None:
    source = "import tensorflow as tf, numpy as np\nfrom tensorflow import keras\nkeras.layers.Dense(tf.a)\n"
    after = "import tensorflow as tf, numpy as np\nimport tensorflow as tf\ntf.keras.layers.Dense(tf.a)\n"
    assert sources(TF_FULL(reading.read(one_cell(source)), NOTHING)) == [after]


def test_an_import_beside_others_stays_with_them() -> None:
    source = "import keras, numpy as np\nkeras.layers.Dense(np.a)\n"
    after = "import keras, numpy as np; from keras.layers import Dense\nDense(np.a)\n"
    assert sources(NAMES(reading.read(one_cell(source)), NOTHING)) == [after.replace("; ", "\n")]


IMPOSSIBLE: dict[str, tuple[Rewrite, str, str]] = {
    "nothing is trained": (renaming.model, "m = 1", renaming.NOTHING),
    "a name that a magic holds": (renaming.everything, "m = 1\n%time m.fit(x)", renaming.NOTHING),
    "no comments": (arranging.comments_removed, "a = '#'", arranging.NO_COMMENT),
    "one statement": (arranging.split, "a = 1\n", arranging.ONE_STATEMENT),
    "one cell": (arranging.joined, "a = 1\n", arranging.ONE_CELL),
    "each needs the one before": (arranging.all_pairs, "a = 1\nb = a\nc = b\n", arranging.NO_PAIR),
    "layers draw seeds when they are made": (
        arranging.all_pairs,
        "import keras\na = keras.layers.Dense(1)\nb = keras.layers.Dense(2)\n",
        arranging.NO_PAIR,
    ),
    "random numbers": (
        arranging.all_pairs,
        "import numpy as np\na = np.random.rand(3)\nb = np.random.rand(3)\n",
        arranging.NO_PAIR,
    ),
    "layers are added in a loop": (
        modelling.as_list,
        f"{IMPORTS}m = keras.Sequential()\nfor n in (1, 2):\n    m.add(layers.Dense(n))\n",
        modelling.NO_ADDS,
    ),
    "layers are added later, too": (
        modelling.as_list,
        f"{IMPORTS}{MODEL}print(m)\nm.add(layers.Dense(3))\n",
        modelling.NO_ADDS,
    ),
    "a list that is made elsewhere": (
        modelling.as_adds,
        f"{IMPORTS}m = keras.Sequential(all)\n",
        modelling.NO_LIST,
    ),
    "a name in the way": (NAMES, f"{IMPORTS}{USES}Dense = 1\n", "the name 'Dense' is taken"),
    "no Keras": (FULL, "import numpy as np\n", "it imports nothing of Keras at the notebook's own level"),
    "the same already": (FULL, "import keras\nkeras.layers.Dense(1)\n", "it is written like that already"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_is_impossible_is_said(name: str) -> None:
    rewrite, source, why = IMPOSSIBLE[name]
    assert rewrite(reading.read(one_cell(source)), NOTHING) == why


def test_what_the_assignment_asks_for_stays_where_it_is() -> None:
    source = "import numpy as np\nimport keras\nepochs = 2\nnp.random.seed(0)\na = 1\nb = 3\n"
    program = reading.read(one_cell(source))
    found = asked(PART, program)
    assert sources(arranging.all_pairs(program, NOTHING))[0].startswith("import keras\nimport numpy as np\n")
    assert found == Asked(frozenset({(1, 1), (1, 3), (1, 4)}))
    assert sources(arranging.all_pairs(program, found)) == [
        "import numpy as np\nimport keras\nepochs = 2\nnp.random.seed(0)\nb = 3\na = 1\n"
    ]


@pytest.mark.parametrize("cells", [one_cell(ADDS), LIST, one_cell(TENSORS)], ids=["adds", "list", "tensors"])
def test_variants_are_python_and_differ_from_the_reference(cells: Notebook) -> None:
    made, without = variants(cells, PART)
    told = [*(one.id for one in made), *(one.id for one in without)]
    assert sorted(told) == sorted(dress.id for dress in DRESSES)
    for one in made:
        assert one.notebook != cells, one.id
        program = reading.read(one.notebook)
        assert len(program.first) >= len(reading.read(cells).first), one.id
        ast.parse(program.content if not program.frozen else b"")


def test_the_shipped_reference_has_over_30_variants_that_meet_all_patterns() -> None:
    part = rubric.load(ROOT / "rubric.yaml").parts[0]
    cells = notebook.read(part.reference)
    made, without = variants(cells, part)
    assert [(one.id, one.why) for one in without] == [
        ("joined", arranging.ONE_CELL),
        ("adds", modelling.NO_LIST),
        ("input-layer", modelling.NO_SHAPE),
    ]
    assert len(made) == len(DRESSES) - 3 == 36
    assert len({one.notebook for one in made}) == len(made)
    assert {one.id: claims.unmatched(part, one.notebook) for one in made} == {one.id: frozenset() for one in made}


def test_a_variant_of_a_variant_can_be_what_the_reference_was() -> None:
    listed = cosmetic._worn(
        one_cell(IMPORTS + MODEL), PART, replace(DRESSES[0], rewrites=(modelling.as_list, modelling.as_adds))
    )
    assert sources(listed) == [IMPORTS + MODEL.replace("  # rows", "")]
