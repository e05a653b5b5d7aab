"""File names made from what students are called."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from grader.model import Grade, Status
from grader.outputs.notebooks import folder_name, path_for


def test_a_plain_name_stays_what_it_is() -> None:
    assert folder_name("ann.lee-2") == "ann.lee-2"


@given(st.text(), st.text())
def test_names_are_safe_and_never_fall_together(one: str, other: str) -> None:
    names = [folder_name(one), folder_name(other)]
    assert (names[0] == names[1]) == (one == other)
    for name in names:
        assert name.isascii()
        assert 0 < len(name) <= 100
        assert not name.startswith(".")
        assert not set(name) & set("/\\ \n\0:")


def test_an_executed_notebook_lies_in_its_students_folder() -> None:
    grade = Grade("../../etc", "part1", "x.ipynb", Status.GRADED, 0.0, 1.0)
    path = path_for(Path("out"), grade)
    assert path.parent.parent == Path("out/notebooks")
    assert path.parent.name.startswith("_.._etc-")
    assert path.name == "part1.ipynb"
