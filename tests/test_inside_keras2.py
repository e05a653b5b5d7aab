"""Programs for Keras 1 and 2 on today's Keras; each in a forked child, as the adaptation cannot be taken back."""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import keras
import numpy as np
import pytest
import shared_fits
import tensorflow as tf
from forked import answer

from grader.checks.wording import MAX_TEXT
from grader.inside import imports, keras2, pristine
from grader.inside.events import Events
from grader.inside.keras2 import numpys
from grader.inside.keras2.adapted import Adapted
from grader.inside.probe import Probe

pytestmark = pytest.mark.slow

Facts = dict[str, Any]
X = np.random.default_rng(7).random((64, 8, 8, 1)).astype("float32")
Y = np.eye(3, dtype="float32")[np.arange(64) % 3]
DATA = {"mnist.npz": "/nowhere/mnist.npz"}


def adapt() -> keras2.Past:
    past = keras2.Past(DATA)
    imports.watch(past.actions())
    past.find()
    return past


def after(program: str, *asked: str, compat: bool = True, told: bool = False) -> Any:
    """The values of expressions after the program, as JSON; or what was told of it."""

    def act() -> Any:
        keras2_past = None
        if compat:
            from keras.src.models.model import Model
            from keras.src.trainers.trainer import Trainer

            Probe(Events("/dev/null"), None).install(Model, Trainer)
            keras2_past = adapt()
        known: Facts = {"np": np, "keras": keras, "tf": tf, "X": X, "Y": Y}
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: ast.AST = ast.parse(dedent(program))
            if keras2_past is not None:
                tree = keras2_past.origins.visit(tree)
            exec(compile(ast.unparse(tree), "cell", "exec"), known)  # noqa: S102 - the tests' own programs
            values = [eval(each, known) for each in asked]  # noqa: S307 - as above
        words = list(keras2_past.adapted.told) if keras2_past is not None else []
        assert all(len(each) <= MAX_TEXT for each in words), "a row's message would cut them"
        return words if told else values

    return answer(act)


def raised(program: str, *, compat: bool = True) -> str:
    trying = f"try:\n{indent(program, '    ')}\nexcept Exception as error:\n    caught = error"
    return str(after(trying, "f'{type(caught).__name__}: {caught}'", compat=compat)[0])


CNN = """
    from keras.models import Sequential
    from keras.layers.core import Dense, Dropout, Activation, Flatten
    from keras.layers.convolutional import Convolution2D, MaxPooling2D
    from keras.layers.normalization import BatchNormalization
    from keras.utils import np_utils
    from keras import backend as K
    K.set_image_dim_ordering('tf')
    model = Sequential()
    model.add(Convolution2D(4, 3, 3, border_mode='valid', input_shape=(8, 8, 1), init='uniform'))
    model.add(Activation('relu'))
    model.add(BatchNormalization(mode=0))
    model.add(MaxPooling2D(pool_size=(2, 2), border_mode='valid', dim_ordering='tf'))
    model.add(Dropout(p=0.25))
    model.add(Flatten())
    model.add(Dense(output_dim=3, activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer='adadelta', metrics=['accuracy'])
"""
TODAY = """
    from keras import layers
    model = keras.Sequential()
    model.add(layers.Conv2D(4, (3, 3), padding='valid', input_shape=(8, 8, 1), kernel_initializer='uniform'))
    model.add(layers.Activation('relu'))
    model.add(layers.BatchNormalization())
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Dropout(0.25))
    model.add(layers.Flatten())
    model.add(layers.Dense(3, activation='softmax'))
    model.compile(loss='categorical_crossentropy', optimizer=keras.optimizers.Adadelta(1.0), metrics=['accuracy'])
"""


def test_a_program_for_keras_1_builds_what_the_one_for_today_builds() -> None:
    told = "keras.saving.serialize_keras_object"
    asked = ("model.get_config()", f"{told}(model.optimizer)", "model.count_params()")
    old, now = after(CNN, *asked), after(TODAY, *asked)
    assert json.dumps(old) == json.dumps(now)


