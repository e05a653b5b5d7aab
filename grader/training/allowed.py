"""What a description of a training may name: built-in classes and functions of Keras, by this list alone.

The description is what a kernel says, so it may say anything; Keras' deserialiser would import modules, load files
and run code by what it is told. It is given a description only after every object in it, however deep, was found
here under its module and name. Left out on purpose: Lambda and what wraps other frameworks (code), lookups,
hashing and text (files and vocabularies), quantisation, and augmentations that draw from more than one seed state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.training.frame import MAX_DEPTH, MAX_DIMENSIONS, children

KEYS = frozenset({"model", "compile", "arguments", "surroundings", "state"})
MAX_QUOTED = 60  # characters of a name that a message repeats

CLASSES = {
    "keras": "Sequential DTypePolicy",
    "keras.dtype_policies": "DTypePolicyMap",
    "keras.layers": """
        InputLayer Dense EinsumDense Embedding Identity Masking Activation ELU LeakyReLU PReLU ReLU Softmax
        Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose DepthwiseConv1D DepthwiseConv2D
        SeparableConv1D SeparableConv2D
        AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D MaxPooling3D
        GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
        GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
        AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
        BatchNormalization GroupNormalization LayerNormalization RMSNormalization SpectralNormalization
        UnitNormalization Normalization
        ActivityRegularization AlphaDropout Dropout GaussianDropout GaussianNoise
        SpatialDropout1D SpatialDropout2D SpatialDropout3D
        Add Average Concatenate Dot Maximum Minimum Multiply Subtract
        Cropping1D Cropping2D Cropping3D Flatten Permute RepeatVector Reshape
        UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
        Attention AdditiveAttention MultiHeadAttention GroupQueryAttention
        RNN SimpleRNN SimpleRNNCell GRU GRUCell LSTM LSTMCell StackedRNNCells Bidirectional TimeDistributed
        ConvLSTM1D ConvLSTM2D ConvLSTM3D
        Rescaling Resizing CenterCrop CategoryEncoding Discretization
        RandomBrightness RandomContrast RandomCrop RandomFlip RandomRotation RandomTranslation RandomZoom
        """,
    "keras.optimizers": """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion LossScaleOptimizer Muon Nadam RMSprop
        ScheduleFreeAdamW SGD
        """,
    "keras.optimizers.schedules": """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay
        """,
    "keras.losses": """
        BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber KLDivergence
        LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
        SparseCategoricalCrossentropy SquaredHinge Tversky
        """,
    "keras.metrics": """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives FalsePositives
        Hinge IoU KLDivergence LogCoshError Mean MeanAbsoluteError MeanAbsolutePercentageError MeanIoU
        MeanMetricWrapper MeanSquaredError MeanSquaredLogarithmicError OneHotIoU OneHotMeanIoU PearsonCorrelation
        Poisson Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError
        SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge Sum TopKCategoricalAccuracy
        TrueNegatives TruePositives
        """,
    "keras.initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal
        RandomNormal RandomUniform TruncatedNormal VarianceScaling Zeros
        """,
    "keras.regularizers": "L1 L1L2 L2 OrthogonalRegularizer",
    "keras.constraints": "MaxNorm MinMaxNorm NonNeg UnitNorm",
}

# Classes without a public name: Keras repeats theirs as the registered one.
UNNAMED = {
    "keras.src.models.functional": "Functional",
    "keras.src.ops.nn": "Gelu Relu Sigmoid Silu Softmax",
    "keras.src.ops.numpy": """
        Absolute Add Clip Concatenate Divide Exp ExpandDims GetItem Log Matmul Max Maximum Mean Min Minimum Multiply
        Negative Power Reshape Sqrt Square Squeeze Stack Subtract Sum Tanh Transpose TrueDivide
        """,
}

FUNCTIONS = {
    "keras.activations": """
        celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid
        log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
        sparse_sigmoid sparsemax squareplus tanh tanh_shrink threshold
        """,
    "keras.losses": """
        categorical_generalized_cross_entropy circle cosine_similarity ctc dice huber log_cosh tversky
        """,
    "keras.metrics": """
        binary_accuracy binary_crossentropy binary_focal_crossentropy categorical_accuracy categorical_crossentropy
        categorical_focal_crossentropy categorical_hinge concordance_correlation hinge kl_divergence
        mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_logarithmic_error
        pearson_correlation poisson sparse_categorical_accuracy sparse_categorical_crossentropy
        sparse_top_k_categorical_accuracy squared_hinge top_k_categorical_accuracy
        """,
}
BUILTINS = "builtins"  # where Keras says that its functions are

