"""`plot_model` where pydot or Graphviz is missing: Keras 2 said so in a notebook and went on, today's raises."""

from __future__ import annotations

import functools
import sys
from typing import Any

from .adapted import Adapted

TELL = "plot_model without pydot and Graphviz draws nothing, as in Keras 2"


def install(adapted: Adapted) -> None:
    """Replaces the function in every module of Keras that holds it."""
    from keras.src.utils import model_visualization as drawing

    original = drawing.plot_model

    @functools.wraps(original)
    def plot_model(*args: Any, **kwargs: Any) -> Any:
        if drawing.check_pydot() and drawing.check_graphviz():
            return original(*args, **kwargs)
        adapted.tell(TELL)
        print("plot_model needs pydot and Graphviz; without them no picture is made")  # noqa: T201 - in the notebook
        return None

    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "keras" and getattr(module, "plot_model", None) is original:
            module.plot_model = plot_model  # type: ignore[attr-defined]
