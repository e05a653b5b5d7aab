import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import numpy as np
import pytest

from benchmarks import alone, classes, classroom, clock, course, grading, pages, peers, report
from benchmarks.classroom import FAITHFUL, VARIANTS
from benchmarks.peers import Peer
from grader import rubric
from grader.checks.code import check_all
from grader.model import Cell, CodeCriterion, Outcome

ROOT = Path(__file__).parents[1]
CLASS = classroom.students(18)
ALL = classroom.students(30, variants=())


def sources(student: classroom.Student, epochs: int = 12) -> list[str]:
    return [source for kind, source in classroom.cells(student, epochs) if kind == "code"]


def test_a_class_of_24_has_18_faithful_notebooks_and_6_variants_of_one_each() -> None:
    trained = Counter(student.training for student in CLASS)
    assert trained == {FAITHFUL: 18} | dict.fromkeys(VARIANTS, 1)
    assert [student.training for student in classes.distinct(CLASS)] == [FAITHFUL, *VARIANTS]
    assert [classes.varies(CLASS[number]) for number in classes.SAMPLE] == [False, True, False]


def test_no_two_students_write_the_same_notebook() -> None:
    written = {"\n".join(sources(student)) for student in classroom.students(54)}
    assert len(written) == 60


def test_the_same_class_is_written_every_time(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        classroom.write(folder, CLASS)
    one, two = (sorted((tmp_path / name).rglob("*.ipynb")) for name in ("one", "two"))
    assert len(one) == 24
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


@pytest.mark.parametrize("student", ALL, ids=lambda student: student.name)
def test_a_faithful_notebook_does_every_step_that_its_code_can_show(student: classroom.Student) -> None:
    criteria = rubric.load(ROOT / "rubric.yaml").parts[0].criteria
    patterns = [criterion for criterion in criteria if isinstance(criterion, CodeCriterion)]
    cells = [Cell(number, source, Outcome.RAN) for number, source in enumerate(sources(student), start=1)]
    assert [check.why for check in check_all(patterns, cells) if not check.passed] == []


def test_notebooks_are_valid_and_their_epochs_can_be_chosen() -> None:
    for student in CLASS:
        nbformat.validate(nbformat.reads(classroom.notebook(classroom.cells(student)), as_version=4))
        twelve, one = (ast.unparse(ast.parse("\n".join(sources(student, epochs)))) for epochs in (12, 1))
        assert twelve.replace(" = 12\n", " = 1\n") == one != twelve


@pytest.mark.slow
def test_dress_changes_no_digit_of_a_training_and_a_variant_does(tmp_path: Path) -> None:
    folder = course.shipped(tmp_path / "course", (256, 64))
    chosen = [CLASS[0], CLASS[10], CLASS[3]]
    classroom.write(tmp_path / "class", chosen)
    first, second, variant = alone.train(folder, tmp_path / "class", chosen, epochs=1)
    assert first.digest == second.digest != variant.digest
    assert min(first.seconds, second.seconds, variant.seconds) > 0


def test_a_reduced_course_keeps_the_first_images_and_its_rubric_can_do_without_a_recording(tmp_path: Path) -> None:
    made = course.shipped(tmp_path / "course", (30, 20))
    course.without_recording(made, {"max_epochs": None, "timeout": "3 h"})
    with np.load(made.mnist) as reduced, np.load(ROOT / "reference" / "data" / "mnist.npz") as full:
        assert {name: len(reduced[name]) for name in reduced.files} == {
            name: 30 if name.endswith("train") else 20 for name in full.files
        }
        assert (reduced["x_test"] == full["x_test"][:20]).all()
    loaded = rubric.load(made.rubric)
    assert not any(part.compares for part in loaded.parts)
    assert (loaded.execution.max_epochs, loaded.execution.timeout) == (None, 3 * 3600.0)


def test_a_peer_gets_the_data_in_a_cell_before_the_students_own(tmp_path: Path) -> None:
    notebook, mnist = tmp_path / "in.ipynb", tmp_path / "it's mnist.npz"
    notebook.write_text(classroom.notebook([("code", "1 + 1")]), "utf-8")
    copy = peers.with_data(notebook, mnist, tmp_path / "made" / "copy.ipynb")
    told = nbformat.reads(copy.read_text("utf-8"), as_version=4)
    nbformat.validate(told)
    first, second = (cell.source for cell in told.cells)
    assert ast.literal_eval(first.rpartition(": ")[2]) == str(mnist)
    assert second == "1 + 1"


def test_a_command_that_fails_is_told_with_its_own_last_words(tmp_path: Path) -> None:
    with pytest.raises(clock.BenchmarkError, match=r"(?s)'sh -c echo no >&2; exit 3' .* exit code 3:\nno\n"):
        clock.timed([Path("/bin/sh"), "-c", "echo no >&2; exit 3"], tmp_path)


def test_the_history_that_counts_is_the_last_one_printed(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["[('loss', 1.0)]\n", "[('loss', 0.5)]\n"]},
        {"output_type": "display_data", "data": {}, "metadata": {}},
    ]
    cell = {"cell_type": "code", "source": "", "outputs": outputs}
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": [cell]}), "utf-8")
    (tmp_path / "b.ipynb").write_text(json.dumps({"cells": []}), "utf-8")
    assert grading.printed(tmp_path / "a.ipynb") == "[('loss', 0.5)]"
    assert grading.printed(tmp_path / "b.ipynb") == "no history"


