"""Results are kept until there is no more room, and given out only as they were put in."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from grader.errors import UsageError
from grader.training.store import Facts, Store

ONE, TWO, THREE = ("1" * 64, "2" * 64, "3" * 64)


def put(store: Store, key: str, data: bytes) -> None:
    with TemporaryFile() as file:
        file.write(data)
        file.flush()
        store.put(key, file)


def got(store: Store, key: str) -> bytes | None:
    file = store.get(key)
    if file is None:
        return None
    with file:
        return file.read()


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_result_comes_back_in_this_run_and_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "fits"
    store = Store(folder, 100)
    assert got(store, ONE) is None
    assert not folder.exists()
    put(store, ONE, b"result")
    assert (got(store, ONE), got(Store(folder, 100), ONE), got(store, TWO)) == (b"result", b"result", None)
    assert store.show() == Facts(folder, 1, 6, 100)
    assert (folder.stat().st_mode & 0o777, only_file(folder).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_source_is_kept_whole_and_left_where_it_stands(tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 100)
    with TemporaryFile() as file:
        file.write(b"result")
        file.seek(2)
        store.put(ONE, file)
        assert file.tell() == 2
    assert got(store, ONE) == b"result"


@pytest.mark.parametrize("damage", [b"", b"resulT", b"result "])
def test_a_damaged_result_is_dropped(damage: bytes, tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 100)
    put(store, ONE, b"result")
    only_file(tmp_path / "fits").write_bytes(damage)
    assert got(store, ONE) is None
    assert list((tmp_path / "fits").iterdir()) == []


def test_a_result_under_another_ones_name_is_dropped(tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 100)
    put(store, ONE, b"result")
    path = only_file(tmp_path / "fits")
    path.rename(path.with_name(f"{TWO}.{'0' * 64}"))
    assert (got(store, TWO), store.show().count) == (None, 0)


def test_what_was_not_asked_for_the_longest_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 20)
    for age, key in ((300, ONE), (200, TWO)):
        put(store, key, b"12345678")
        (path,) = (tmp_path / "fits").glob(f"{key}.*")
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    assert got(store, ONE) == b"12345678"  # which makes it the younger one
    put(store, THREE, b"12345678")
    assert [got(store, key) is not None for key in (ONE, TWO, THREE)] == [True, False, True]
    assert store.show() == Facts(tmp_path / "fits", 2, 16, 20)


def test_what_is_larger_than_the_store_is_not_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 7)
    put(store, ONE, b"1234567")
    put(store, TWO, b"12345678")
    assert (got(store, ONE), got(store, TWO)) == (b"1234567", None)


def test_clearing_removes_results_and_what_was_being_written_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "fits"
    store = Store(folder, 100)
    put(store, ONE, b"one")
    put(store, TWO, b"second")
    (folder / ".0123456789abcdef.part").write_bytes(b"half")
    (folder / "notes.txt").write_text("mine")
    assert store.clear() == Facts(folder, 2, 9, 100)
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    assert store.clear() == Facts(folder, 0, 0, 100)


def test_a_file_that_a_killed_run_left_behind_goes_after_a_while(tmp_path: Path) -> None:
    folder = tmp_path / "fits"
    store = Store(folder, 100)
    put(store, ONE, b"one")
    old, young = folder / ".0123456789abcdef.part", folder / ".fedcba9876543210.part"
    old.write_bytes(b"half")
    young.write_bytes(b"half")
    os.utime(old, (old.stat().st_mtime - 4000,) * 2)
    put(store, TWO, b"two")
    assert (old.exists(), young.exists(), store.show().count) == (False, True, 2)


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "fits", 100)
    put(store, ONE, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    put(store, TWO, b"two")
    assert (got(store, ONE), got(store, TWO)) == (b"one", None)
    assert only_file(tmp_path / "fits").name.startswith(ONE)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o722])
def test_a_folder_that_others_may_write_to_is_refused(mode: int, tmp_path: Path) -> None:
    folder = tmp_path / "fits"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(UsageError, match="may be written to by other users"):
        Store(folder, 100)


def test_a_folder_that_others_may_write_to_later_is_not_used(tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 100)
    put(store, ONE, b"one")
    (tmp_path / "fits").chmod(0o777)
    put(store, TWO, b"two")
    assert (got(store, ONE), got(store, TWO)) == (None, None)
    (tmp_path / "fits").chmod(0o700)
    assert (got(store, ONE), got(store, TWO)) == (b"one", None)


def test_another_users_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(UsageError, match="belongs to another user"):
        Store(tmp_path, 100)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a folder"):
        Store(tmp_path / "file", 100)
    with pytest.raises(UsageError, match="cannot be used: Not a directory"):
        Store(tmp_path / "file" / "fits", 100)


def test_links_and_other_things_that_lie_there_are_no_results(tmp_path: Path) -> None:
    store = Store(tmp_path / "fits", 100)
    put(store, ONE, b"one")
    name = only_file(tmp_path / "fits").name
    (tmp_path / "fits" / name).rename(tmp_path / name)
    (tmp_path / "fits" / name).symlink_to(tmp_path / name)
    os.mkfifo(tmp_path / "fits" / f"{TWO}.{'0' * 64}")
    assert (got(store, ONE), got(store, TWO), store.show().count) == (None, None, 0)


def test_two_runs_may_use_one_folder_at_once(tmp_path: Path) -> None:
    """Each puts, gets, and makes room for its own while the other clears: what comes is right, or nothing."""
    keys = [f"{number:064x}" for number in range(8)]
    wrong: list[object] = []

    def work(store: Store) -> None:
        for turn in range(40):
            key = keys[turn % 8]
            put(store, key, key.encode() * 20)
            if got(store, key) not in (None, key.encode() * 20):
                wrong.append(key)

    def clear() -> None:
        for _ in range(40):
            Store(tmp_path / "fits", 4000).clear()

    stores = [Store(tmp_path / "fits", 4000) for _ in range(2)]
    threads = [threading.Thread(target=work, args=(store,)) for store in stores] + [threading.Thread(target=clear)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert stores[0].show().bytes <= 4000
