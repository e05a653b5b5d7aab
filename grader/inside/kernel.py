"""The student's kernel: limits, seeds and the probe first, then an ordinary IPython kernel."""

from __future__ import annotations

import functools
import random
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from . import backend, commands, console, data, imports, job, seeds
from .colab import kernel as colab
from .events import Events
from .lines import leading_blank_lines
from .probe import Probe
from .sharing import Sharer
from .shown import HARD_STOP


def main(job_file: str, connection_file: str) -> None:
    task = job.load(job_file)
    events = Events(task.observed)
    probe = Probe(events, task.max_epochs, _sharer(task))
    mixer = seeds.Mixer(task.mix)
    data.close_network()
    imports.watch(
        {
            "tensorflow": backend.after_tensorflow(task, events, mixer),
            "keras": backend.after_keras(task, events, mixer, probe),
        }
    )
    _find_modules_of_the_notebook()
    commands.install(functools.partial(colab.command, task))
    console.install((HARD_STOP + 1) * task.limits.output)
    app: Any = console.App.instance()
    app.initialize(["-f", connection_file, "--HistoryManager.enabled=False"])
    colab.begin(task, app)
    _watch_cells(app.shell, events, probe)
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

    def after_cell(result: Any) -> None:
        probe.after_cell(shell.user_ns)
        if result.error_in_exec is not None:
            line = error_line(result.error_in_exec.__traceback__, shell.user_ns, result.info.raw_cell)
            events.emit("raised", line=line)

    shell.events.register("post_run_cell", after_cell)


def error_line(traceback: TracebackType | None, namespace: dict[str, Any], source: str) -> int:
    """The line of `source` at which the cell's own code stopped, from 1.

    IPython drops leading blank lines before it compiles, and a cell magic runs the rest of the cell as
    code of its own, whose lines count from the one after the magic. Code that the cell hands to `exec`
    stands further down in the traceback, with lines of its own.
    """
    lines = []
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is namespace and frame.f_code.co_name == "<module>":
            lines.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    if not lines:
        return 0
    blank = leading_blank_lines(source)
    if source.lstrip().startswith("%%") and len(lines) > 1:
        body = source.lstrip().partition("\n")[2]
        return int(lines[1]) + leading_blank_lines(body) + blank + 1
    return int(lines[0]) + blank
