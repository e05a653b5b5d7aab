"""What the source of a notebook tells before it runs."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import rubric
from grader.model import Cell, Outcome, Rubric
from grader.selfcheck import static
from grader.selfcheck.report import Finding, Level, Place, Report, Stage, Verdict

ROOT = Path(__file__).parents[1]
COURSE = """
assignment: small
title: A small assignment
points: 20
datasets:
  mnist.npz: mnist.npz
parts:
  part1:
    reference: reference.ipynb
    criteria:
      - {id: runs, points: 5, check: executes}
      - {id: seeded, points: 5, check: code, pattern: "np.random.seed(0)", title: The seed}
      - {id: secret, points: 10, check: code, pattern: "np.random.rand(7)", title: A secret, hidden: true}
"""


@pytest.fixture
def course(tmp_path: Path) -> Rubric:
    (tmp_path / "rubric.yaml").write_text(COURSE, "utf-8")
    return rubric.load(tmp_path / "rubric.yaml", require_reference=False, require_data=False)


def found(course: Rubric, *sources: str) -> list[Finding]:
    cells = [Cell(number, source, Outcome.RAN) for number, source in enumerate(sources, 1)]
    return static.findings(cells, course)


def examined(course: Rubric, path: Path) -> Report:
    return static.examine(path, course, course.parts[0])


def test_a_code_criterion_is_judged_and_others_need_a_run(course: Rubric, notebook: Callable[..., Path]) -> None:
    report = examined(course, notebook("import numpy as np\nnp.random.seed(0)"))
    assert report.stage is Stage.STATIC
    assert [(one.id, one.verdict, one.points, one.at_most) for one in report.items] == [
        ("runs", Verdict.NOT_JUDGED, None, 5.0),
        ("seeded", Verdict.PASSED, 5.0, 5.0),
        ("secret", Verdict.FAILED, 0.0, 0.0),
    ]
    assert (report.score, report.at_most) == (None, 10.0)
    assert report.notes == (static.ONLY_SOURCE,)


def test_of_a_hidden_criterion_there_are_points_alone(course: Rubric, notebook: Callable[..., Path]) -> None:
    hidden = examined(course, notebook("np.random.rand(8)")).items[2]
    assert (hidden.expected, hidden.found, hidden.why, hidden.next_step, hidden.evidence) == ("",) * 5
    assert hidden.place == Place()


def test_a_cell_that_python_cannot_read_is_named_with_its_line(course: Rubric) -> None:
    assert found(course, "a = 1", "%matplotlib inline\nprint 'a'") == [
        Finding(
            Level.ERROR,
            "Python cannot read this cell: Missing parentheses in call to 'print'. Did you mean print(...)?",
            "the code is Python 2, and notebooks are run with Python 3: write print(...), with parentheses",
            Place(2, 2),
        )
    ]


def test_magics_shell_lines_and_other_languages_are_no_faults(course: Rubric) -> None:
    cells = [
        "!pip install keras",
        "pip install keras",
        "%%bash\nls | wc",
        "files = !ls\nprint(files)",
        "%time x = 1",
    ]
    assert found(course, *cells) == []


@pytest.mark.parametrize(
    ("sources", "what", "place", "step"),
    [
        (["print(x)"], "'x' has", Place(1, 1), "no cell gives 'x' a value: define it before it is used"),
        (["a = 1\nprint(y)", "y = 2"], "'y' has", Place(1, 2), "'y' gets its value in cell 2, which comes after"),
        (["m.fit()\nprint(h.history)", "m = 1"], "'m' has", Place(1, 1), "'m' gets its value in cell 2"),
    ],
)
def test_a_name_without_a_value_is_named(
    course: Rubric, sources: list[str], what: str, place: Place, step: str
) -> None:
    first = found(course, *sources)[0]
    assert first.what.startswith(what)
    assert first.place == place
    assert first.next_step.startswith(step)


@pytest.mark.parametrize(
    "source",
    [
        "from keras.layers import *\nDense(3)",
        "def f(a, *b, c=1, **d):\n    return a, b, c, d, later\nlater = 2",
        "[one for one in range(3)]\nlambda z: z\ntry:\n    1\nexcept ImportError as e:\n    print(e, odd)",
        "for i, (j, *k) in []:\n    print(i, j, k)\nwith open('x', 'w') as f:\n    f",
        "print(_, __name__, In, Out, _3, get_ipython())",
        "%run other.py\nprint(from_elsewhere)",
        "match 3:\n    case {'a': a, **r}:\n        print(a, r)\n    case [*s] as t:\n        print(s, t)",
        "class A:\n    def f(self):\n        return __class__\nglobal_one: int = 3\nprint(global_one)",
        "(w := 3)\nprint(w)\nimport os.path\nos.path",
    ],
)
def test_names_that_get_a_value_somehow_are_no_finding(course: Rubric, source: str) -> None:
    assert [one for one in found(course, source) if "has no value" in one.what] == []


def test_files_and_data_sets_that_the_assignment_lacks_are_named(course: Rubric) -> None:
    source = (
        "import numpy as np, keras\nnp.load('/content/drive/My Drive/x.npz')\nopen('notes.txt')\n"
        "keras.datasets.cifar10.load_data()"
    )
    lost = "is not there when the notebook is graded"
    assert [(one.what, one.place) for one in found(course, source)] == [
        (f"'/content/drive/My Drive/x.npz' {lost}: files of your Drive are not handed in", Place(1, 2)),
        (f"'notes.txt' {lost}: a file of your own is not handed in", Place(1, 3)),
        ("the assignment has no data set 'cifar10': it provides 'mnist.npz'", Place(1, 4)),
    ]


def test_files_that_are_provided_written_or_fetched_are_no_finding(course: Rubric) -> None:
    source = (
        "import numpy as np, keras\nfrom keras.datasets import mnist\nmnist.load_data()\n"
        "np.load('data/mnist.npz')\nopen('mine.txt', 'w')\nopen('mine.txt')\n!wget http://x/there.csv\n"
        "import pandas as pd\npd.read_csv('there.csv')\npd.read_csv('https://x/y.csv')"
    )
    assert found(course, source) == []
    source = "import zipfile\nopen('/proc/cpuinfo')\nzipfile.ZipFile('z.zip', 'w')"
    source += "\nfor mode in 'rw':\n    open('any', mode)"
    assert found(course, source) == []


def test_a_notebook_without_code_is_told(course: Rubric) -> None:
    assert [one.what for one in found(course, " \n")] == ["the notebook has no code"]


def test_what_is_no_notebook_is_a_finding(course: Rubric, tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_bytes(b"\x89PNG")
    report = examined(course, tmp_path / "x.ipynb")
    assert [one.level for one in report.findings] == [Level.ERROR]
    assert not report.passed
    assert all(item.verdict is Verdict.NOT_JUDGED for item in report.items)


@given(st.lists(st.text() | st.text(st.sampled_from("()[]:=%!x1 \n\t\\'\"#def"), max_size=60), max_size=4))
def test_no_source_stops_it(sources: list[str]) -> None:
    cells = [Cell(number, source, Outcome.RAN) for number, source in enumerate(sources, 1)]
    for one in static.findings(cells, SHIPPED):
        assert 0 <= one.place.cell <= len(cells)


SHIPPED = rubric.load(ROOT / "rubric.yaml", require_reference=False, require_data=False)


def test_the_static_part_loads_nothing_heavy(tmp_path: Path) -> None:
    shutil.copy(ROOT / "submissions" / "kiran.ipynb", tmp_path / "part1.ipynb")
    code = (
        "import sys; from grader.cli import main; "
        f"main(['check', '--static', '--format', 'json', '--part', 'part1', {str(tmp_path / 'part1.ipynb')!r}]); "
        "print({'numpy', 'pandas', 'scipy', 'nbformat', 'nbconvert', 'tensorflow'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    told, _, loaded = done.stdout.rpartition("}\n")
    assert json.loads(told + "}")["stage"] == "static"
    assert loaded == "set()\n"


def test_every_shipped_solution_is_without_a_finding() -> None:
    for path in (ROOT / "reference").glob("*.ipynb"):
        part = SHIPPED.parts[1 if "part2" in path.name else 0]
        report = static.examine(path, SHIPPED, part)
        assert (report.findings, report.failed) == ((), ()), path