def test_all_that_was_adapted_is_told_once_in_order() -> None:
    assert after(CNN, told=True) == [
        "keras.layers.core is now keras.layers",
        "keras.layers.convolutional is now keras.layers",
        "keras.layers.normalization is now keras.layers",
        "keras.utils.np_utils is now keras.utils",
        "set_image_dim_ordering is now set_image_data_format",
        "Conv2D: the kernel's sides are now one argument, kernel_size=",
        "Conv2D: border_mode= is now padding=",
        "Conv2D: init= is now kernel_initializer=",
        "BatchNormalization: mode= is no more and changes nothing",
        "MaxPooling2D: border_mode= is now padding=",
        "MaxPooling2D: dim_ordering= is now data_format=",
        "Dropout: p= is now rate=",
        "Dense: output_dim= is now units=",
        "keras.optimizers.Adadelta without a rate has 1.0, as in Keras 1 and 2",
    ]


def test_a_program_for_today_is_left_alone() -> None:
    program = f"{dedent(TODAY)}\nhistory = model.fit(X, Y, epochs=2, verbose=0, validation_split=0.5)\n"
    asked = (
        "history.history",
        "model.get_config()",
        "model.layers[0].__class__.__name__",
        "float(model.predict(X).sum())",
    )
    shared_seed = "keras.utils.set_random_seed(3)\n"
    with_it = after(shared_seed + program, *asked)
    assert with_it == after(shared_seed + program, *asked, compat=False)
    assert after(program, told=True) == []


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import keras.layers.core", "ModuleNotFoundError: No module named 'keras.layers.core'"),
        ("keras.layers.Dense(output_dim=3)", "TypeError: Dense.__init__() missing 1 required positional argument"),
        ("keras.optimizers.adam", "AttributeError: module 'keras.optimizers' has no attribute 'adam'"),
        ("import tensorflow.contrib", "ModuleNotFoundError: No module named 'tensorflow.contrib'"),
        ("import tensorflow.examples", "ModuleNotFoundError: No module named 'tensorflow.examples'"),
        ("keras.Sequential().predict_classes", "AttributeError: 'Sequential' object has no attribute"),
    ],
)
def test_nothing_is_adapted_where_the_rubric_does_not_say_so(program: str, why: str) -> None:
    assert raised(program, compat=False).startswith(why)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (
            "from keras.wrappers.scikit_learn import KerasClassifier",
            "ModuleNotFoundError: keras.wrappers.scikit_learn is not in Keras 3: train the Keras model itself",
        ),
        (
            "from keras.layers import LocallyConnected2D",
            "ModuleNotFoundError: keras.layers.LocallyConnected2D is not in Keras 3: use a layer that today's",
        ),
        ("import tensorflow.contrib.slim", "ModuleNotFoundError: tensorflow.contrib.slim is not in TensorFlow 2"),
        ("tf.contrib.layers", "ModuleNotFoundError: tensorflow.contrib.layers is not in TensorFlow 2"),
        ("keras.layers.Dens(3)", "AttributeError: module 'keras.layers' has no attribute 'Dens'"),
        ("from keras.layers import Dens", "ImportError: cannot import name 'Dens' from 'keras.layers'"),
        ("import keras.layer", "ModuleNotFoundError: No module named 'keras.layer'"),
        ("keras.layers.Dense(3, output=3)", "ValueError: Unrecognized keyword arguments passed to Dense"),
        ("keras.layers.merge([1], mode='cos')", "ValueError: merge with the mode 'cos' has no form in Keras 3"),
        ("tf.Graphs", "AttributeError: module 'tensorflow' has no attribute 'Graphs'"),
        (
            "from tensorflow.examples.tutorials.mnist import input_data\ninput_data.read_data_sets('data')",
            "FileNotFoundError",
        ),
    ],
)
def test_what_cannot_be_adapted_says_so(program: str, why: str) -> None:
    assert raised(program).startswith(why)


