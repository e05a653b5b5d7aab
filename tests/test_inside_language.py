"""A notebook that names another language is Python where its code is, whatever else the code is."""

from __future__ import annotations

import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.inside.explain import HAND_IN
from grader.inside.language import MAX_CODE, Said, refusal

R = Said("ir", "R", ("R", "R"))
JULIA = Said("julia-1.9", "Julia 1.9", ("julia", ""))
UNKNOWN = Said("nowhere", "My own", ("", ""))
NEXT = f"expected Python: open the notebook with a Python kernel, save it again, and {HAND_IN}"


@pytest.mark.parametrize(
    "said",
    [
        Said(),
        Said(languages=("", " ")),
        Said("python3", "Python 3", ("python", "python")),
        Said("conda-env-x", "tf", ("Python", "")),
        Said("x", "x", ("", "ipython")),
        Said("my-python-env"),
        Said("x", "Python 3.11 (tf)"),
        Said("ir", "R", ("R", "python")),
    ],
)
def test_what_speaks_of_python_or_of_nothing_is_python(said: Said) -> None:
    assert refusal(said, ["this is %>% no code"]) == ""


PYTHON = [
    "",
    "\n# only a comment\n",
    "import numpy as np\nfrom os import path\nx: int = np.zeros(3)[0]\npath, x",
    "%matplotlib inline\n!pip install x\nfiles = !ls\nx?\nprint(files)",
    "%%time\nimport os\nos.getcwd()",
    "%%bash\nls | wc -l",
    ">>> print(1)",
    "In [1]: print(1)",
    "await display(1)",
    "def f(a, *b, c=1, **d):\n    global g\n    g = lambda e: (a, b, c, d, e, f)\n    return [h for h in g]",
    "class A(Exception): pass\ntry:\n    pass\nexcept A as e:\n    print(e)\nwith open('x') as k: k",
    "match [1]:\n    case [l, *m]:\n        print(l, m)\n    case {'a': 1, **n} as o:\n        print(n, o)",
    "print(__name__, __file__, _, __, _1, _i, _i3, _ih, In, Out, get_ipython)",
    "exec('p = 1')\np",
    "from math import *\nsin(1)",
    "ﬁ = 1\nprint(fi)",
    "'\\d'",
    "x = 1; x < -1",
]


@pytest.mark.parametrize("said", [R, JULIA, UNKNOWN])
@pytest.mark.parametrize("source", PYTHON)
def test_python_code_is_run_whatever_its_kernel_is_called(said: Said, source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refusal(said, [source]) == ""


def test_a_name_may_be_defined_in_any_cell() -> None:
    assert refusal(R, ["print(later)", "later = 1"]) == ""


@pytest.mark.parametrize(
    ("said", "named", "source", "why"),
    [
        (R, "the language 'R'", "model %>% layer_dense(10)", "is not Python"),
        (R, "the language 'R'", "x <- c(1, 2)\nprint(x)", "is not Python: it assigns with '<-'"),
        (R, "the language 'R'", "if (TRUE) { f <- function(x) x }", "is not Python"),
        (R, "the language 'R'", "library(keras)", "is not Python: nothing defines 'library'"),
        (Said("ir"), "the language 'R'", "library(keras)", "is not Python: nothing defines 'library'"),
        (JULIA, "the language 'julia'", 'println("a")', "is not Python: nothing defines 'println'"),
        (JULIA, "the language 'julia'", "using Flux", "is not Python"),
        (Said("julia-1.9"), "the language 'Julia'", 'println("a")', "is not Python: nothing defines 'println'"),
        (UNKNOWN, "the kernel 'nowhere'", "x <- c(1, 2)", "is not Python: it assigns with '<-'"),
        (UNKNOWN, "the kernel 'nowhere'", "select * from a", "is not Python"),
        (Said("", "\u202eeno yM"), "the kernel '\\u202eeno yM'", "select * from a", "is not Python"),
        (Said("x" * 99), f"the kernel '{'x' * 40}…'", "select * from a", "is not Python"),
        (UNKNOWN, "the kernel 'nowhere'", "x\0", "is not Python"),
        (
            UNKNOWN,
            "the kernel 'nowhere'",
            "#" * (MAX_CODE + 1),
            "has more than 262,144 characters, too many to tell whether it is Python",
        ),
        (UNKNOWN, "the kernel 'nowhere'", "!a\n" * 2000, "has too many magics to tell whether it is Python"),
    ],
)
def test_the_first_cell_in_another_language_is_named(said: Said, named: str, source: str, why: str) -> None:
    assert refusal(said, ["y = 1", source]) == f"the notebook names {named}, and code cell 2 {why}; {NEXT}"


def test_of_several_cells_the_first_is_named() -> None:
    assert "code cell 2 is not Python;" in refusal(R, ["x = 1", "x %>% y", "x <- 1"])


def test_unknown_names_are_nothing_strange_where_no_language_is_named() -> None:
    assert refusal(UNKNOWN, ["library(keras)"]) == ""


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "-" * 100_000 + "1",
        "a" + ".b" * 100_000,
        "f" + "()" * 100_000,
        "x = " + "1 + " * 50_000 + "1",
        "not " * 50_000 + "1",
        "lambda: " * 30_000 + "1",
        "if 1:\n pass\n" + "elif 1:\n pass\n" * 15_000,
        "9" * 200_000,
        "f'" + "{x" * 50_000,
        "'''" + "\\\n" * 50_000,
        "!a\n" * 300 + "[\n" * 300,
        "".join(" " * depth + "if x:\n" for depth in range(500)),
    ],
)
def test_code_that_parsers_stumble_over_is_judged_soon(source: str) -> None:
    began = time.process_time()
    refusal(R, [source])
    assert time.process_time() - began < 10


@settings(max_examples=200)
@given(
    st.builds(Said, st.text(max_size=9), st.text(max_size=9), st.tuples(st.text(max_size=9), st.text(max_size=9))),
    st.lists(st.text(max_size=30) | st.text(st.sampled_from("%!?'\"([{}])\\\n =x:,;/>I[]1\0\ud800"), max_size=40)),
)
def test_any_text_is_python_or_refused(said: Said, sources: list[str]) -> None:
    reason = refusal(said, sources)
    assert reason == "" or reason.endswith(NEXT)
