"""Code criteria find what was asked for however it is written, and nothing else, and say what they found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.code import check_all, pattern_fault
from grader.errors import UsageError
from grader.model import Cell, CellError, Check, CodeCriterion, Outcome

FIRST = CodeCriterion("numpy_first", 5, ("import numpy as np",), title="Step 3", first=True)
SEEDED = CodeCriterion("seeded", 5, ("np.random.seed(0)",), after=("$EPOCHS = 12",), adjacent=True)
SUMMARY = CodeCriterion(
    "summary_printed",
    5,
    ("print($M.summary())",),
    after=("$M.add($$$)", "$M = keras.Sequential($$$)"),
    before=("$M.compile($$$)",),
)
KEPT = CodeCriterion("history_kept", 5, ("$H = $M.fit($$$)",))
PRINTED = CodeCriterion("history_printed", 5, ("print([($K, round($V[0], 4)) for $K, $V in $H.history.items()])",))
ASSIGNMENT = (FIRST, SEEDED, SUMMARY, KEPT, PRINTED)

FAITHFUL = '''\
"""Trains a simple convnet on the MNIST dataset."""
from __future__ import print_function
import numpy as np
import keras
from keras.models import Sequential
from keras.layers import Dense, Flatten
batch_size = 128
epochs = 12
np.random.seed(0)
model = Sequential()
model.add(Flatten(input_shape=(28, 28, 1)))
model.add(Dense(10, activation='softmax'))
print(model.summary())
model.compile(loss=keras.losses.categorical_crossentropy,
              optimizer=keras.optimizers.Adadelta(), metrics=['accuracy'])
history = model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs,
                    validation_data=(x_test, y_test))
print([(key, round(value[0], 4)) for key, value in history.history.items()])
'''
LINES = FAITHFUL.splitlines()


def cells(*sources: str) -> list[Cell]:
    return [Cell(number, source, Outcome.RAN) for number, source in enumerate(sources, 1)]


def earned(criteria: tuple[CodeCriterion, ...], *sources: str) -> list[str]:
    return [check.criterion for check in check_all(criteria, cells(*sources)) if check.passed]


def check_one(criterion: CodeCriterion, *sources: str) -> Check:
    (check,) = check_all((criterion,), cells(*sources))
    return check


def test_the_faithful_notebook_earns_everything() -> None:
    check = check_all(ASSIGNMENT, cells(FAITHFUL))[0]
    assert earned(ASSIGNMENT, FAITHFUL) == [criterion.id for criterion in ASSIGNMENT]
    assert check == Check(
        criterion="numpy_first",
        title="Step 3",
        points=5,
        max_points=5,
        expected="`import numpy as np` as the notebook's first statement",
        found="cell 1, line 3: `import numpy as np`",
    )


VARIANTS = {
    "other names": FAITHFUL.replace("model", "net").replace("history =", "h =").replace("history.h", "h.h"),
    "other epochs": FAITHFUL.replace("epochs", "n_epochs"),
    "double quotes": FAITHFUL.replace("'", '"'),
    "spacing": FAITHFUL.replace("(", "( ").replace(" = ", "="),
    "comments": "\n".join(f"{line}  # {number}" for number, line in enumerate(LINES)),
    "a cell a line": "",
    "a ligature": FAITHFUL.replace("model.fit", "model.ﬁt"),
    "Windows line ends": FAITHFUL.replace("\n", "\r\n"),
    "tf.keras": FAITHFUL.replace("import keras\n", "import tensorflow as tf\n").replace("keras.", "tf.keras.", 2),
    "tensorflow.keras": FAITHFUL.replace("from keras", "from tensorflow.keras"),
    "keras.Sequential": FAITHFUL.replace("= Sequential()", "= keras.Sequential()"),
    "from numpy.random": FAITHFUL.replace("np.random.seed(0)", "seed(0)").replace(
        "import keras\n", "import keras\nfrom numpy.random import seed\n"
    ),
    "magics": "%matplotlib inline\n!pip install keras\n" + FAITHFUL.replace("np.random", "%pylab\nnp.random"),
    "timed": "%%time\n" + FAITHFUL,
    "timed fit": FAITHFUL.replace("history = ", "%time history = ").replace(",\n                    ", ", "),
    "semicolons": FAITHFUL.replace("epochs = 12\n", "epochs = 12; ").replace("print(model", "pass; print(model"),
    "several at once": FAITHFUL.replace("batch_size = 128\nepochs = 12", "batch_size, epochs = 128, 12"),
    "several imports": FAITHFUL.replace("import numpy as np\nimport keras", "import os, numpy as np, keras"),
    "annotated": FAITHFUL.replace("epochs = 12", "epochs: int = 12").replace("history =", "history: object ="),
    "another 12": FAITHFUL + "patience = 12\n",
    "another 12 before": FAITHFUL.replace("batch_size = 128", "batch_size = 128\nrows = 12"),
    "a second model": FAITHFUL
    + "other = Sequential()\nother.add(Dense(1))\nother.compile()\nhist = other.fit(x)\n",
    "a second model before": FAITHFUL.replace(
        "model = S", "toy = Sequential()\ntoy.add(Dense(1))\ntoy.compile()\nmodel = S"
    ),
    "a second history": FAITHFUL.replace("\nprint([", "\nmore = model.fit(x)\nprint(["),
    "an attribute": FAITHFUL.replace("model", "self.model").replace("keras.self.", "keras."),
    "a list of layers": FAITHFUL.replace("model.add(Flatten(input_shape=(28, 28, 1)))\n", "").replace(
        "Sequential()\nmodel.add(Dense(10, activation='softmax'))", "Sequential([Flatten(), Dense(10)])"
    ),
    "in a loop": FAITHFUL.replace("model.add(Dense(", "for n in (64, 32):\n    model.add(Dense("),
    "under a device": FAITHFUL.replace("history =", "with tf.device('/cpu:0'):\n  history ="),
    "fit's value kept twice": FAITHFUL.replace("history = ", "history = h = "),
    "text instead of comments": FAITHFUL.replace("epochs = 12\n", "epochs = 12\n'''Step 4'''\n"),
}


@pytest.mark.parametrize("source", VARIANTS.values(), ids=VARIANTS.keys())
def test_what_means_the_same_earns_the_same(source: str) -> None:
    assert earned(ASSIGNMENT, source or FAITHFUL) == [criterion.id for criterion in ASSIGNMENT]


NO_CODE = ["", "# a comment", "%matplotlib inline", "!ls"]
BOUNDARIES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17]


@given(st.data())
@settings(max_examples=40)
def test_cell_borders_comments_and_magics_do_not_matter(data: st.DataObject) -> None:
    source: list[list[str]] = [[]]
    for number, line in enumerate(LINES):
        if number in BOUNDARIES:
            source[-1] += data.draw(st.lists(st.sampled_from(NO_CODE), max_size=2))
            if data.draw(st.booleans()):
                source.append([])
        source[-1].append(line)
    assert earned(ASSIGNMENT, *("\n".join(cell) for cell in source)) == [each.id for each in ASSIGNMENT]


NEAR_MISSES: dict[str, tuple[CodeCriterion, str]] = {
    "numpy second": (FIRST, "import keras\nimport numpy as np"),
    "numpy after an assignment": (FIRST, "x = 1\nimport numpy as np"),
    "numpy in a block": (FIRST, "if True:\n    import numpy as np"),
    "numpy under another name": (FIRST, "import numpy"),
    "numpy under a third name": (FIRST, "import numpy as npy"),
    "something of numpy": (FIRST, "from numpy import random as np"),
    "numpy in a comment": (FIRST, "# import numpy as np"),
    "numpy in a text": (FIRST, "'''\nimport numpy as np\n'''"),
    "numpy in a shell cell": (FIRST, "%%bash\nimport numpy as np"),
    "another seed": (SEEDED, "epochs = 12\nnp.random.seed(42)"),
    "a seed as text": (SEEDED, "epochs = 12\nnp.random.seed('0')"),
    "Python's seed": (SEEDED, "import random\nepochs = 12\nrandom.seed(0)"),
    "a seed of something else called np": (SEEDED, "import jax.numpy as np\nepochs = 12\nnp.random.seed(0)"),
    "a seed later": (SEEDED, "epochs = 12\nbatch_size = 128\nnp.random.seed(0)"),
    "a seed before": (SEEDED, "np.random.seed(0)\nepochs = 12"),
    "a seed in the next block": (SEEDED, "epochs = 12\nif True:\n    np.random.seed(0)"),
    "a seed after other epochs": (SEEDED, "epochs = 1\nnp.random.seed(0)"),
    "a seed after a keyword": (SEEDED, "f(epochs=12)\nnp.random.seed(0)"),
    "a seed after a sum": (SEEDED, "epochs += 12\nnp.random.seed(0)"),
    "a seed not called": (SEEDED, "epochs = 12\nnp.random.seed"),
    "epochs set again": (SEEDED, "epochs = 12\nnp.random.seed(0)\nepochs = 12"),
    "no print": (SUMMARY, "model.add(d)\nmodel.summary()\nmodel.compile()"),
    "no call": (SUMMARY, "model.add(d)\nprint(model.summary)\nmodel.compile()"),
    "a summary too early": (SUMMARY, "model.add(d)\nprint(model.summary())\nmodel.add(e)\nmodel.compile()"),
    "a summary too late": (SUMMARY, "model.add(d)\nmodel.compile()\nprint(model.summary())"),
    "another model's summary": (SUMMARY, "model.add(d)\nprint(other.summary())\nmodel.compile()"),
    "no layers": (SUMMARY, "print(model.summary())\nmodel.compile()"),
    "never compiled": (SUMMARY, "model.add(d)\nprint(model.summary())"),
    "a history not kept": (KEPT, "model.fit(x)"),
    "a history compared": (KEPT, "history == model.fit(x)"),
    "a fit not called": (KEPT, "history = model.fit"),
    "another method": (KEPT, "history = model.fit_transform(x)"),
    "a function": (KEPT, "history = fit(x)"),
    "the last epoch": (PRINTED, LINES[-1].replace("[0]", "[-1]")),
    "other digits": (PRINTED, LINES[-1].replace("4", "3")),
    "not rounded": (PRINTED, LINES[-1].replace("round(value[0], 4)", "value[0]")),
    "not printed": (PRINTED, LINES[-1].removeprefix("print(").removesuffix(")")),
    "filtered": (PRINTED, LINES[-1].replace("()]", "() if key]")),
    "as a tuple": (PRINTED, LINES[-1].replace("[(key", "((key").replace("()]", "())")),
    "mixed up": (PRINTED, LINES[-1].replace("(key,", "(value,")),
    "a History's own items": (PRINTED, LINES[-1].replace("history.history", "history")),
}


@pytest.mark.parametrize(("criterion", "source"), NEAR_MISSES.values(), ids=NEAR_MISSES.keys())
def test_near_misses_earn_nothing(criterion: CodeCriterion, source: str) -> None:
    check = check_one(criterion, source)
    assert (check.points, check.max_points) == (0.0, 5)
    assert check.expected
    assert check.found
    assert check.why
    assert check.next_step


BINDING = {
    "one name for the model": ("net.add(d)\nprint(net.summary())\nnet.compile()\nh = net.fit(x)", 2),
    "two names for the model": ("net.add(d)\nprint(net.summary())\nnet.compile()\nh = model.fit(x)", 1),
    "the other model printed": (
        "a = b = 1\na.add(d)\na.compile()\nh = a.fit(x)\nb.add(d)\nprint(b.summary())\nb.compile()\ng = b.fit(x)",
        2,
    ),
    "the models in turn": (
        "a.add(d)\nb.add(d)\nprint(a.summary())\nprint(b.summary())\na.compile()\nb.compile()\nh = b.fit(x)",
        2,
    ),
}


@pytest.mark.parametrize(("source", "count"), BINDING.values(), ids=BINDING.keys())
def test_names_are_bound_so_that_most_points_are_earned(source: str, count: int) -> None:
    assert len(earned((SUMMARY, KEPT), source)) == count


def test_the_criterion_with_more_points_wins_the_name() -> None:
    criteria = (
        CodeCriterion("a", 1, ("$M.one()",)),
        CodeCriterion("b", 3, ("$M.two()",)),
        CodeCriterion("c", 1, ("$M.three()",)),
    )
    assert earned(criteria, "x.one()\ny.two()\nx.three()") == ["b"]


def test_the_history_of_one_training_is_not_that_of_another() -> None:
    checks = check_all((KEPT, PRINTED, SUMMARY), cells(FAITHFUL.replace("history =", "hist =")))
    assert checks[1] == Check(
        criterion="history_printed",
        title="",
        points=0.0,
        max_points=5,
        expected="`print([(key, round(value[0], 4)) for key, value in hist.history.items()])`",
        found=f"cell 1, line 18: `{LINES[-1]}`",
        why="with the names that the other steps use, it would be "
        "`print([(key, round(value[0], 4)) for key, value in hist.history.items()])`",
        next_step="use the same name for the same thing in every step",
    )


def test_many_names_are_searched_in_bounded_time() -> None:
    source = "".join(f"m{n}.add(1)\nh{n} = m{n}.fit()\ne{n} = 12\nprint(m{n}.summary())\n" for n in range(1500))
    assert earned((KEPT, SUMMARY, SEEDED, PRINTED), source) == ["history_kept"]


OPTIONAL = ["epochs=12", "x, epochs=12", "epochs=12, verbose=0", "x, y, epochs=12, a=1"]


@pytest.mark.parametrize("arguments", OPTIONAL)
def test_three_dollars_stand_for_any_number_of_arguments(arguments: str) -> None:
    source = f"h = m.fit({arguments})"
    criterion = CodeCriterion("fit", 1, ("$H = $M.fit($$$, epochs=12, $$$)",))
    assert earned((criterion,), source) == ["fit"]
    assert earned((criterion,), source.replace("12", "13")) == []


PATTERNS: dict[str, tuple[str, str, str]] = {
    "aliases are resolved in patterns": ("np.random.seed(0)", "import numpy\nnumpy.random.seed(0)", "np.seed(0)"),
    "a layer by its short name": (
        "$M.add(Dense($$$))",
        "m.add(keras.layers.Dense(3))",
        "m.add(keras.layers.Flatten())",
    ),
    "a layer by its full name": ("keras.layers.Dense($$$)", "from keras.layers import Dense\nDense(3)", "Dens(3)"),
    "tf.keras": ("tf.keras.Sequential()", "from keras.models import Sequential\nSequential()", "Sequential(1)"),
    "blocks": ("for $X in $Y:\n    $$$", "for i in x:\n    print(i)\n    print(2)", "while x:\n    print(i)"),
    "decorators": (
        "@tf.function\ndef $F($$$):\n    $$$",
        "import tensorflow as t\n@t.function\ndef f(a):\n    b",
        "def f(a): b",
    ),
    "the same name twice": ("$A = $A + 1", "x = x + 1", "x = y + 1"),
    "any name": ("$_A = f($_A)", "x = f(y)", "x = g(y)"),
    "more entries": ("{'a': 1, $$$}", "x = {'a': 1, 'b': 2}", "x = {'b': 2}"),
    "texts": ("print('a', \"b\")", "print(\"a\", 'b')", "print('a')"),
    "exactly": ("import numpy", "import numpy", "import numpy as np"),
}


@pytest.mark.parametrize(("pattern", "matching", "other"), PATTERNS.values(), ids=PATTERNS.keys())
def test_patterns_match_syntax(pattern: str, matching: str, other: str) -> None:
    criterion = CodeCriterion("c", 1, (pattern,))
    assert pattern_fault(pattern) == ""
    assert (earned((criterion,), matching), earned((criterion,), other)) == (["c"], [])


FAULTS = {
    "f(": "the pattern 'f(' is not Python: line 1: '(' was never closed",
    "$h = $M.fit()": "the pattern '$h = $M.fit()' is not Python: line 1: invalid syntax; write '$H' in capitals",
    "a = 1; b = 2": "the pattern 'a = 1; b = 2' holds 2 statements; write one",
    "# nothing": "the pattern '# nothing' holds 0 statements; write one",
    "$M": "the pattern '$M' names nothing to look for; write out a part of the code",
    "$$$": "the pattern '$$$' names nothing to look for; write out a part of the code",
    "a\0b": "the pattern 'a?b' is not Python: line 1: source code string cannot contain null bytes",
    "(" * 300: f"the pattern '{'(' * 79}…' is not Python: its code is nested too deeply",
}


@pytest.mark.parametrize(("pattern", "fault"), FAULTS.items())
def test_a_pattern_that_cannot_be_looked_for_is_the_rubrics_fault(pattern: str, fault: str) -> None:
    assert pattern_fault(pattern) == fault
    with pytest.raises(UsageError):
        check_one(CodeCriterion("c", 1, (pattern,)), "x = 1")


@given(
    st.text(max_size=30)
    | st.lists(st.sampled_from(["$", "$$$", "A", "x", "(", ")", ",", "=", ".", "1"])).map("".join)
)
@settings(max_examples=200)
def test_a_pattern_without_fault_can_be_looked_for(pattern: str) -> None:
    if not pattern_fault(pattern):
        assert len(check_all((CodeCriterion("c", 1, (pattern,)),), cells("x = 1"))) == 1


def check_of(criterion: CodeCriterion, found: str, why: str, next_step: str, expected: str) -> Check:
    return Check(criterion.id, criterion.title, 0.0, criterion.points, expected, found, why, next_step)


def test_a_match_that_is_not_first_is_told_what_is() -> None:
    assert check_one(FIRST, "'''Doc'''", "import os\nimport numpy  as np") == check_of(
        FIRST,
        expected="`import numpy as np` as the notebook's first statement",
        found="cell 2, line 2: `import numpy as np`",
        why="it is not the notebook's first statement: that is cell 2, line 1: `import os`",
        next_step="move `import numpy as np` to the top of the first code cell, above every other statement",
    )


def test_a_match_in_the_wrong_place_is_told_where_its_landmark_is() -> None:
    assert check_one(SEEDED, "n = 12", "b = 1\nnp.random.seed( 0 )") == check_of(
        SEEDED,
        expected="`np.random.seed(0)` right after `n = 12`",
        found="cell 2, line 2: `np.random.seed( 0 )`, but not right after `n = 12`",
        why="`n = 12` is found at cell 1, line 1: `n = 12`",
        next_step="move `np.random.seed(0)` right below it",
    )


def test_a_match_without_its_landmark_is_told_which_is_missing() -> None:
    assert check_one(SEEDED, "epochs = 10\nnp.random.seed(0)") == check_of(
        SEEDED,
        expected="`np.random.seed(0)` right after `EPOCHS = 12` (EPOCHS stands for a name of your choice)",
        found="cell 1, line 2: `np.random.seed(0)`",
        why="it belongs right after `EPOCHS = 12`, which was not found in code that ran",
        next_step="write `EPOCHS = 12` as the assignment shows it, with `np.random.seed(0)` right below it",
    )


def test_the_nearest_statement_is_shown_where_nothing_matches() -> None:
    assert check_one(KEPT, "x = 1", "y = 2\nmodel.fit(x_train,\n    y_train)") == check_of(
        KEPT,
        expected="`H = M.fit(...)` (H, M stand for names of your choice)",
        found="the nearest is cell 2, line 2: `model.fit(x_train, y_train)`",
        why="no statement that ran matches",
        next_step="compare that line with `H = M.fit(...)` and change what differs",
    )


def test_no_nonsense_is_shown_where_nothing_is_near() -> None:
    assert check_one(KEPT, "x = 1\nimport os", "x = 1\ny = “2”") == check_of(
        KEPT,
        expected="`H = M.fit(...)` (H, M stand for names of your choice)",
        found="nothing like it",
        why="no statement that ran matches; cell 2 could not be read (line 2: invalid character '“' (U+201C))",
        next_step="look at cell 2 first; if it is not there, "
        "add `H = M.fit(...)` (H, M stand for names of your choice)",
    )


def test_code_that_did_not_run_earns_nothing_and_is_pointed_at() -> None:
    stopped = CellError("NameError", "x", 2)
    notebook = [
        Cell(1, "a = 1\nh = m.fit(x)\n", Outcome.RAISED, error=stopped),
        Cell(2, LINES[-1], Outcome.NOT_RUN),
    ]
    checks = check_all((KEPT, PRINTED), notebook)
    assert [check.points for check in checks] == [0.0, 0.0]
    assert [check.found for check in checks] == [
        "cell 1, line 2: `h = m.fit(x)`, in a cell that stopped before that line was done",
        f"cell 2, line 1: `{LINES[-1]}`, in a cell that did not run",
    ]
    assert {(check.why, check.next_step) for check in checks} == {
        (
            "only code that ran counts",
            "correct the error that stopped the notebook, then run all cells from top to bottom",
        )
    }


def test_what_ran_before_the_error_counts() -> None:
    notebook = [Cell(1, FAITHFUL, Outcome.RAISED, error=CellError("ValueError", "", 16))]
    checks = check_all(ASSIGNMENT, notebook)
    assert [check.criterion for check in checks if check.passed] == ["numpy_first", "seeded", "summary_printed"]


def test_a_landmark_that_did_not_run_is_none() -> None:
    notebook = [
        Cell(1, "m.add(1)\nprint(m.summary())\nx = y\nm.compile()", Outcome.RAISED, error=CellError("E", "", 3))
    ]
    (check,) = check_all((SUMMARY,), notebook)
    assert check.why == "it belongs before the first `m.compile(...)`, which was not found in code that ran"


def test_students_text_in_messages_is_cut_and_cleaned() -> None:
    check = check_one(SEEDED, "np.random.seed('\x1b[2J\u202e" + "x" * 5000 + "')\n" + "n" * 5000 + " = 12")
    text = f"{check.expected}{check.found}{check.why}{check.next_step}"
    assert len(text) < 1000
    assert text.isprintable()


def test_without_criteria_there_are_no_checks() -> None:
    assert check_all((), cells(FAITHFUL)) == ()


@given(st.lists(st.tuples(st.text(), st.sampled_from(Outcome), st.integers(0, 9)), max_size=4))
@settings(max_examples=100)
def test_no_source_makes_checking_raise(sources: list[tuple[str, Outcome, int]]) -> None:
    notebook = [
        Cell(number, source, outcome, error=CellError("E", "", line))
        for number, (source, outcome, line) in enumerate(sources, 1)
    ]
    checks = check_all(ASSIGNMENT, notebook)
    assert [(check.criterion, check.points) for check in checks] == [(each.id, 0.0) for each in ASSIGNMENT]


@given(st.lists(st.sampled_from(LINES), max_size=25), st.sampled_from(Outcome), st.integers(0, 30))
@settings(max_examples=100)
def test_whatever_the_order_of_lines_points_are_all_or_nothing_and_explained(
    lines: list[str], outcome: Outcome, line: int
) -> None:
    notebook = [Cell(1, "\n".join(lines), outcome, error=CellError("E", "", line))]
    for check in check_all(ASSIGNMENT, notebook):
        assert check.points in (0.0, 5)
        assert bool(check.why) == bool(check.next_step) == (not check.passed)
        assert check.found
