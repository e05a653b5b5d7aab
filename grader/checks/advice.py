"""What to do about an error, where its message alone tells what kind of notebook this is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.model import CellError

PYTHON_2 = "the code is Python 2, and notebooks are run with Python 3"
MNIST = "MNIST comes from keras.datasets.mnist.load_data()"
OLD_NAMES = {
    "basestring": "str",
    "execfile": "exec(open(...).read())",
    "long": "int",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}
OLD_MODULES = {
    "ConfigParser": "configparser",
    "HTMLParser": "html.parser",
    "Queue": "queue",
    "StringIO": "io",
    "Tkinter": "tkinter",
    "__builtin__": "builtins",
    "cPickle": "pickle",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
OTHER_FRAMEWORKS = frozenset({"torch", "pytorch_lightning", "fastai", "mxnet", "chainer", "paddle", "jax", "flax"})
OF_DATA = frozenset(
    {"torchvision", "sklearn", "tensorflow_datasets", "datasets", "mnist", "python_mnist", "mlxtend"}
)

_PRINT = re.compile(r"Missing parentheses in call to '(print|exec)'")
_EXCEPT = re.compile(r"multiple exception types must be parenthesized")
_OCTAL = re.compile(r"leading zeros in decimal integer literals are not permitted")
_NAME = re.compile(r"name '(\w{1,60})' is not defined")
_MODULE = re.compile(r"No module named '(\w{1,60})")


def on(error: CellError) -> str:
    """Empty where the message tells nothing."""
    match error.name:
        case "SyntaxError":
            return _syntax(error.message)
        case "NameError":
            found = _NAME.match(error.message)
            today = OLD_NAMES.get(found[1]) if found else None
            return f"{PYTHON_2}: write {today} in place of {found[1]}" if found and today else ""
        case "ModuleNotFoundError":
            found = _MODULE.match(error.message)
            return _module(found[1]) if found else ""
        case _:
            return ""


def _syntax(message: str) -> str:
    found = _PRINT.match(message)
    if found:
        return f"{PYTHON_2}: write {found[1]}(...), with parentheses"
    if _EXCEPT.match(message):
        return f"{PYTHON_2}: write `except ... as ...`"
    if _OCTAL.match(message):
        return f"{PYTHON_2}: write 0o755 in place of 0755"
    return ""


def _module(name: str) -> str:
    if name in OLD_MODULES:
        return f"{PYTHON_2}: import {OLD_MODULES[name]} in place of {name}"
    if name in OTHER_FRAMEWORKS:
        return f"'{name}' is not there: the assignment asks for Keras"
    if name in OF_DATA:
        return f"'{name}' is not there, or not as a whole: {MNIST}"
    return ""
