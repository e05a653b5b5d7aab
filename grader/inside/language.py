"""Whether a notebook that names another language than Python is written in Python all the same.

Every notebook is run with Python, whatever its metadata say; often they are merely wrong, after a detour
through another tool. Where they do not speak of Python, its code decides: cells in another language would end
in an error of which the student could make nothing. The text is hostile: both questions that are asked of it,
whether it parses, and, where another language is named, whether its names are Python's, are bounded.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .explain import HAND_IN

MAX_CODE = 256 * 1024  # characters of a cell that are looked at
MAX_PASSES = 1_000_000  # characters; IPython passes over a cell for each line with a magic, 1,000,000 in 4 s
MAX_SHOWN = 40  # characters of a name in a message

_BY_KERNEL = (("ir", "R"), ("julia", "Julia"), ("javascript", "JavaScript"), ("bash", "Bash"), ("octave", "Octave"))
_ESCAPE = re.compile(r"[%!?]|^\s*[,;/]")
_GIVEN = frozenset({*dir(builtins), "__file__", "get_ipython", "display", "In", "Out", "exit", "quit"})
_HISTORY = re.compile(r"_+i*|_i?\d+|_[dio]h|_exit_code")
_HIDING = frozenset({"run_cell_magic", "run_line_magic", "exec", "globals", "locals"})


@dataclass(frozen=True)
class Said:
    """What the metadata say, as they say it: the kernel's name and title, and the language; empty for nothing."""

    kernel: str = ""
    title: str = ""
    languages: tuple[str, ...] = ()

    @property
    def python(self) -> bool:
        """Said, or nothing else is."""
        told = [text for text in (self.kernel, self.title, *self.languages) if text.strip()]
        return not told or any("python" in text.casefold() for text in told)

    @property
    def language(self) -> str:
        """A language, where one is told for sure."""
        told = next((text for text in self.languages if text.strip()), "")
        by_kernel = (name for kernel, name in _BY_KERNEL if re.match(rf"{kernel}\b", self.kernel.casefold()))
        return told or next(by_kernel, "")


def refusal(said: Said, sources: Sequence[str]) -> str:
    """Why the code cells are not to be run with Python; empty where they are."""
    if said.python:
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the student's escapes and literals: not ours to tell
        found = _first_foreign(sources, strictly=bool(said.language))
    if found is None:
        return ""
    number, why = found
    named = (
        f"the language {_shown(said.language)}"
        if said.language
        else f"the kernel {_shown(said.kernel or said.title)}"
    )
    return (
        f"the notebook names {named}, and code cell {number} {why}; "
        f"expected Python: open the notebook with a Python kernel, save it again, and {HAND_IN}"
    )


def _shown(name: str) -> str:
    return repr(name if len(name) <= MAX_SHOWN else name[:MAX_SHOWN] + "…")


def _first_foreign(sources: Sequence[str], *, strictly: bool) -> tuple[int, str] | None:
    """Number and fault of the first cell that is not Python; `strictly` asks about names, too."""
    names = []
    left = MAX_PASSES
    for number, source in enumerate(sources, 1):
        if len(source) > MAX_CODE:
            return number, f"has more than {MAX_CODE:,} characters, too many to tell whether it is Python"
        tree = _tree(source)
        if tree is None:
            left -= len(source) * _escapes(source)
            if left < 0:
                return number, "has too many magics to tell whether it is Python"
            tree = _tree(_transformed(source))
        if tree is None:
            return number, "is not Python"
        if _assigns_by_arrow(tree, source):
            return number, "is not Python: it assigns with '<-'"
        names.append(_Names.of(tree) if strictly else _Names())
    return _first_unknown(names)


def _escapes(source: str) -> int:
    return sum(1 for line in source.splitlines() if _ESCAPE.search(line))


def _tree(source: str) -> ast.AST | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _transformed(source: str) -> str:
    """With IPython's magics, shell escapes and prompts as the Python that IPython makes of them."""
    from IPython.core.inputtransformer2 import TransformerManager  # most notebooks do without

    try:
        return TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]  # IPython is half typed
    # It tokenises text that is no Python, and is not written for that: whatever happens, this is none.
    except Exception:  # noqa: BLE001
        return "?"


def _assigns_by_arrow(tree: ast.AST, source: str) -> bool:
    """R's `x <- 5`, which Python reads as a comparison with -5."""
    if "<-" not in source:
        return False
    return any(
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Compare)
        and isinstance(node.value.ops[0], ast.Lt)
        and isinstance(node.value.comparators[0], ast.UnaryOp | ast.BinOp)
        for node in ast.walk(tree)
    )


# --- names -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Names:
    """Names of one cell. `unclear` says that it may define names in ways that cannot be seen."""

    used: tuple[str, ...] = ()
    bound: frozenset[str] = frozenset()
    unclear: bool = False

    @classmethod
    def of(cls, tree: ast.AST) -> _Names:
        nodes = list(ast.walk(tree))
        bound = frozenset(name for node in nodes for name in _bound(node))
        loads = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
        unclear = "*" in bound or any(_called(node) in _HIDING for node in nodes)
        return cls(tuple(node.id for node in loads), bound, unclear)


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case _:
            return


def _called(node: ast.AST) -> str:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case _:
            return ""


def _first_unknown(cells: Sequence[_Names]) -> tuple[int, str] | None:
    """A name that neither Python nor any cell defines: Julia's `println("a")` is well-formed Python."""
    if any(names.unclear for names in cells):
        return None
    known = _GIVEN.union(*(names.bound for names in cells))
    for number, names in enumerate(cells, 1):
        for name in names.used:
            if name not in known and not _HISTORY.fullmatch(name):
                return number, f"is not Python: nothing defines {_shown(name)}"
    return None
