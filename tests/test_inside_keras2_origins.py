"""Which Keras a notebook's cells import, and cells that import what is left of an old one."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader.inside.keras2.adapted import Adapted
from grader.inside.keras2.origins import Origins


def seen(*cells: str) -> tuple[Origins, list[str], list[str]]:
    adapted = Adapted(None)
    origins = Origins(adapted)
    after = [ast.unparse(ast.fix_missing_locations(origins.visit(ast.parse(cell)))) for cell in cells]
    return origins, after, list(adapted.told)


def test_an_expression_as_deep_as_python_takes_is_no_trouble() -> None:
    deep = "import keras\nx = " + " + ".join(["1"] * 800)
    origins = Origins(Adapted(None))
    compile(origins.visit(ast.parse(deep)), "cell", "exec")  # type: ignore[call-overload]  # the same module's tree
    assert origins.standalone


@pytest.mark.filterwarnings("ignore")
def test_every_cell_that_ipython_runs_is_seen_and_runs_as_it_would(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path))
        shell: Any = InteractiveShell()  # type: ignore[no-untyped-call]  # IPython is typed in part
    shell.history_manager.enabled = False
    origins = Origins(Adapted(None))
    origins.follow(shell)
    ran = [shell.run_cell(cell).success for cell in ("x = 1 + 1", "%%time\nimport keras as k\n1 / 0", "x = = 1")]
    shell.restore_sys_module_state()
    assert (ran, shell.user_ns["x"], origins.standalone) == ([True, False, False], 2, True)


@pytest.mark.parametrize(
    ("cells", "standalone"),
    [
        (["import keras"], True),
        (["import keras.backend as K"], True),
        (["from keras.models import Sequential"], True),
        (["def f():\n    import keras"], True),
        (["import tensorflow as tf", "tf.keras.Sequential()"], False),
        (["from tensorflow import keras"], False),
        (["import tensorflow.keras as keras"], False),
        (["from tensorflow.keras.models import Sequential"], False),
        (["from tensorflow.python.keras.models import Sequential"], False),
        (["import keras", "import tensorflow as tf; tf.keras.datasets"], True),
        (["import keras", "from tensorflow.keras.models import Sequential"], False),
        (["from keras.models import Sequential", "from tensorflow.keras.layers import Dense"], True),
        (["from keras.optimizers import SGD", "from tensorflow.keras import models"], False),
        (["import numpy, tensorflow"], False),
        (["import kerastuner"], False),
        ([], False),
    ],
)
def test_the_models_package_decides(cells: list[str], standalone: bool) -> None:  # noqa: FBT001
    assert seen(*cells)[0].standalone is standalone


@pytest.mark.parametrize(
    ("cell", "runs"),
    [
        ("from tensorflow.python.keras.layers import Dense", "from tensorflow.keras.layers import Dense"),
        ("from tensorflow.python.keras import layers, models", "from tensorflow.keras import layers, models"),
        ("from tensorflow.python import keras", "from tensorflow import keras"),
        ("import tensorflow.python.keras.backend as K", "import tensorflow.keras.backend as K"),
    ],
)
def test_tensorflows_own_old_keras_is_passed_by(cell: str, runs: str) -> None:
    assert seen(cell)[1:] == ([runs], ["tensorflow.python.keras is now tensorflow.keras"])


@pytest.mark.parametrize(
    "cell",
    [
        "import keras",
        "from . import keras",
        "from tensorflow.python.framework import ops",
        "x.keras.y = 1",
        "import tensorflow.python.keras.layers",
    ],
)
def test_other_code_is_left_as_it_is(cell: str) -> None:
    assert seen(cell)[1:] == ([cell], [])
