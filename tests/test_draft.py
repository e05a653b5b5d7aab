"""`grader init`: a rubric drafted from a solved notebook, with its data beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader import rubric
from grader.checks.code import pattern_fault
from grader.cli import main
from grader.draft import assignment, choice, criteria, data, text, words
from grader.errors import UsageError
from grader.verify import notebook as notebooks
from grader.verify import reading

ROOT = Path(__file__).parents[1]
SAMPLES = [*(ROOT / "reference").glob("*.ipynb"), *(ROOT / "submissions").rglob("*.ipynb")]
READABLE = sorted(path for path in SAMPLES if path.name != "robin.ipynb")

SMALL = (
    "import numpy as np\nimport keras\nkeras.utils.set_random_seed(1)",
    "arrays = np.load('points.npz')\nx, y = arrays['x'], arrays['y']",
    "model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])",
    "model.compile('sgd', 'mse')\nmodel.summary()",
    "kept = model.fit(x, y, epochs=2, verbose=0)\nprint(kept.history['loss'][-1])",
)
DRAFTED = """\
# Drafted from reference/solved.ipynb. Read every line: only a person knows what the assignment asks for.
# All keys and their meaning: `grader rubric schema`. What this rubric catches: `grader verify --quick`.
assignment: "three-points"
title: "Three points"
points: 100
# Notebooks train as long as they ask for. Where the first epoch is enough, `max_epochs: 1` saves most of the time.
execution: {seed: 0, timeout: 20 min, memory: 4 GiB}

datasets:
  points.npz: reference/data/points.npz

# In patterns `$NAME` is what the student calls it, the same throughout; `$$$` stands for any number of arguments.
parts:
  part1:
    reference: reference/solved.ipynb
    criteria:
      - id: runs
        points: 15
        check: executes
        title: "The notebook runs from its first cell to its last"

      - id: seeded
        points: 5
        check: code
        title: "The seed is fixed"
        pattern: "keras.utils.set_random_seed(1)"

      - id: summary_printed
        points: 5
        check: code
        title: "The model's summary is printed"
        pattern: ["print($MODEL.summary())", "$MODEL.summary()"]

      - id: architecture
        points: 30
        check: model_summary
        title: "The network has the layers that are asked for"

      - id: history_kept
        points: 5
        check: code
        title: "What model.fit returns is kept"
        pattern: "$HISTORY = $MODEL.fit($$$)"

      - id: training
        points: 20
        check: training
        title: "The network is trained with the settings that are asked for"

      - id: history
        points: 20
        check: history
        title: "The figures of the training are as good as expected"
        epochs: last
        tolerance: band
        evidence: observed
