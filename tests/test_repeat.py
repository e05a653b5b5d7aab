"""When a run is made again without the grader's own conditions, and when its end is the notebook's own."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from mnist_facts import ENVIRONMENT, FIT, OBSERVED

from grader.model import Cell, CellError, Device, Environment, Evidence, Outcome, Status
from grader.repeat import cap_in_the_way, determinism_in_the_way

CAPPED = FIT
UNCAPPED = replace(FIT, cap=None, epochs_trained=12)
NOTHING_LEFT = replace(FIT, cap=0, epochs_trained=0, history={})


def ran(*sources: str) -> tuple[Cell, ...]:
    return tuple(Cell(number, source, Outcome.RAN) for number, source in enumerate(sources, 1))


def ended(
    error: CellError | None,
    *sources: str,
    status: Status = Status.NOTEBOOK_ERROR,
    fits: tuple[object, ...] = (CAPPED,),
    environment: Environment | None = ENVIRONMENT,
) -> Evidence:
    """A run whose last cell raised `error`; the cells before it hold `sources`."""
    last = Cell(len(sources) + 1, "last()", Outcome.RAN if error is None else Outcome.RAISED, "", error)
    observed = replace(OBSERVED, fits=fits)  # type: ignore[arg-type]  # fits all the same
    return Evidence(status, "", (*ran(*sources), last), observed, environment, 1.0)


def undefined(name: str) -> CellError:
    return CellError("NameError", f"name '{name}' is not defined", 1)


INDEX = CellError("IndexError", "list index out of range", 3)


@pytest.mark.parametrize(
    ("run", "in_the_way"),
    [
        (ended(None, status=Status.GRADED), False),
        (ended(INDEX), True),
        (ended(INDEX, fits=(UNCAPPED, CAPPED)), True),
        (ended(INDEX, fits=(UNCAPPED,)), False),
        (ended(INDEX, fits=()), False),
        (ended(None, status=Status.GRADED, fits=(CAPPED, NOTHING_LEFT)), True),
        (ended(None, status=Status.TIMEOUT, fits=(NOTHING_LEFT,)), True),
        (ended(None, status=Status.TIMEOUT), False),
        (ended(None, status=Status.KERNEL_DIED), False),
        (ended(CellError("MemoryError", "", 1), status=Status.OUT_OF_MEMORY), False),
        (ended(CellError("SyntaxError", "invalid syntax (line 1)", 0)), False),
        (ended(CellError("IndentationError", "unexpected indent", 0)), False),
        (ended(CellError("ModuleNotFoundError", "No module named 'seaborn'", 1)), False),
        (ended(CellError("ImportError", "cannot import name 'x'", 1)), False),
        (ended(CellError("KeyError", "'val_loss'", 1)), True),
        (ended(CellError("ValueError", "x and y must have same first dimension", 1)), True),
    ],
)
def test_a_capped_run_that_ends_in_an_error_is_made_again_unless_the_text_alone_is_wrong(
    run: Evidence,
    in_the_way: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert cap_in_the_way(run) is in_the_way


@pytest.mark.parametrize(
    ("source", "may_bind"),
    [
        ("x = 1", False),
        ("print(figure)", False),
        ("'figure = 1'", False),
        ("# figure = 1", False),
        ("x.figure = 1", False),
        ("f(figure=1)", False),
        ("figure = 1", True),
        ("if loss < 0.1:\n    figure = 1", True),
        ("for figure in range(12): pass", True),
        ("a, *figure = b", True),
        ("(figure := 1)", True),
        ("figure += 1", True),
        ("figure: int = 1", True),
        ("with open('x') as figure: pass", True),
        ("import figure", True),
        ("import figure.part", True),
        ("import part.figure", False),
        ("import part as figure", True),
        ("from part import figure", True),
        ("from part import x as figure", True),
        ("from part import *", True),
        ("def figure(): pass", True),
        ("async def figure(): pass", True),
        ("class figure: pass", True),
        ("try: pass\nexcept ValueError as figure: pass", True),
        ("match x:\n    case figure: pass", True),
        ("match x:\n    case [*figure]: pass", True),
        ("match x:\n    case {**figure}: pass", True),
        ("exec('figure = 1')", True),
        ("globals()['figure'] = 1", True),
        ("locals().update(figure=1)", True),
        ("get_ipython().run_line_magic('run', 'other.py')", True),
        ("%run other.py", True),
        ("x = = 1", True),
        ("(" * 5000, True),
        ("-" * 100_000 + "1", True),
        ("x\0", True),
    ],
)  # fmt: skip
def test_a_name_that_no_code_could_have_bound_is_the_notebooks_own_fault(
    source: str,
    may_bind: bool,  # noqa: FBT001 - a table's column
) -> None:
    run = ended(undefined("figure"), "import numpy as np", source)
    assert cap_in_the_way(run) is may_bind


@pytest.mark.parametrize(
    "error",
    [
        CellError("NameError", "name 'figure' is not defined. Did you mean: 'figures'?", 1),
        CellError("NameError", "name 'figure' is not defined", 0),
    ],
)
def test_a_hint_behind_the_name_changes_nothing(error: CellError) -> None:
    assert cap_in_the_way(ended(error, "x = 1")) is False


def test_a_cell_that_did_not_run_has_bound_nothing() -> None:
    """Out of order: what is used is made below, whatever number of epochs is trained."""
    run = ended(undefined("figure"), "x = 1")
    later = Cell(9, "figure = 2", Outcome.NOT_RUN)
    assert cap_in_the_way(replace(run, cells=(*run.cells, later))) is False
    assert cap_in_the_way(replace(run, cells=(*run.cells, replace(later, outcome=Outcome.RAN)))) is True


@pytest.mark.parametrize(
    "error",
    [
        CellError("NameError", "something else", 1),
        CellError("NameError", f"name '{'x' * 300}' is not defined", 1),
        CellError("MyError", "name 'figure' is not defined", 1),
    ],
)
def test_in_doubt_the_run_is_made_again(error: CellError) -> None:
    assert cap_in_the_way(ended(error, "x = 1")) is True


def test_sources_that_are_made_to_break_parsers_take_no_time() -> None:
    hostile = ["(" * 100_000, "a." * 100_000 + "a", "-" * 200_000 + "1", "lambda:" * 50_000 + "1", "x;" * 100_000]
    began = time.monotonic()
    assert cap_in_the_way(ended(undefined("figure"), *hostile)) is True
    assert time.monotonic() - began < 2.0


def test_a_thousand_errors_take_as_long_as_one() -> None:
    fell = tuple(Cell(number, "x = 1\n" * 50, Outcome.RAISED, "", undefined("xx")) for number in range(1_000))
    run = replace(ended(undefined("x"), "y = 1"), cells=fell)
    began = time.monotonic()
    assert cap_in_the_way(run) is False
    assert cap_in_the_way(replace(run, cells=(*fell, Cell(9, "xx = 1", Outcome.RAN)))) is True
    assert time.monotonic() - began < 5.0


def test_in_more_code_than_is_read_any_name_may_be_bound() -> None:
    assert cap_in_the_way(ended(undefined("figure"), *["# a long comment\n" * 10_000] * 4)) is True


ON_GPU = replace(ENVIRONMENT, device=Device.GPU)
NO_FORM = CellError("UnimplementedError", "A deterministic GPU implementation of X is not currently available.", 4)


@pytest.mark.parametrize(
    ("run", "in_the_way"),
    [
        (ended(NO_FORM, environment=ON_GPU), True),
        (ended(replace(NO_FORM, message="Determinism is not supported"), environment=ON_GPU), True),
        (ended(NO_FORM), False),
        (ended(NO_FORM, environment=None), False),
        (ended(INDEX, environment=ON_GPU), False),
        (ended(None, environment=ON_GPU, status=Status.GRADED), False),
    ],
)
def test_an_operation_without_a_deterministic_form_is_run_again_on_the_gpu_only(
    run: Evidence,
    in_the_way: bool,  # noqa: FBT001 - a table's column
) -> None:
    assert determinism_in_the_way(run) is in_the_way
