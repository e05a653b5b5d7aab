"""A .zip of submissions becomes a folder, whatever its members are called and claim to be."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.model import Execution, Part, Rubric
from grader.submissions import archives, digests, find
from grader.submissions.archives import is_archive, unpack

ONE = Rubric(Path("/rubric.yaml"), "ps1", "PS 1", 0, Execution(), {}, (Part("p", (), Path("/r.ipynb"), ()),))


def packed(path: Path, *members: str | zipfile.ZipInfo, data: bytes = b"{}") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.writestr(member, b"" if str(member).endswith("/") else data)
    return path


def tree(folder: Path) -> set[str]:
    """All files and links, from the folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()} - {".complete"}


def students(folder: Path) -> list[str]:
    return [one.student for one in find(folder, ONE).submissions]


def test_canvas_archive_is_graded_like_its_folder(tmp_path: Path) -> None:
    members = ("ada_1_10_hw.ipynb", "bo_LATE_2_11_hw.ipynb", "cy_3_12_photo.jpg")
    archive = packed(tmp_path / "submissions.zip", *members, data=b"{} " * 100)
    unpacked = unpack(archive, tmp_path / "out")
    found = find(unpacked.folder, ONE)
    assert found.remarks == ("submissions: recognised as Canvas' download (3 students)",)
    assert [len(one.notebooks) for one in found.submissions] == [1, 1, 0]
    assert (unpacked.folder / "ada_1_10_hw.ipynb").read_bytes() == b"{} " * 100
    assert (unpacked.folder / "cy_3_12_photo.jpg").read_bytes() == b""


def test_a_folder_around_everything_is_looked_through(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "class.zip", "class/", "class/ada/x.ipynb", "class/bo.ipynb", "__MACOSX/class/._bo.ipynb"
    )
    assert students(unpack(archive, tmp_path / "out").folder) == ["ada", "bo"]


def test_what_describes_a_download_comes_with_it(tmp_path: Path) -> None:
    archive = packed(
        tmp_path / "a.zip",
        "e/submission_1/x.ipynb",
        "e/submission_metadata.yml",
        "e/submission_1/.git/HEAD",
        data=b"a: b",
    )
    folder = unpack(archive, tmp_path / "out").folder
    assert (folder / "submission_metadata.yml").read_bytes() == b"a: b"
    assert (folder / "submission_1/.git").is_dir()
    assert tree(folder) == {"submission_metadata.yml", "submission_1/x.ipynb"}


