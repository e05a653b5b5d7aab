"""However many ask for a training, and however they behave, it is done once and everybody gets their answer."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import pytest
from training_frames import BODY, FIT, RESULT, TENSORS, WEIGHTS, frame, parsed, request, result

from grader.errors import GraderError
from grader.model import Device
from grader.training import Conditions, Served, Source, Store, Trained, Trainer

CONDITIONS = Conditions({"keras": "3.15.0"}, "cpu", 2, Device.CPU, deterministic=True)
MOST = 1024**2
GOT = ({"answer": "result"}, result())
LAMBDA = FIT | {"compile": {"loss": {"module": "keras.layers", "class_name": "Lambda", "config": {}}}}
FINITE = RESULT | {"history": {"loss": [0.5, 0.25]}}


def told(reason: str) -> tuple[dict[str, str], bytes]:
    return {"answer": "train", "reason": reason}, b""


def fit(number: int, **arguments: Any) -> bytes:
    """A request that differs from others by its number."""
    return request(FIT | {"state": {"number": number}, "arguments": arguments})


@dataclass
class Clock:
    """What a submission's clock was told."""

    said: list[str | float] = field(default_factory=list)

    def begin(self) -> None:
        self.said.append("begin")

    def end(self, charge: float) -> None:
        self.said.append(charge)


@dataclass
class Kernel:
    """The other side: writes requests and reads replies, with files that block."""

    requests: BinaryIO
    replies: BinaryIO
    clock: Clock
    cancelled: threading.Event
    thread: threading.Thread
    served: list[Served]

    def send(self, data: bytes) -> None:
        self.requests.write(data)
        self.requests.flush()

    def reply(self) -> tuple[Any, bytes]:
        """The answer; what is told of the arrays before it is passed over."""
        header, _ = parsed(self._frame())
        if header["answer"] == "data":
            header, _ = parsed(self._frame())
        return header, self._frame() + self.replies.read(len(WEIGHTS)) if header["answer"] == "result" else b""

    def _frame(self) -> bytes:
        prefix = self.replies.read(8)
        return prefix + self.replies.read(int.from_bytes(prefix, "big"))

    def ask(self, data: bytes) -> tuple[Any, bytes]:
        self.send(data)
        return self.reply()

    def end(self) -> list[Served]:
        """Close the pipes as a kernel does that is done, and see what was served."""
        with contextlib.suppress(BrokenPipeError):
            self.requests.close()
        self.thread.join(timeout=10)
        assert not self.thread.is_alive()
        return self.served


Kernels = Callable[..., Kernel]


@pytest.fixture
def kernel() -> Iterator[Kernels]:
    """Makes submissions of a trainer, each with a thread that serves it."""
    made: list[Kernel] = []

    def make(trainer: Trainer, audit: Callable[[str], bool] | None = None) -> Kernel:
        asked, asking = os.pipe()
        replied, replying = os.pipe()
        clock, cancelled, served = Clock(), threading.Event(), list[Served]()

        def serve() -> None:
            served.extend(trainer.serve(asked, replying, CONDITIONS, clock, cancelled, audit=audit))

        thread = threading.Thread(target=serve)
        thread.start()
        made.append(Kernel(os.fdopen(asking, "wb"), os.fdopen(replied, "rb"), clock, cancelled, thread, served))
        return made[-1]

    yield make
    for each in made:
        each.cancelled.set()
        each.end()
        each.replies.close()


def file_of(data: bytes) -> BinaryIO:
    file = TemporaryFile()  # noqa: SIM115 - whom it is given to closes it
    file.write(data)
    file.flush()
    return file


@dataclass
class Training:
    """Trains as quickly as it is allowed to, and remembers which requests it got."""

    answer: Callable[[], Trained] = lambda: Trained(file_of(result()))
    seen: list[Any] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    began: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self, spool: BinaryIO) -> Trained:
        header, body = parsed(spool.read())
        assert (header["tensors"], body) == (TENSORS, BODY)
        self.seen.append(header["fit"])
        self.began.release()
        assert self.go.wait(10)
        return self.answer()


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ready(**told: Any) -> Training:
    training = Training(**told)
    training.go.set()
    return training


def summary(served: list[Served]) -> list[tuple[Source, str]]:
    return [(each.source, each.error) for each in served]


