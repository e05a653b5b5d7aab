"""Whatever a reference holds, changing it neither fails nor makes what is not Python."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from references import ADDS, LIST, TENSORS

from grader.checks.parsing import parse
from grader.model import CodeCriterion, Part
from grader.verify import claims, cosmetic, mutants, notebook, reading
from grader.verify.notebook import CODE, Cell, Notebook

HISTORIES = [{"loss": [float("nan")]}, {"loss": [float("inf"), 1.0], "é'\"": []}]
PART = Part("p", (), Path("x.ipynb"), (CodeCriterion("c", 1, ("$M.fit($$$)", "print($$$)"), after=("$A = 1",)),))

ODD = {
    "nothing": "",
    "blank lines": "\n\n\r\n\n",
    "no Python": "model.add(((",
    "a null byte": "a = '\0'\nmodel.add(layers.Dense(1))",
    "half a character": "a = '\ud800'\nmodel.add(layers.Dense(1))\n",
    "deeply nested": "a = " + "(" * 150 + "1" + ")" * 150,
    "too deeply nested": "a = " + "(" * 300 + "1" + ")" * 300,
    "a chain": "a" + ".b" * 5000 + "\na" + "(1)" * 90,
    "starred": "model.add(*a)\nmodel.fit(*a, **b)\nmodel.compile(*a, **b)\nDense(*a)\nSequential([*a, Dense(1)])",
    "formatted": "m = Sequential()\nprint(f'{m.fit(x, epochs=2)} {m.add(Dense(1))!r:>{w}}')\nm.compile(f'{a}')",
    "in scopes": "class A:\n  def f(self):\n    self.m.add(Dense(1)); self.m.fit(x, y)\nasync def g(): h.fit(x, y)",
    "in expressions": "h = [m.fit(x, y) for m in (a, b)]\n(k := m.fit(x, y)).history\nlambda: m.add(Dense(1))",
    "patterns": "match a:\n  case {'b': b, **rest}: m.fit(b)\n  case [*c]: pass\n  case C(d=e) as f: pass",
    "huge numbers": "m.fit(x, y, 10**99999999, epochs=" + "9" * 4000 + ")\nDense(" + "9" * 4000 + ")",
    "no numbers": "Dense(units='a')\nDropout(rate=None)\nConv2D(True, ())\nAdam(learning_rate=1j)\na / 255",
    "magics": "%%time\n!pip install x\nm = Sequential(\n)\n%time m.add(Dense(1))\nm?\nm.add(Dense(2))",
    "another language": "%%javascript\nlet a = 1;",
    "line breaks": "a = 1\r\nm.add(Dense(1))\r\n\fm.add(Dense(2))\rb = 'a\x0bb'\n# c\u2028d\nm.fit(x)\n",
    "semicolons": "a = 1;; b = 2",
    "in one line": "m.add(Dense(1)); m.add(Dense(2)); m.summary(); h = m.fit(x, y); print(h.history['loss'][0])",
    "only comments": "# one\n# two",
    "continued": "m.add(\\\n  Dense(1))\nif a: m.add(Dense(2))\nelse: h = \\\n m.fit(x, y)",
    "indented": "  m.add(Dense(1))\n  m.fit(x, y)",
    "imports": "import keras, numpy as np\nfrom . import a\nfrom keras import (layers,\n  models)\nlayers.A(b)",
}


def every(cells: Notebook) -> list[Notebook]:
    """All mutants and variants of a notebook, with the criteria that claim them."""
    made, _ = mutants.mutants(reading.read(cells), mutants.table(HISTORIES))
    dressed, _ = cosmetic.variants(cells, PART)
    for one in made:
        claims.claims(PART, None, one.change.aspects, one.notebook)
    return [*(one.notebook for one in made), *(one.notebook for one in dressed)]


@pytest.mark.parametrize("name", ODD)
def test_an_odd_reference_stays_python(name: str) -> None:
    cells = (
        Cell(CODE, "from keras.layers import *\nfrom keras import *\nfrom keras.optimizers import *"),
        Cell(CODE, ODD[name]),
    )
    must_parse = not isinstance(parse(ODD[name].replace("\r", "\n")), str)
    for changed in every(cells):
        for cell in changed:
            assert not must_parse or cell.kind != CODE or cell.source.startswith("%") or ast.parse(cell.source)


def test_an_odd_reference_is_written_as_a_notebook(tmp_path: Path) -> None:
    cells = tuple(Cell(CODE, source) for source in ODD.values())
    notebook.write(tmp_path / "a.ipynb", cells)
    again = notebook.read(tmp_path / "a.ipynb")
    assert [cell.source for cell in again] == [cell.source.replace("\ud800", "?") for cell in cells]


def test_cells_in_no_python_stay_as_they_are() -> None:
    cells = (
        Cell(CODE, "!ls ((\nx = ("),
        Cell("raw", "m.fit(x)"),
        Cell(CODE, ODD["another language"]),
        Cell(CODE, ADDS),
    )
    changed = [one for one in every(cells) if len(one) == len(cells)]
    assert len(changed) > 30
    assert {one[:3] for one in changed} == {cells[:3]}


LINES = [*ADDS.splitlines(), *TENSORS.splitlines(), *(line for cell in LIST for line in cell.source.splitlines())]
BLOCKS = st.one_of(st.sampled_from(LINES), st.sampled_from(list(ODD.values())), st.text(max_size=20))
CELLS = st.lists(BLOCKS, max_size=12).map("\n".join)


@settings(max_examples=40)
@given(st.lists(CELLS, max_size=4))
def test_no_mixture_of_code_makes_it_fail(sources: list[str]) -> None:
    every(tuple(Cell(CODE, source) for source in sources))