"""


def solved(folder: Path, *sources: str, heading: str = "# Three points") -> Path:
    path = folder / "solved.ipynb"
    cells = [new_markdown_cell(heading), *map(new_code_cell, sources)]
    path.write_text(nbformat.writes(new_notebook(cells=cells)), "utf-8")
    return path


def points(folder: Path) -> None:
    generator = np.random.default_rng(7)
    np.savez(folder / "points.npz", x=generator.random((32, 3)), y=generator.random((32, 1)))


def test_a_rubric_is_read_off_a_notebook_and_put_beside_it_and_its_data(tmp_path: Path) -> None:
    points(tmp_path)
    made = tmp_path / "course"
    drafted = assignment.draft(solved(tmp_path, *SMALL), made, ())
    assert (made / "rubric.yaml").read_text("utf-8").rstrip() + "\n" == DRAFTED
    assert (drafted.found, drafted.missing) == ((made / "reference" / "data" / "points.npz",), ())
    assert drafted.reference.read_bytes() == (tmp_path / "solved.ipynb").read_bytes()
    loaded = rubric.load(made / "rubric.yaml", pattern_fault=pattern_fault)
    assert [each.points for each in loaded.parts[0].criteria] == [each.points for each in drafted.criteria]


@pytest.mark.parametrize("path", READABLE, ids=lambda path: str(path.relative_to(ROOT)))
def test_of_any_notebook_the_draft_is_a_rubric_without_a_fault(path: Path, tmp_path: Path) -> None:
    drafted = assignment.draft(path, tmp_path, [ROOT / "reference" / "data"])
    loaded = rubric.load(drafted.rubric, pattern_fault=pattern_fault)
    assert (loaded.points, loaded.parts[0].points, list(loaded.datasets)) == (100, 100, ["mnist.npz"])
    assert drafted.criteria[0].id == "runs"
    assert all(each.points > 0 and each.points % criteria.STEP == 0 for each in drafted.criteria)


def test_what_only_prints_is_asked_to_run() -> None:
    program = reading.read((notebooks.Cell("code", "print('hello')"),))
    (alone,) = criteria.criteria(program)
    assert (alone.id, alone.points) == ("runs", 100)


def test_nothing_printed_is_judged_by_what_is_observed() -> None:
    source = "import keras\nm = keras.Sequential([keras.layers.Dense(1)])\nm.compile('sgd')\nm.fit(x, y, epochs=3)"
    found = criteria.criteria(reading.read((notebooks.Cell("code", source),)))
    assert [(each.id, each.more) for each in found] == [
        ("runs", {}),
        ("architecture", {"evidence": "observed"}),
        ("training", {}),
        ("history", {"epochs": "last", "tolerance": "band", "evidence": "observed"}),
    ]


@pytest.mark.parametrize(
    ("telling", "evidence"),
    [
        ("print(h.history)", ""),
        ("h.history", ""),
        ("print('loss', h.history['loss'][0])", ""),
        ("for name, values in h.history.items():\n    print(name, values)", ""),
        ("print(h.history['loss'][-1])", "observed"),
        ("plt.plot(h.history['loss'], label='loss')", "observed"),
        ("print(len(h.history['loss']), 3)", "observed"),
    ],
)
def test_figures_that_are_shown_without_their_names_are_observed_instead(telling: str, evidence: str) -> None:
    source = f"import keras\nm = keras.Sequential([keras.layers.Dense(1)])\nm.compile()\nh = m.fit(x, y)\n{telling}"
    *_, history = criteria.criteria(reading.read((notebooks.Cell("code", source),)))
    assert (history.id, history.more.get("evidence", "")) == ("history", evidence)


def test_data_of_keras_is_looked_for_beside_the_notebook_and_where_keras_keeps_it(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "imdb.npz").write_bytes(b"x")
    sources = [f"import keras\nkeras.datasets.{name}.load_data()" for name in ("imdb", "reuters", "cifar10")]
    notebook = solved(tmp_path, *sources, "open('gone.csv'); open('solved.ipynb')")
    drafted = assignment.draft(notebook, tmp_path / "made", [cache])
    folder = tmp_path / "made" / "reference" / "data"
    assert list(words.lines(drafted))[-4:] == [
        f"reference: '{tmp_path / 'made' / 'reference' / 'solved.ipynb'}'",
        f"data: '{folder / 'imdb.npz'}'",
        f"data: 'reuters.npz' was not found; put it there as '{folder / 'reuters.npz'}'",
        (
            "data: keras.datasets.cifar10 comes as an archive, which a rubric cannot list; load its arrays from an "
            ".npz file of your own instead"
        ),
    ]
    rubric_file = tmp_path / "made" / "rubric.yaml"
    assert list(words.next_steps(drafted)) == [
        "next: put the data that was not found in its place",
        f"next: let '{drafted.reference}' load files that a rubric can list, and list them under `datasets`",
        f"next: read '{rubric_file}', and make it ask for what the assignment asks for",
        f"next: `grader verify --quick --rubric {rubric_file}` shows which mistakes the rubric catches",
        f"next: `grader grade submissions --rubric {rubric_file}` grades the notebooks in the folder 'submissions'",
    ]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    notebook = solved(tmp_path, "1")
    assignment.draft(notebook, tmp_path, ())
    with pytest.raises(UsageError, match=r"rubric.yaml' is there already; expected a folder without a rubric"):
        assignment.draft(notebook, tmp_path, ())
    (tmp_path / "other" / "reference").mkdir(parents=True)
    (tmp_path / "other" / "reference" / "solved.ipynb").write_text("mine")
    with pytest.raises(UsageError, match=r"solved.ipynb' is there already, and is not"):
        assignment.draft(notebook, tmp_path / "other", ())
    assert not (tmp_path / "other" / "rubric.yaml").exists()


def test_a_notebook_that_lies_where_it_belongs_stays_there(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    notebook = solved(tmp_path / "reference", "1", heading="no heading")
    drafted = assignment.draft(notebook, tmp_path, ())
    assert drafted.reference == notebook
    assert "title: solved\n" in drafted.rubric.read_text("utf-8").replace('"', "")


@pytest.mark.parametrize("content", ["", "{}", '{"nbformat": 3}', "[]"])
def test_what_is_no_notebook_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.ipynb").write_text(content)
    with pytest.raises(UsageError, match=r"a\.ipynb' is no notebook"):
        assignment.draft(tmp_path / "a.ipynb", tmp_path / "made", ())


@given(st.lists(st.text(max_size=80), max_size=4), st.text(max_size=60), st.text(min_size=1, max_size=30))
@example([], "null", "no")
def test_any_words_in_it_make_yaml_that_says_them(sources: list[str], title: str, name: str) -> None:
    program = reading.read(tuple(notebooks.Cell("code", source) for source in sources))
    drafts = criteria.criteria(program)
    head = text.Head(title, "a", f"reference/{name}", {name: f"data/{name}"}, one_epoch=False)
    written = text.rubric(head, drafts, [title, name])
    told = yaml.safe_load(written)
    assert told["title"] == title
    assert told["datasets"] == {name: f"data/{name}"}
    assert told["parts"]["part1"]["reference"] == f"reference/{name}"
    assert sum(each["points"] for each in told["parts"]["part1"]["criteria"]) == 100


@given(st.lists(st.text(max_size=120), max_size=3))
def test_whatever_the_code_holds_its_files_are_looked_up(sources: list[str]) -> None:
    program = reading.read(tuple(notebooks.Cell("code", source) for source in sources))
    assert data.wanted(program, Path("/nowhere/a.ipynb"), ()) == ()


def nested(folder: Path) -> None:
    (folder / "data").mkdir()
    for name in ("data/a.csv", "my b.csv", "c.csv"):
        (folder / name).write_text("1\n")


def test_files_that_no_rubric_can_list_are_told(tmp_path: Path) -> None:
    nested(tmp_path)
    notebook = solved(tmp_path, *(f"open({name!r})" for name in ("data/a.csv", "my b.csv", "c.csv", "../d.csv")))
    drafted = assignment.draft(notebook, tmp_path / "made", (), lambda _: pytest.fail("its data is not there"))
    assert drafted.found == (tmp_path / "made" / "reference" / "data" / "c.csv",)
    rest = "cannot be listed in a rubric; expected a plain file name of letters, digits, '_', '.' and '-'"
    assert list(words.lines(drafted))[-2:] == [
        f"data: 'data/a.csv' {rest}: name it so, and load it without a folder",
        f"data: 'my b.csv' {rest}: name it so, and load it without a folder",
    ]


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("import numpy as np\nnp.random.seed(7)", "np.random.seed(7)"),
        ("from numpy.random import seed\nseed(7)", "numpy.random.seed(7)"),
        ("import numpy as np\nnumber = 7\nnp.random.seed(number)", "np.random.seed($$$)"),
        ("model.summary()", ["print($MODEL.summary())", "$MODEL.summary()"]),
        ("model.summary(line_length=99)", ["print($MODEL.summary($$$))", "$MODEL.summary($$$)"]),
    ],
)
def test_a_pattern_finds_what_it_was_read_off(source: str, pattern: str | list[str]) -> None:
    chosen = choice.first(reading.read((notebooks.Cell("code", source),)))
    assert [each.more["pattern"] for each in chosen.drafts if each.check == "code"] == [pattern]
    assert chosen.remarks == {}


def test_what_the_notebook_itself_would_lose_is_asked_otherwise_or_left_out(tmp_path: Path) -> None:
    points(tmp_path)
    telling = "print(kept.history)"
    notebook = solved(tmp_path, *SMALL[:-1], f"kept = model.fit(x, y, epochs=2, verbose=0)\n{telling}")
    answers = iter([{"history": "no history was printed", "history_kept": "it\nis not there"}, {}])
    drafted = assignment.draft(notebook, tmp_path / "made", (), lambda _: next(answers))
    assert drafted.remarks == (
        (
            "'history_kept' (What model.fit returns is kept) was left out; the notebook itself would lose it: "
            "it is not there"
        ),
        (
            "'history' judges what is observed; by what is printed, the notebook itself would lose it: "
            "no history was printed"
        ),
    )
    written = drafted.rubric.read_text("utf-8")
    assert "".join(f"      # {remark}\n" for remark in drafted.remarks) in written
    told = yaml.safe_load(written)["parts"]["part1"]["criteria"]
    left = ["runs", "seeded", "summary_printed", "architecture", "training", "history"]
    assert [each["id"] for each in told] == left
    assert (sum(each["points"] for each in told), told[-1]["evidence"]) == (100, "observed")


def test_a_notebook_of_which_nothing_can_be_judged_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    notebook = solved(tmp_path)
    with pytest.raises(UsageError) as raised:
        assignment.draft(notebook, tmp_path / "made" / "here", (), lambda _: {"runs": "no cell ran"})
    assert str(raised.value) == (
        f"'{notebook}' holds nothing that could be judged; expected cells with code\n"
        f"Nothing was made in '{tmp_path / 'made' / 'here'}': give the command again after that; with "
        "`--no-record` it drafts the rubric without running the notebook"
    )
    assert list(tmp_path.iterdir()) == [notebook]


def test_a_trial_that_fails_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    def trial(rubric_file: Path) -> dict[str, str]:
        assert rubric_file.is_file()
        raise KeyboardInterrupt

    notebook = solved(tmp_path, "1")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "notes.txt").write_text("mine")
    with pytest.raises(KeyboardInterrupt):
        assignment.draft(notebook, tmp_path / "made", (), trial)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["notes.txt"]


def test_a_place_that_is_no_folder_or_holds_recordings_is_refused(tmp_path: Path) -> None:
    notebook = solved(tmp_path, "1")
    with pytest.raises(UsageError, match=r"solved.ipynb' is not a folder; name another one for the assignment"):
        assignment.draft(notebook, notebook / "deep" / "down", ())
    recordings = tmp_path / "made" / "reference" / "recordings"
    recordings.mkdir(parents=True)
    with pytest.raises(UsageError, match=r"recordings' is there already; expected no recordings yet: move them"):
        assignment.draft(notebook, tmp_path / "made", ())


# What a solved notebook may do that its own rubric could not ask for, as others would draft it.
FUNCTIONAL = """\
given = keras.Input((3,))
both = keras.layers.Concatenate()([keras.layers.Dense(4)(given), keras.layers.Dense(2)(given)])
model = keras.Model(given, keras.layers.Dense(1)(both))
model.compile("sgd", "mse")
print(model.summary())
"""
UNPRINTED = """\
model.compile("sgd", "mse")
model.summary(print_fn=lambda *_, **__: None)
for epoch in range(2):
    kept = model.fit(x, y, verbose=0)