def test_a_request_is_trained_once_and_then_answered_from_the_store(tmp_path: Path, kernel: Kernels) -> None:
    training = ready(answer=lambda: Trained(file_of(result(FINITE))))
    store = Store(tmp_path / "fits", MOST)
    with Trainer(store, training, tmp_path, MOST) as trainer:
        one, two = kernel(trainer), kernel(trainer)
        assert one.ask(request())[0] == {"answer": "result"}
        assert one.ask(request())[0] == {"answer": "result"}
        assert two.ask(request())[0] == {"answer": "result"}
        first, again = one.end()
        assert first.source is Source.TRAINED
        assert again.source in (Source.CACHE, Source.JOINED)
        assert (first.history, first.epochs, first.seconds) == ({"loss": (0.5, 0.25)}, (0, 1), 3.5)
        assert replace(again, source=Source.TRAINED) == replace(two.end()[0], source=Source.TRAINED) == first
        assert one.clock.said == ["begin", 3.5] * 2
    assert training.seen == [FIT]
    with Trainer(store, training, tmp_path, MOST) as trainer:  # another run
        three = kernel(trainer)
        three.ask(request())
        assert three.end() == [replace(first, source=Source.CACHE)]
        assert three.clock.said == ["begin", 3.5]
    assert training.seen == [FIT]
    assert [path.name for path in tmp_path.iterdir()] == ["fits"]


def test_a_result_reaches_the_kernel_byte_for_byte(tmp_path: Path, kernel: Kernels) -> None:
    with Trainer(None, ready(), tmp_path, MOST) as trainer:
        one = kernel(trainer)
        assert [one.ask(request()), one.ask(request())] == [GOT, GOT]


def test_without_a_store_results_live_as_long_as_the_run(tmp_path: Path, kernel: Kernels) -> None:
    for _ in range(2):
        training = ready()
        with Trainer(None, training, tmp_path, MOST) as trainer:
            one, two = kernel(trainer), kernel(trainer)
            assert [one.ask(request()), two.ask(request())] == [GOT, GOT]
        assert training.seen == [FIT]


