"""Puts the result of a training into the student's model, as if it had been trained here.

Everything that can fail comes first: until `check` is through, the model is as `fit` would have found it, but
for what `fit` itself builds before its first step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import attributes, progress_text, surroundings, variables
from .arguments import restructured
from .describing import Description

Facts = dict[str, Any]
SYMBOLIC = ("keras_tensor", "scratch_graph")


class MisfitError(Exception):
    """The result does not fit the model; the message says in what."""


def restore(model: Any, description: Description, result: Facts, arrays: Facts, verbose: Any) -> Any:
    """The history, as `fit` returns it. MisfitError before any change."""
    asked = description.fit["arguments"]
    before = attributes.resolved(model)
    if before is not None and before != result["state"]["resolved"]:
        raise MisfitError("its metrics are not those that it was first trained with")
    with _same_names():
        build(model, asked, description.tensors)
    named = variables.of(model)
    state = {name: array for name, array in arrays.items() if name != "generator"}
    misfit = variables.misfit(named, state)
    if misfit or attributes.resolved(model) != result["state"]["resolved"]:
        raise MisfitError(misfit or "its metrics are others than those of the trained model")
    variables.assign(named, state)
    model.stop_training = False
    model.make_train_function()
    history = progress_text.replay(model, result, verbose, asked["epochs"])
    model.stop_training = result["state"]["stopped"]
    surroundings.restore(result["state"]["random"], arrays)
    return history


@contextmanager
def _same_names() -> Iterator[None]:
    """Keras numbers what it names itself: what a training does not make must not count."""
    from keras.src.backend.common import global_state

    counts = global_state.get_global_attribute("object_name_uids", default={})
    before = {name: counts[name] for name in SYMBOLIC if name in counts}
    yield
    for name in SYMBOLIC:
        counts.pop(name, None)
    counts.update(before)


def build(model: Any, asked: Facts, tensors: Facts) -> None:
    """What the first step of a training builds, in its order: loss, optimizer, metrics."""
    from keras.src import backend

    true = _symbols(restructured(asked["y"], tensors))
    predicted = _outputs(model)
    loss, metrics = model._compile_loss, model._compile_metrics  # noqa: SLF001 - Keras keeps them nowhere else
    if loss is not None and not loss.built:
        backend.compute_output_spec(loss, true, predicted)
    if not model.optimizer.built:
        with backend.name_scope(model.optimizer.name, caller=model.optimizer):
            model.optimizer.build(model.trainable_variables)
    if metrics is not None and not metrics.built:
        backend.compute_output_spec(metrics.update_state, true, predicted)


def _outputs(model: Any) -> Any:
    functional = getattr(model, "_functional", None) or model
    return functional._outputs_struct  # noqa: SLF001 - `outputs` is flat


def _symbols(structure: Any) -> Any:
    """A batch of unknown size in place of each array; lists become tuples, as in a data set."""
    from keras.src import backend, tree

    def symbol(array: Any) -> Any:
        return backend.KerasTensor((None, *array.shape[1:]), backend.standardize_dtype(array.dtype))

    return tree.lists_to_tuples(tree.map_structure(symbol, structure))