def test_a_second_run_finds_it_unpacked(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", "../ada.ipynb", "bo.ipynb")
    first = unpack(archive, tmp_path / "out")
    before = (first.folder / "bo.ipynb").stat().st_mtime_ns
    assert unpack(archive, tmp_path / "out") == first
    assert (first.folder / "bo.ipynb").stat().st_mtime_ns == before
    assert first.remarks == ("'../ada.ipynb' was unpacked as '_.._/ada.ipynb'",)


def test_one_that_was_left_half_way_is_unpacked_again(tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", "ada.ipynb", "bo.ipynb")
    folder = unpack(archive, tmp_path / "out").folder
    (folder / ".complete").unlink()
    (folder / "ada.ipynb").unlink()
    assert students(unpack(archive, tmp_path / "out").folder) == ["ada", "bo"]


def test_members_lead_nowhere_else(tmp_path: Path) -> None:
    names = ("../../up.ipynb", "/etc/abs.ipynb", "C:\\win\\x.ipynb", "a/../../b.ipynb", "..", "n\x01\n.ipynb")
    unpacked = unpack(packed(tmp_path / "a.zip", *names), tmp_path / "out")
    inside = ("_.._/_.._/up.ipynb", "etc/abs.ipynb", "C:/win/x.ipynb", "a/_.._/_.._/b.ipynb", "n\x01\n.ipynb")
    assert tree(unpacked.folder) == set(inside)
    assert tree(tmp_path) == {"a.zip", *(str((unpacked.folder / one).relative_to(tmp_path)) for one in inside)} | {
        str((unpacked.folder / ".complete").relative_to(tmp_path))
    }


def link(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.external_attr = (stat.S_IFLNK | 0o777) << 16
    return found


def test_links_are_files_without_anything(tmp_path: Path) -> None:
    unpacked = unpack(
        packed(tmp_path / "a.zip", link("ada.ipynb"), "bo.ipynb", data=b"/etc/passwd"), tmp_path / "out"
    )
    assert (unpacked.folder / "ada.ipynb").read_bytes() == b""
    assert not (unpacked.folder / "ada.ipynb").is_symlink()
    assert unpacked.remarks == ("'ada.ipynb' is a link, which is not followed",)


def test_a_bomb_is_one_students_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST", 1000)
    monkeypatch.setattr(digests, "LARGEST", 1000)
    archive = packed(tmp_path / "a.zip", "ada.ipynb", data=b"0" * 10**6)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("bo.ipynb", b"{}")
    ada, bo = find(unpack(archive, tmp_path / "out").folder, ONE).submissions
    assert ada.reason == "'ada.ipynb' holds 1,001 bytes; expected 1,000 at most"
    assert bo.sha256


def test_many_bombs_end_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 10**6)
    archive = packed(tmp_path / "a.zip", *(f"{n}.ipynb" for n in range(20)), data=b"0" * 10**5)
    with pytest.raises(UsageError, match=r"a\.zip' holds more than 0 GiB of notebooks when unpacked"):
        unpack(archive, tmp_path / "out")


def test_countless_members_end_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
    with pytest.raises(UsageError, match=r"holds 6 files; expected 5 at most"):
        unpack(packed(tmp_path / "a.zip", *"abcdef"), tmp_path / "out")


def test_what_is_no_archive_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    assert is_archive(tmp_path / "a.zip")
    assert not is_archive(tmp_path)
    with pytest.raises(UsageError, match=r"a\.zip' cannot be read as a zip archive \(File is not a zip file\)"):
        unpack(tmp_path / "a.zip", tmp_path / "out")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_told(tmp_path: Path) -> None:
    unpacked = unpack(packed(tmp_path / "a.zip", "ada.ipynb", "ada.ipynb", "ada.ipynb/x.ipynb"), tmp_path / "out")
    assert unpacked.remarks == (
        "'ada.ipynb' is in the archive more than once; the last one counts",
        "'ada.ipynb/x.ipynb' was left out: a file and a folder have one name",
    )


def test_names_that_no_file_system_takes_are_cut_and_stay_apart(tmp_path: Path) -> None:
    long = "ü" * 300
    unpacked = unpack(packed(tmp_path / "a.zip", f"{long}1.ipynb", f"{long}2.ipynb"), tmp_path / "out")
    assert len(students(unpacked.folder)) == 2


PIECES = ["ada", "/", "..", "\\", ".ipynb", "\n", "é" * 130, ".git", "x", ".", "C:", ".complete"]


@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join), min_size=1, max_size=8))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_whatever_members_are_called_nothing_is_written_elsewhere(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("class")
    archive = packed(folder / "a.zip", *names)
    unpacked = unpack(archive, folder / "out")
    assert sorted(os.listdir(folder)) == ["a.zip", "out"]  # noqa: PTH208 - bare names are what is compared
    assert len(os.listdir(folder / "out")) == 1  # noqa: PTH208 - as above
    find(unpacked.folder, ONE)


@given(st.binary(max_size=300), st.integers(0, 400))
@example(b"`", 222)  # a file that would begin before the archive does
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_archive_is_unpacked_or_a_usage_fault(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    folder = tmp_path_factory.mktemp("class")
    whole = packed(folder / "a.zip", "ada.ipynb", "b/bo.ipynb", data=b"{} " * 50).read_bytes()
    (folder / "a.zip").write_bytes(whole[:place] + noise + whole[place + len(noise) :])
    try:
        unpacked = unpack(folder / "a.zip", folder / "out")
    except UsageError as error:
        assert "a.zip" in str(error)  # noqa: PT017 - either is right
    else:
        assert unpacked.folder.is_dir()
