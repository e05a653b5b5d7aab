"""Hands fits to the grader, which trains each of them once, and takes the results; and what was trained here.

A request is one frame; the answer is a header that says `train`, with a reason, or `result`, followed by the
frame of the result. Before it there may be a header that says `data`, with what the grader knows of the request's
arrays, and one that says `again`: the request is to be repeated. After anything unexpected on the pipes no more is
asked on them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from . import describing, frame, restoring
from .arguments import UndescribableError
from .arrays import Facts, Known

Report = Callable[[str], object]
MAX_REASON = 300  # characters


class Sharer:
    """`requests` is written to, `replies` read from; `limit` is the bytes that one frame may have.

    Where fits are not `shared`, all are trained here.
    """

    def __init__(self, requests: int, replies: int, limit: int, *, shared: bool = True) -> None:
        self.shared = shared
        self._requests = requests
        self._replies = replies
        self._limit = limit
        self._owner = os.getpid()
        self._broken = ""

    def fit(
        self,
        model: Any,
        arguments: Mapping[str, Any],
        stop_at: int | None,
        report_reason: Report,
        report_known: Callable[[Known], object],
    ) -> Any | None:
        """A `History` like that of Keras; None, with the reason reported, where the kernel is to train.

        What the grader knows of the arrays is reported before the wait for the training, if it tells.
        """
        try:
            self._check()
            description = describing.describe(model, arguments, stop_at)
            result, arrays = self._ask(description, report_known)
            verbose = arguments.get("verbose", "auto")
            return restoring.restore(model, description, result, arrays, verbose)
        except (UndescribableError, frame.FrameError, restoring.MisfitError, OSError) as error:
            report_reason(str(error))
            return None

    def hand_in(self, number: int, model: Any, arguments: Mapping[str, Any]) -> None:
        """What the kernel has trained by itself, for the grader to evaluate; or why it cannot be handed in."""
        if self._broken or os.getpid() != self._owner or threading.current_thread() is not threading.main_thread():
            return
        try:
            description = describing.describe_evaluation(model, arguments)
            tensors = description.tensors
            encoded = self._encoded({"evaluate": {"fit": number}, "fit": description.fit}, tensors)
        except (UndescribableError, frame.FrameError) as error:
            tensors = {}
            encoded = frame.header({"evaluate": {"fit": number, "why": str(error)[:MAX_REASON]}}, tensors)
        self._broken = "what was handed in to be evaluated was not taken to its end"
        frame.write(self._requests, encoded, tensors)
        if frame.read_header(self._replies) == {"answer": "taken"}:
            self._broken = ""

    def _check(self) -> None:
        if self._broken:
            raise UndescribableError(self._broken)
        if os.getpid() != self._owner:
            raise UndescribableError("it was called in a process that the notebook has forked")

    def _ask(self, description: describing.Description, report_known: Callable[[Known], object]) -> tuple[Any, Any]:
        encoded = self._encoded({"fit": description.fit}, description.tensors)
        self._broken = "an earlier request to the shared trainer was not answered to its end"
        frame.write(self._requests, encoded, description.tensors)
        reply = frame.read_header(self._replies)
        if reply.get("answer") == "data":
            report_known(_known(reply.get("facts"), description.tensors))
            reply = frame.read_header(self._replies)
        if reply == {"answer": "again"}:
            frame.write(self._requests, encoded, description.tensors)
            frame.read_header(self._replies)  # what was told of the arrays before
            reply = frame.read_header(self._replies)
        match reply:
            case {"answer": "result"}:
                answer = frame.read(self._replies, self._limit)
                self._broken = ""
                return answer
            case {"answer": "train", "reason": str(reason)}:
                self._broken = ""
                raise UndescribableError(reason)
            case _:
                raise frame.FrameError(f"the reply is '{str(reply)[:200]}'")

    def _encoded(self, content: Facts, tensors: Facts) -> bytes:
        encoded = frame.header(content, tensors)
        size = frame.size(encoded, tensors)
        if size > self._limit:
            raise UndescribableError(f"its description has {size} bytes, {self._limit} are allowed")
        return encoded


def _known(told: Any, tensors: Facts) -> Known:
    """By the arrays themselves, which the description keeps alive."""
    facts = told if isinstance(told, dict) else {}
    return {id(array): facts[name] for name, array in tensors.items() if name in facts}
