"""The student's kernel: limits, seeds and the probe first, then an ordinary IPython kernel."""

from __future__ import annotations

import functools
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np

from . import backend, commands, console, data, imports, job, keras2, raising, seeds
from .colab import kernel as colab
from .events import Events
from .probe import Probe
from .sharing import Sharer
from .shown import HARD_STOP


def main(job_file: str, connection_file: str) -> None:
    task = job.load(job_file)
    events = Events(task.observed)
    probe = Probe(events, task.max_epochs, _sharer(task))
    mixer = seeds.Mixer(task.mix)
    data.close_network()
    past = keras2.Past(task.data, events) if task.compat == keras2.NAME else None
    actions = {
        "tensorflow": backend.after_tensorflow(task, events, mixer),
        "keras": backend.after_keras(task, events, mixer, probe),
    }
    imports.watch(imports.in_turn(actions, past.actions() if past else {}))
    _find_modules_of_the_notebook()
    commands.install(functools.partial(colab.command, task))
    console.install((HARD_STOP + 1) * task.limits.output)
    app: Any = console.App.instance()
    app.initialize(["-f", connection_file, "--HistoryManager.enabled=False"])
    colab.begin(task, app)
    _watch_cells(app.shell, events, probe)
    if past is not None:
        past.begin(app.shell)
    for owner, name in ((random, "seed"), (np.random, "seed"), (np.random, "default_rng")):
        mixer.install(owner, name)
    _seed_at_first_cell(app.shell, task.seed)
    app.start()


def _sharer(task: job.Job) -> Sharer | None:
    ways = task.channels
    if not ways.training:
        return None
    return Sharer(ways.requests, ways.replies, task.limits.tensors, shared=task.shared)


def _find_modules_of_the_notebook() -> None:
    """In its folder, where IPython would look too, had the interpreter not been started safely."""
    names = [Path(path).name for path in sys.path]
    packages = [place for place, name in enumerate(names) if name in ("site-packages", "dist-packages")]
    sys.path.insert(min(packages, default=len(names)), "")


def _seed_at_first_cell(shell: Any, seed: int) -> None:
    """Not sooner: ipykernel draws from Python's `random` while it starts, more often where it is slow to.

    One draw is kept, as there always was at least one, so that recordings can be repeated to the last digit.
    """

    def begin(_: object) -> None:
        shell.events.unregister("pre_run_cell", begin)
        seeds.start(seed)
        random.random()  # noqa: S311 - for its side effect

    seeds.start(seed)
    shell.events.register("pre_run_cell", begin)


def _watch_cells(shell: Any, events: Events, probe: Probe) -> None:
    events.follow(shell)
    places = raising.Places(shell)

    def after_cell(result: Any) -> None:
        probe.after_cell(shell.user_ns)
        places.remember(events.request(), result.info.raw_cell)
        if result.error_in_exec is not None:
            traceback = result.error_in_exec.__traceback__
            line = raising.error_line(traceback, shell.user_ns, result.info.raw_cell)
            request, innermost = places.innermost(traceback)
            events.emit("raised", line=line, at_request=request, at_line=innermost)

    shell.events.register("post_run_cell", after_cell)
