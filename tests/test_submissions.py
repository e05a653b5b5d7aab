"""A folder of what students handed in becomes one Submission for every student and part."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import copies, submissions
from grader.errors import UsageError
from grader.model import Execution, Part, Rubric, Submission
from grader.submissions import searching

DIGEST = hashlib.sha256(b"{}").hexdigest()


def rubric(**parts: tuple[str, ...]) -> Rubric:
    """A rubric of these parts, each with its globs."""
    made = tuple(Part(name, globs, Path("/reference.ipynb"), ()) for name, globs in parts.items())
    return Rubric(Path("/rubric.yaml"), "a0", "A0", 0, Execution(), {}, made)


ONE = rubric(part1=())
NAMED = rubric(part1=("*part1*", "*assignment0*"))
TWO = rubric(part1=("*part1*", "*assignment0*"), part2=("*part2*",))


def hand_in(folder: Path, *names: str) -> Path:
    """Make the notebooks; a name that ends in a slash makes a folder."""
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(b"{}")
    return folder


def find(folder: Path, looked_for: Rubric) -> tuple[Submission, ...]:
    """The submissions alone; tests/test_submissions_systems.py looks at the rest."""
    return submissions.find(folder, looked_for).submissions


def found(folder: Path, looked_for: Rubric) -> dict[tuple[str, str], list[str]]:
    """(student, part) -> the candidates, from the folder."""
    return {
        (s.student, s.part): [str(n.relative_to(folder)) for n in s.notebooks] for s in find(folder, looked_for)
    }


# --- one part ----------------------------------------------------------------------------------------------


def test_folders_and_flat_files_are_students_in_order_of_name(tmp_path: Path) -> None:
    hand_in(tmp_path, "cleo/deep/down/Untitled0.ipynb", "bo.ipynb", "ada/x.IPYNB", "README.md", "ada/data.csv")
    assert find(tmp_path, ONE) == (
        Submission("ada", "part1", (tmp_path / "ada/x.IPYNB",), DIGEST),
        Submission("bo", "part1", (tmp_path / "bo.ipynb",), DIGEST),
        Submission("cleo", "part1", (tmp_path / "cleo/deep/down/Untitled0.ipynb",), DIGEST),
    )


def test_an_only_notebook_is_it_whatever_its_name(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/anything.ipynb")
    assert found(tmp_path, NAMED) == {("ada", "part1"): ["ada/anything.ipynb"]}


def test_of_several_notebooks_the_one_that_is_named_for_the_part_counts(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/scratch.ipynb", "ada/Assignment-0 (1).ipynb")
    assert found(tmp_path, NAMED) == {("ada", "part1"): ["ada/Assignment-0 (1).ipynb"]}


@pytest.mark.parametrize("looked_for", [ONE, NAMED])
def test_two_notebooks_that_nothing_tells_apart_are_ambiguous_and_both_named(
    tmp_path: Path, looked_for: Rubric
) -> None:
    hand_in(tmp_path, "ada/a.ipynb", "ada/b.ipynb")
    assert find(tmp_path, looked_for) == (
        Submission(
            "ada",
            "part1",
            (tmp_path / "ada/a.ipynb", tmp_path / "ada/b.ipynb"),
            reason="found 2 notebooks where one is expected: 'ada/a.ipynb', 'ada/b.ipynb'",
        ),
    )


def test_of_two_that_are_named_for_the_part_only_those_are_ambiguous(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/part1.ipynb", "ada/Part 1 final.ipynb", "ada/scratch.ipynb")
    assert found(tmp_path, NAMED) == {("ada", "part1"): ["ada/Part 1 final.ipynb", "ada/part1.ipynb"]}


def test_a_long_list_of_candidates_is_cut_in_the_reason_only(tmp_path: Path) -> None:
    hand_in(tmp_path, *(f"ada/{n:02}.ipynb" for n in range(30)))
    (submission,) = find(tmp_path, ONE)
    assert len(submission.notebooks) == 30
    assert submission.reason.startswith("found 30 notebooks where one is expected: 'ada/00.ipynb', ")
    assert submission.reason.endswith("'ada/09.ipynb' and 20 more")


def test_a_student_without_a_notebook_has_a_row(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/", "bo/hw.ipynb.txt")
    reason = "no notebook was found: no file's name ends in .ipynb"
    assert find(tmp_path, ONE) == tuple(Submission(name, "part1", (), reason=reason) for name in ("ada", "bo"))


def test_a_folder_and_a_flat_file_of_one_name_are_one_student(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/", "ada.ipynb", "bo/x.ipynb", "bo.ipynb")
    assert found(tmp_path, ONE) == {
        ("ada", "part1"): ["ada.ipynb"],
        ("bo", "part1"): ["bo/x.ipynb", "bo.ipynb"],
    }


def test_names_that_differ_in_case_are_different_students(tmp_path: Path) -> None:
    hand_in(tmp_path, "Ada.ipynb", "ada.ipynb", "ADA/x.ipynb")
    assert [s.student for s in find(tmp_path, ONE)] == ["ADA", "Ada", "ada"]


def test_checkpoints_hidden_files_and_what_archives_add_are_passed_over(tmp_path: Path) -> None:
    hand_in(
        tmp_path,
        *("ada/a.ipynb", "ada/.ipynb_checkpoints/a-checkpoint.ipynb", "ada/.hidden.ipynb", "ada/._a.ipynb"),
        *("__MACOSX/ada/._a.ipynb", "ada/__MACOSX/b.ipynb", ".git/x.ipynb", "._ada.ipynb", ".ipynb"),
    )
    assert found(tmp_path, ONE) == {("ada", "part1"): ["ada/a.ipynb"]}


def test_names_that_begin_like_a_way_up_are_students_like_others(tmp_path: Path) -> None:
    hand_in(tmp_path, "..%2fada.ipynb", "..bob/a.ipynb")
    assert found(tmp_path, ONE) == {
        ("..%2fada", "part1"): ["..%2fada.ipynb"],
        ("..bob", "part1"): ["..bob/a.ipynb"],
    }


def test_countless_candidates_are_counted_and_a_hundred_kept(tmp_path: Path) -> None:
    hand_in(tmp_path, *(f"ada/{n:03}.ipynb" for n in range(130)))
    (submission,) = find(tmp_path, ONE)
    assert submission.notebooks == tuple(tmp_path / f"ada/{n:03}.ipynb" for n in range(100))
    assert submission.reason.startswith("found 130 notebooks where one is expected: 'ada/000.ipynb', ")


def test_long_paths_are_cut_in_the_reason_only(tmp_path: Path) -> None:
    deep = "/".join(["d" * 200] * 10)
    hand_in(tmp_path, f"ada/{deep}/a.ipynb", f"ada/{deep}/b.ipynb")
    (submission,) = find(tmp_path, ONE)
    shown = [f"'ada/{'d' * 76}…{'d' * 72}/{name}.ipynb'" for name in "ab"]
    assert submission.reason == f"found 2 notebooks where one is expected: {shown[0]}, {shown[1]}"
    assert [path.name for path in submission.notebooks] == ["a.ipynb", "b.ipynb"]


# --- several parts -----------------------------------------------------------------------------------------


REST = rubric(part1=(), part2=("*part2*", "*part ii"))


def test_a_part_without_names_takes_what_the_others_names_leave(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/Part I.ipynb", "ada/Part II.ipynb", "bo.ipynb", "cleo/part2.ipynb", "dan/a.ipynb")
    hand_in(tmp_path, "dan/b.ipynb")
    assert found(tmp_path, REST) == {
        ("ada", "part1"): ["ada/Part I.ipynb"],
        ("ada", "part2"): ["ada/Part II.ipynb"],
        ("bo", "part1"): ["bo.ipynb"],
        ("bo", "part2"): [],
        ("cleo", "part1"): [],
        ("cleo", "part2"): ["cleo/part2.ipynb"],
        ("dan", "part1"): ["dan/a.ipynb", "dan/b.ipynb"],
        ("dan", "part2"): [],
    }
    assert {one.reason for one in find(tmp_path, REST) if (one.student, one.part) == ("cleo", "part1")} == {
        "every notebook is named like those of other parts; found 'cleo/part2.ipynb'"
    }
    assert submissions.single(tmp_path / "bo.ipynb", REST).part == "part1"
    assert submissions.single(tmp_path / "ada/Part II.ipynb", REST).part == "part2"


def test_every_student_has_a_row_for_every_part_in_the_rubrics_order(tmp_path: Path) -> None:
    hand_in(tmp_path, "bo/PART_2.ipynb", "bo/Assignment-0 (1).ipynb", "ada/Part 1.ipynb", "ada/Untitled0.ipynb")
    ada_part2 = "no notebook is named like '*part2*'; found 'ada/Part 1.ipynb', 'ada/Untitled0.ipynb'"
    assert find(tmp_path, TWO) == (
        Submission("ada", "part1", (tmp_path / "ada/Part 1.ipynb",), DIGEST),
        Submission("ada", "part2", (), reason=ada_part2),
        Submission("bo", "part1", (tmp_path / "bo/Assignment-0 (1).ipynb",), DIGEST),
        Submission("bo", "part2", (tmp_path / "bo/PART_2.ipynb",), DIGEST),
    )


def test_one_notebook_is_two_parts_where_the_globs_say_so(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/all.ipynb")
    assert found(tmp_path, rubric(part1=("*",), part2=("a?l", "b*"))) == {
        ("ada", "part1"): ["ada/all.ipynb"],
        ("ada", "part2"): ["ada/all.ipynb"],
    }


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("*part1*", "My_Part-1 (2).ipynb", True),
        ("*part1*", "pärt1.ipynb", False),
        ("Part 1.ipynb", "PART1.IPYNB", True),
        ("part1", "part10.ipynb", False),
        ("part[12]*", "Part-2 b.ipynb", True),
        ("part[!12]", "part2.ipynb", False),
        ("part[1", "part-1.ipynb", True),
        ("übung?", "U\u0308bung 3.ipynb", True),
        ("*.ipynb", "x.ipynb", True),
        ("*", "???.ipynb", True),
        ("a*", "???.ipynb", False),
    ],
)
def test_names_match_without_case_spaces_and_punctuation(
    tmp_path: Path, glob: str, name: str, *, matches: bool
) -> None:
    hand_in(tmp_path, f"ada/{name}")
    expected = [f"ada/{name}"] if matches else []
    assert found(tmp_path, rubric(one=(glob,), other=("-",)))["ada", "one"] == expected


def test_a_glob_of_many_stars_is_matched_soon(tmp_path: Path) -> None:
    hand_in(tmp_path, f"ada/{'a' * 240}.ipynb")
    begun = time.process_time()
    assert found(tmp_path, rubric(one=("*a" * 40 + "b",), other=("*",)))["ada", "one"] == []
    assert time.process_time() - begun < 1


# --- hostile files and names -------------------------------------------------------------------------------


def test_what_only_looks_like_a_notebook_is_found_but_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(b"{}")
    folder = hand_in(tmp_path / "in", "d/x.ipynb/", "flat.ipynb/inner.ipynb")
    for student in "lps":
        (folder / student).mkdir()
    (folder / "l/x.ipynb").symlink_to(secret)
    os.mkfifo(folder / "p/x.ipynb")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fsencode(folder / "s/x.ipynb"))
    assert find(folder, ONE) == tuple(
        Submission(student, "part1", (folder / file,), reason=f"'{file}' is {kind}; expected a regular file")
        for student, file, kind in (
            ("d", "d/x.ipynb", "a folder"),
            ("flat", "flat.ipynb", "a folder"),
            ("l", "l/x.ipynb", "a symbolic link"),
            ("p", "p/x.ipynb", "a named pipe"),
            ("s", "s/x.ipynb", "a socket"),
        )
    )


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    outside = hand_in(tmp_path / "outside", "x.ipynb")
    folder = hand_in(tmp_path / "in", "ada/own.ipynb", "notes.txt")
    (folder / "ada/more").symlink_to(outside)
    (folder / "ada/round").symlink_to(folder)
    (folder / "bo").symlink_to(outside)
    (folder / "loop").symlink_to("loop")
    (folder / "link.txt").symlink_to("notes.txt")
    assert find(folder, ONE) == (
        Submission("ada", "part1", (folder / "ada/own.ipynb",), DIGEST),
        *(
            Submission(
                name,
                "part1",
                (folder / name,),
                reason=f"'{name}' is a symbolic link; expected a regular file",
            )
            for name in ("bo", "loop")
        ),
    )


def test_a_link_in_place_of_a_student_is_what_was_handed_in_for_every_part(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in")
    (folder / "ada").symlink_to(hand_in(tmp_path / "outside", "part1.ipynb"))
    assert find(folder, TWO) == tuple(
        Submission("ada", part, (folder / "ada",), reason="'ada' is a symbolic link; expected a regular file")
        for part in ("part1", "part2")
    )


def test_a_notebook_beside_a_link_of_the_same_name_counts(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in", "ada.ipynb")
    (folder / "ada").symlink_to(tmp_path)
    assert find(folder, ONE) == (Submission("ada", "part1", (folder / "ada.ipynb",), DIGEST),)


def test_links_below_a_students_folder_are_told_where_there_is_no_notebook(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "in", "ada/data.csv")
    (folder / "ada/work").symlink_to(hand_in(tmp_path / "outside", "x.ipynb"))
    reason = "no notebook was found: 'ada/work' is a symbolic link, which is not followed"
    assert find(folder, ONE) == (Submission("ada", "part1", (), reason=reason),)


@pytest.mark.parametrize(
    "student", ["=cmd|' -C calc'!A0", "\u202egnp.ada", "a\nb", "a" * 249, "-rf", "ﬁ", " ", "a,b\"c'", "\\xff"]
)
def test_a_students_name_is_kept_as_it_is(tmp_path: Path, student: str) -> None:
    hand_in(tmp_path, f"{student}/", f"flat{student[:240]}.ipynb")
    submitted = find(tmp_path, ONE)
    assert {s.student for s in submitted} == {student, f"flat{student[:240]}"}
    assert all("\n" not in s.reason and "\u202e" not in s.reason for s in submitted)


def test_a_name_that_is_not_utf8_is_escaped_and_its_notebook_found(tmp_path: Path) -> None:
    os.mkdir(os.fsencode(tmp_path) + b"/a\xffb")  # noqa: PTH102 - a name in bytes
    for name in (b"/a\xffb/\xe9.ipynb", b"/a\xffb/x.ipynb"):
        Path(os.fsdecode(os.fsencode(tmp_path) + name)).write_bytes(b"{}")
    (submission,) = find(tmp_path, ONE)
    assert (submission.student, len(submission.notebooks)) == ("a\\xffb", 2)
    assert all(notebook.read_bytes() == b"{}" for notebook in submission.notebooks)
    assert submission.reason.encode() == (
        rb"found 2 notebooks where one is expected: 'a\\xffb/x.ipynb', 'a\\xffb/\\xe9.ipynb'"
    )


def test_a_file_too_large_for_a_notebook_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "ada.ipynb").open("wb") as file:
        file.truncate(2**40)
    reason = "'ada.ipynb' holds 1,099,511,627,776 bytes; expected 268,435,456 at most"
    assert find(tmp_path, ONE) == (Submission("ada", "part1", (tmp_path / "ada.ipynb",), reason=reason),)


@pytest.mark.parametrize("swapped", ["pipe", "device"])
def test_a_file_that_is_swapped_while_it_is_looked_at_is_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swapped: str
) -> None:
    hand_in(tmp_path, "ada.ipynb")
    os.mkfifo(tmp_path / "pipe")
    instead = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero")}[swapped]
    opened = os.open
    monkeypatch.setattr(os, "open", lambda _, flags: opened(instead, flags))
    reason = "'ada.ipynb' cannot be read (it is being changed); expected a notebook"
    assert find(tmp_path, ONE) == (Submission("ada", "part1", (tmp_path / "ada.ipynb",), reason=reason),)


def test_a_device_is_named_and_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(tmp_path, "ada.ipynb")
    device = Path("/dev/zero").lstat()  # only root makes one
    monkeypatch.setattr(Path, "lstat", lambda _: device)
    reason = "'ada.ipynb' is a device; expected a regular file"
    assert find(tmp_path, ONE) == (Submission("ada", "part1", (tmp_path / "ada.ipynb",), reason=reason),)


def test_what_may_not_be_read_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(tmp_path, "ada/x.ipynb", "bo/")
    scandir = os.scandir

    def refuse(path: Path, *_: object) -> int:
        raise PermissionError(13, "Permission denied", path)

    # the tests may run as root, whom no file's mode stops
    monkeypatch.setattr(os, "scandir", lambda path: refuse(path) if Path(path).name == "bo" else scandir(path))
    monkeypatch.setattr(os, "open", refuse)
    submitted = find(tmp_path, ONE)
    monkeypatch.undo()
    reasons = (
        "'ada/x.ipynb' cannot be read (Permission denied); expected a notebook",
        "no notebook was found: 'bo' cannot be read (Permission denied)",
    )
    assert submitted == (
        Submission("ada", "part1", (tmp_path / "ada/x.ipynb",), reason=reasons[0]),
        Submission("bo", "part1", (), reason=reasons[1]),
    )


def test_a_large_notebook_is_hashed_whole(tmp_path: Path) -> None:
    content = os.urandom(3_000_001)
    (tmp_path / "ada.ipynb").write_bytes(content)
    assert find(tmp_path, ONE)[0].sha256 == hashlib.sha256(content).hexdigest()


def test_endless_nesting_ends_with_a_reason(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/" + "d/" * 40 + "x.ipynb")
    assert find(tmp_path, ONE) == (
        Submission(
            "ada",
            "part1",
            (),
            reason="no notebook was found: 'ada' holds too many files or folders to look at all",
        ),
    )


def test_countless_files_end_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_ENTRIES", 20)
    hand_in(tmp_path, *(f"ada/{n}/x.txt" for n in range(15)), *(f"bo/{n}.txt" for n in range(19)), "bo/a.ipynb")
    ada, bo = find(tmp_path, ONE)
    assert ada.reason == "no notebook was found: 'ada' holds too many files or folders to look at all"
    assert bo == Submission("bo", "part1", (tmp_path / "bo/a.ipynb",), DIGEST)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=3), min_size=1, max_size=5
    ),
)  # fmt: skip
def test_whatever_files_are_called_every_student_has_every_part(
    tmp_path_factory: pytest.TempPathFactory, names: list[list[bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("in")
    for name in names:
        steps = [step.replace(b"/", b"-").replace(b"\0", b"0").strip(b".") or b"x" for step in name]
        path = Path(os.fsdecode(b"/".join((os.fsencode(folder), *steps)) + b".ipynb"))
        if not any(parent.suffix == ".ipynb" or parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"{}")
    submitted = find(folder, rubric(one=("*",), two=("a*",)))
    students = sorted({s.student for s in submitted})
    assert [(s.student, s.part) for s in submitted] == [(s, part) for s in students for part in ("one", "two")]
    assert all((s.student + s.reason).encode() for s in submitted)
    assert all((s.sha256 == DIGEST) == (len(s.notebooks) == 1) == (not s.reason) for s in submitted)
    entries = {os.fsencode(entry.name) for entry in folder.iterdir()}
    assert len(students) <= len(entries)


# --- the folder itself -------------------------------------------------------------------------------------


def test_a_folder_without_students_has_no_submissions(tmp_path: Path) -> None:
    hand_in(tmp_path, "README.md", ".hidden/x.ipynb")
    assert find(tmp_path, ONE) == ()


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    expected = (
        "expected a folder of <student>/<notebook>.ipynb or of <student>.ipynb files, or a system's download: look "
        "at its name and folder"
    )
    (tmp_path / "file").touch()
    for name, problem in (("none", "No such file or directory"), ("file", "Not a directory")):
        with pytest.raises(UsageError) as caught:
            find(tmp_path / name, ONE)
        assert str(caught.value) == f"submissions '{tmp_path / name}': {problem}; {expected}"


def test_a_relative_folder_gives_relative_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(tmp_path, "ada/x.ipynb")
    monkeypatch.chdir(tmp_path)
    assert find(Path(), ONE) == (Submission("ada", "part1", (Path("ada/x.ipynb"),), DIGEST),)


# --- copies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "original"),
    [
        ("Copy of Assignment0", "Assignment0"),
        ("Copy of Copy of Part 1 (2)", "Part 1"),
        ("Copy_of_part1", "part1"),
        ("Kopie von Teil 1", "Teil 1"),
        ("Copia de parte1", "parte1"),
        ("Cópia de parte1", "parte1"),
        ("Копия part1", "part1"),
        ("part1-Copy1", "part1"),
        ("part1 - Copy", "part1"),
        ("part1 copy 2", "part1"),
        ("Copy of ", "Copy of "),
        ("(1)", "(1)"),
        ("copyright", "copyright"),
        ("", ""),
    ],
)
def test_the_name_of_a_copy_tells_what_it_is_a_copy_of(stem: str, original: str) -> None:
    assert copies.original(stem) == original


@given(st.text(max_size=400))
def test_any_name_has_an_original(stem: str) -> None:
    assert copies.original(stem) or not stem


def test_a_copy_is_named_for_the_part_that_its_original_is_named_for(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/Copy of first.ipynb", "ada/Copy of second (1).ipynb")
    assert found(tmp_path, rubric(part1=("first*",), part2=("second",))) == {
        ("ada", "part1"): ["ada/Copy of first.ipynb"],
        ("ada", "part2"): ["ada/Copy of second (1).ipynb"],
    }


def test_of_copies_with_the_same_content_one_counts(tmp_path: Path) -> None:
    hand_in(tmp_path, *(f"ada/{name}.ipynb" for name in ("Copy of part1", "part1", "part1 (1)", "part1-Copy1")))
    assert find(tmp_path, ONE) == (Submission("ada", "part1", (tmp_path / "ada/part1.ipynb",), DIGEST),)


def test_copies_with_other_content_are_ambiguous_and_the_row_says_what_to_do(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/Copy of part1.ipynb", "ada/part1.ipynb")
    (tmp_path / "ada/part1.ipynb").write_bytes(b"{ }")
    (submission,) = find(tmp_path, ONE)
    assert len(submission.notebooks) == 2
    assert submission.reason == (
        "found 2 notebooks where one is expected: 'ada/Copy of part1.ipynb', 'ada/part1.ipynb'; "
        "some are copies of others: leave only the one that is to be graded"
    )


def test_copies_that_cannot_be_read_are_not_taken_for_equal(tmp_path: Path) -> None:
    hand_in(tmp_path, "ada/x/")
    for name in ("Copy of part1.ipynb", "part1.ipynb"):
        os.mkfifo(tmp_path / "ada/x" / name)
    assert len(find(tmp_path, ONE)[0].notebooks) == 2
