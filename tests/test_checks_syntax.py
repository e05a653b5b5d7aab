"""Student source is read into canonical statements that know their place and whether they ran."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.checks.magics import plain_python
from grader.checks.nesting import MAX_TOKENS, refusal
from grader.checks.parsing import MAX_CELL
from grader.checks.syntax import MAX_NOTEBOOK, MAX_STATEMENTS, Code, Fate, Unread, read_code
from grader.model import Cell, CellError, Outcome


def ran(*sources: str) -> Code:
    return read_code([Cell(number, source, Outcome.RAN) for number, source in enumerate(sources, 1)])


def canonical(*sources: str) -> str:
    return "\n".join(block.text for block in ran(*sources).blocks)


def raised_at(line: int, source: str) -> Code:
    return read_code([Cell(1, source, Outcome.RAISED, error=CellError("ValueError", "", line))])


SAME = {
    "spacing": ("x  =  f( 1,2 )", "x = f(1, 2)"),
    "quotes": ('f("a", \'b\', """c""")', "f('a', 'b', 'c')"),
    "comments": ("x = 1  # one\n# two", "x = 1"),
    "line breaks": ("f(\n    1,\n    2,\n)", "f(1, 2)"),
    "backslashes": ("x = 1 + \\\n    2", "x = 1 + 2"),
    "Windows line ends": ("x = 1\r\ny = 2\r", "x = 1\ny = 2"),
    "a ligature in a name": ("model.ﬁt(x)", "model.fit(x)"),
    "an annotation": ("epochs: int = 12", "epochs = 12"),
    "from X import Y": ("from keras.layers import Dense\nDense(1)", "keras.layers.Dense(1)"),
    "a renamed import": ("from keras.layers import Dense as D\nD(1)", "keras.layers.Dense(1)"),
    "a module's short name": ("import keras.layers as L\nL.Dense(1)", "keras.layers.Dense(1)"),
    "a module's full name": ("import keras.layers\nkeras.layers.Dense(1)", "keras.layers.Dense(1)"),
    "keras from tensorflow": ("from tensorflow import keras\nkeras.layers.Dense(1)", "keras.layers.Dense(1)"),
    "tf.keras": ("import tensorflow as tf\ntf.keras.layers.Dense(1)", "keras.layers.Dense(1)"),
    "tensorflow.keras": ("from tensorflow.keras import layers\nlayers.Dense(1)", "keras.layers.Dense(1)"),
    "a module in a variable": ("layers = tf.keras.layers\nlayers.Dense(1)", "keras.layers.Dense(1)"),
    "import *": ("from keras.layers import *\nDense(1)", "keras.layers.Dense(1)"),
    "Sequential in models": ("from keras.models import Sequential\nSequential()", "keras.Sequential()"),
    "Model in models": ("import keras\nkeras.models.Model(a, b)", "keras.Model(a, b)"),
    "Input in layers": ("from keras.layers import Input\nInput(1)", "keras.Input(1)"),
    "a double name": ("from keras.layers import MaxPool2D\nMaxPool2D(2)", "keras.layers.MaxPooling2D(2)"),
    "numpy without np": ("import numpy\nnumpy.random.seed(0)", "numpy.random.seed(0)"),
    "a function of numpy": ("from numpy.random import seed\nseed(0)", "numpy.random.seed(0)"),
    "a module of numpy": ("from numpy import random as r\nr.seed(0)", "numpy.random.seed(0)"),
    "an import in another cell": ("import numpy as n\nn.pi", "numpy.pi"),
    "an import in a block": ("try:\n    import numpy as n\nexcept E:\n    pass\nn.pi", "numpy.pi"),
}


@pytest.mark.parametrize(("written", "expected"), SAME.values(), ids=SAME.keys())
def test_what_means_the_same_has_one_form(written: str, expected: str) -> None:
    assert canonical(written).endswith(expected)


OWN_NAMES = {
    "assigned": ("from keras.layers import Dense\nDense = 3\nprint(Dense)", "print(Dense)"),
    "a loop variable": ("import numpy as np\nfor np in x:\n    print(np)", "    print(np)"),
    "a function": ("def Dense(n):\n    pass\nDense(1)", "Dense(1)"),
    "a class": ("class Model:\n    pass\nModel()", "Model()"),
    "a parameter": ("import numpy as np\ndef f(np):\n    return np.pi", "    return np.pi"),
    "a local variable": ("import numpy as np\ndef f():\n    np = 1\n    return np.pi", "    return np.pi"),
    "a lambda's parameter": ("import numpy as np\nlambda np: np.pi", "lambda np: np.pi"),
    "in a comprehension": ("import numpy as np\n[np.pi for np in x]", "[np.pi for np in x]"),
    "an exception": ("try:\n    pass\nexcept E as np:\n    print(np)", "    print(np)"),
    "another package": ("import jax.numpy as np\nnp.pi", "jax.numpy.pi"),
    "relative": ("from .layers import Dense\nDense(1)", "Dense(1)"),
    "deleted": ("del np\nnp.pi", "np.pi"),
}


@pytest.mark.parametrize(("written", "expected"), OWN_NAMES.values(), ids=OWN_NAMES.keys())
def test_names_that_the_student_binds_are_left_alone(written: str, expected: str) -> None:
    assert canonical(written).endswith(expected)


def test_a_shadowed_name_has_its_meaning_again_outside_the_function() -> None:
    source = "import numpy as np\ndef f(np):\n    return np\n[np for np in x]\nnp.pi"
    assert canonical(source).endswith("\nnumpy.pi")


def test_a_statement_that_does_several_things_also_reads_as_each_of_them() -> None:
    assert canonical("import os, numpy as np", "batch, epochs = 128, 12", "a = b = 3", "from x import y, z") == (
        "import os, numpy as np\nimport os\nimport numpy as np\n"
        "batch, epochs = (128, 12)\nbatch = 128\nepochs = 12\n"
        "a = b = 3\na = 3\nb = 3\n"
        "from x import y, z\nfrom x import y\nfrom x import z"
    )


MAGICS = {
    "line magics": ("%matplotlib inline\nx = 1", "pass\nx = 1"),
    "shell commands": ("!pip install keras\n!!ls\nx = 1", "pass\npass\nx = 1"),
    "continued shell commands": ("!pip install \\\n    keras\nx = 1", "pass\n\nx = 1"),
    "assigned magics": ("files = !ls\nx = %who_ls\ny = 1", "pass\npass\ny = 1"),
    "help": ("?model\nmodel.fit?\nmodel??\nx = 1", "pass\npass\npass\nx = 1"),
    "in a block": ("if x:\n    %matplotlib inline\nelse:\n    y = 1", "if x:\n    pass\nelse:\n    y = 1"),
    "timed statements": ("%time h = model.fit(x)\ny = %time f()", "h = model.fit(x)\ny = f()"),
    "time alone": ("%time\nx = 1", "pass\nx = 1"),
    "cell magics over Python": ("%%time\nx = 1", "\nx = 1"),
    "several cell magics": ("\n%%capture out\n%%time\nx = 1", "\n\n\nx = 1"),
    "other cell magics": ("%%bash\nx=1", ""),
    "HTML": ("%%html\n<b>x</b>", ""),
    "written files": ("%%writefile a.py\nimport numpy as np", ""),
    "not in strings": ('%time\ns = """\n%a\n!b\n"""', 'pass\ns = """\n%a\n!b\n"""'),
    "not in brackets": ("%time\nx = (a\n%b)", "pass\nx = (a\n%b)"),
    "not after a backslash": ("%time\nx = a \\\n%b", "pass\nx = a \\\n%b"),
    "not in comments": ("%time\n# why?\nx = 1  # why?", "pass\n# why?\nx = 1  # why?"),
    "brackets and quotes in comments": ("%time\n# it's (\n!ls", "pass\n# it's (\npass"),
    "escaped quotes": ("%time\ns = 'it\\'s ('\n!ls", "pass\ns = 'it\\'s ('\npass"),
    "indented cells": ("\n  x = 1\n  if x:\n    !ls", "\nx = 1\nif x:\n  pass"),
    "prompts": (">>> x = 1\n>>> if x:\n...     y = 2", "x = 1\nif x:\n    y = 2"),
}


@pytest.mark.parametrize(("source", "expected"), MAGICS.values(), ids=MAGICS.keys())
def test_magics_are_blanked_on_their_lines(source: str, expected: str) -> None:
    assert plain_python(source) == expected


def test_lines_that_are_python_as_they_stand_are_no_magics() -> None:
    assert canonical("x = (a\n%time)") == "x = a % time"


def test_a_lone_line_that_ipython_takes_for_a_magic_is_no_fault() -> None:
    assert ran("pip install keras", "x = 1") == ran("", "x = 1")


def test_nested_statements_know_their_line_their_text_and_their_rank() -> None:
    source = textwrap.dedent('''\
        """Doc"""
        %matplotlib inline
        @wraps
        def f(x):
            """Doc"""

            y = [x,
                 2]; z = 3
            return y
        if f: pass
        elif g:
            a, b = 1, 2
        ''')
    statements = [(each.line, each.quote, each.text, each.rank) for each in ran(source).statements()]
    assert statements == [
        (1, '"""Doc"""', "'Doc'", 0),
        (2, "pass", "pass", 0),
        (4, "def f(x):", "@wraps\ndef f(x):", 0),
        (5, '"""Doc"""', '"""Doc"""', 1),
        (7, "y = [x, 2]; z = 3", "y = [x, 2]", 1),
        (8, "z = 3", "z = 3", 2),
        (9, "return y", "return y", 3),
        (10, "if f: pass", "if f:", 4),
        (10, "pass", "pass", 5),
        (11, "elif g:", "elif g:", 5),
        (12, "a, b = 1, 2", "a, b = (1, 2)", 6),
        (12, "a, b = 1, 2", "a = 1", 6),
        (12, "a, b = 1, 2", "b = 2", 6),
    ]


def test_ranks_go_on_from_cell_to_cell() -> None:
    code = ran("x = 1", "# nothing", "%%bash\nls", "y = 2")
    assert [(each.cell, each.rank) for each in code.statements()] == [(1, 0), (4, 1)]


def test_quotes_are_cut_and_cleaned() -> None:
    (statement,) = ran("x = '\x1b[31m\u202e" + "y" * 500 + "'").statements()
    assert statement.quote == "x = '?[31m?" + "y" * 108 + "…"


def test_a_cell_that_raised_counts_up_to_the_line_where_it_stopped() -> None:
    code = raised_at(4, "a = 1\nb = (2,\n     3)\nc = f(\n    4)\nd = 5")
    assert [(each.text, each.fate, each.rank) for each in code.statements()] == [
        ("a = 1", Fate.RAN, 0),
        ("b = (2, 3)", Fate.RAN, 1),
        ("c = f(4)", Fate.CELL_STOPPED, 0),
        ("d = 5", Fate.CELL_STOPPED, 1),
    ]


def test_a_compound_statement_that_raised_does_not_count_at_all() -> None:
    code = raised_at(3, "for x in y:\n    a = 1\n    b = f()\n")
    assert {each.fate for each in code.statements()} == {Fate.CELL_STOPPED}


@pytest.mark.parametrize("line", [0, 1])
def test_a_cell_that_raised_at_once_counts_for_nothing(line: int) -> None:
    assert [each.fate for each in raised_at(line, "a = 1\nb = 2").statements()] == [Fate.CELL_STOPPED] * 2


def test_a_cell_that_raised_without_an_error_counts_for_nothing() -> None:
    code = read_code([Cell(1, "a = 1", Outcome.RAISED), Cell(2, "b = 2", Outcome.NOT_RUN)])
    assert [each.fate for each in code.statements()] == [Fate.CELL_STOPPED, Fate.CELL_DID_NOT_RUN]


UNREADABLE = {
    "a syntax error": ("x = 1\ny = (", "line 2: '(' was never closed"),
    "curly quotes": ("x = 1\ny = “a”", "line 2: invalid character '“' (U+201C)"),
    "nesting": ("x = 1\n" + "(" * 300, "its code is nested too deeply"),
    "a long cell": ("#" * (MAX_CELL + 1), "it has over 200,000 characters"),
    "many tokens": ("x = 1\ny = [" + "1," * (MAX_TOKENS // 2) + "]", "it has over 50,000 words and signs"),
    "many statements": ("a\n" * (MAX_STATEMENTS + 1), "the notebook has over 10,000 statements"),
}


@pytest.mark.parametrize(("source", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_cell_that_cannot_be_read_says_why_and_the_others_are_read(source: str, reason: str) -> None:
    code = read_code([Cell(1, source, Outcome.RAN), Cell(2, "", Outcome.RAN), Cell(3, "z = 3", Outcome.NOT_RUN)])
    assert code.unread[:1] == (Unread(1, reason),)
    if "notebook" not in reason:
        assert [each.text for each in code.statements()] == ["z = 3"]


def test_a_notebook_over_the_limit_is_read_up_to_it() -> None:
    cells = ["x = 1", *["#" * MAX_CELL] * (MAX_NOTEBOOK // MAX_CELL), "#" * MAX_CELL, "y = 2"]
    code = ran(*cells)
    assert [each.text for each in code.statements()] == ["x = 1"]
    assert {each.reason for each in code.unread} == {"the notebook has over 500,000 characters"}


def test_what_unparse_cannot_write_stays_as_the_student_wrote_it() -> None:
    number = "0x" + "f" * 20_000  # Python refuses to write it in decimal
    statements = list(ran(f"import numpy as np\nx = np.array( [{number}] )\ny  =  2").statements())
    assert [each.text[:18] for each in statements] == ["import numpy as np", "x = np.array( [0xf", "y = 2"]


HOSTILE = {
    "brackets": '"(" * N',
    "closed brackets": '"(" * N + ")" * N',
    "lists": '"[" * N',
    "minus": '"-" * N + "1"',
    "not": '"not " * N + "1"',
    "attributes": '"a" + ".a" * N',
    "attributes of a number": '"1." + ".a" * N',
    "sums": '"a" + "+a" * N',
    "powers": '"a" + "**a" * N',
    "calls": '"f" + "()" * N',
    "subscripts": '"f" + "[0]" * N',
    "lambdas": '"lambda: " * N + "1"',
    "lambdas with commas": '"lambda a, b: " * N + "1"',
    "conditions": '"a if a else " * N + "a"',
    "await": '"await " * N + "a"',
    "elif": '"if a:\\n b\\n" + "elif a:\\n b\\n" * N',
    "if": '"".join(" " * i + "if a:\\n" for i in range(500))',
    "dictionaries": '"{a:" * N',
    "formatted strings": '"f\'{" + "-" * N + "1}\'"',
    "formatted strings with brackets": '"f\'#{" + "(" * N + "}\'"',
    "targets": '"a=" * N + "1"',
    "comparisons": '"a" + "<a" * N',
    "stars": '"*" * N + "a"',
    "quotes": '"\'" * N',
    "triple quotes": '\'"""\' * N',
    "continued lines": '"\\\\\\n" * N',
    "NUL": '"a\\0" * 9',
    "a surrogate": "\"'\\ud800'\"",
    "just within the limits": '"(" * 90 + "a" + ",)" * 90 + "\\n" + "a" + ".b" * 190 + "\\n" + "-" * 190 + "1"',
}