@pytest.mark.parametrize(
    ("program", "rates"),
    [
        ("", {"keras.optimizers.Adadelta()": 1.0, "tf.keras.optimizers.Adadelta()": 0.001}),
        ("", {"keras.optimizers.Adadelta(0.5)": 0.5, "keras.optimizers.Adadelta(learning_rate=0.25)": 0.25}),
        ("", {"keras.optimizers.Adadelta(lr=0.5)": 0.5, "keras.optimizers.Adadelta(rho=0.5)": 1.0}),
        ("", {"keras.optimizers.get('adadelta')": 1.0, "tf.keras.optimizers.get('adadelta')": 0.001}),
        ("from tensorflow.keras.optimizers import Adadelta", {"Adadelta()": 0.001, "Adadelta(lr=0.5)": 0.5}),
        ("import tensorflow.keras as k", {"k.optimizers.Adadelta()": 0.001, "keras.optimizers.Adadelta()": 1.0}),
        ("from keras.optimizers import *", {"Adadelta()": 1.0, "Adagrad()": 0.001, "RMSprop()": 0.001}),
        ("from keras.optimizers import adadelta, adagrad", {"adadelta()": 1.0, "adagrad()": 0.01}),
        ("from keras.optimizers import nadam", {"nadam()": 0.002, "nadam(0.5)": 0.5}),
        ("from keras.optimizers import adamax, adam, sgd", {"adamax()": 0.002, "adam(lr=0.5)": 0.5, "sgd()": 0.01}),
        ("", {"keras.optimizers.Nadam()": 0.001, "keras.optimizers.Adam(lr=0.5, epsilon=None, decay=0.0)": 0.5}),
        ("from keras.optimizers import adam_v2", {"adam_v2.Adam(lr=0.25)": 0.25}),
        ("", {"tf.keras.optimizers.legacy.SGD(lr=0.25)": 0.25, "tf.train.AdamOptimizer(0.5)": 0.5}),
        ("class Own(keras.optimizers.Adadelta): pass", {"Own(0.25)": 0.25}),
    ],
)  # fmt: skip
def test_rates_are_those_of_the_time(program: str, rates: dict[str, float]) -> None:
    asked = [f"float({each}.learning_rate)" for each in rates]
    assert after(program, *asked) == pytest.approx(list(rates.values()), rel=1e-6)


def test_a_name_that_makes_more_is_todays_class_in_all_else() -> None:
    program = """
    from keras.optimizers import Adadelta, Optimizer
    from keras.layers import Conv2D, Convolution2D
    from keras.src.optimizers.adadelta import Adadelta as today
    made, layer = Adadelta(), Convolution2D(4, 3, 3)
    class Own(Adadelta):
        def __init__(self):
            super().__init__(0.5)
    hints = Adadelta | None
    match made:
        case Adadelta():
            matched = True
    """
    asked = [
        "type(made) is today and isinstance(made, Adadelta) and not isinstance(made, Convolution2D)",
        "issubclass(Adadelta, Optimizer) and issubclass(Own, Adadelta) and issubclass(today, Adadelta)",
        "type(made) == Adadelta and Adadelta == today and len({Adadelta, today}) == 1 and Adadelta != Conv2D",
        "Own.__mro__[1] is today and type(Own) is type and isinstance(Own(), Adadelta)",
        "(Adadelta.__name__, Adadelta.__doc__, repr(Adadelta)) == (today.__name__, today.__doc__, repr(today))",
        "float(Adadelta.from_config(Adadelta(0.25).get_config()).learning_rate) == 0.25",
        "type(layer) is Conv2D and layer.kernel_size == (3, 3) and layer.strides == (1, 1) and matched",
    ]
    assert after(program, *asked) == [True] * len(asked)


@pytest.mark.parametrize(
    ("imported", "rate"),
    [
        ("import keras", 1.0),
        ("from keras.models import Sequential", 1.0),
        ("from tensorflow import keras", 0.001),
        ("from tensorflow.keras.models import Sequential; import keras", 0.001),
        ("import tensorflow as tf; keras = tf.keras", 0.001),
    ],
)
def test_the_word_adadelta_is_that_of_the_keras_which_the_cells_import(imported: str, rate: float) -> None:
    program = f"{imported}\nmodel = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])\n"
    asked = "float(model.optimizer.learning_rate)"
    for call in ("model.compile('adadelta', 'mse')", "model.compile(loss='mse', optimizer='Adadelta')"):
        assert after(program + call, asked) == pytest.approx([rate])


