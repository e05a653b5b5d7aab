"""What students hand in, and what their code leaves behind, may be anything but a file."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import scratch

LIMIT = 1000


def link(path: Path) -> None:
    path.with_name("target").write_text("{}", "utf-8")
    path.symlink_to(path.with_name("target"))


def dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as stream:
            stream.truncate(size)

    return make


def nothing(path: Path) -> None:
    """Leave the place empty."""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (link, "'n.ipynb' is a symbolic link; hand in the notebook itself"),
        (dangling_link, "'n.ipynb' is a symbolic link; hand in the notebook itself"),
        (bound_socket, "'n.ipynb' is a socket or a pipe; hand in the notebook itself"),
        (os.mkfifo, "'n.ipynb' is not a regular file; hand in the notebook itself"),
        (Path.mkdir, "'n.ipynb' is not a regular file; hand in the notebook itself"),
        (sparse(256 * 1024**2 + 1), "'n.ipynb' has more than 256 MiB"),
    ],
)
def test_only_a_regular_file_of_bounded_size_is_taken_as_a_notebook(
    tmp_path: Path, make: Callable[[Path], None], message: str
) -> None:
    make(tmp_path / "n.ipynb")
    before = open_files()
    with pytest.raises(scratch.NotAFileError) as caught:
        scratch.place_notebook(tmp_path / "n.ipynb", tmp_path / "copy")
    assert str(caught.value) == message
    assert not (tmp_path / "copy").exists()
    assert open_files() == before


def open_files() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def test_a_notebook_that_is_gone_is_our_own_trouble(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scratch.place_notebook(tmp_path / "n.ipynb", tmp_path / "copy")


def test_a_notebook_is_copied_byte_by_byte(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "n.ipynb").write_bytes(content)
    digest = scratch.place_notebook(tmp_path / "n.ipynb", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == content
    assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "make", [nothing, link, dangling_link, bound_socket, os.mkfifo, Path.mkdir, sparse(LIMIT + 1)]
)
def test_what_is_no_bounded_file_is_not_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "evidence.json")
    before = open_files()
    assert scratch.read_bounded(tmp_path / "evidence.json", LIMIT) is None
    assert open_files() == before


def test_a_file_at_its_bound_is_read_in_full(tmp_path: Path) -> None:
    (tmp_path / "evidence.json").write_bytes(b"x" * LIMIT)
    assert scratch.read_bounded(tmp_path / "evidence.json", LIMIT) == b"x" * LIMIT


def test_data_is_copied_under_the_names_that_notebooks_ask_for(tmp_path: Path) -> None:
    (tmp_path / "stored.npz").write_bytes(b"numbers")
    (tmp_path / "work").mkdir()
    placed = scratch.place_data(
        {"mnist.npz": tmp_path / "stored.npz", "more/a.csv": tmp_path / "stored.npz"}, tmp_path / "work"
    )
    assert placed == {
        "mnist.npz": str(tmp_path / "work" / "mnist.npz"),
        "more/a.csv": str(tmp_path / "work" / "more" / "a.csv"),
    }
    (tmp_path / "work" / "mnist.npz").write_bytes(b"other numbers")
    assert (tmp_path / "stored.npz").read_bytes() == b"numbers"
    assert (tmp_path / "work" / "more" / "a.csv").read_bytes() == b"numbers"


def test_a_scratch_folder_is_private_and_goes_away_though_it_was_locked_and_nested_deeply() -> None:
    with scratch.scratch() as root:
        assert sorted(path.name for path in root.iterdir()) == ["home", "out", "tmp", "work"]
        assert {path.stat().st_mode & 0o777 for path in [root, *root.iterdir()]} == {0o700}
        (root / "work" / "locked").mkdir()
        (root / "work" / "locked" / "file").touch()
        (root / "work" / "locked").chmod(0o000)
        nested = os.open(root / "tmp", os.O_RDONLY)
        for _ in range(200):
            os.mkdir("a" * 100, dir_fd=nested)
            inner = os.open("a" * 100, os.O_RDONLY, dir_fd=nested)
            os.close(nested)
            nested = inner
        os.close(nested)
    assert not root.exists()