def test_hostile_source_neither_crashes_nor_hangs_the_interpreter() -> None:
    """In a process of its own, since what it guards against is a crash of the process."""
    program = textwrap.dedent(f"""
        import sys
        from grader.checks.code import check_all
        from grader.model import Cell, CodeCriterion, Outcome
        criteria = [CodeCriterion("c", 1, ("$H = $M.fit($$$)",), after=("$E = 12",))]
        N = 100_000
        for name, source in {{ {", ".join(f"{name!r}: {text}" for name, text in HOSTILE.items())} }}.items():
            for text in (source, source[:199_000], source[:2_000], "x = 1\\n" + source[:20_000]):
                check_all(criteria, [Cell(1, text, Outcome.RAN)])
            print(name)
        """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr, done.stdout.splitlines()) == (0, "", list(HOSTILE))


@given(st.text())
@example("f(\\\n%x")
@example("x = '\ud800'")
@settings(max_examples=150)
def test_no_text_makes_reading_raise(text: str) -> None:
    code = ran(text)
    assert len(code.blocks) + len(code.unread) <= 1


SIGNS = [*"()[]{}\\,:=.*-#?'\"", "\n", '"""', "f'", "  "]
WORDS = ["if ", "else ", "lambda ", "not ", "for ", "in ", "x", "np", "12", "%time ", "!ls", "%%bash", "$", "é"]


