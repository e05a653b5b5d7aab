"""What a training depends on beside its model, data and arguments: settings, seeds and random states.

Whatever is read here goes into the description of a fit, and the process that trains it sets all of it
before it builds anything. `Python` stands for the module `random`, `NumPy` for its legacy global state,
`TensorFlow` for the generator that eager operations draw their seeds from.
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np

Facts = dict[str, Any]

# Read by the libraries while they run; a process that trains for others must have the same.
VARIABLES = ("TF_", "XLA_", "KERAS_", "OMP_", "MKL_", "KMP_", "ONEDNN_", "DNNL_", "CUDA_", "NVIDIA_")
HARMLESS = (
    *("KERAS_HOME", "TF_CPP_MIN_LOG_LEVEL", "TF_CPP_MAX_VLOG_LEVEL", "CUDA_VISIBLE_DEVICES"),
    *("KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"),  # set by scikit-learn, which Keras imports where it is there
)


class UnusualError(Exception):
    """What surrounds a fit cannot be told to another process; the message says why."""


def settings() -> Facts:
    import keras
    import tensorflow as tf

    config = keras.config
    return {
        "versions": [keras.__version__, tf.__version__, np.__version__],
        "floatx": config.floatx(),
        "epsilon": config.epsilon(),
        "image_data_format": config.image_data_format(),
        "dtype_policy": keras.saving.serialize_keras_object(config.dtype_policy()),
        "caps": [config.max_epochs(), config.max_steps_per_epoch()],
        "flash_attention": config.is_flash_attention_enabled(),
        "environment": environment(),
        **_tensorflow(tf),
    }


def _tensorflow(tf: Any) -> Facts:
    threading, optimizer, experimental = tf.config.threading, tf.config.optimizer, tf.config.experimental
    return {
        "threads": [
            threading.get_intra_op_parallelism_threads(),
            threading.get_inter_op_parallelism_threads(),
        ],
        "run_functions_eagerly": tf.config.functions_run_eagerly(),
        "deterministic": _determinism(),
        "jit": optimizer.get_jit(),
        "optimizer_options": optimizer.get_experimental_options(),
        "tensor_float_32": experimental.tensor_float_32_execution_enabled(),
        "soft_placement": tf.config.get_soft_device_placement(),
        "devices": [device.device_type for device in tf.config.get_visible_devices()],
    }


def _determinism() -> bool:
    from tensorflow.python.framework.config import is_op_determinism_enabled

    return bool(is_op_determinism_enabled())


def environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name.startswith(VARIABLES) and name not in HARMLESS
    }


def check() -> None:
    """Raise UnusualError for what is neither a plain setting nor as it is in a fresh process."""
    import keras
    import tensorflow as tf
    from keras.src.backend.common import global_state
    from keras.src.saving import object_registration
    from tensorflow.python.data.ops import debug_mode

    scopes = (
        "autocast_scope",
        "stateless_scope",
        "symbolic_scope",
        "remat_scope_stack",
        "custom_objects_scope_dict",
    )
    found = {
        "Keras' backend is not TensorFlow": keras.backend.backend() != "tensorflow",
        "eager execution is off": not tf.executing_eagerly(),
        "a distribution strategy is in use": tf.distribute.has_strategy(),
        "a Keras distribution is in use": keras.distribution.distribution() is not None,
        "a device was chosen": bool(_context().device_name),
        "TensorFlow has no seed": _context()._seed is None,  # noqa: SLF001 - it has no getter
        "the debug mode of tf.data is on": debug_mode.DEBUG_MODE,
        "custom objects are registered": bool(object_registration.GLOBAL_CUSTOM_OBJECTS),
        "a scope is open": any(global_state.get_global_attribute(name) for name in scopes),
        "NumPy's generator is not its usual one": np.random.get_state(legacy=False)["bit_generator"] != "MT19937",  # noqa: NPY002
    }
    for reason, true in found.items():
        if true:
            raise UnusualError(reason)


def apply(told: Facts) -> None:
    """Set what `settings` has told elsewhere; before the first operation. ValueError where that cannot be."""
    import keras
    import tensorflow as tf

    intra, inter = told["threads"]
    tf.config.threading.set_intra_op_parallelism_threads(intra)
    tf.config.threading.set_inter_op_parallelism_threads(inter)
    if told["deterministic"]:
        tf.config.experimental.enable_op_determinism()
    tf.config.run_functions_eagerly(told["run_functions_eagerly"])
    if told["jit"]:
        tf.config.optimizer.set_jit(told["jit"])
    if told["optimizer_options"]:
        tf.config.optimizer.set_experimental_options(told["optimizer_options"])
    tf.config.experimental.enable_tensor_float_32_execution(told["tensor_float_32"])
    tf.config.set_soft_device_placement(told["soft_placement"])
    config = keras.config
    config.set_floatx(told["floatx"])
    config.set_epsilon(told["epsilon"])
    config.set_image_data_format(told["image_data_format"])
    policy = keras.saving.deserialize_keras_object(told["dtype_policy"], safe_mode=True)
    if policy != config.dtype_policy():  # setting it draws a name for it, and freezes what floatx decides
        config.set_dtype_policy(policy)
    now = settings()
    other = sorted(name for name in told if told[name] != now.get(name))
    if other:
        raise ValueError(f"cannot be set as asked: {', '.join(other)}")


# --- seeds and random states -------------------------------------------------------------------------------


def randomness() -> tuple[Facts, dict[str, Any]]:
    """Seeds and states, and the global Keras generator's state as an array where there is one."""
    from keras.src.utils import rng_utils

    numpy = np.random.get_state(legacy=False)  # noqa: NPY002 - what notebooks draw from
    generator = _generator()
    facts = {
        "python": random.getstate(),
        "numpy": [*_words(numpy["state"]), int(numpy["has_gauss"]), float(numpy["gauss"])],
        "tensorflow": _context()._rng.getstate(),  # noqa: SLF001
        "tensorflow_seed": _whole(_context()._seed),  # noqa: SLF001
        "keras_seed": _whole(rng_utils.get_random_seed()),
        "keras": None if generator is None else {"seed": _whole(generator._initial_seed)},  # noqa: SLF001
    }
    return facts, {} if generator is None else {"generator": _array(generator.state)}