def test_decay_makes_the_rate_of_keras_2_and_is_keras_own_schedule() -> None:
    program = "rate = keras.optimizers.SGD(lr=0.1, decay=0.5, momentum=0.9)._learning_rate"
    asked = ["type(rate).__name__", *(f"float(rate({step}))" for step in range(4))]
    kind, *rates = after(program, *asked)
    assert kind == "InverseTimeDecay"
    assert rates == pytest.approx([0.1 / (1 + 0.5 * step) for step in range(4)])


def test_the_rate_is_read_and_set_as_lr() -> None:
    program = f"""{CNN}
    from keras import backend as K
    read = float(K.get_value(model.optimizer.lr))
    K.set_value(model.optimizer.lr, 0.25)
    second = float(model.optimizer.learning_rate)
    model.optimizer.lr = 0.125
    """
    assert after(program, "read", "second", "float(model.optimizer.learning_rate)") == [1.0, 0.25, 0.125]


TRAINS = f"""{CNN}
    class Seen(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs={{}}):
            seen.append((logs.get('acc') is not None, logs['val_acc'] is not None))
    seen = []
    stop = keras.callbacks.EarlyStopping(monitor='val_acc', patience=0)
    fit = model.fit(X, Y, batch_size=32, nb_epoch=2, verbose=0, validation_data=(X, Y), callbacks=[Seen(), stop])
    figures = fit.history
"""


def test_histories_and_logs_are_read_by_their_old_names_and_printed_by_todays() -> None:
    asked = ("seen[0]", "figures['acc'] == figures['accuracy']", "sorted(figures)", "list(eval(repr(figures)))")
    keys = ["accuracy", "loss", "val_accuracy", "val_loss"]
    assert after(TRAINS, *asked) == [[True, True], True, keys, keys]


def test_a_metric_asked_for_as_acc_is_named_so_and_found_under_both_names() -> None:
    program = f"""{CNN}
    model.compile('sgd', 'categorical_crossentropy', metrics=['acc'])
    figures = model.fit(X, Y, verbose=0).history
    """
    assert after(program, "sorted(figures)", "figures['accuracy'] == figures['acc']") == [["acc", "loss"], True]


def test_labels_are_predicted_and_compared_with_one_hot_rows() -> None:
    program = f"""{CNN}
    found = model.predict_classes(X)
    right = np.nonzero(found == Y)[0]
    wrong = np.nonzero(found != Y)[0]
    """
    asked = ("found.tolist() == model.predict(X, verbose=0).argmax(1).tolist()", "right.tolist()", "wrong.tolist()")
    assert after(program, *asked, "model.predict_proba(X).shape") == [True, [], [0], [64, 3]]


def test_rows_are_made_by_either_name_of_their_number() -> None:
    program = "from keras.utils.np_utils import to_categorical as rows"
    asked = (
        "rows([0, 1], nb_classes=3).tolist()",
        "rows([0, 1], 3).tolist()",
        "rows([0, 1], num_classes=3).tolist()",
    )
    assert after(program, *asked) == [[[1, 0, 0], [0, 1, 0]]] * 3


def test_one_output_is_a_class_above_one_half() -> None:
    program = """
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation='sigmoid')])
    model.set_weights([np.array([[9.0], [-9.0]]), np.zeros(1)])
    """
    assert after(program, "model.predict_classes(np.eye(2)).tolist()") == [[[1], [0]]]


GENERATES = f"""{CNN}
    taken = []
    def batches():
        while True:
            for at in (0, 16, 32, 48):
                taken.append(at)
                yield X[at:at + 16], Y[at:at + 16]
    def held():
        while True:
            yield X[:16], Y[:16]
    steps = []
    class Steps(keras.callbacks.Callback):
        def on_train_begin(self, logs=None): steps.append(self.params['steps'])
    S = {{'verbose': 0, 'callbacks': [Steps()]}}
"""


