"""One program, the assignment's, in the ways that students write it.

Dress is everything that may differ without changing a digit of the training: names, imports, the way arrays are
prepared and layers are added, positional and named arguments, the loss by its name, plots. What a student's number
chooses is fixed, so every run and every machine measures the same class.

Not dress: `* (1 / 255)` rounds otherwise than `/ 255`; `metrics=["acc"]` names the history's keys otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from string import Template


@dataclass(frozen=True, slots=True)
class Training:
    """What a notebook trains; the defaults are the assignment's."""

    optimizer: str = "Adadelta"
    rate: float = 1.0
    batch: int = 128
    dropout: float = 0.25
    activation: str = "relu"
    scale: int = 255
    deeper: bool = False


NAMES = (
    (
        "batch=batch_size classes=num_classes epochs=epochs x=x_train y=y_train vx=x_test vy=y_test model=model "
        "history=history key=key value=value"
    ),
    "batch=minibatch classes=n_labels epochs=n_epochs x=X y=Y vx=X_val vy=Y_val model=net history=h key=k value=v",
    (
        "batch=bs classes=classes epochs=nb_epoch x=train_images y=train_labels vx=test_images vy=test_labels "
        "model=cnn history=training key=name value=figures"
    ),
)
IMPORTS = (  # each with what stands before a layer's name, and before Keras' modules
    ("import keras\nfrom keras import layers", "layers.", "keras."),
    ("import keras\nfrom keras.layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D", "", "keras."),
    ("import tensorflow as tf", "tf.keras.layers.", "tf.keras."),
    ("from tensorflow import keras\nfrom tensorflow.keras import layers as L", "L.", "keras."),
    ("from keras.layers import *\nimport keras", "", "keras."),
)
SETTINGS = "$batch = $batch_size\n$classes = 10\n$epochs = $trained\nnp.random.seed(0)\nimg_rows, img_cols = 28, 28"
LOAD = "($x, $y), ($vx, $vy) = ${keras}datasets.mnist.load_data()"
PREPARE = (
    (
        '$x = $x.reshape($x.shape[0], img_rows, img_cols, 1).astype("float32") / $scale\n'
        '$vx = $vx.reshape($vx.shape[0], img_rows, img_cols, 1).astype("float32") / $scale'
    ),
    (
        "$x = $x.reshape(-1, img_rows, img_cols, 1)\n$vx = $vx.reshape(-1, img_rows, img_cols, 1)\n"
        "$x = $x.astype('float32')\n$vx = $vx.astype('float32')\n$x /= $scale\n$vx /= $scale"
    ),
    (
        "def prepare(images):\n    return images[..., np.newaxis].astype(np.float32) / $scale\n\n"
        "$x, $vx = prepare($x), prepare($vx)"
    ),
    (
        '$x = np.expand_dims($x, -1).astype("float32") / $scale.0\n'
        '$vx = np.expand_dims($vx, -1).astype("float32") / $scale.0'
    ),
)
LABELS = (
    "$y = ${keras}utils.to_categorical($y, $classes)\n$vy = ${keras}utils.to_categorical($vy, $classes)",
    "$y, $vy = (${keras}utils.to_categorical(labels, $classes) for labels in ($y, $vy))",
)
SHOWN = (
    'print("$x shape:", $x.shape)\nprint($x.shape[0], "train samples")\nprint($vx.shape[0], "test samples")',
    'print("$x shape:", $x.shape)',
    "print(f'{len($x)} train samples, {len($vx)} test samples')\nprint($y[:3])",
)
LAYERS = (  # two ways of writing the same arguments
    (
        'Conv2D(32, (3, 3), activation="relu")',
        'Conv2D(64, (3, 3), activation="relu")',
        "MaxPooling2D((2, 2))",
        "Dropout($dropout)",
        "Flatten()",
        'Dense(128, activation="$activation")',
        "Dropout(0.5)",
        'Dense($classes, activation="softmax")',
    ),
    (
        "Conv2D(filters=32, kernel_size=3, activation='relu')",
        "Conv2D(64, kernel_size=(3, 3), activation='relu', padding='valid')",
        "MaxPooling2D()",
        "Dropout(rate=$dropout)",
        "Flatten()",
        "Dense(128, '$activation')",
        "Dropout(rate=.5)",
        "Dense(units=$classes, activation='softmax')",
    ),
)
DEEPER = 'Dense(64, activation="relu")'
LOSSES = (
    "${keras}losses.categorical_crossentropy",
    "${keras}losses.categorical_crossentropy",
    "'categorical_crossentropy'",
)
COMPILE = (
    (
        "$model.compile(loss=$loss,\n              optimizer=${keras}optimizers.$optimizer(learning_rate=$rate),\n"
        "              metrics=['accuracy'])"
    ),
    (
        "optimizer = ${keras}optimizers.$optimizer($rate)\n"
        '$model.compile(optimizer=optimizer, loss=$loss, metrics=["accuracy"])'
    ),
)
FIT = (
    (
        "$history = $model.fit(\n    $x,\n    $y,\n    batch_size=$batch,\n    epochs=$epochs,\n    verbose=1,\n"
        "    validation_data=($vx, $vy),\n)"
    ),
    "$history = $model.fit($x, $y, $batch, $epochs, validation_data=($vx, $vy))",
    "$history = $model.fit(x=$x, y=$y, epochs=$epochs, batch_size=$batch, verbose=2, validation_data=($vx, $vy))",
    "$history = $model.fit($x, $y, validation_data=($vx, $vy), epochs=$epochs, batch_size=$batch, shuffle=True)",
)
PRINT = "print([($key, round($value[0], 4)) for $key, $value in $history.history.items()])"
PICTURE = (
    "import matplotlib.pyplot as plt\nplt.imshow($x[0].reshape(28, 28), cmap='gray')\nplt.show()",
    "import matplotlib.pyplot as plt\nplt.plot($history.history['loss'], 'o-')\nplt.title('loss')\nplt.show()",
)
COMMENTS = (
    ("settings", "data", "one-hot labels", "the network", "training", "first epoch"),
    ("Einstellungen", "Daten", "Ziffern als Vektoren", "das Netz", "Lernen", "erste Epoche"),
    ("réglages", "données", "étiquettes", "le réseau", "apprentissage", "première époque"),
)


