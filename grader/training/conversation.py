"""One submission's requests, answered one after the other until its kernel goes, or breaks the rules.

The submission's clock stands still only between the end of a request and the beginning of its answer: a kernel
that is slow to write or to read uses its own time. What it waited is not counted, and what the training took is,
whoever it was trained for; so a run has the same time with and without sharing.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, BinaryIO, Protocol

from grader.training import allowed, evaluating
from grader.training.channel import CancelledError, ClosedError, Inlet, Outlet
from grader.training.conditions import Conditions, key
from grader.training.evaluating import Handed
from grader.training.frame import (
    LENGTH,
    FrameError,
    Header,
    read_header,
)
from grader.training.inflight import Outcome
from grader.training.intake import Intake, NoRoomError, Taken, skip_tensors

MAX_REQUESTS = 1_000
MAX_FAILURES = 3  # trainings that came to nothing, after which nothing more is tried for this submission
MAX_REASON = 300  # characters
SECONDS_A_BYTE = 2e-7  # and epoch: what the shipped assignment takes, to tell long trainings from short ones
MAX_EPOCHS = 10**6  # that a description is believed to ask for


class Source(StrEnum):
    """Where an answer came from: `KERNEL` trains itself, `BROKEN` got no answer."""

    TRAINED = "trained"
    JOINED = "joined"
    CACHE = "cache"
    AUDITED = "audited"  # there is a result; the kernel trained all the same, to be compared with it
    KERNEL = "kernel"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Served:
    """What became of one request; of the result, if there is one, what the grader itself knows to be true.

    `arrays` are the digests of the data, as in `ArrayFacts`.
    """

    source: Source
    digest: str = ""
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    epochs: tuple[int, ...] = ()
    seconds: float = 0.0
    error: str = ""
    arrays: Mapping[str, str] = field(default_factory=dict)


class Waits(Protocol):
    """The submission's clock: between the two calls it stands still, and goes on by `charge` seconds after."""

    def begin(self) -> None: ...

    def end(self, charge: float) -> None: ...


Found = tuple[Outcome, Source]
Find = Callable[[str, BinaryIO | None, float, threading.Event], AbstractContextManager[Found | None]]


@dataclass(slots=True)
class Conversation:
    """`find` gets the outcome for a key, from a spool that it closes; without one, None where it is to be trained.

    `audit` says of a key to train it again. Who makes it closes what was `handed` in.
    """

    requests: int
    replies: int
    conditions: Conditions
    clock: Waits
    cancelled: threading.Event
    find: Find
    intake: Intake
    most: int
    audit: Callable[[str], bool] | None = None
    handed: list[Handed] = field(default_factory=list)
    _served: list[Served] = field(default_factory=list)
    _failures: int = 0

    def hold(self) -> tuple[Served, ...]:
        """Closes both pipes at its end, so that a kernel is not left waiting."""
        try:
            self._listen(Inlet(self.requests, self.cancelled), Outlet(self.replies, self.cancelled))
        except CancelledError:
            pass  # whoever ended the run knows why
        except (FrameError, ClosedError) as error:
            self._served.append(Served(Source.BROKEN, error=str(error)))
        finally:
            os.close(self.requests)
            os.close(self.replies)
        return tuple(self._served)

    def _listen(self, inlet: Inlet, outlet: Outlet) -> None:
        again = False
        while (header := read_header(inlet, self.most)) is not None:
            if len(self._served) == MAX_REQUESTS:
                raise FrameError(f"more than {MAX_REQUESTS} trainings were asked for")
            if "evaluate" in header.content:
                self._take(inlet, outlet, header)
                continue
            if header.content.keys() != {"fit", "tensors"}:
                raise FrameError("a request's header must have exactly the keys fit and tensors")
            served = self._answer(inlet, outlet, header, again=again)
            again = served is None
            if served is not None:
                self._served.append(served)

    def _take(self, inlet: Inlet, outlet: Outlet, header: Header) -> None:
        """What its kernel trained by itself; it is evaluated when the run is over."""
        if len(self.handed) == MAX_REQUESTS:
            raise FrameError(f"more than {MAX_REQUESTS} trainings were handed in")
        self.handed.append(evaluating.take(inlet, header, self.intake, len(self.handed)))
        outlet.write(reply(answer="taken"))

    def _answer(self, inlet: Inlet, outlet: Outlet, header: Header, *, again: bool) -> Served | None:
        """None where the request was not kept, and is needed after all: it was asked for again."""
        reason = allowed.fault(header.content["fit"])
        if not reason and self._failures >= MAX_FAILURES:
            reason = f"{MAX_FAILURES} trainings of this notebook failed outside its kernel"
        if reason:
            skip_tensors(inlet, header)
            return _decline(outlet, "", reason)
        try:
            taken = self.intake.take(inlet, header, keep=again)
        except NoRoomError as error:
            return _decline(outlet, "", str(error))
        with ExitStack() as stack:
            found = self._wait(stack, outlet, taken, expected(header))
            if found is None:
                outlet.write(reply(answer="again"))
                return None
            return replace(self._reply(outlet, taken.digest, *found), arrays=evaluating.trained_on(header, taken))

    def _wait(self, stack: ExitStack, outlet: Outlet, taken: Taken, expected: float) -> Found | None:
        """The outcome stays open as long as `stack`."""
        with ExitStack() as unless_found:
            if taken.spool is not None:
                unless_found.enter_context(taken.spool)
            outlet.write(reply(answer="data", facts=taken.facts))
            unless_found.pop_all()  # who finds it closes it
        name, charge = key(taken.digest, self.conditions), 0.0
        self.clock.begin()
        try:
            found = stack.enter_context(self.find(name, taken.spool, expected, self.cancelled))
            if found is None:
                return None
            outcome, source = found
            if outcome.result is not None and self.audit is not None and self.audit(name):
                source = Source.AUDITED  # its own training takes the time that is to be charged
            elif outcome.result is not None:
                charge = outcome.result.seconds
        finally:
            self.clock.end(charge)
        return outcome, source

    def _reply(self, outlet: Outlet, digest: str, outcome: Outcome, source: Source) -> Served:
        result, file = outcome.result, outcome.file
        if result is None or file is None:
            self._failures += 1
            return _decline(outlet, digest, outcome.failure)
        if source is Source.AUDITED:
            outlet.write(reply(answer="train", reason="this training is repeated to compare the results"))
        else:
            outlet.write(reply(answer="result"))
            outlet.copy(file.fileno())
        return Served(source, digest, result.history, result.epochs, result.seconds)


def _decline(outlet: Outlet, digest: str, reason: str) -> Served:
    """The kernel is to train by itself, and is told why."""
    outlet.write(reply(answer="train", reason=reason[:MAX_REASON]))
    return Served(Source.KERNEL, digest, error=reason[:MAX_REASON])


def reply(**content: Any) -> bytes:
    """A reply's header; where it has a result, that follows."""
    data = json.dumps(content).encode("ascii")
    return len(data).to_bytes(LENGTH, "big") + data


def expected(header: Header) -> float:
    """Seconds that the training may take, by its size; a description that lies is only begun sooner or later."""
    arguments: Mapping[str, Any] = header.content["fit"]["arguments"]
    first, last = (_count(arguments.get(name), usual) for name, usual in (("initial_epoch", 0), ("epochs", 1)))
    return header.size * max(1, last - first) * SECONDS_A_BYTE


def _count(value: Any, usual: int) -> int:
    return min(value, MAX_EPOCHS) if type(value) is int and value >= 0 else usual
