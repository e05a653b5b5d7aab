"""Puts in place what notebooks from Colab expect, in the student's kernel, before the first cell."""

from __future__ import annotations

from typing import Any

from .. import imports
from ..job import Job
from . import (
    answers,
    content,
    gdown,
    google,
    magics,
    modules,
    openml,
    programs,
    tfds,
    torchvision,
    tpu,
    tqdm,
    widgets,
)
from .given import Given

LINKED = "bubblewrap"  # the layer whose mounts have a link from /content to the working folder


def begin(task: Job, app: Any) -> None:
    """`app` is the kernel's, with its shell."""
    given = Given(task.work, task.data)
    modules.install(
        first=google.modules(given),
        last=of_data(given) | tqdm.modules() | widgets.modules(),
    )
    imports.watch(
        {
            "tensorflow": tpu.after_tensorflow,
            "sklearn.datasets": openml.after_sklearn(given),
            "tensorflow_datasets": tfds.after_tfds(given),
            "torchvision.datasets.mnist": torchvision.after_torchvision(given),
        }
    )
    programs.install(task)
    if _is_to_be_led(task):
        content.install(given)
    magics.install(app.shell)
    answers.install(app.kernel, task.answers)


def of_data(given: Given) -> dict[str, modules.Make]:
    return openml.modules(given) | tfds.modules(given) | gdown.modules(given)


def command(task: Job, line: str) -> str:
    """A line of the shell, so that it does here what it does in Colab."""
    led = content.in_shell(line, Given(task.work)) if _is_to_be_led(task) else line
    return magics.by_program(led)


def _is_to_be_led(task: Job) -> bool:
    """Whether there is no `/content`; a machine that has one may have its interpreter there."""
    return task.confinement.layer != LINKED and not content.IS_THERE
