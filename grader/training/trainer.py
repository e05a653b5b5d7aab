"""The shared trainer: whatever number of submissions ask for a training, it is done once.

Each submission's requests are answered in a thread of its own; the trainings themselves are done by a few workers.
A result comes from the store, from the training that somebody else is waiting for, or from a new one, in this
order. A training that failed is not tried again in this run: its kernels are told to train by themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Self

from grader.model import Evaluated
from grader.training import evaluating, results
from grader.training.conditions import Conditions
from grader.training.conversation import Conversation, Found, Served, Source, Waits
from grader.training.evaluating import Handed
from grader.training.frame import FrameError
from grader.training.inflight import InFlight, Outcome
from grader.training.intake import Intake
from grader.training.store import Store


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training gave: an open file with the result, which is closed by who gets it, or why there is none."""

    result: BinaryIO | None = None
    failure: str = ""


class Trainer:
    """One for a run, for all its threads. Ends with `close`, or as a context.

    `train` gets the request in a file that stands at its beginning, and is called by `slots` threads at once.
    `most` bytes may the tensors of a request or result have. Files of this run alone go into `spool_folder`, and
    whoever made that removes it. Without a store, results live as long as that.
    """

    def __init__(
        self,
        store: Store | None,
        train: Callable[[BinaryIO], Trained],
        spool_folder: Path,
        most: int,
        slots: int = 1,
    ) -> None:
        self._store = store or Store(Path(mkdtemp(prefix="fits-", dir=spool_folder)))
        self._train, self._most = train, most
        self._intake = Intake(spool_folder)
        self._failed: dict[str, str] = {}
        self._seconds: dict[str, float] = {}
        self._inflight = InFlight(slots, self._obtain, self._keep)

    def serve(  # noqa: PLR0913 - the ends of one conversation
        self,
        requests: int,
        replies: int,
        conditions: Conditions,
        clock: Waits,
        cancelled: threading.Event,
        *,
        audit: Callable[[str], bool] | None = None,
        handed: list[Handed] | None = None,
    ) -> tuple[Served, ...]:
        """Answer one submission until its pipe closes, it breaks the rules, or its run is cancelled.

        Closes both descriptors. `audit` says of a key that its kernel is to train although there is a result. What
        the kernel hands in to be evaluated is added to `handed`, for `evaluate`, or dropped.
        """
        conversation = Conversation(
            requests=requests,
            replies=replies,
            conditions=conditions,
            clock=clock,
            cancelled=cancelled,
            find=self._find,
            intake=self._intake,
            most=self._most,
            audit=audit,
            handed=[] if handed is None else handed,
        )
        served = conversation.hold()
        if handed is None:
            for each in conversation.handed:
                evaluating.drop(each)
        return served

    def evaluate(self, handed: Iterable[Handed]) -> tuple[Evaluated, ...]:
        """What the weights give that a kernel has handed in; whose run is over."""

        def run(spool: BinaryIO) -> tuple[BinaryIO | None, str]:
            trained = self._train(spool)
            return trained.result, trained.failure or "it gave no result"

        return tuple(evaluating.evaluate(each, run, self._most) for each in handed)

    def close(self) -> None:
        """Begin nothing more, and wait for the trainings that run."""
        self._inflight.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    # --- outcomes --------------------------------------------------------------------------------------------

    @contextmanager
    def _find(
        self, key: str, spool: BinaryIO | None, expected: float, cancelled: threading.Event
    ) -> Iterator[Found | None]:
        if (known := self._known(key)) is not None:
            if spool is not None:
                spool.close()
            with closing(known):
                yield known, Source.CACHE
            return
        with self._inflight.hold(key, spool, self._seconds.get(key, expected)) as held:
            if held is None:
                yield None
                return
            job, joined = held
            outcome = job.wait(cancelled)
            if outcome.cached:
                yield outcome, Source.CACHE
            else:
                yield outcome, Source.JOINED if joined else Source.TRAINED

    def _known(self, key: str) -> Outcome | None:
        if key in self._failed:
            return Outcome(failure=self._failed[key])
        file = self._store.get(key)
        if file is None:
            return None
        try:
            return Outcome(results.read(file.fileno(), self._most), file, cached=True)
        except (FrameError, OSError):
            file.close()
            self._store.drop(key)
            return None

    def _obtain(self, key: str, spool: BinaryIO) -> Outcome:
        """Somebody may have been done with it after it was looked for, and before it was asked for here."""
        if (known := self._known(key)) is not None:
            return known
        outcome = self._trained(spool)
        if outcome.result is not None:
            self._seconds[key] = outcome.result.seconds
        return outcome

    def _trained(self, spool: BinaryIO) -> Outcome:
        spool.seek(0)
        trained = self._train(spool)
        if trained.result is None or trained.failure:
            if trained.result is not None:
                trained.result.close()
            return Outcome(failure=trained.failure or "the training gave no result")
        try:
            return Outcome(results.read(trained.result.fileno(), self._most), trained.result)
        except FrameError as error:
            trained.result.close()
            return Outcome(failure=f"the training gave no result that can be read: {error}")

    def _keep(self, key: str, outcome: Outcome) -> None:
        if outcome.failure:
            self._failed[key] = outcome.failure
        elif outcome.file is not None and not outcome.cached:
            self._store.put(key, outcome.file)
