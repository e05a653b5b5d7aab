"""Seeds, threads and device of TensorFlow and Keras, set right after they are imported."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from . import data
from .events import Events
from .job import Job
from .probe import Probe
from .seeds import Mixer


def after_tensorflow(job: Job, events: Events, mixer: Mixer) -> Any:
    def action(tensorflow: Any) -> None:
        threading = tensorflow.config.threading
        threading.set_intra_op_parallelism_threads(job.threads)
        threading.set_inter_op_parallelism_threads(job.threads)
        tensorflow.random.set_seed(job.seed)
        if job.device == "gpu":
            _use_gpus(tensorflow, job, events)
        mixer.install(tensorflow.random, "set_seed")

    return action


def _use_gpus(tensorflow: Any, job: Job, events: Events) -> None:
    gpus = tensorflow.config.list_physical_devices("GPU")
    for gpu in gpus:
        tensorflow.config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - TensorFlow's signature
    if job.deterministic:
        tensorflow.config.experimental.enable_op_determinism()
    names = [tensorflow.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]
    events.emit("gpu", name=", ".join(names))


def after_keras(job: Job, events: Events, mixer: Mixer, probe: Probe) -> Any:
    def action(keras: ModuleType) -> None:
        from keras.src.backend.common import global_state
        from keras.src.models.model import Model
        from keras.src.trainers.trainer import Trainer
        from keras.src.utils import rng_utils

        # `set_random_seed` would also reset Python's and NumPy's generators, from which the notebook
        # may have drawn before it imported Keras.
        global_state.set_global_attribute(rng_utils.GLOBAL_RANDOM_SEED, job.seed)
        mixer.install(keras.utils, "set_random_seed")  # type: ignore[attr-defined]
        data.install_keras(job.data)
        probe.install(Model, Trainer)
        if keras.backend.backend() == "jax":  # type: ignore[attr-defined]
            events.emit("gpu", name=_jax_device())

    return action


def _jax_device() -> str:
    import jax  # type: ignore[import-not-found,unused-ignore]  # only where KERAS_BACKEND=jax

    device = jax.devices()[0]
    return str(device.device_kind) if device.platform == "gpu" else ""