def steps(number: int, trained: Training, epochs: int) -> Iterator[str]:
    """Imports, settings, images, labels, network, training, figures, and now and then a plot."""
    imports, layers, keras = IMPORTS[number % len(IMPORTS)]
    words = _words(number, trained, epochs) | {"keras": keras}
    words["loss"] = Template(LOSSES[number // 2 % len(LOSSES)]).substitute(words)
    written = [
        SETTINGS,
        f"{LOAD}\n{PREPARE[number % len(PREPARE)]}",
        f"{LABELS[number // 3 % len(LABELS)]}\n{SHOWN[number // 2 % len(SHOWN)]}",
        f"{_network(number, layers, deeper=trained.deeper)}\n\n{COMPILE[number // 2 % len(COMPILE)]}",
        FIT[number // 5 % len(FIT)],
        PRINT,
    ]
    if number % 8 == 5:  # noqa: PLR2004 - about one student in eight draws something
        written.append(PICTURE[number // 8 % len(PICTURE)])
    yield f"import numpy as np\n{imports}"
    yield from (Template(text).substitute(words) for text in written)


def _words(number: int, trained: Training, epochs: int) -> dict[str, str]:
    """What stands for each `$name` of the texts."""
    names = dict(pair.split("=") for pair in NAMES[number // 2 % len(NAMES)].split())
    settings = asdict(trained) | {"batch_size": trained.batch, "trained": epochs}
    return {name: str(value) for name, value in settings.items()} | names


def _network(number: int, prefix: str, *, deeper: bool) -> str:
    """Layers are made in the same order in all forms: each draws its seed when it is made."""
    wanted = list(LAYERS[number // 4 % len(LAYERS)])
    if deeper:
        wanted.insert(-2, DEEPER)
    listed = [f"{prefix}{layer}" for layer in ["Input(shape=(img_rows, img_cols, 1))", *wanted]]
    match number // 2 % 3:
        case 0:
            built = ["$model = ${keras}Sequential()", *(f"$model.add({layer})" for layer in listed)]
        case 1:
            built = ["$model = ${keras}models.Sequential([", *(f"    {layer}," for layer in listed), "])"]
        case _:
            body = [f"    {layer}," for layer in listed]
            built = ["$model = ${keras}Sequential()", "for layer in [", *body, "]:", "    $model.add(layer)"]
    return "\n".join([*built, "print($model.summary())"])