print("loss", round(kept.history["loss"][0], 1))
"""
ODD = {
    "functional": (FUNCTIONAL, "print(model.fit(x, y, epochs=2, verbose=0).history)"),
    "untrained": (*SMALL[2:4], "def train():\n    return model.fit(x, y, epochs=3)"),
    "unprinted": (SMALL[2], UNPRINTED),
}
LEFT_OUT = {"functional": [], "untrained": ["training", "history"], "unprinted": ["architecture", "history"]}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD)
def test_a_draft_asks_only_for_what_its_own_notebook_has(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points(tmp_path)
    notebook = solved(tmp_path, *SMALL[:2], *ODD[name])
    course = tmp_path / "course"
    assert main(["init", str(notebook), str(course), "--seeds", "3"]) == 0
    told = capsys.readouterr().out
    assert "tried: the notebook runs, and gets all points by this rubric\n" in told
    notes = [line.split("'")[1] for line in told.splitlines() if line.startswith("note: '")]
    assert notes == LEFT_OUT[name]
    assert main(["check", str(notebook), "--rubric", str(course / "rubric.yaml")]) == 0
    assert "100 of 100 points" in capsys.readouterr().out


@pytest.mark.slow
def test_a_solved_notebook_that_fails_is_told_and_nothing_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = solved(tmp_path, "print(lables)")
    assert main(["init", str(notebook), str(tmp_path / "course")]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.partition("grader: ")[2] == (
        "the reference 'solved.ipynb' does not run under seed 0: notebook_error: NameError: name 'lables' is not "
        "defined; expected one that runs to its end: mend it there\n"
        f"Nothing was made in '{tmp_path / 'course'}': give the command again after that; with `--no-record` it "
        "drafts the rubric without running the notebook\n"
    )
    assert list(tmp_path.iterdir()) == [notebook]


@pytest.mark.slow
def test_a_drafted_assignment_is_recorded_and_gives_its_own_notebook_all_points(tmp_path: Path) -> None:
    points(tmp_path)
    notebook = solved(tmp_path, *SMALL)
    grader = [sys.executable, "-m", "grader"]
    made = subprocess.run(
        [*grader, "init", str(notebook), str(tmp_path / "course"), "--seeds", "4"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert f"recorded: '{tmp_path / 'course' / 'reference' / 'recordings' / 'part1.json'}'" in made.stdout
    checked = subprocess.run(
        [*grader, "check", str(notebook), "--rubric", str(tmp_path / "course" / "rubric.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "100 of 100 points" in checked.stdout