ACTIVATIONS = ("activation", "recurrent_activation")

MODELS = (("keras", "Sequential"), ("keras.src.models.functional", "Functional"))


def _pairs(table: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((module, name) for module, names in table.items() for name in names.split())


_CLASSES = _pairs(CLASSES)
_UNNAMED = _pairs(UNNAMED)
_FUNCTIONS = _pairs(FUNCTIONS)
_BUILTINS = frozenset(name for _, name in _FUNCTIONS)


def fault(description: Any) -> str:
    """What of a request's "fit" may not be given to Keras; empty where all of it may."""
    if not isinstance(description, dict) or description.keys() != KEYS:
        return f"the description must have exactly the keys {', '.join(sorted(KEYS))}"
    if not all(isinstance(part, dict) for part in description.values()):
        return "each part of the description must be an object"
    model = description["model"]
    if (model.get("module"), model.get("class_name")) not in MODELS:
        return f"the model is {_named(model)}, expected a Sequential or a functional model"
    return _first_fault(description)


def _first_fault(description: Any) -> str:
    level = [description]
    for _ in range(MAX_DEPTH + 1):
        for value in level:
            if isinstance(value, dict) and (found := _code_fault(value) or _object_fault(value)):
                return found
        level = [inner for outer in level for inner in children(outer)]
        if not level:
            return ""
    return f"the description is nested more than {MAX_DEPTH} levels deep"


def _code_fault(value: Mapping[str, Any]) -> str:
    """Keras writes a lambda that is an activation as its byte code alone, without saying that it is one."""
    for name in ACTIVATIONS:
        inner = value.get(name)
        if isinstance(inner, dict) and "class_name" not in inner:
            return f"the {name} is code, which is not trained outside the kernel"
    return ""


def _object_fault(value: Mapping[str, Any]) -> str:
    if "class_name" not in value:
        return ""
    name = value["class_name"]
    if isinstance(name, str) and name in _SPECIAL:
        good = _SPECIAL[name](value)
    elif isinstance(value.get("config"), dict):
        good = _good_class(value)
    else:
        good = False
    return "" if good else f"{_named(value)} is not among the built-in objects that are trained outside the kernel"


def _good_class(value: Mapping[str, Any]) -> bool:
    module, name, registered = value.get("module"), value["class_name"], value.get("registered_name")
    if not isinstance(module, str) or not isinstance(name, str):
        return False
    if (module, name) in _CLASSES:
        return registered is None
    return (module, name) in _UNNAMED and registered in (None, name)


def _good_function(value: Mapping[str, Any]) -> bool:
    """Its name is what its config is, and what it was registered as is this, or the word "function"."""
    module, name = value.get("module"), value.get("config")
    if not isinstance(module, str) or not isinstance(name, str):
        return False
    known = name in _BUILTINS if module == BUILTINS else (module, name) in _FUNCTIONS
    return known and value.get("registered_name") in (None, name, "function")


def _good_tensor(value: Mapping[str, Any]) -> bool:
    """The symbol of a tensor between two layers: shape, type, and whose output it is; no figures."""
    match value.get("config"):
        case {"shape": list(shape), "dtype": str(), "keras_history": [str(), int(), int()], **other} if not other:
            return len(shape) <= MAX_DIMENSIONS and all(_good_bound(extent) for extent in shape)
    return False


def _good_slice(value: Mapping[str, Any]) -> bool:
    match value.get("config"):
        case {"start": start, "stop": stop, "step": step, **other} if not other:
            return all(_good_bound(bound) for bound in (start, stop, step))
    return False


def _good_bound(value: Any) -> bool:
    return value is None or (type(value) is int and abs(value) < 2**63)


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "function": _good_function,
    "__keras_tensor__": _good_tensor,
    "__slice__": _good_slice,
    "__ellipsis__": lambda value: value.get("config") == {},
}


def _named(value: Mapping[str, Any]) -> str:
    """How a message calls an object, whatever stands where its names should."""
    parts = [value.get("module"), value.get("class_name")]
    if parts[1] == "function":
        parts[1] = value.get("config")
    whole = ".".join(part for part in parts if isinstance(part, str))
    whole = whole if len(whole) <= MAX_QUOTED else whole[: MAX_QUOTED - 1] + "…"
    return f"'{whole}'" if whole and whole.isprintable() else "something without a name"
