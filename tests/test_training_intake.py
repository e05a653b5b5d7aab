"""Requests are hashed to their last byte, and kept where they may have to be trained."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_frames import BODY, FIT, TENSORS, frame, piped, request

from grader.training.channel import CancelledError, ClosedError, Inlet
from grader.training.frame import Header, read_header
from grader.training.intake import Intake, NoRoomError, Taken, copy_tensors, digest_of

MOST = 1024**2
HALVES = tuple(hashlib.sha256(part).hexdigest() for part in (BODY[:24], BODY[24:]))


class Full(BytesIO):
    """A disk that takes so many bytes."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: Any) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return super().write(data)


def test_a_request_is_spooled_with_a_canonical_header_and_hashed() -> None:
    header = {"tensors": TENSORS, "fit": {"b": "é", "a": 1.0}}
    canonical = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    spool = BytesIO()
    with piped(frame(header, BODY) * 2) as inlet:
        for _ in range(2):
            found = read_header(inlet, MOST)
            assert found == Header(header, canonical, (24, 2))
            digests = copy_tensors(inlet, spool, found)
            assert digests == HALVES
            assert digest_of(found, digests) == hashlib.sha256(canonical + "".join(HALVES).encode()).hexdigest()
        assert read_header(inlet, MOST) is None
    assert spool.getvalue() == (len(canonical).to_bytes(8, "big") + canonical + BODY) * 2


def test_many_blocks_arrive_whole_and_in_order() -> None:
    body = os.urandom(3 * 1024**2 + 17)
    header = {"tensors": [{"name": "", "dtype": "int8", "shape": [len(body)]}]}
    spool = BytesIO()
    with piped(frame(header, body)) as inlet:
        found = read_header(inlet, 2 * len(body))
        assert found
        assert copy_tensors(inlet, spool, found) == (hashlib.sha256(body).hexdigest(),)
    assert spool.getvalue().endswith(body)


def test_a_full_disk_lets_the_request_be_read_to_its_end() -> None:
    for room in (10, 200):
        with piped(request() + request()) as inlet:
            found = read_header(inlet, MOST)
            assert found
            with pytest.raises(NoRoomError, match="could not be kept: No space left on device"):
                copy_tensors(inlet, Full(room), found)
            assert read_header(inlet, MOST) == found


def test_a_pipe_that_ends_within_the_tensors_is_told_from_its_end() -> None:
    with piped(request()[:-1]) as inlet:
        found = read_header(inlet, MOST)
        assert found
        with pytest.raises(ClosedError, match="ended 2 bytes before its end"):
            copy_tensors(inlet, BytesIO(), found)


@pytest.mark.parametrize("sent", [b"", b"\0\0", request()[:30], request()[:-5]])
def test_a_writer_that_stalls_is_left_when_the_run_ends(sent: bytes) -> None:
    reading, writing = os.pipe()
    os.write(writing, sent)
    cancelled = threading.Event()
    threading.Timer(0.1, cancelled.set).start()
    inlet = Inlet(reading, cancelled)

    def read() -> None:
        while found := read_header(inlet, MOST):
            copy_tensors(inlet, BytesIO(), found)

    began = time.monotonic()
    with pytest.raises(CancelledError):
        read()
    assert time.monotonic() - began < 2
    os.close(reading)
    os.close(writing)


def taken(intake: Intake, data: bytes, *, keep: bool = False) -> Taken:
    with piped(data) as inlet:
        header = read_header(inlet, MOST)
        assert header
        return intake.take(inlet, header, keep=keep)


def kept(each: Taken) -> bytes | None:
    if each.spool is None:
        return None
    with each.spool as spool:
        spool.seek(0)
        return spool.read()


def test_a_request_is_kept_unless_its_header_was_seen_before(tmp_path: Path) -> None:
    intake = Intake(tmp_path)
    first = taken(intake, request())
    again = taken(intake, request())
    other = taken(intake, request(body=BODY[::-1]))  # the same header
    asked_again = taken(intake, request(body=BODY[::-1]), keep=True)
    new = taken(intake, request(FIT | {"state": {"number": 1}}))
    frames = [kept(each) for each in (first, again, other, asked_again, new)]
    assert [None if data is None else data[-26:] for data in frames] == [BODY, None, None, BODY[::-1], BODY]
    assert first.digest == again.digest
    assert other.digest == asked_again.digest
    assert len({first.digest, other.digest, new.digest}) == 3
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_kept_is_not_taken_for_seen(tmp_path: Path) -> None:
    intake = Intake(tmp_path / "absent")
    with pytest.raises(NoRoomError, match="could not be kept: No such file or directory"):
        taken(intake, request())
    (tmp_path / "absent").mkdir()
    assert kept(taken(intake, request())) is not None


def test_of_many_headers_the_oldest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.training.intake.MAX_FAMILIAR", 2)
    intake = Intake(tmp_path)
    numbers = (1, 2, 1, 3, 3, 1)
    found = [kept(taken(intake, request(FIT | {"state": {"number": number}}))) for number in numbers]
    assert [data is not None for data in found] == [True, True, False, True, False, True]


def tensors_of(data: bytes) -> tuple[str, ...]:
    with piped(data) as inlet:
        header = read_header(inlet, MOST)
        assert header
        return copy_tensors(inlet, None, header)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_any_changed_byte_of_a_tensor_makes_another_digest(place: int, change: int) -> None:
    body = bytearray(BODY)
    body[place] ^= change
    assert tensors_of(request(body=bytes(body))) != tensors_of(request())
