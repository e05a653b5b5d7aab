"""`plot_model` where pydot or Graphviz is missing: Keras 2 said so in a notebook and went on, today's raises."""

from __future__ import annotations

import functools
from typing import Any

from . import everywhere
from .adapted import Adapted

TELL = "plot_model without pydot and Graphviz draws nothing, as in Keras 2"


def install(adapted: Adapted) -> None:
    from keras.src.utils import model_visualization as drawing

    original = drawing.plot_model

    @functools.wraps(original)
    def plot_model(*args: Any, **kwargs: Any) -> Any:
        if drawing.check_pydot() and drawing.check_graphviz():
            return original(*args, **kwargs)
        adapted.tell(TELL)
        print("plot_model needs pydot and Graphviz; without them no picture is made")  # noqa: T201 - in the notebook
        return None

    everywhere.replace("plot_model", original, plot_model)
