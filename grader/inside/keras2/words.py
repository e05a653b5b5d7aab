"""Arguments of Keras 1 and 2 by class, and what they are called today. Data, and the translation by it.

An old word is translated only where it stands; a call that has none is passed on as it is. No old word is a
parameter of today's class, which a test holds against the installed Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Words = Mapping[str, str]  # old -> new; to "" where nothing today depends on it
DROPPED = ""

_WEIGHTS: Words = {
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
}
_ORDER: Words = {"dim_ordering": "data_format"}
_WINDOW: Words = {"border_mode": "padding", **_ORDER}
_CONV: Words = {
    **_WEIGHTS,
    **_WINDOW,
    "nb_filter": "filters",
    "subsample": "strides",
    "atrous_rate": "dilation_rate",
}
_CONV1D: Words = {**_CONV, "filter_length": "kernel_size", "subsample_length": "strides"}
_RECURRENT: Words = {
    **_WEIGHTS,
    "output_dim": "units",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "U_constraint": "recurrent_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "forget_bias_init": DROPPED,
    "consume_less": DROPPED,
}
_RATE: Words = {"p": "rate"}
_POOL1D: Words = {"pool_length": "pool_size", "stride": "strides", "border_mode": "padding"}

LAYERS: Mapping[str, Words] = {
    "Dense": {**_WEIGHTS, "output_dim": "units"},
    "Conv1D": _CONV1D,
    "Conv2D": _CONV,
    "Conv3D": _CONV,
    "Conv2DTranspose": {**_CONV, "output_shape": DROPPED},
    "Conv3DTranspose": {**_CONV, "output_shape": DROPPED},
    "SeparableConv2D": {
        **{old: new for old, new in _CONV.items() if not new.startswith("kernel_")},
        "depthwise_init": "depthwise_initializer",
        "pointwise_init": "pointwise_initializer",
    },
    "MaxPooling1D": _POOL1D,
    "AveragePooling1D": _POOL1D,
    **{f"{kind}Pooling{size}D": _WINDOW for kind in ("Max", "Average") for size in (2, 3)},
    **{f"Global{kind}Pooling{size}D": _ORDER for kind in ("Max", "Average") for size in (2, 3)},
    **{f"{kind}{size}D": _ORDER for kind in ("UpSampling", "ZeroPadding", "Cropping") for size in (2, 3)},
    "UpSampling1D": {"length": "size"},
    "Dropout": _RATE,
    "GaussianDropout": _RATE,
    "SpatialDropout1D": _RATE,
    **{f"SpatialDropout{size}D": {**_RATE, **_ORDER} for size in (2, 3)},
    "GaussianNoise": {"sigma": "stddev"},
    "LSTM": _RECURRENT,
    "GRU": _RECURRENT,
    "SimpleRNN": {old: new for old, new in _RECURRENT.items() if old != "inner_activation"},
    "BatchNormalization": {
        "beta_init": "beta_initializer",
        "gamma_init": "gamma_initializer",
        "mode": DROPPED,
    },
    "Embedding": {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "Reshape": {"dims": "target_shape"},
    "PReLU": {"init": "alpha_initializer"},
    "Layer": {"input_dtype": DROPPED},
}
CONVOLUTIONS = {"Conv1D": 1, "Conv2D": 2, "Conv3D": 3, "Conv2DTranspose": 2, "SeparableConv2D": 2}
_SIZES = {2: ("nb_row", "nb_col"), 3: ("kernel_dim1", "kernel_dim2", "kernel_dim3")}
CONSTRAINTS: Mapping[str, Words] = {"MaxNorm": {"m": "max_value"}}
CALLBACKS: Mapping[str, Words] = {
    "ModelCheckpoint": {"period": DROPPED},
    "ReduceLROnPlateau": {"epsilon": "min_delta"},
    "TensorBoard": {
        "write_grads": DROPPED,
        "batch_size": DROPPED,
        "embeddings_layer_names": DROPPED,
        "embeddings_data": DROPPED,
    },
}
REGULARIZERS: Mapping[str, Words] = {"L1": {"l": "l1"}, "L2": {"l": "l2"}}
VALUES: Mapping[str, Mapping[str, str | None]] = {
    "data_format": {"th": "channels_first", "tf": "channels_last", "default": None},
    "kernel_initializer": {"gaussian": "random_normal"},
}

_WORKERS: Words = dict.fromkeys(
    ("max_queue_size", "max_q_size", "nb_worker", "workers", "pickle_safe", "use_multiprocessing"), DROPPED
)
METHODS: Mapping[str, Words] = {
    "fit": {"nb_epoch": "epochs", "show_accuracy": DROPPED, **_WORKERS},
    "evaluate": {"show_accuracy": DROPPED, **_WORKERS},
    "predict": _WORKERS,
    "compile": {"class_mode": DROPPED, "sample_weight_mode": DROPPED},
    "fit_generator": {"nb_epoch": "epochs", **_WORKERS},
    "evaluate_generator": _WORKERS,
    "predict_generator": _WORKERS,
}

Tell = Callable[[str], object]


def translated(kind: str, words: Words, kwargs: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """`kwargs` under today's names. What a call says in today's words goes before what it says in old ones."""
    given = {name: value for name, value in kwargs.items() if name not in words}
    for old, value in kwargs.items():
        if old not in words:
            continue
        new = words[old]
        if new == DROPPED:
            tell(f"{kind}: {old}= is no more and changes nothing")
        else:
            given.setdefault(new, _value(new, value))
            tell(f"{kind}: {old}= is now {new}=")
    return given


def _value(name: str, value: Any) -> Any:
    known = VALUES.get(name, {})
    return known.get(value, value) if isinstance(value, str) else value


def kernel(
    kind: str, args: tuple[Any, ...], kwargs: dict[str, Any], tell: Tell, *, old: bool
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Rows and columns of a convolution, each for itself in Keras 1, as today's one `kernel_size`.

    `Conv2D(32, 3, 3)` means a stride of 3 today: they are rows and columns only where the call is an `old` one.
    """
    size = CONVOLUTIONS[kind]
    names = _SIZES.get(size, ())
    filters = args[:1] if args else ()
    if names and set(names) <= kwargs.keys():
        sides = tuple(kwargs[name] for name in names)
        kwargs = {name: value for name, value in kwargs.items() if name not in names} | {"kernel_size": sides}
        tell(f"{kind}: {'=, '.join(names)}= are now kernel_size=")
    elif size > 1 and old and len(args) == size + 1 and all(map(_is_whole, args)):
        args = (*filters, args[1:])
        tell(f"{kind}: the kernel's sides are now one argument, kernel_size=")
    return args, kwargs


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
