"""The commands that take printed output: `grader check --saved` and `grader reference import`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from saved_notebooks import CODE, HISTORY, OUTPUT, TABLE, code_cell, notebook, stream

from grader import reference
from grader.cli import main

ROOT = Path(__file__).parents[1]
ONLY = "only the saved outputs were judged; nothing was run, and this is no grade"
RUBRIC = """\
assignment: two
title: Two parts
points: 100
execution: {max_epochs: 1}
parts:
  part1:
    notebook: "*part1*"
    reference: reference/part1.ipynb
    criteria:
      - {id: architecture, points: 25, check: model_summary, title: The layers}
      - {id: history, points: 25, check: history, tolerance: {rtol: 0.01, atol: 0.005}, hidden: true}
  part2:
    notebook: "*part2*"
    reference: reference/part2.ipynb
    criteria:
      - {id: seeded, points: 50, check: code, pattern: "np.random.seed(0)", title: The seed}
"""
Told = tuple[int, str, str]
Command = Callable[..., Told]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a student has: a rubric, and neither notebooks nor data of the teacher's."""
    (tmp_path / "rubric.yaml").write_text(RUBRIC, "utf-8")
    (tmp_path / "Output.txt").write_text(OUTPUT, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def grader(course: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Exit code, standard output and standard error."""

    def run(*arguments: str) -> Told:
        code = main([*arguments])
        return code, *capsys.readouterr()

    return run


# --- import ------------------------------------------------------------------------------------------------


def test_an_output_is_imported_as_the_recording_of_the_only_part_that_compares(
    course: Path, grader: Command
) -> None:
    stored = course / "reference" / "recordings" / "part1.json"
    assert grader("reference", "import", "Output.txt") == (
        0,
        (
            "imported 8 layers and the figures accuracy 0.9212, loss 0.2544, val_accuracy 0.9823, val_loss 0.056 "
            f"into {stored}\n"
        ),
        "",
    )
    assert reference.load(stored).runs[0].history["loss"] == (0.2544,)


def test_a_notebook_is_imported_and_what_was_left_out_is_noted(course: Path, grader: Command) -> None:
    bar = (
        "Epoch 1/12\n469/469 ━━━━━━━━━━━━━━━━━━━━ 38s 79ms/step - accuracy: 0.7981 - loss: 0.6231 "
        "- val_accuracy: 0.9823 - val_loss: 0.0560\n"
    )
    cells = notebook(code_cell("model.summary()", stream(TABLE)), code_cell("model.fit()", stream(bar)))
    (course / "a.ipynb").write_text(json.dumps(cells), "utf-8")
    code, said, wrong = grader("reference", "import", "a.ipynb")
    assert (code, wrong) == (0, "")
    first, note = said.splitlines()
    assert first.startswith("imported 8 layers and the figures val_accuracy 0.9823, val_loss 0.056 into ")
    assert note == (
        "note: left out: accuracy, loss, which stand in progress bars alone, where they may be running averages"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("none.txt",), 2, "'none.txt' is not a file; expected a notebook, or a text"),
        (
            ("rubric.yaml",),
            2,
            "'rubric.yaml' holds no model summary that can be read; expected the output that was p",
        ),
        (("Output.txt", "--part", "part2"), 2, "no criterion compares anything with the reference"),
        (("Output.txt", "--part", "part3"), 2, "--part 'part3' is not in the rubric, which has 'part1', 'part2'"),
    ],
)
def test_what_cannot_be_imported_is_a_usage_fault(
    arguments: tuple[str, ...], code: int, told: str, course: Path, grader: Command
) -> None:
    found = grader("reference", "import", *arguments)
    assert (found[0], found[1]) == (code, "")
    assert found[2].startswith(f"grader: {told}")
    assert not (course / "reference").exists()


def test_a_band_cannot_be_made_of_an_output_and_nothing_is_written(course: Path, grader: Command) -> None:
    text = RUBRIC.replace("tolerance: {rtol: 0.01, atol: 0.005}", "tolerance: band")
    (course / "rubric.yaml").write_text(text, "utf-8")
    code, said, wrong = grader("reference", "import", "Output.txt")
    assert (code, said) == (3, "")
    assert wrong == (
        'grader: "history" asks for a band, but the recording of "part1" was imported from \'Output.txt\', which '
        "shows one run and no spread: write `tolerance: {rtol: ..., atol: ...}` in the rubric\n"
    )
    assert not (course / "reference").exists()


def test_of_several_references_one_must_be_named(grader: Command) -> None:
    shipped = str(ROOT / "rubric.yaml")
    assert grader("reference", "import", "Output.txt", "--rubric", shipped)[::2] == (
        2,
        "grader: an output is the recording of one reference: name it with --part and --reference\n",
    )


# --- check --saved -----------------------------------------------------------------------------------------


def test_the_published_output_matches_the_shipped_rubric() -> None:
    """Started as people start it."""
    command = [sys.executable, "-m", "grader", "check", "--saved", "tests/printed/Output.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = done.stdout.splitlines()
    assert first == f"{ONLY}; compared with mnist_cnn"
    matching = [line.removesuffix(": match (printed)") for line in lines if ": match" in line]
    assert matching == [
        "The network has the layers that the assignment describes",
        "The printed figures are those of the training, and as good as the assignment's",
    ]
    assert all(": not judged (" in line for line in lines if ": match" not in line)


def test_a_notebook_is_judged_by_its_outputs_and_code(course: Path, grader: Command) -> None:
    grader("reference", "import", "Output.txt")
    for name in ("my part1.ipynb", "my part2.ipynb"):
        (course / name).write_text(json.dumps(notebook(code_cell(CODE, stream(OUTPUT)))), "utf-8")
    assert grader("check", "--saved", "my part1.ipynb") == (
        0,
        f"{ONLY}\nThe layers: match (printed)\nhistory: match\n",
        "",
    )
    assert grader("check", "--saved", "my part2.ipynb") == (0, f"{ONLY}\nThe seed: match\n", "")


def test_what_does_not_match_ends_with_exit_code_1_and_hidden_criteria_say_no_more(
    course: Path, grader: Command
) -> None:
    grader("reference", "import", "Output.txt")
    wrong = TABLE.replace("18496", "18490") + HISTORY.replace("0.9212", "0.5212")
    (course / "part1.txt").write_text(wrong, "utf-8")
    assert grader("check", "--saved", "part1.txt") == (
        1,
        (
            f"{ONLY}\nThe layers: does not match (layer 2: expected Conv2D (None, 24, 24, 64), 18,496 parameters; "
            "printed Conv2D (None, 24, 24, 64), 18,490)\nhistory: does not match\n"
        ),
        "",
    )


def test_a_text_says_which_part_it_is_by_its_name_or_an_option(course: Path, grader: Command) -> None:
    grader("reference", "import", "Output.txt")
    assert grader("check", "--saved", "Output.txt")[::2] == (
        2,
        "grader: 'Output.txt' does not tell which part it is, of 'part1', 'part2'; name one of them with --part\n",
    )
    code, said, _ = grader("check", "--saved", "Output.txt", "--part", "part2")
    assert (code, said) == (0, f"{ONLY}\nThe seed: not judged (a text holds no code)\n")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("none.ipynb", None, "'none.ipynb' is not a file; expected a notebook, or a text"),
        ("part1.ipynb", b"", "'part1.ipynb' is empty; expected a notebook, or a text"),
        ("part1.ipynb", b"[" * 100_000, "'part1.ipynb' is not a notebook: its JSON cannot be read; save it again"),
        ("part1.txt", b"\xff\xfe\x00", "'part1.txt' is not UTF-8 text, at byte 2; save it as UTF-8"),
    ],
)
def test_what_cannot_be_read_is_a_usage_fault(
    name: str, content: bytes | None, told: str, course: Path, grader: Command
) -> None:
    if content is not None:
        (course / name).write_bytes(content)
    code, said, wrong = grader("check", "--saved", name)
    assert (code, said) == (2, "")
    assert wrong.startswith(f"grader: {told}")


def test_nothing_that_a_notebook_shows_commands_the_terminal(course: Path, grader: Command) -> None:
    grader("reference", "import", "Output.txt")
    table = TABLE.replace("conv2d_2 (Conv2D) ", "x (\x9b31m[red]\u202e) ")
    (course / "part1.txt").write_text(table, "utf-8")
    code, said, _ = grader("check", "--saved", "part1.txt")
    assert code == 1
    assert not {"\x1b", "\x9b", "\u202e"} & set(said)


def test_neither_notebooks_nor_data_of_the_teacher_are_needed(course: Path, grader: Command) -> None:
    shutil.copytree(ROOT / "reference" / "recordings", course / "reference" / "recordings")
    shutil.copy(ROOT / "rubric.yaml", course / "rubric.yaml")
    assert grader("check", "--saved", "Output.txt")[0] == 0