def test_requests_in_flight_join(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    with Trainer(None, training, tmp_path, MOST, slots=2) as trainer:
        kernels = [kernel(trainer) for _ in range(5)]
        kernels[0].send(request())
        assert training.began.acquire(timeout=10)  # those that come before it is known are asked again
        for each in kernels[1:]:
            each.send(request())
        until(lambda: all(each.clock.said == ["begin"] for each in kernels))
        training.go.set()
        assert [each.reply() for each in kernels] == [GOT] * 5
        sources = [each.end()[0].source for each in kernels]
        assert [each.clock.said for each in kernels] == [["begin", 3.5]] * 5
    assert len(training.seen) == 1
    assert sources.count(Source.TRAINED) == 1
    assert set(sources) == {Source.TRAINED, Source.JOINED}


def test_other_conditions_make_another_training(tmp_path: Path) -> None:
    training = ready()
    with Trainer(None, training, tmp_path, MOST) as trainer:
        for threads, asked_again in ((1, 0), (2, 1), (1, 0)):
            asked, asking = os.pipe()
            replied, replying = os.pipe()
            os.write(asking, request() * (1 + asked_again))
            os.close(asking)
            conditions = replace(CONDITIONS, threads=threads)
            served = trainer.serve(asked, replying, conditions, Clock(), threading.Event())
            os.close(replied)
            assert len(served) == 1
    assert len(training.seen) == 2


def test_one_submission_that_ends_takes_nothing_from_those_that_joined_it(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one, two = kernel(trainer), kernel(trainer)
        one.send(request())
        assert training.began.acquire(timeout=10)
        two.send(request())
        one.cancelled.set()
        assert one.end() == []
        assert one.clock.said == ["begin", 0.0]
        training.go.set()
        assert two.reply() == GOT
        assert summary(two.end()) == [(Source.JOINED, "")]


def test_what_nobody_waits_for_any_more_is_not_begun(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one, two, three = (kernel(trainer) for _ in range(3))
        one.send(fit(1))
        assert training.began.acquire(timeout=10)
        two.send(fit(2))
        until(lambda: two.clock.said == ["begin"])
        two.cancelled.set()
        assert two.end() == []
        three.send(fit(3))
        training.go.set()
        assert [one.reply(), three.reply()] == [GOT, GOT]
    assert [seen["state"]["number"] for seen in training.seen] == [1, 3]


def test_the_longest_of_those_that_wait_is_begun_first(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    lengths: list[dict[str, Any]] = [
        {"epochs": 3},
        {"epochs": 12},
        {"epochs": 14, "initial_epoch": 4},
        {"epochs": "9"},
    ]
    with Trainer(None, training, tmp_path, MOST) as trainer:
        kernels = [kernel(trainer) for _ in range(5)]
        kernels[0].send(fit(0))
        assert training.began.acquire(timeout=10)
        for number, arguments in enumerate(lengths, 1):
            kernels[number].send(fit(number, **arguments))
        until(lambda: all(each.clock.said == ["begin"] for each in kernels))
        time.sleep(0.05)  # from the clock's stand to the queue
        training.go.set()
        assert [each.reply() for each in kernels] == [GOT] * 5
    assert [seen["state"]["number"] for seen in training.seen] == [0, 2, 3, 1, 4]


def test_no_more_than_the_slots_train_at_once(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    with Trainer(None, training, tmp_path, MOST, slots=2) as trainer:
        kernels = [kernel(trainer) for _ in range(4)]
        for number, each in enumerate(kernels):
            each.send(fit(number))
        assert training.began.acquire(timeout=10)
        assert training.began.acquire(timeout=10)
        assert not training.began.acquire(timeout=0.3)
        training.go.set()
        assert [each.reply() for each in kernels] == [GOT] * 4


def refuse() -> Trained:
    raise GraderError("the sandbox failed")


def stumble() -> Trained:
    raise OSError(12, "Cannot allocate memory")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda: Trained(failure="it ran out of memory"), "it ran out of memory"),
        (lambda: Trained(file_of(result()), failure="it ran too long"), "it ran too long"),
        (Trained, "the training gave no result"),
        (refuse, "the sandbox failed"),
        (stumble, "OSError: [Errno 12] Cannot allocate memory"),
        (
            lambda: Trained(file_of(result() + b"x")),
            "the training gave no result that can be read: the frame has 209 bytes; its header asks for 208",
        ),
    ],
)
def test_a_training_that_fails_is_not_tried_again(
    answer: Callable[[], Trained], why: str, tmp_path: Path, kernel: Kernels
) -> None:
    training = ready(answer=answer)
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one, two = kernel(trainer), kernel(trainer)
        assert [one.ask(request()), two.ask(request())] == [told(why), told(why)]
        assert summary(one.end() + two.end()) == [(Source.KERNEL, why)] * 2
        assert one.clock.said == two.clock.said == ["begin", 0.0]
        assert len(training.seen) == 1
        training.answer = lambda: Trained(file_of(result()))
        assert kernel(trainer).ask(fit(2)) == GOT


def test_after_some_failures_a_notebook_is_left_to_itself(tmp_path: Path, kernel: Kernels) -> None:
    training = ready(answer=lambda: Trained(failure="no"))
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one = kernel(trainer)
        answers = [one.ask(fit(number)) for number in range(5)]
    enough = told("3 trainings of this notebook failed outside its kernel")
    assert answers == [told("no")] * 3 + [enough] * 2
    assert len(training.seen) == 3


def test_what_may_not_be_trained_outside_is_answered_and_the_next_request_served(
    tmp_path: Path, kernel: Kernels
) -> None:
    training = ready()
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one = kernel(trainer)
        why = "'keras.layers.Lambda' is not among the built-in objects that are trained outside the kernel"
        assert [one.ask(request(LAMBDA)), one.ask(request())] == [told(why), GOT]
        assert summary(one.end()) == [(Source.KERNEL, why), (Source.TRAINED, "")]
        assert one.clock.said == ["begin", 3.5]
    assert training.seen == [FIT]


def test_an_audited_training_is_done_outside_and_in_the_kernel(tmp_path: Path, kernel: Kernels) -> None:
    keys: list[str] = []

    def audit(key: str) -> bool:
        keys.append(key)
        return len(keys) != 2

    training = ready(answer=lambda: Trained(file_of(result(FINITE))))
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one = kernel(trainer, audit)
        answers = [one.ask(request())[0] for _ in range(3)]
        first, second, third = one.end()
    again = told("this training is repeated to compare the results")[0]
    assert answers == [again, {"answer": "result"}, again]
    assert (first.source, third.source) == (Source.AUDITED, Source.AUDITED)
    assert first.history == second.history == third.history == {"loss": (0.5, 0.25)}
    assert one.clock.said == ["begin", 0.0, "begin", 3.5, "begin", 0.0]
    assert (len(training.seen), len(set(keys))) == (1, 1)


def test_a_stored_result_that_is_none_is_trained_again(tmp_path: Path, kernel: Kernels) -> None:
    store, training = Store(tmp_path / "fits", MOST), ready()
    for data in (result() + b"x", result()):
        with Trainer(store, training, tmp_path, MOST) as trainer:
            assert kernel(trainer).ask(request()) == GOT
        (kept,) = (tmp_path / "fits").iterdir()
        with file_of(data) as file:  # as another version of the grader might have kept it
            kept.unlink()
            store.put(kept.name[:64], file)
    assert len(training.seen) == 2


def test_a_full_disk_leaves_the_training_to_the_kernel(
    tmp_path: Path, kernel: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> BinaryIO:
        raise OSError(28, "No space left on device")

    with Trainer(None, ready(), tmp_path, MOST) as trainer:
        one = kernel(trainer)
        with monkeypatch.context() as patched:
            patched.setattr("grader.training.intake.TemporaryFile", full)
            assert one.ask(request()) == told("the request could not be kept: No space left on device")
        assert one.ask(request()) == GOT
        assert one.clock.said == ["begin", 3.5]


def test_trainings_that_wait_when_the_run_ends_are_not_begun(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    trainer = Trainer(None, training, tmp_path, MOST)
    one, two = kernel(trainer), kernel(trainer)
    one.send(fit(1))
    assert training.began.acquire(timeout=10)
    two.send(fit(2))
    until(lambda: two.clock.said == ["begin"])
    threading.Timer(0.2, training.go.set).start()
    trainer.close()
    assert [one.reply(), two.reply(), kernel(trainer).ask(fit(3))] == [GOT] + [told("the run is ending")] * 2
    assert len(training.seen) == 1


# --- hostile kernels -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"\xff" * 100, "the header has 18446744073709551615 bytes, more than 4194304"),
        (b"garbage!" * 100, "the header has 7449361025514038561 bytes, more than 4194304"),
        (frame(b"[]"), "the header is no JSON object"),
        (frame({"fit": FIT, "tensors": TENSORS, "more": 1}), "must have exactly the keys fit and tensors"),
        (frame({"fit": FIT}), "the header has no list of tensors"),
        (frame({"fit": FIT, "tensors": [TENSORS[1] | {"shape": [MOST + 1]}]}), "1048577 bytes, more than 1048576"),
        (request()[:20], "the frame ends within its header"),
        (request()[:-1], "the request ended 2 bytes before its end"),
        (request(LAMBDA)[:-1], "the request ended 26 bytes before its end"),
    ],
)
def test_a_kernel_that_breaks_the_rules_is_not_listened_to_any_more(
    sent: bytes, why: str, tmp_path: Path, kernel: Kernels
) -> None:
    training = ready()
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one = kernel(trainer)
        with contextlib.suppress(BrokenPipeError):
            one.send(sent)
        (served,) = one.end()
        assert served.source is Source.BROKEN
        assert why in served.error
        assert one.replies.read() == b""
        assert one.clock.said == []
        assert kernel(trainer).ask(request()) == GOT


def test_bytes_beyond_what_the_header_says_begin_the_next_request(tmp_path: Path, kernel: Kernels) -> None:
    with Trainer(None, ready(), tmp_path, MOST) as trainer:
        one = kernel(trainer)
        assert one.ask(request() + b"\xff" * 8) == GOT
        assert [each.source for each in one.end()] == [Source.TRAINED, Source.BROKEN]


@pytest.mark.parametrize("sent", [b"", request()[:5], request()[:50], request()[:-3], request(LAMBDA)[:-3]])
def test_a_kernel_that_stalls_uses_its_own_time_until_its_run_ends(
    sent: bytes, tmp_path: Path, kernel: Kernels
) -> None:
    with Trainer(None, ready(), tmp_path, MOST) as trainer:
        one, two = kernel(trainer), kernel(trainer)
        one.send(sent)
        assert two.ask(request()) == GOT
        assert one.thread.is_alive()
        one.cancelled.set()
        one.thread.join(timeout=2)
        assert not one.thread.is_alive()
        assert (one.served, one.clock.said) == ([], [])


def test_a_kernel_that_never_reads_uses_its_own_time_until_its_run_ends(tmp_path: Path, kernel: Kernels) -> None:
    large = 4 * 1024**2
    header = RESULT | {"tensors": [{"name": "w", "dtype": "int8", "shape": [large]}]}
    training = ready(answer=lambda: Trained(file_of(result(header, bytes(large)))))
    with Trainer(None, training, tmp_path, large) as trainer:
        one = kernel(trainer)
        one.send(request())
        until(lambda: one.clock.said == ["begin", 3.5])
        one.thread.join(timeout=0.3)
        assert one.thread.is_alive()
        one.cancelled.set()
        one.thread.join(timeout=2)
        assert not one.thread.is_alive()
        assert one.served == []


def test_a_kernel_that_goes_before_its_answer_is_told_of(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    with Trainer(None, training, tmp_path, MOST) as trainer:
        one, two = kernel(trainer), kernel(trainer)
        one.send(request())
        assert training.began.acquire(timeout=10)
        one.requests.close()
        one.replies.close()
        training.go.set()
        assert summary(one.end()) == [(Source.BROKEN, "the reply could not be written: Broken pipe")]
        assert two.ask(request()) == GOT
    assert len(training.seen) == 1


def test_a_kernel_may_ask_a_thousand_times(tmp_path: Path, kernel: Kernels) -> None:
    with Trainer(None, ready(), tmp_path, MOST) as trainer:
        one = kernel(trainer)
        assert all(one.ask(request()) == GOT for _ in range(1000))
        with contextlib.suppress(BrokenPipeError):
            one.send(request())
        served = one.end()
    assert len(served) == 1001
    assert summary(served)[-1] == (Source.BROKEN, "more than 1000 trainings were asked for")


def test_a_request_that_only_looks_like_an_earlier_one_is_asked_for_again(tmp_path: Path, kernel: Kernels) -> None:
    other, trained = request(body=BODY[::-1]), list[bytes]()

    def train(spool: BinaryIO) -> Trained:
        trained.append(parsed(spool.read())[1])
        return Trained(file_of(result()))

    with Trainer(None, train, tmp_path, MOST) as trainer:
        one, two = kernel(trainer), kernel(trainer)
        assert one.ask(request()) == GOT
        assert two.ask(other) == ({"answer": "again"}, b"")
        assert [two.ask(other), two.ask(other), two.ask(request())] == [GOT] * 3
        served = two.end()
    assert trained == [BODY, BODY[::-1]]
    assert served[0].source is Source.TRAINED
    assert {each.source for each in served[1:]} <= {Source.CACHE, Source.JOINED}
    assert two.clock.said == ["begin", 0.0, *["begin", 3.5] * 3]


def test_what_is_known_of_the_arrays_is_told_before_the_training(tmp_path: Path, kernel: Kernels) -> None:
    training = Training()
    values = [{"name": "data 0", "dtype": "uint8", "shape": [26]}]
    asked = frame({"fit": FIT, "tensors": values}, BODY)
    with Trainer(None, lambda _: training.answer(), tmp_path, MOST) as trainer:
        for _ in range(2):
            one = kernel(trainer)
            one.send(asked)
            said, _ = parsed(one._frame())
            facts = said["facts"]["data 0"]
            assert said["answer"] == "data"
            assert (facts["shape"], facts["low"], facts["high"], len(facts["digest"])) == ([26], 0.0, 25.0, 64)
            assert one.reply() == GOT


def test_no_file_stays_open_and_none_is_left(tmp_path: Path, kernel: Kernels) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with Trainer(Store(tmp_path / "fits", MOST), ready(), tmp_path, MOST) as trainer:
        for sent in (request(), request(), request(LAMBDA), fit(1), request()[:-1], b"\xff" * 9):
            one = kernel(trainer)
            one.send(sent)
            one.end()
            one.replies.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert [path.name for path in tmp_path.iterdir()] == ["fits"]
