"""What students hand in, and what their code leaves behind, may be anything but a file."""

from __future__ import annotations

import hashlib
import os
import socket
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from grader.sandbox import scratch

LIMIT = 1000
STRANGER = 54_321  # a uid that nobody has


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
        (bound_socket, "'n.ipynb' is not a regular file; hand in the notebook itself"),
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
    copy = BytesIO()
    with pytest.raises(scratch.NotAFileError) as caught:
        scratch.copy_notebook(tmp_path / "n.ipynb", copy)
    assert str(caught.value) == message
    assert copy.getvalue() == b""
    assert open_files() == before


def open_files() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def test_a_notebook_that_is_gone_is_our_own_trouble(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scratch.copy_notebook(tmp_path / "n.ipynb", BytesIO())


def test_a_notebook_is_copied_byte_by_byte(tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    (tmp_path / "n.ipynb").write_bytes(content)
    copy = BytesIO()
    digest = scratch.copy_notebook(tmp_path / "n.ipynb", copy)
    assert copy.read() == content
    assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(("size", "read"), [(0, None), (1, 1), (LIMIT, LIMIT), (LIMIT + 1, None)])
def test_what_was_written_is_read_in_full_or_not_at_all(size: int, read: int | None) -> None:
    with TemporaryFile() as stream:
        stream.write(b"x" * size)
        stream.flush()
        found = scratch.read_bounded(stream, LIMIT)
    assert (None if found is None else len(found)) == read


def test_a_folder_that_a_killed_grader_left_is_removed_and_one_in_use_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "_short", lambda: str(tmp_path))
    monkeypatch.setattr(scratch, "YOUNG", -1.0)
    abandoned, other = tmp_path / f"{scratch.PREFIX}abandoned", tmp_path / "grader-of-somebody"
    for folder in (abandoned / "work" / "deep", other):
        folder.mkdir(parents=True)
    (tmp_path / f"{scratch.PREFIX}link").symlink_to(other)
    with scratch.scratch() as used, scratch.scratch():
        assert used.is_dir()
        assert not abandoned.exists()
    assert {path.name for path in tmp_path.iterdir()} == {other.name, f"{scratch.PREFIX}link"}


def test_a_young_folder_is_left_alone_since_its_grader_may_be_about_to_lock_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "_short", lambda: str(tmp_path))
    (tmp_path / f"{scratch.PREFIX}young").mkdir()
    scratch.clear_abandoned()
    assert (tmp_path / f"{scratch.PREFIX}young").is_dir()


def test_data_is_copied_under_the_names_that_notebooks_ask_for(tmp_path: Path) -> None:
    (tmp_path / "stored.npz").write_bytes(b"numbers")
    (tmp_path / "work").mkdir()
    stored = tmp_path / "stored.npz"
    scratch.place_data({"mnist.npz": stored, "more/a.csv": stored}, tmp_path / "work")
    assert (tmp_path / "work" / "more" / "a.csv").read_bytes() == b"numbers"
    (tmp_path / "work" / "mnist.npz").write_bytes(b"other numbers")
    assert (tmp_path / "stored.npz").read_bytes() == b"numbers"
    assert (tmp_path / "work" / "more" / "a.csv").read_bytes() == b"numbers"


def test_a_scratch_folder_is_private_and_goes_away_though_it_was_locked_and_nested_deeply() -> None:
    with scratch.scratch() as root:
        assert sorted(path.name for path in root.iterdir()) == ["home", "run", "stage", "tmp", "work"]
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


def test_a_folder_for_temporary_files_with_a_long_name_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = "/" + "\u00e4" * 29 + "x"  # 60 bytes
    for folder, used in ((longest, longest), (longest + "x", "/tmp")):  # noqa: S108 - of the name alone
        monkeypatch.setattr(tempfile, "tempdir", folder)
        assert scratch._short() == used


def owners(root: Path) -> set[tuple[int, int]]:
    return {(path.lstat().st_uid, path.lstat().st_gid) for path in (root, *root.rglob("*"))}


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A scratch folder with data in it, and a link to a file outside that stays ours."""
    (tmp_path / "outside").touch()
    (tmp_path / "root" / "work" / "more").mkdir(parents=True)
    (tmp_path / "root" / "work" / "more" / "a.csv").touch()
    (tmp_path / "root" / "work" / "link").symlink_to(tmp_path / "outside")
    return tmp_path / "root"


def test_a_folder_that_is_given_to_nobody_stays_ours(filled: Path) -> None:
    before = owners(filled)
    scratch.give(filled, None)
    assert owners(filled) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_folder_that_is_given_to_somebody_is_theirs_with_all_that_is_in_it(filled: Path) -> None:
    scratch.give(filled, STRANGER)
    assert owners(filled) == {(STRANGER, STRANGER)}
    assert (filled.parent / "outside").stat().st_uid == os.getuid()


def test_removing_a_folder_changes_nothing_that_links_in_it_lead_to(filled: Path) -> None:
    outside = filled.parent / "outside"
    outside.chmod(0o400)
    (filled / "work").chmod(0o000 if os.geteuid() == 0 else 0o500)
    scratch._remove(filled)
    assert not filled.exists()
    assert outside.stat().st_mode & 0o777 == 0o400


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs no permissions to remove")
def test_root_changes_no_permissions_where_somebody_could_put_a_link_in_the_way(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0o400)
    (tmp_path / "root").symlink_to(secret)
    scratch._remove(tmp_path / "root")
    assert secret.stat().st_mode & 0o777 == 0o400