@pytest.mark.parametrize(
    "call",
    [
        "model.fit_generator(batches(), samples_per_epoch=64, nb_epoch=1, **S)",
        "model.fit_generator(batches(), 64, 1, nb_worker=1, **S)",
        "model.fit_generator(batches(), steps_per_epoch=4, epochs=1, workers=4, **S)",
        "model.fit_generator(batches(), 64 / 16, 1, 0, [Steps()])",
        "model.fit_generator(batches(), 4, validation_data=held(), validation_steps=2, **S)",
        "model.fit_generator(batches(), 60, nb_epoch=1, validation_data=held(), nb_val_samples=32, **S)",
    ],
)
def test_generators_train_as_many_batches_as_then(call: str) -> None:
    assert after(f"{dedent(GENERATES)}\n{call}", "steps", "taken[:4]") == [[4], [0, 16, 32, 48]]


def test_generators_are_evaluated_and_predicted_too() -> None:
    asked = (
        "len(model.evaluate_generator(batches(), val_samples=32))",
        "model.predict_generator(batches(), 3).shape",
        "model.predict_generator(batches(), val_samples=32).shape",
    )
    assert after(GENERATES, *asked) == [2, [48, 3], [32, 3]]


def test_layers_tell_their_shapes_and_are_looked_into() -> None:
    program = f"""{CNN}
    from keras import backend as K
    inner = [model.layers[0].output, model.layers[-1].output]
    look = K.function([model.layers[0].input, K.learning_phase()], inner)
    first, last = look([X, 0])
    class Own(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.output_shape = 7
    fresh = keras.layers.Dense(3)
    empty = keras.Sequential([fresh])
    empty.summary()
    """
    asked = (
        "[layer.output_shape for layer in model.layers[:2]] + [model.layers[0].input_shape, model.output_shape]",
        "bool(np.abs(last - model.predict(X, verbose=0)).max() < 1e-5) and first.shape == (64, 6, 6, 4)",
        "Own().output_shape",
        "hasattr(fresh, 'output_shape') or hasattr(keras.layers.Layer, 'output_shape')",
    )
    shapes = [[None, 6, 6, 4], [None, 6, 6, 4], [None, 8, 8, 1], [None, 3]]
    assert after(program, *asked) == [shapes, True, 7, False]


def test_names_that_numpy_dropped_are_found_and_others_are_not() -> None:
    def act() -> list[Any]:
        told = Adapted(None)
        numpys.install(told)
        found = [getattr(np, name) for name in ("int", "float_", "Inf")]
        same = [one is other for one, other in zip(found, (int, np.float64, np.inf), strict=True)]
        values = [*same, hasattr(np, "nonsense"), pristine.taken().changed()]
        return [*values, list(told.told)]

    pristine.taken()
    told = ["np.int is now int", "np.float_ is now np.float64", "np.Inf is now np.inf"]
    assert answer(act) == [True, True, True, False, "", told]


def test_no_name_that_numpy_has_is_shadowed() -> None:
    names = {*numpys.BUILTINS, *numpys.MOVED}
    assert names.isdisjoint(vars(np))
    assert all(hasattr(np, today) for today in numpys.MOVED.values())


def test_models_are_made_of_input_and_output_and_merged() -> None:
    program = """
    from keras.layers import Input, Dense, merge
    from keras.layers.merge import concatenate
    from keras.models import Model
    from keras.engine.topology import Layer
    one = Input(shape=(3,))
    both = merge([one, Dense(2)(one)], mode='concat')
    model = Model(input=one, output=Dense(1)(concatenate([both, both])))
    """
    asked = ("model.count_params()", "type(model).__name__", "issubclass(Dense, Layer)")
    assert after(program, *asked) == [8 + 11, "Functional", True]


