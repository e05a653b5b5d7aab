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


def test_what_is_written_in_pieces_is_seen_at_the_end_and_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(b"old")
    with durable.replacing(path) as file:
        file.write(b"one ")
        file.write(b"two")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"one two"
    assert list(tmp_path.iterdir()) == [path]


def test_whoever_stops_writing_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(b"old")

    def stops() -> None:
        with durable.replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stops()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_trouble_with_another_file_keeps_that_files_name(tmp_path: Path) -> None:
    def copies() -> None:
        with durable.replacing(tmp_path / "copy") as file:
            file.write((tmp_path / "source").read_bytes())

    with pytest.raises(FileNotFoundError) as caught:
        copies()
    assert caught.value.filename == str(tmp_path / "source")
    assert list(tmp_path.iterdir()) == []