@given(st.lists(st.sampled_from(SIGNS + WORDS)).map("".join))
@settings(max_examples=300)
def test_no_mixture_of_tokens_makes_reading_raise_or_lose_lines(text: str) -> None:
    assert all(each.line <= text.count("\n") + 1 for each in ran(text).statements())
    assert plain_python(text).count("\n") in (0, text.count("\n"))


NESTING = {
    "brackets": ("(", "", ")"),
    "minus": ("-", "a", ""),
    "lambda": ("lambda a, b: ", "a", ""),
    "attributes": ("", "a", ".b"),
    "sums": ("", "a", " + a"),
    "conditions": ("a if b else ", "c", ""),
    "elif": ("", "if a:\n    b\n", "elif a:\n    b\n"),
    "code in a string": ("", "f'{", "-"),
}


@pytest.mark.parametrize(("before", "middle", "behind"), NESTING.values(), ids=NESTING.keys())
def test_nesting_is_refused_beyond_what_people_write(before: str, middle: str, behind: str) -> None:
    refused = [refusal(before * depth + middle + behind * depth) for depth in (90, 250)]
    assert refused == ["", "its code is nested too deeply"]


def test_long_flat_code_is_not_nested() -> None:
    flat = "x = [" + "-1.5, f(a.b), not c, lambda d: 0,\n" * 100 + "]\n" + "y = a.b(-c)\n" * 500
    assert refusal(flat) == ""


@given(st.lists(st.sampled_from([source for source, _ in SAME.values()]), max_size=6))
@settings(max_examples=50)
def test_canonical_text_is_its_own_canonical_form(sources: list[str]) -> None:
    once = canonical(*sources)
    assert ast.dump(ast.parse(canonical(once))) == ast.dump(ast.parse(once))