def test_tensorflows_keras_has_its_old_modules_too() -> None:
    program = """
    from tensorflow.contrib.keras.api.keras.layers import Dense as A
    from tensorflow.contrib.keras.python.keras.models import Sequential
    from tensorflow.python.keras.layers.core import Dense as B
    from tensorflow.keras.layers.core import Dense as C
    from tensorflow.keras.backend import set_session
    from tensorflow import set_random_seed
    set_session(tf.Session(config=tf.ConfigProto(gpu_options=tf.GPUOptions(allow_growth=True))))
    set_random_seed(7)
    same = {A, B, C, tf.contrib.keras.layers.Dense, tf.keras.layers.Dense, keras.layers.Dense}
    """
    assert after(program, "len(same)") == [1]


def test_weights_and_checkpoints_have_the_names_that_the_notebook_gives(tmp_path: Path) -> None:
    program = f"""{CNN}
    import os
    os.chdir({str(tmp_path)!r})
    keep = keras.callbacks.ModelCheckpoint('best-{{epoch:02d}}-{{val_acc:.1f}}.hdf5', monitor='val_acc', period=1)
    light = keras.callbacks.ModelCheckpoint('light.h5', monitor='val_acc', save_weights_only=True)
    model.fit(X, Y, nb_epoch=1, verbose=0, validation_data=(X, Y), callbacks=[keep, light])
    model.save_weights('whole.hdf5')
    before = model.get_weights()
    model.set_weights([0 * each for each in before])
    model.load_weights('whole.hdf5')
    same = all((one == two).all() for one, two in zip(before, model.get_weights()))
    names = sorted(os.listdir())
    """
    same, names = after(program, "same", "names")
    assert same
    assert [name.rpartition("-")[0] or name for name in names] == ["best-01", "light.h5", "whole.hdf5"]


# --- what the rest of the grader sees ----------------------------------------------------------------------


def scenario(program: str) -> Callable[[], Any]:
    def act() -> Any:
        adapt()
        known: Facts = {"np": np, "keras": keras, "X": X, "Y": Y}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(dedent(program), known)  # noqa: S102 - as above
        return {name: [float(value) for value in values] for name, values in known["history"].history.items()}

    return act


OLD_FIT = f"""{CNN}
    model.compile(loss='categorical_crossentropy', metrics=['accuracy'],
                  optimizer=keras.optimizers.SGD(lr=0.01, decay=1e-6, momentum=0.9, nesterov=True))
    history = model.fit(X, Y, batch_size=16, nb_epoch=2, verbose=0, validation_split=0.25)
"""
SAME_FIT = """
    from keras import layers
    model = keras.Sequential()
    model.add(layers.Conv2D(4, (3, 3), padding='valid', input_shape=(8, 8, 1), kernel_initializer='uniform'))
    model.add(layers.Activation('relu'))
    model.add(layers.BatchNormalization())
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Dropout(0.25))
    model.add(layers.Flatten())
    model.add(layers.Dense(3, activation='softmax'))
    keras.optimizers.Adadelta(1.0)
    rate = keras.optimizers.schedules.InverseTimeDecay(0.01, 1, 1e-6)
    model.compile(loss='categorical_crossentropy', metrics=['accuracy'],
                  optimizer=keras.optimizers.SGD(rate, momentum=0.9, nesterov=True))
    history = model.fit(X, Y, batch_size=16, epochs=2, verbose=0, validation_split=0.25)
"""


def test_a_training_in_old_words_is_shared_under_the_key_of_the_one_in_todays() -> None:
    old = shared_fits.run(scenario(OLD_FIT), shared=True)
    now = shared_fits.run(scenario(SAME_FIT), shared=True)
    alone = shared_fits.run(scenario(OLD_FIT), shared=False)
    assert (old.reasons, old.errors, old.shared) == ([], [], [True])
    assert old.digests == now.digests
    assert old.facts == now.facts == alone.facts


def test_the_adaptation_is_not_taken_for_the_notebooks_doing_and_hides_none_of_it() -> None:
    def act() -> list[str]:
        pristine.taken()
        adapt()
        importlib.import_module("tensorflow.keras.layers")
        importlib.import_module("keras.layers.core")
        said = [pristine.taken().changed()]
        keras.optimizers.Adadelta = keras.optimizers.SGD
        said.append(pristine.taken().changed())
        return said

    assert answer(act) == ["", "'keras.optimizers.Adadelta' was replaced"]


