from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader import durable


def test_the_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(b"old")
    durable.replace(path, b"new\n\x00")
    assert path.read_bytes() == b"new\n\x00"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_of_the_old_file_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        durable.replace(path, b"new")
        assert reader.read() == b"old"


def test_a_move_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.mkdir()
    with pytest.raises(OSError, match=r"scores\.csv"):
        durable.replace(path, b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_the_longest_name_that_a_folder_takes_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    durable.replace(path, b"new")
    assert path.read_bytes() == b"new"


def test_others_may_read_it_as_far_as_the_umask_lets_them(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        durable.replace(tmp_path / "scores.csv", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "scores.csv").stat().st_mode & 0o777 == 0o640
