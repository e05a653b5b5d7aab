"""Where modules and names of Keras 1 and 2 are today. Data alone; `resolving` reads it.

Places are relative to either package, `keras` or `tensorflow.keras`; "" is the package itself. What a module
of today's `keras` lacks is looked for in Keras' own legacy names, `keras._tf_keras.keras`, too: there are
`losses.mse`, most of `backend`, `ImageDataGenerator` and `Tokenizer`.
"""

from __future__ import annotations

from collections.abc import Mapping

PACKAGES = ("keras", "tensorflow.keras")
LEGACY = "keras._tf_keras.keras"

_LAYERS = (
    *("core", "convolutional", "convolutional_recurrent", "pooling", "normalization", "embeddings", "recurrent"),
    *(
        "merge",
        "merging",
        "advanced_activations",
        "noise",
        "wrappers",
        "local",
        "cudnn_recurrent",
        "rnn",
        "reshaping",
    ),
    *("regularization", "activation", "attention", "experimental", "experimental.preprocessing"),
    *("normalization.batch_normalization", "core.dense", "core.dropout", "core.flatten", "core.activation"),
)
_UTILS = (
    *("np_utils", "vis_utils", "visualize_util", "generic_utils", "data_utils", "layer_utils", "io_utils"),
    *("conv_utils", "training_utils", "all_utils", "losses_utils"),
)
_ENGINE = (
    *("topology", "training", "base_layer", "network", "input_layer", "input_spec", "sequential", "functional"),
    *("saving", "training_generator", "data_adapter", "node"),
)
_OPTIMIZERS = ("adadelta", "adagrad", "adam", "adamax", "nadam", "rmsprop", "gradient_descent", "ftrl")

MODULES: Mapping[str, tuple[str, ...]] = {
    **{f"layers.{name}": ("layers",) for name in _LAYERS},
    **{f"utils.{name}": ("utils",) for name in _UTILS},
    "engine": ("layers", "models", ""),
    **{f"engine.{name}": ("layers", "models", "") for name in _ENGINE},
    **{f"optimizers.{name}_v{version}": ("optimizers",) for name in _OPTIMIZERS for version in (1, 2)},
    "optimizer_v2": ("optimizers",),
    **{f"optimizer_v2.{name}": ("optimizers",) for name in _OPTIMIZERS},
    "objectives": ("losses",),
    "initializations": ("initializers",),
    "initializers.initializers_v2": ("initializers",),
    "callbacks.callbacks": ("callbacks",),
    "models.models": ("models",),
    "backend.tensorflow_backend": ("backend",),
    "backend.common": ("backend",),
    "preprocessing.text": ("preprocessing.text",),
    "preprocessing.image.image": ("preprocessing.image",),
}

# In a module of today, by its place: a name that it had, and the one that it has.
NAMES: Mapping[str, Mapping[str, str]] = {
    "layers": {
        "Deconvolution2D": "Conv2DTranspose",
        "Deconvolution3D": "Conv3DTranspose",
        "AtrousConvolution1D": "Conv1D",
        "AtrousConvolution2D": "Conv2D",
        "AtrousConv1D": "Conv1D",
        "AtrousConv2D": "Conv2D",
        "CuDNNLSTM": "LSTM",
        "CuDNNGRU": "GRU",
        "Recurrent": "RNN",
        "BatchNormalizationV1": "BatchNormalization",
        "BatchNormalizationV2": "BatchNormalization",
    },
    "utils": {"plot": "plot_model"},
    "regularizers": {
        "l1l2": "l1_l2",
        "WeightRegularizer": "l1_l2",
        "ActivityRegularizer": "l1_l2",
        "activity_l1": "l1",
        "activity_l2": "l2",
        "activity_l1l2": "l1_l2",
    },
    "constraints": {"maxnorm": "max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"},
    "initializers": {
        "normal": "random_normal",
        "uniform": "random_uniform",
        "gaussian": "random_normal",
        "zero": "zeros",
        "one": "ones",
    },
    "losses": {"cosine_proximity": "cosine_similarity", "cosine": "cosine_similarity"},
    "models": {"Functional": "Model"},
}

# What has no form today that would do the same, and what to use.
GONE: Mapping[str, str] = {
    "wrappers.scikit_learn": "train the Keras model itself, without KerasClassifier and KerasRegressor",
    "layers.LocallyConnected1D": "use a layer that today's Keras has, such as Conv1D",
    "layers.LocallyConnected2D": "use a layer that today's Keras has, such as Conv2D",
    "layers.Merge": "call keras.layers.concatenate, add or multiply on the outputs of the layers",
    "layers.MaxoutDense": "use a layer that today's Keras has, such as Dense",
    "layers.Highway": "use a layer that today's Keras has, such as Dense",
    "layers.containers": "use keras.Sequential",
    "models.Graph": "use keras.Model with inputs and outputs",
    "models.model_from_yaml": "use model_from_json",
    "utils.multi_gpu_model": "one device is enough here: train the model itself",
    "utils.HDF5Matrix": "read the file with h5py into a NumPy array",
    "applications.music_tagger_crnn": "use another network of keras.applications",
}