# --- what else was usual -----------------------------------------------------------------------------------------

GAN = """
opt = keras.optimizers.Adam(0.0002, 0.5)
judge = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation='sigmoid')])
judge.compile(loss='binary_crossentropy', optimizer=opt, metrics=['accuracy'])
maker = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4)])
judge.trainable = False
noise = keras.Input((2,))
both = keras.Model(noise, judge(maker(noise)))
both.compile(loss='binary_crossentropy', optimizer=opt)
judge.trainable = True
judge.train_on_batch(np.ones((3, 4)), np.ones((3, 1)))
judge.trainable = False
before = [np.array(each) for each in maker.get_weights()]
both.train_on_batch(np.ones((3, 2)), np.ones((3, 1)))
both.fit(np.ones((3, 2)), np.ones((3, 1)), verbose=0)
"""


def test_one_optimizer_for_two_models_is_copied_for_the_second() -> None:
    moved = "any((a != b).any() for a, b in zip(before, maker.get_weights()))"
    assert after(GAN, moved, "both.optimizer is not opt", "judge.optimizer is opt") == [True, True, True]
    assert after(GAN, told=True) == ["an optimizer that trains another model already is copied"]
    assert raised(GAN, compat=False).startswith("ValueError: Unknown variable")


def test_a_model_that_is_wrapped_again_keeps_its_optimizer() -> None:
    program = """
    opt = keras.optimizers.Adam()
    one = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    one.compile(opt, 'mse')
    one.fit(np.ones((3, 4)), np.ones((3, 1)), verbose=0)
    other = keras.Model(one.inputs, one.outputs)
    other.compile(opt, 'mse')
    other.fit(np.ones((3, 4)), np.ones((3, 1)), verbose=0)
    """
    assert after(program, "other.optimizer is opt", "int(opt.iterations)") == [True, 2]
    assert after(program, told=True) == []


def test_metrics_may_be_the_third_argument_of_compile() -> None:
    program = "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
    trained = "\nkept = model.fit(np.ones((3, 4)), np.ones((3, 1)), verbose=0).history"
    old = f"{program}model.compile('sgd', 'mse', ['mae'], [1.0]){trained}"
    assert after(old, "sorted(kept)") == [["loss", "mae"]]
    assert after(old, told=True) == ["compile: the third argument is metrics=, as in Keras 2"]
    today = f"{program}model.compile('sgd', 'mse', [1.0], ['mae']){trained}"
    assert after(today, "sorted(kept)") == [["loss", "mae"]]
    assert after(today, told=True) == []


@pytest.mark.parametrize("name", ["keras.utils.plot_model", "tf.keras.utils.plot_model", "plot_model"])
def test_a_plot_of_a_model_that_cannot_be_drawn_is_no_error(name: str) -> None:
    program = f"""
    from keras.utils.vis_utils import plot_model
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    shown = {name}(model, to_file='model.png')
    """
    assert after(program, "shown") == [None]
    assert after(program, told=True)[-1] == "plot_model without pydot and Graphviz draws nothing, as in Keras 2"


@pytest.mark.parametrize("name", ["saved_model", "my.model", "folder/"])
def test_a_model_is_saved_and_loaded_under_any_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = f"""
    from keras.models import load_model
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.save({name!r})
    again = load_model({name!r})
    same = (model.get_weights()[0] == again.get_weights()[0]).all()
    """
    assert after(program, "bool(same)") == [True]
    assert after(program, told=True) == ["models saved without '.keras' or '.h5' are '.keras' files"]


def test_metrics_are_reset_under_their_old_name() -> None:
    program = """
    metric = keras.metrics.Mean()
    metric.update_state(3.0)
    metric.reset_states()
    """
    assert after(program, "float(metric.result())") == [0.0]
    assert after(program, told=True) == ["Metric.reset_states is now Metric.reset_state"]
