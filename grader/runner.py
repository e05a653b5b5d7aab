"""What the runs of one class have in common: a warm process, the shared trainer, and lanes.

None of it changes what comes out of a run, and any of it may be missing.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, BinaryIO

from grader import lanes, linux, sandbox, training
from grader.lanes import Lane, Lanes
from grader.model import Attempt, SharedFit
from grader.training import Handed, conditions
from grader.training.store import FOLDER

WHOLE = 2**32
SHARED = (training.Source.TRAINED, training.Source.JOINED, training.Source.CACHE)


@dataclass(frozen=True, slots=True)
class Means:
    """How a class is run; `jobs` None is what cores and memory allow, `cache` None the usual folder.

    `audit` is the share of shared trainings that are done again in their own kernels.
    """

    jobs: int | None = None
    sharing: bool = True
    cache: Path | None = None
    audit: float = 0.0
    warm: bool = True


@dataclass(slots=True)
class Runner:
    """Runs tasks under the conditions of `usual`; tasks under other ones are run too, but cold and unshared.

    So is everything where there is no trainer, as elsewhere than on Linux: it trains what a notebook hands it.
    """

    usual: sandbox.Task
    lanes: Lanes
    aids: sandbox.Aids
    trainer: training.Trainer | None
    conditions: training.Conditions
    audit: float = 0.0
    sharing: bool = True
    audited: dict[str, list[Audited]] = field(default_factory=dict)

    def run(self, task: sandbox.Task, lane: Lane, name: str = "") -> sandbox.Exit:
        """`name` is the submission's, for the choice of what is audited. Of several runs the last one is judged."""
        self.audited[name] = []
        if self.trainer is None or _conditions(task) != _conditions(self.usual):
            return sandbox.run(task, self.aids)
        service = _Service(self, self.trainer, lane, name)
        left = sandbox.run(replace(task, shared=self.sharing), replace(self.aids, training=service))
        return replace(left, evaluated=self.trainer.evaluate(service.handed))

    def audit_of(self, name: str, attempt: Attempt) -> Iterator[tuple[Audited, bool]]:
        """The trainings that this submission did again, and whether each gave what was shared."""
        own = [_digits(fit.history) for fit in attempt.evidence.observed.fits]
        for one in self.audited.get(name, ()):
            yield one, _digits(one.history) in own

    def chosen(self, key: str, name: str) -> bool:
        """Whether to audit this training of this submission: by its name, so that a run can be repeated."""
        digest = hashlib.sha256(f"{name}\n{key}".encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:4], "big") < self.audit * WHOLE


@dataclass(frozen=True, slots=True)
class Audited:
    """A training that a submission did again: the shared history that its own must equal."""

    digest: str
    history: Mapping[str, tuple[float, ...]]


def _digits(history: Mapping[str, tuple[float, ...]]) -> dict[str, tuple[str, ...]]:
    """All of them, and NaN equal to NaN."""
    return {metric: tuple(map(repr, values)) for metric, values in history.items()}


def _conditions(task: sandbox.Task) -> tuple[object, ...]:
    return task.execution, task.device, task.threads, task.seed, task.deterministic, task.mix, task.layer


@dataclass(frozen=True, slots=True)
class _Service:
    """The shared trainer as one submission sees it."""

    runner: Runner
    trainer: training.Trainer
    lane: Lane
    name: str
    handed: list[Handed] = field(default_factory=list)

    def serve(
        self, requests: IO[bytes], replies: IO[bytes], waits: sandbox.Waits, ended: threading.Event
    ) -> tuple[SharedFit, ...]:
        served = self.trainer.serve(
            os.dup(requests.fileno()),
            os.dup(replies.fileno()),
            self.runner.conditions,
            _Clock(waits, self.lane),
            ended,
            audit=(lambda key: self.runner.chosen(key, self.name)) if self.runner.audit else None,
            handed=self.handed,
        )
        audited = [one for one in served if one.source is training.Source.AUDITED]
        self.runner.audited[self.name] += [Audited(one.digest, one.history) for one in audited]
        return tuple(
            SharedFit(one.digest, one.history, one.seconds, one.source, one.arrays)
            for one in served
            if one.source in SHARED
        )


@dataclass(frozen=True, slots=True)
class _Clock:
    """While the notebook waits, its lane is free; its time goes on only when there is a lane for it again."""

    waits: sandbox.Waits
    lane: Lane

    def begin(self) -> None:
        self.waits.begin()
        self.lane.aside()

    def end(self, charge: float) -> None:
        self.lane.back()
        self.waits.end(charge)


@contextmanager
def runner(
    usual: sandbox.Task, means: Means, machine: Mapping[str, str], watch: sandbox.Watch | None = None
) -> Iterator[Runner]:
    """Everything is ended at the end. `machine` tells the notebooks' environment from others: versions, GPU."""
    jobs = means.jobs or lanes.usual_jobs(usual.threads)
    with ExitStack() as stack:
        forks = means.warm and usual.layer.bwrap is None and linux.here()
        warm = stack.enter_context(sandbox.warm(usual)) if forks else None
        aids = sandbox.Aids(warm=warm, watch=watch)
        trainer = stack.enter_context(_trainer(usual, means, aids)) if linux.here() else None
        given = training.Conditions(
            versions=machine,
            cpu=conditions.cpu(),
            threads=usual.threads,
            device=usual.device,
            deterministic=usual.deterministic,
            gpu=machine.get("gpu", ""),
        )
        yield Runner(usual, Lanes(jobs), aids, trainer, given, means.audit, means.sharing)


@contextmanager
def _trainer(usual: sandbox.Task, means: Means, aids: sandbox.Aids) -> Iterator[training.Trainer]:
    store = training.Store(means.cache or FOLDER)

    def train(request: BinaryIO) -> training.Trained:
        result = TemporaryFile()  # noqa: SIM115 - whoever gets it closes it
        failure = sandbox.train(usual, request, result, aids)
        if failure:
            result.close()
            return training.Trained(failure=failure)
        result.seek(0)
        return training.Trained(result)

    with TemporaryDirectory(prefix="grader-fits-") as folder:
        slots = lanes.most_trainings(usual.threads)
        with training.Trainer(store, train, Path(folder), usual.execution.tensors, slots) as trainer:
            yield trainer
