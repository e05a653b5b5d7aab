"""The most likely cause of figures that are not the reference's, where the facts point to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.settings import judge
from grader.checks.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.model import Fit, Layer, ModelSnapshot, Recording

# What moves the figures most comes first. Epochs are left out: only trained ones are compared.
SETTINGS = ("x_train", "y_train", "learning rate", "optimizer", "loss", "validation data", "batch size")
CAUSE = "most likely cause: "


def likely(fit: Fit | None, snapshot: ModelSnapshot | None, recording: Recording) -> str:
    """Empty where data, settings and the last layer are all the reference's, or nothing is known of them."""
    return next((f"{CAUSE}{fact}" for fact in _facts(fit, snapshot, recording)), "")


def _facts(fit: Fit | None, snapshot: ModelSnapshot | None, recording: Recording) -> Iterator[str]:
    if fit is None or recording.fit is None or not recording.fit.compiled.optimizer:  # a bundle tells no settings
        return
    differing = {each.name: each.why for each in judge(fit, recording.fit) if not each.matches}
    yield from (differing[name] for name in SETTINGS[:2] if name in differing)
    yield from _last_activation(snapshot, recording)
    yield from (differing[name] for name in SETTINGS[2:] if name in differing)


def _last_activation(snapshot: ModelSnapshot | None, recording: Recording) -> Iterator[str]:
    if snapshot is None or not snapshot.layers or not recording.layers:
        return
    found, expected = _activation(snapshot.layers[-1]), _activation(recording.layers[-1])
    if found is not None and expected is not None and found != expected:
        yield f"the last layer's activation is {quoted(found)}, expected {quoted(expected)}"


def _activation(layer: Layer) -> object | None:
    return layer.settings.get("activation")
