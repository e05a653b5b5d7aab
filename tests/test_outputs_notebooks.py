"""File names made from what students are called."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.model import Grade, Status
from grader.outputs.notebooks import folder_name, path_for

HEX = "0123456789abcdef"


@pytest.mark.parametrize("name", ["ann.lee-2", "_", "0", "a" * 80])
def test_a_plain_name_stays_what_it_is(name: str) -> None:
    assert folder_name(name) == name


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("../../etc/passwd", "_.._etc_passwd-"),
        ("..\\windows", "_windows-"),
        ("-rf", "rf-"),
        (".", ""),
        ("ann.", "ann.-"),
        ("Ann", "Ann-"),
        ("con", "con-"),
        ("nul.txt", "nul.txt-"),
        ("Zoë Li", "Zo_Li-"),
        ("\u202egnp.exe", "_gnp.exe-"),
        ("a\nb", "a_b-"),
        ("<img src=x>", "_img_src_x_-"),
        ("=1+1", "_1_1-"),
        ("a" * 300, "a" * 80 + "-"),
        ("é" * 300, "_-"),
        ("\ud800", "_-"),
    ],
)
def test_another_name_keeps_its_plain_characters_before_a_digest(name: str, begins: str) -> None:
    made = folder_name(name)
    assert made.startswith(begins)
    assert len(made) == len(begins) + 16
    assert set(made[-16:]) <= set(HEX)


NAMES = st.text() | st.text(st.sampled_from("aAbB.-_ éÉ\u0301\u0130\u0131"), max_size=4)


@given(NAMES, NAMES)
@example("Ann", "ann")
@example("\u00e9", "e\u0301")
@example("a b", "a_b")
@example("ann", "ann ")
def test_names_are_safe_and_never_fall_together(one: str, other: str) -> None:
    names = [folder_name(one), folder_name(other)]
    told_apart = [unicodedata.normalize("NFKD", name).casefold().rstrip(". ") for name in names]
    assert (told_apart[0] == told_apart[1]) == (one == other)
    for name in names:
        assert name.isascii()
        assert 0 < len(name) <= 100
        assert not name.startswith((".", "-"))
        assert not set(name) & set('/\\ \n\0:<>|?*"')


@given(NAMES)
def test_no_name_can_be_made_to_look_like_the_folder_of_another(name: str) -> None:
    folder = folder_name(name)
    assert folder == name or folder_name(folder) != folder
    assert folder_name(folder).casefold() != folder.casefold() or folder == name
    assert folder_name(folder.lower()).casefold() != folder.casefold() or folder == name


def test_an_executed_notebook_lies_in_its_students_folder() -> None:
    grade = Grade("../../etc", "Part1", "x.ipynb", Status.GRADED, 0.0, 1.0)
    path = path_for(Path("out"), grade)
    assert path.parent.parent == Path("out/notebooks")
    assert path.parent.name.startswith("_.._etc-")
    assert path.name == "Part1.ipynb"


def test_a_strange_part_stays_in_the_folder_too() -> None:
    path = path_for(Path("out"), Grade("ann", "../x", "x.ipynb", Status.GRADED, 0.0, 1.0))
    assert path.parent == Path("out/notebooks/ann")
    assert path.name.startswith("_x-")