def restore(facts: Facts, arrays: dict[str, Any]) -> None:
    """Put everything where `randomness` has found it."""
    from keras.src.backend.common import global_state
    from keras.src.random import seed_generator
    from keras.src.utils import rng_utils

    context = _context()
    if context._seed != facts["tensorflow_seed"]:  # noqa: SLF001 - as it would forget the kernels' states
        import tensorflow as tf

        tf.random.set_seed(facts["tensorflow_seed"])
    global_state.set_global_attribute(rng_utils.GLOBAL_RANDOM_SEED, facts["keras_seed"])
    if facts["keras"] is None:
        global_state.set_global_attribute(seed_generator.GLOBAL_SEED_GENERATOR, None)
    else:
        generator = seed_generator.global_seed_generator()
        generator._initial_seed = facts["keras"]["seed"]  # noqa: SLF001
        generator.state.assign(arrays["generator"])
    random.setstate(_state(facts["python"]))
    keys, position, has_gauss, gauss = facts["numpy"]
    state = ("MT19937", np.array(keys, np.uint32), position, has_gauss, gauss)
    np.random.set_state(state)  # noqa: NPY002
    context._rng.setstate(_state(facts["tensorflow"]))  # noqa: SLF001


def _context() -> Any:
    from tensorflow.python.eager import context

    return context.context()


def _generator() -> Any:
    from keras.src.backend.common import global_state
    from keras.src.random import seed_generator

    return global_state.get_global_attribute(seed_generator.GLOBAL_SEED_GENERATOR)


def _array(variable: Any) -> Any:
    return np.asarray(variable.value.numpy())


def _words(state: Any) -> tuple[list[int], int]:
    return state["key"].tolist(), int(state["pos"])


def _whole(seed: Any) -> int | None:
    return None if seed is None else int(seed)


def _state(listed: Any) -> tuple[Any, ...]:
    version, words, gauss = listed
    return version, tuple(words), gauss
