"""What reaches the terminal, whatever students called themselves."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mnist_facts import ENVIRONMENT, RECORDING
from rich.console import Console

from grader import terminal
from grader.model import (
    Device,
    EpochChoice,
    HistoryCriterion,
    Part,
    SeedRun,
    Stratum,
)


def shown(text: str) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=10_000)
    console.print(terminal.clean(text), highlight=False, end="")
    return str(console.file.getvalue())  # type: ignore[attr-defined]


COMMANDS = {chr(code) for code in (*range(10), *range(11, 32), *range(127, 160), 0x2028, 0x2029)}
TURNS = {chr(code) for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@given(st.text() | st.text(st.sampled_from(sorted(COMMANDS | TURNS) + list("\\[]/=a"))))
def test_no_text_sends_escape_codes_or_turns_the_line_around(text: str) -> None:
    assert not set(shown(text)) & (COMMANDS | TURNS)
    assert "\n" not in terminal.clean(text)


@given(st.text(st.sampled_from('\\[]/ab=:@#"red link')), st.text(st.sampled_from("\\[]/red")))
def test_no_text_reaches_into_the_markup_around_it(one: str, other: str) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="truecolor", width=10_000)
    console.print(f"[red]{terminal.clean(one)}[/red]: {terminal.clean(other)}", highlight=False, end="")
    written = str(console.file.getvalue())  # type: ignore[attr-defined]
    assert written.count("\x1b") == (2 if one else 0)


def test_a_name_between_colons_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.say(":skull:")
    assert capsys.readouterr().out == ":skull:\n"


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    assert shown("[red]ann[/red] [link=x]") == "[red]ann[/red] [link=x]"


def test_durations_read_in_the_unit_that_suits_them() -> None:
    assert [terminal.duration(seconds) for seconds in (0.4, 89, 90, 3600)] == ["0 s", "89 s", "2 min", "60 min"]


def test_lines_tell_count_outcome_and_time_left_where_there_is_no_terminal() -> None:
    progress = terminal.LineProgress()
    progress._console = Console(file=io.StringIO(), width=200)
    progress.begin(2, "grading")
    for student in ("ann", "bob\x1b[2J"):
        progress.running(student)
        progress.done(student, "graded, 1 of 2")
    progress.end()
    assert progress._console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]
        "grading: 2 to run",
        "[1/2] ann: graded, 1 of 2 (0 s; about 0 s left)",
        "[2/2] bob�[2J: graded, 1 of 2 (0 s)",
    ]


def test_a_recording_is_shown_by_strata_with_what_its_bands_tell_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Of four seeds and of eight, the second on a GPU."""
    gpu = replace(ENVIRONMENT, device=Device.GPU, gpu="Some GPU")
    runs = [SeedRun(n, {"loss": (1.0, 0.5 + n / 100), "val_accuracy": (0.5, 1.0 - n / 1e4)}) for n in range(8)]
    recording = replace(RECORDING, runs=tuple(runs[:4]), others=(Stratum(gpu, tuple(runs)),))
    criterion = HistoryCriterion("history", 1, epochs=EpochChoice.LAST)
    terminal.show_recording(Part("part1", (), Path("x.ipynb"), (criterion,)), recording)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == "part1: 4 seeds on cpu (Some CPU)"
    assert lines[2] == "history: band of 4 seeds at 0.999"
    assert lines[3].split("  ")[0] == "epoch"
    assert lines[5].startswith("2       loss ")
    assert lines[6].startswith("2       val_accuracy ")
    assert lines[6].endswith("none")
    few, again = lines[8:10]
    assert few.startswith('note: 4 seeds make the bands of "history" 5.2 times as wide as many seeds would; with 8')
    assert again == "part1: 8 seeds on gpu (Some GPU)"
    assert not lines[-1].startswith("note:")
