"""`sklearn.datasets.fetch_openml('mnist_784')`: 70,000 rows, those to train with first, labels as text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from . import mnist
from .given import Given
from .modules import Make

NAME, NUMBER = "mnist_784", 554  # OpenML's


class Bunch(dict[str, Any]):
    """A dictionary whose items are attributes too, as scikit-learn has it."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def modules(given: Given) -> dict[str, Make]:
    """Of scikit-learn, where it is not installed: only what loads the data."""
    return {"sklearn": dict, "sklearn.datasets": lambda: {"fetch_openml": partial(fetch, given, None)}}


def after_sklearn(given: Given) -> Callable[[Any], None]:
    def action(datasets: Any) -> None:
        datasets.fetch_openml = partial(fetch, given, datasets.fetch_openml)

    return action


def fetch(  # noqa: PLR0913 - scikit-learn's signature, and what we add
    given: Given,
    installed: Callable[..., Any] | None,
    name: str | None = None,
    *args: Any,
    data_id: int | None = None,
    return_X_y: bool = False,  # noqa: N803 - scikit-learn's name
    as_frame: Any = "auto",
    **others: Any,
) -> Any:
    """`installed` is scikit-learn's own, which is asked for anything else."""
    if name != NAME and data_id != NUMBER:
        if installed is None:
            raise mnist.other(f"fetch_openml({name!r})")
        return installed(name, *args, data_id=data_id, return_X_y=return_X_y, as_frame=as_frame, **others)
    digits = mnist.load(given.data, f"fetch_openml({name!r})")
    rows = np.concatenate([digits.x_train, digits.x_test]).reshape(-1, 784).astype(np.int64)
    labels = np.concatenate([digits.y_train, digits.y_test]).astype(str).astype(object)
    data, target, frame = _frames(rows, labels) if as_frame else (rows, labels, None)
    if return_X_y:
        return data, target
    features = [f"pixel{number}" for number in range(1, 785)]
    details = {"id": str(NUMBER), "name": NAME, "version": "1"}
    told = {"feature_names": features, "target_names": ["class"], "DESCR": "MNIST", "details": details}
    return Bunch(data=data, target=target, frame=frame, categories={}, **told)


def _frames(rows: Any, labels: Any) -> tuple[Any, Any, Any]:
    import pandas as pd

    data = pd.DataFrame(rows, columns=[f"pixel{number}" for number in range(1, rows.shape[1] + 1)])
    target = pd.Series(labels, name="class").astype(str).astype("category")
    return data, target, data.assign(**{"class": target})
