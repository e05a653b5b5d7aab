"""`tensorflow_datasets.load('mnist')`, from the assignment's file and in its order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from . import mnist
from .given import Given
from .modules import Make

NAME = re.compile(r"mnist(?:[:/].*)?")
PART = re.compile(r"(?P<name>train|test)(?:\[(?P<low>-?\d+%?)?:(?P<high>-?\d+%?)?\])?")
CLASSES = 10


def modules(given: Given) -> dict[str, Make]:
    """Where the package is not installed: only what loads the data."""
    members = {
        "load": partial(load, given, None),
        "as_numpy": as_numpy,
        "disable_progress_bar": disable_progress_bar,
    }
    return {"tensorflow_datasets": lambda: members}


def after_tfds(given: Given) -> Callable[[Any], None]:
    def action(package: Any) -> None:
        package.load = partial(load, given, package.load)

    return action


def disable_progress_bar() -> None:
    """Nothing is downloaded."""


def load(  # noqa: PLR0913 - the package's signature, and what we add
    given: Given,
    installed: Callable[..., Any] | None,
    name: str,
    *,
    split: Any = None,
    batch_size: int | None = None,
    as_supervised: bool = False,
    with_info: bool = False,
    **others: Any,
) -> Any:
    """`installed` is the package's own, which is asked for anything but MNIST."""
    if not NAME.fullmatch(str(name)):
        if installed is None:
            raise mnist.other(f"tfds.load({name!r})")
        settings = {
            "split": split,
            "batch_size": batch_size,
            "as_supervised": as_supervised,
            "with_info": with_info,
        }
        return installed(name, **settings, **others)
    digits = mnist.load(given.data, f"tfds.load({name!r})")

    def part(words: str) -> Any:
        return _dataset(_taken(digits, words), batch_size, as_supervised=as_supervised)

    loaded = _each(split or {"train": "train", "test": "test"}, part)
    return (loaded, _info(digits)) if with_info else loaded


def _each(split: Any, part: Callable[[str], Any]) -> Any:
    """In the shape in which splits were asked for."""
    match split:
        case dict():
            return {name: _each(inner, part) for name, inner in split.items()}
        case list() | tuple():
            return type(split)(_each(inner, part) for inner in split)
        case _:
            return part(str(split))


def _taken(digits: mnist.Mnist, words: str) -> tuple[Any, Any]:
    """What `train[:80%]+test` asks for; ValueError where it is said in another way."""
    import numpy as np

    pieces = []
    for word in ("train+test" if words == "all" else words).split("+"):
        asked = PART.fullmatch(word.strip())
        if asked is None:
            raise ValueError(
                f"the split {word!r} of mnist is not known; expected one like 'train' or 'train[:80%]'"
            )
        images, labels = digits.split(asked["name"])
        low, high = (_bound(asked[name], len(labels)) for name in ("low", "high"))
        pieces.append((images[low:high], labels[low:high]))
    images, labels = (np.concatenate(arrays) for arrays in zip(*pieces, strict=True))
    return images[..., None], labels.astype(np.int64)


def _bound(text: str | None, count: int) -> int | None:
    if text is None:
        return None
    return round(count * int(text[:-1]) / 100) if text.endswith("%") else int(text)


def _dataset(arrays: tuple[Any, Any], batch_size: int | None, *, as_supervised: bool) -> Any:
    """-1 as the size of a batch asks for all, as tensors."""
    import tensorflow as tf

    given = arrays if as_supervised else {"image": arrays[0], "label": arrays[1]}
    if batch_size == -1:
        return tf.nest.map_structure(tf.convert_to_tensor, given)
    dataset = tf.data.Dataset.from_tensor_slices(given)
    return dataset if batch_size is None else dataset.batch(batch_size)


def as_numpy(dataset: Any) -> Any:
    import tensorflow as tf

    return tf.nest.map_structure(
        lambda part: part.as_numpy_iterator() if isinstance(part, tf.data.Dataset) else part.numpy(), dataset
    )


def _info(digits: mnist.Mnist) -> SimpleNamespace:
    names = [str(number) for number in range(CLASSES)]
    label = SimpleNamespace(
        num_classes=CLASSES, names=names, int2str=lambda number: names[int(number)], str2int=names.index, shape=()
    )
    sizes: Mapping[str, Any] = {"train": digits.y_train, "test": digits.y_test}
    splits = {name: SimpleNamespace(name=name, num_examples=len(labels)) for name, labels in sizes.items()}
    features = {"image": SimpleNamespace(shape=(28, 28, 1), dtype="uint8"), "label": label}
    return SimpleNamespace(name="mnist", features=features, splits=splits, supervised_keys=("image", "label"))
