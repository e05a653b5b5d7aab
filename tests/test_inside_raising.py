"""The line at which a cell's own code stopped, as IPython runs cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ipykernel.compiler import XCachingCompiler
from IPython.core.interactiveshell import InteractiveShell

from grader.inside.harness import error_text
from grader.inside.raising import Places, error_line


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        shell: Any = InteractiveShell()  # type: ignore[no-untyped-call]  # IPython is typed in part
    shell.history_manager.enabled = False
    shell.run_cell("def fall(depth=0):\n    if depth: fall(depth - 1)\n    1 / 0")
    yield shell
    shell.restore_sys_module_state()


def line_of(shell: Any, source: str) -> int:
    result = shell.run_cell(source)
    assert result.error_in_exec is not None
    return error_line(result.error_in_exec.__traceback__, shell.user_ns, source)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("1 / 0", 1),
        ("x = 1\n\n1 / 0\ny = 2", 3),
        ("\n\n  \n1 / 0", 4),
        ("\n\n   x = 1\n   1 / 0", 4),
        ("\r\n1 / 0", 2),
        ("# a comment\n1 / 0", 2),
        ("print(\n  1,\n  1 / 0,\n)", 3),
        ("x = 1\nfall()", 2),
        ("fall(3)", 1),
        ("def near():\n    1 / 0\n\nnear()", 4),
        ("class Near:\n    x = 1 / 0", 1),
        ("[1 / x for x in (1, 0)]", 1),
        ("for x in (1, 0):\n    y = 1\n    1 / x", 3),
        ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    [][0]", 4),
        ("raise ValueError", 1),
        ("x = 1\n%matplotlib_is_missing", 2),
        ("x = 1\n%time 1 / 0", 2),
        ("!true\n1 / 0", 2),
        ("%%time\n1 / 0", 2),
        ("%%time\nx = 1\n\n1 / 0\n", 4),
        ("%%time\n\n\nx = 1\n1 / 0\ny = 2", 5),
        ("\n\n%%time\nx = 1\n1 / 0", 5),
        ("%%time\nx = 1\nfall()", 3),
        ("%%time\nx = 1\nexec('y = 1\\n\\n\\n1 / 0')", 3),
        ("x = 1\nexec('y = 1\\n\\n\\n1 / 0')", 2),
        ("x = 1\nexec('def far():\\n\\n\\n    1 / 0')\nfar()", 3),
        ("x = 1\nraise KeyboardInterrupt", 2),
        ("%%no_such_magic\nx", 1),
        ("await nothing", 1),
        ("import asyncio\nawait asyncio.sleep(0)\n1 / 0", 3),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_the_line_is_the_cells_own(shell: Any, source: str, line: int) -> None:
    assert line_of(shell, source) == line


def test_without_code_of_the_cell_in_the_traceback_there_is_no_line() -> None:
    assert error_line(None, {}, "1 / 0") == 0
    try:
        int("seven")
    except ValueError as error:
        assert error_line(error.__traceback__, {}, "int('seven')") == 0  # noqa: PT017 - the traceback is the input


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        (["1 / 0"], ("0", 1)),
        (["\n\n1 / 0"], ("0", 3)),
        (["def fall():\n    1 / 0", "x = 1\nfall()"], ("0", 2)),
        (["\n\ndef fall():\n    1 / 0", "fall()"], ("0", 4)),
        (["def fall(n):\n    fall(n - 1) if n else 1 / 0", "\nfall(3)"], ("0", 2)),
        (["import json", "def read(text):\n    return json.loads(text)", "read('{')"], ("1", 2)),
        (["class Fall:\n    x = 3\n    def __init__(self):\n        1 / 0\nFall()"], ("0", 4)),
        (["%%time\n1 / 0"], ("0", 1)),  # compiled in a file of the magic's own
        (["x = 1\nexec('\\n\\n1 / 0')"], ("0", 2)),
    ],
)
def test_the_innermost_line_is_in_whatever_cell_holds_the_function(
    shell: Any, cells: list[str], place: tuple[str, int]
) -> None:
    shell.compile = XCachingCompiler()  # names the files of cells as kernels do
    places = Places(shell)
    for number, source in enumerate(cells):
        result = shell.run_cell(source)
        places.remember(str(number), source)
    assert places.innermost(result.error_in_exec.__traceback__) == place
    assert places.innermost(None) == ("", 0)


@pytest.mark.parametrize(
    ("value", "source", "text"),
    [
        ("invalid syntax (123.py, line 2)", "\nx = = 1", "invalid syntax (line 3)"),
        ("invalid syntax (mine.py, line 2)", "import mine", "invalid syntax (mine.py, line 2)"),
        ("  spaced  ", "", "spaced"),
        ("x" * 3000, "", "x" * 2000),
        ("", "", ""),
    ],
)
def test_messages_are_bounded_and_count_lines_of_the_cell(value: str, source: str, text: str) -> None:
    assert error_text(value, source) == text
