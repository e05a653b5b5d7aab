"""What notebooks for Keras 1 and 2 ask TensorFlow 1 for: seeds, sessions that let a GPU grow, `tf.contrib`.

Programs that build their network as a TensorFlow 1 graph are another matter, and stay one: no session runs
here.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from . import tutorials
from .adapted import Adapted
from .resolving import CONTRIB, NO_CONTRIB

# In `tensorflow`: where the name is today.
MOVED = {
    "set_random_seed": "random.set_seed",
    "Session": "compat.v1.Session",
    "ConfigProto": "compat.v1.ConfigProto",
    "GPUOptions": "compat.v1.GPUOptions",
    "logging": "compat.v1.logging",
    "reset_default_graph": "compat.v1.reset_default_graph",
    "enable_eager_execution": "compat.v1.enable_eager_execution",
    "VERSION": "version.VERSION",
    "get_default_graph": "compat.v1.get_default_graph",
}
# In `tensorflow.train`: optimizers that tf.keras took.
OPTIMIZERS = {
    "AdamOptimizer": "Adam",
    "AdadeltaOptimizer": "Adadelta",
    "AdagradOptimizer": "Adagrad",
    "GradientDescentOptimizer": "SGD",
    "MomentumOptimizer": "SGD",
    "RMSPropOptimizer": "RMSprop",
}


def adorn(tensorflow: Any, adapted: Adapted) -> None:
    def of_tensorflow(name: str) -> Any:
        if name == "contrib":
            return importlib.import_module(CONTRIB)
        if name not in MOVED:
            raise AttributeError(f"module 'tensorflow' has no attribute '{name}'")
        adapted.tell(f"tf.{name} is now tf.{MOVED[name]}")
        return functools.reduce(getattr, MOVED[name].split("."), tensorflow)

    def of_train(name: str) -> Any:
        if name not in OPTIMIZERS:
            raise AttributeError(f"module 'tensorflow.train' has no attribute '{name}'")
        adapted.tell(f"tf.train.{name} is now tf.keras.optimizers.{OPTIMIZERS[name]}")
        return getattr(tensorflow.keras.optimizers, OPTIMIZERS[name])

    def of_random(name: str) -> Any:
        if name != "set_random_seed":
            raise AttributeError(f"module 'tensorflow.random' has no attribute '{name}'")
        adapted.tell("tf.random.set_random_seed is now tf.random.set_seed")
        return tensorflow.random.set_seed

    vars(tensorflow)["__getattr__"] = of_tensorflow
    vars(tensorflow.random)["__getattr__"] = of_random
    vars(tensorflow.train)["__getattr__"] = of_train


def modules(files: Mapping[str, str], adapted: Adapted) -> dict[str, Callable[[ModuleType], None]]:
    """What is left of `tf.contrib`: Keras, and MNIST as `learn` had it."""
    read = tutorials.reader(files, adapted)

    def contrib(module: ModuleType) -> None:
        def __getattr__(name: str) -> Any:  # noqa: N807 - PEP 562
            if name == "keras":
                return importlib.import_module(f"{CONTRIB}.keras")
            if name.startswith("__"):
                raise AttributeError(name)
            raise ModuleNotFoundError(NO_CONTRIB.format(f"{CONTRIB}.{name}"), name=f"{CONTRIB}.{name}")

        vars(module)["__getattr__"] = __getattr__
        adapted.tell("tensorflow.contrib is no more, but for its keras and its mnist")

    def mnist(module: ModuleType) -> None:
        vars(module).update({"read_data_sets": read, "load_mnist": read})

    place = f"{CONTRIB}.learn"
    whole = {
        CONTRIB: contrib,
        **dict.fromkeys((place, f"{place}.python", f"{place}.python.learn"), _empty),
        **dict.fromkeys((f"{place}.python.learn.datasets", f"{place}.datasets"), _empty),
        **dict.fromkeys((f"{place}.python.learn.datasets.mnist", f"{place}.datasets.mnist"), mnist),
    }
    return whole | tutorials.modules(files, adapted)


def _empty(_: ModuleType) -> None:
    """A package of what is in it alone."""