def graded(seconds: float, histories: int) -> grading.Graded:
    return grading.Graded(
        seconds=seconds,
        scores={student.name: 70.0 if classes.varies(student) else 100.0 for student in CLASS},
        statuses=Counter(graded=24),
        trained=Counter(shared=24),
        histories=Counter(str(number) for number in range(histories)),
    )


def measured(peer: Path | None) -> classes.Class:
    trained = [alone.Trained(10.0, str(number)) for number in range(7)]
    return classes.Class(CLASS, graded(84.0, histories=7), trained, Peer("papermill", peer, ""), 14.0, 12.0)


def test_a_class_is_told_as_a_multiple_of_its_trainings_and_of_the_peers_loop() -> None:
    rows = classes.mixed_rows(measured(Path("papermill")), again=graded(10.0, histories=7))
    assert [(row.what, row.figure) for row in rows] == [
        ("`grader grade`, whole", "84.00 s"),
        ("different histories printed", "7"),
        ("the distinct trainings alone", "70.00 s"),
        ("multiple of that sum", "1.2 x"),
        ("to reach: class of 24", "84.00 s of 96.00 s"),
        ("`grader grade` again", "10.00 s"),
        ("class of 60, the same 7", "98.40 s"),
        ("papermill, 24 in a loop", "324 s"),
        ("papermill, 60 in a loop", "828 s"),
        ("papermill against grader, 24", "3.9 x"),
        ("papermill against grader, 60", "8.4 x"),
    ]


def test_a_peer_that_is_missing_is_named() -> None:
    rows = list(classes.mixed_rows(measured(None), again=graded(10.0, histories=7)))
    assert rows[-1] == report.Row("papermill", "missing", peers.MISSING)


def test_a_class_that_printed_other_histories_than_were_trained_alone_says_so() -> None:
    rows = classes.same_rows(graded(1.0, histories=9), measured(None).alone)
    assert [(row.figure, row.note) for row in rows] == [("9", "NOT the 7 that were trained alone")]


def test_the_page_has_the_machine_and_a_table_for_each_part() -> None:
    section = report.Section("(a) This", "About it.", (report.at_most("a | b", 2.0, 1.5, "why"),))
    failed = report.Section("(b)", "Not measured: no", ())
    assert report.page({"cores": "2"}, [section, failed], "How.") == (
        "# Benchmarks\n\nHow.\n\n| this machine |  |\n| --- | --- |\n| cores | 2 |\n\n"
        "## (a) This\n\nAbout it.\n\n| what | measured | meaning |\n| --- | --- | --- |\n"
        "| to reach: a \\| b | 2.00 s of 1.50 s | MISSED (why) |\n\n## (b)\n\nNot measured: no\n"
    )


def test_a_ratio_is_reached_from_its_bound_on() -> None:
    assert report.at_least("it", 8.0, 8.0).note == "reached"
    assert report.at_least("it", 7.9, 8.0).note == "MISSED"


def test_the_report_of_a_class_is_measured_with_its_curves() -> None:
    found = pages.measure(3)
    assert 0 < found["seconds"] < 60
    assert 0 < found["feedback_seconds"] < 60
    assert 2_000 < found["index"] < found["page"] < 300_000


def test_a_size_is_reached_below_its_bound() -> None:
    row = report.at_most_kb("page", 299_999, 300, "why")
    assert (row.what, row.figure, row.note) == ("to reach: page", "300 kB of 300 kB", "reached (why)")
    assert report.at_most_kb("page", 300_000, 300, "why").note == "MISSED (why)"


@pytest.mark.long
def test_the_quick_benchmark_measures_every_part(tmp_path: Path) -> None:
    results = tmp_path / "results.md"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--results", str(results)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    titles = [line for line in results.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert [title[:6] for title in titles] == ["## (a)", "## (b)", "## (c)", "## (d)", "## (e)"]
    assert "NOT the" not in results.read_text("utf-8")
