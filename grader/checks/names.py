"""Dotted names that mean the same, and what short names mean by convention."""

from __future__ import annotations

CONVENTIONAL = {
    "np": "numpy",
    "numpy": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "tf": "tensorflow",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "layers": "keras.layers",
    "models": "keras.models",
    "Sequential": "keras.Sequential",
    "Model": "keras.Model",
    "Input": "keras.Input",
    **{
        name: f"keras.layers.{name}"
        for name in (
            "Activation",
            "BatchNormalization",
            "Conv2D",
            "Dense",
            "Dropout",
            "Flatten",
            "GlobalAveragePooling2D",
            "MaxPooling2D",
            "Reshape",
        )
    },
}
"""What names mean that nothing in the notebook binds: they came by `import *`, or stand in a rubric's pattern."""

SAME_MODULE = {
    "tensorflow.compat.v1": "tensorflow",
    "tensorflow.compat.v2": "tensorflow",
    "tensorflow.keras": "keras",
    "tensorflow.python.keras": "keras",
    "tf_keras": "keras",
    "keras.api": "keras",
    "keras.models.Sequential": "keras.Sequential",
    "keras.models.Model": "keras.Model",
    "keras.layers.Input": "keras.Input",
    "keras.layers.Convolution2D": "keras.layers.Conv2D",
    "keras.layers.MaxPool2D": "keras.layers.MaxPooling2D",
    "keras.layers.GlobalAvgPool2D": "keras.layers.GlobalAveragePooling2D",
    "keras.utils.np_utils": "keras.utils",
    "keras.optimizers.legacy": "keras.optimizers",
    "matplotlib.pylab": "matplotlib.pyplot",
}


def canonical_name(dotted: str) -> str:
    """The one spelling of a dotted name that has several."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        same = SAME_MODULE.get(".".join(parts[:length]))
        if same is not None:
            return canonical_name(".".join((same, *parts[length:])))
    return dotted
