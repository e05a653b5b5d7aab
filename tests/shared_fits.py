"""Runs a function in a forked child, its fits in the kernel or shared; the test's process is the grader.

Keras is imported here and runs no operation, so that every child begins as a fresh process.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import pickle
import random
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.inside import frame, sharing, train
from grader.inside.events import Events
from grader.inside.probe import Probe

LIMIT = 2**30
Facts = dict[str, Any]
DECLINED = ("declined", "trouble")


@dataclass
class Seen:
    """`facts` is what the function returned, `requests` and `handed` the frames that its fits wrote."""

    facts: Any = None
    events: list[Facts] = field(default_factory=list)
    requests: list[tuple[Facts, Facts]] = field(default_factory=list)
    handed: list[tuple[Facts, Facts]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    printed: str = ""

    @property
    def reasons(self) -> list[str]:
        """Why fits were declined; trouble of the probe is listed too."""
        return [event.get("reason") or event["what"] for event in self.events if event["event"] in DECLINED]

    @property
    def shared(self) -> list[bool]:
        return [event["shared"] for event in self.events if event["event"] == "fit" and event["finished"]]

    @property
    def digests(self) -> list[str]:
        return [digest(*request) for request in self.requests]


def digest(header: Facts, arrays: Facts) -> str:
    canonical = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False)
    hashed = hashlib.sha256(canonical.encode())
    for array in arrays.values():
        hashed.update(np.asarray(array, order="C").tobytes())
    return hashed.hexdigest()


def run(  # noqa: PLR0913 - each is named where it is given
    scenario: Callable[[], Any],
    *,
    shared: bool,
    max_epochs: int | None = None,
    trains: bool = True,
    reply: bytes | None = None,
    limit: int = LIMIT,
    known: Facts | None = None,
) -> Seen:
    """`trains` is whether the grader has the fits trained, rather than refusing them; `reply` goes instead.

    The pipe ends after such a reply. With what is `known` of the arrays, every request is asked for twice.
    """
    requests, replies, told = os.pipe(), os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(requests[0])
        os.close(replies[1])
        sharer = sharing.Sharer(requests[1], replies[0], limit) if shared else None
        _child(scenario, sharer, max_epochs, told[1])
    for descriptor in (requests[1], replies[0], told[1]):
        os.close(descriptor)
    seen = Seen()
    if reply is None:
        _serve(requests[0], replies[1], seen, trains=trains, known=known)
    else:
        seen.requests.append(frame.read(requests[0], LIMIT))
        _write(replies[1], reply)
    os.close(replies[1])
    with os.fdopen(told[0], "rb") as pipe:
        seen.facts, seen.events, seen.printed = pickle.loads(pipe.read())  # noqa: S301 - our own child's
    os.close(requests[0])
    assert os.waitpid(pid, 0)[1] == 0, seen.facts
    return seen


def _child(scenario: Callable[[], Any], sharer: sharing.Sharer | None, max_epochs: int | None, told: int) -> None:
    path = tempfile.mkstemp()[1]
    printed = io.StringIO()
    code = 1
    try:
        begin(0)
        _install(sharer, max_epochs, path)
        with contextlib.redirect_stdout(printed):
            facts = scenario()
        code = 0
    except BaseException:  # noqa: BLE001 - the child must not run on into pytest
        facts = traceback.format_exc()
    events = [json.loads(line) for line in Path(path).read_text().splitlines()]
    Path(path).unlink()
    with os.fdopen(told, "wb") as pipe:
        pipe.write(pickle.dumps((facts, events, printed.getvalue())))
    os._exit(code)


def begin(seed: int) -> None:
    """As `backend` and `seeds` do in a kernel."""
    import tensorflow as tf
    from keras.src.backend.common import global_state
    from keras.src.utils import rng_utils

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.random.set_seed(seed)
    global_state.set_global_attribute(rng_utils.GLOBAL_RANDOM_SEED, seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the state that notebooks draw from


def _install(sharer: sharing.Sharer | None, max_epochs: int | None, path: str) -> None:
    from keras.src.models.model import Model
    from keras.src.trainers.trainer import Trainer

    Probe(Events(path), max_epochs, sharer).install(Model, Trainer)


def _serve(requests: int, replies: int, seen: Seen, *, trains: bool, known: Facts | None) -> None:
    while True:
        try:
            request = frame.read(requests, LIMIT)
            if "evaluate" in request[0]:
                seen.handed.append(request)
                _tell(replies, answer="taken")
                continue
            if known is not None:
                _tell(replies, answer="data", facts=known)
                _tell(replies, answer="again")
                again = frame.read(requests, LIMIT)
                assert digest(*again) == digest(*request)
                _tell(replies, answer="data", facts={})
        except frame.FrameError:
            return
        seen.requests.append(request)
        answer, error = trained(*request) if trains else (b"", "refused")
        if error:
            seen.errors.append(error)
        reply = {"answer": "train", "reason": error} if error else {"answer": "result"}
        _tell(replies, answer, **reply)


def _tell(replies: int, then: bytes = b"", **reply: Any) -> None:
    encoded = json.dumps(reply).encode()
    with contextlib.suppress(BrokenPipeError):
        _write(replies, len(encoded).to_bytes(8, "big") + encoded + then)


def trained(header: Facts, arrays: Facts, answer: Callable[..., Any] = train.train) -> tuple[bytes, str]:
    """The frame of the result, or what went wrong, from a child of its own."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            frame.write(writing, *answer(header["fit"], arrays))
            code = 0
        except BaseException as error:  # noqa: BLE001 - as above
            sys.stderr.flush()
            _write(writing, f"{type(error).__name__}: {error}".encode())
            if os.environ.get("TRACE"):
                traceback.print_exc()
        os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        given = pipe.read()
    failed = os.waitpid(pid, 0)[1] != 0
    return (b"", given.decode()) if failed else (given, "")


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
