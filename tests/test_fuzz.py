"""Everything that reads bytes or text of a notebook or a sandbox, on real things that were damaged at random.

No exception but the reader's own, and no example that takes long. Two seconds each by default, a minute each in
`make test-all`; `GRADER_FUZZ_SECONDS=600` makes it ten minutes, which is for a change of a reader.
`--junitxml` writes down how many examples were tried.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import math
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import nbformat
import pytest
from fuzzing import ANY_TEXT, HOSTILE_TEXT, as_bytes, changed, damaged, fuzz
from hypothesis import strategies as st
from mnist_facts import ENVIRONMENT, OBSERVED
from saved_notebooks import HISTORY, TABLE, code_cell, displayed, old_notebook, stream
from saved_notebooks import notebook as of_cells
from training_frames import BODY, FIT, RESULT, TENSORS, WEIGHTS, frame

from grader import bands, evidence, grade, published, reference, repeat, rubric, saved, submissions
from grader.checks import code
from grader.errors import EvidenceError, UsageError
from grader.extract.history import histories
from grader.extract.summary import summaries
from grader.extract.terminal import plain
from grader.grade import Assignment
from grader.inside import kernels, notebook, observed
from grader.model import (
    Attempt,
    Cell,
    CellError,
    CodeCriterion,
    Device,
    Evidence,
    HistoryCriterion,
    Isolation,
    ModelSummary,
    Outcome,
    Part,
    PrintedHistory,
    Status,
    Submission,
    SummaryCriterion,
    Tolerance,
)
from grader.notebook_file import Saved, opened
from grader.outputs import notebooks, scores
from grader.report.reduction import reduce
from grader.report.sanitize import sanitize
from grader.sandbox import Layer
from grader.training import Conditions, Source, results
from grader.training.conversation import Conversation
from grader.training.evaluating import evaluate
from grader.training.frame import FrameError
from grader.training.inflight import Outcome as Trained
from grader.training.intake import Intake

ROOT = Path(__file__).parents[1]
SECONDS = float(os.environ.get("GRADER_FUZZ_SECONDS", "2"))
MINUTE = 60.0

RUBRIC = rubric.load(ROOT / "rubric.yaml")
PART = RUBRIC.parts[0]
ASSIGNMENT = Assignment(
    RUBRIC, PART, reference.load(reference.path_for(PART)), Device.CPU, threads=2, layer=Layer(Isolation.NONE)
)
ASSIGNMENTS = {part.id: replace(ASSIGNMENT, part=part) for part in RUBRIC.parts}
FIT_HEADER = {"fit": FIT, "tensors": TENSORS}
HANDED_HEADER = {
    "evaluate": {"fit": 0},
    "fit": FIT | {"arguments": {"x": {"tensor": "data 0"}, "y": {"tensor": "data 1"}, "validation_split": 0.0}},
    "tensors": [tensor | {"name": f"data {number}"} for number, tensor in enumerate(TENSORS)],
}
CONDITIONS = Conditions({"keras": "3"}, "a processor", 2, Device.CPU, deterministic=True)
MOST_IN_A_PIPE = 2**16  # bytes that it takes before anybody reads
PATTERNS = [criterion for criterion in PART.criteria if isinstance(criterion, CodeCriterion)]
FILES = [path.read_bytes() for path in sorted((ROOT / "submissions").rglob("*.ipynb"))]
NOTEBOOKS = [json.loads(data) for data in FILES if data.rstrip().endswith(b"}")]  # one of them is cut off
SOURCES = sorted(
    {"".join(cell["source"]) for each in NOTEBOOKS for cell in each["cells"] if cell["cell_type"] == "code"}
)
SAVED = [
    of_cells(code_cell("model.summary()", stream(TABLE), displayed(TABLE)), code_cell("print()", stream(HISTORY))),
    old_notebook(TABLE, HISTORY),
    *NOTEBOOKS[:3],
]
PRINTED = [path.read_bytes().decode() for path in sorted((ROOT / "tests" / "printed").rglob("*.txt"))]


def pieces(*lines: str) -> st.SearchStrategy[str]:
    """What stands between the bars, and other text."""
    return st.sampled_from("¦".join(lines).split("¦")) | HOSTILE_TEXT | ANY_TEXT


JSON_WORDS = b'[ ] { } , : " \\ \\u \\ud800 \0 \xff \xef\xbb\xbf \n 1 - . e NaN Infinity null true "a": {} []'
JSON_PIECES = st.sampled_from([b"9" * 400, *JSON_WORDS.split(b" ")]) | st.binary(max_size=5)
PRINTED_PIECES = pieces(
    "\r¦\b¦\n¦\r\n¦\x1b[K¦\x1b[2K¦\x1b[0m¦\x1b]¦\x07¦ - ¦━¦│¦┃¦├¦└\n¦Layer (type)¦Output Shape¦Param #¦…",
    "Epoch 1/2\n¦2/2 - 1s¦loss: 1¦val_loss: 0.5¦ETA: ¦[('loss', 1)¦{'loss': [¦np.float64(¦(¦,¦]¦)",
    "Total params: 1\n¦____________________\n¦====================\n",
)
CODE_PIECES = pieces(
    "\n¦\n  ¦\t¦(¦)¦[¦]¦{¦}¦'¦'''¦\"\"\"¦\\¦\\\n¦#¦;¦,¦.¦=¦lambda x: ¦if a:\n ¦elif a:\n ¦def f():\n ¦class A:\n ",
    "for x in y:\n ¦not ¦await ¦-¦import a\n¦from a import *\n¦import numpy as np\n¦a = b = 1\n¦a, b = 1, 2\n",
    "f'{a}'¦{a!r:{b}}¦%time ¦%%bash\n¦!ls\n¦?¦>>> ¦model.fit()\n¦model.compile()\n¦print(model.summary())\n",
    "epochs = 12\n¦np.random.seed(0)\n¦h = model.fit(x)\n¦1_0¦0x¦1e5¦b'¦x: int = 1\n¦@a\n",
)
HTML_PIECES = pieces(
    "<¦>¦</¦<!--¦-->¦<b>¦</b>¦<p>¦<table>¦<tr>¦<td>¦</td>¦<ul><li>¦<svg>¦<script>¦</script>¦<style>¦style='",
    "<a href='https://x'>¦<img src='data:image/png;base64,AAAA'>¦color: red;¦rgb(1,2,3)¦url(¦&¦&#¦&lt;¦&#x3c;",
    "<![CDATA[¦<?¦<!DOCTYPE¦<template>¦<select>¦<option>¦<math>¦<title>¦<textarea>¦<noscript>¦<form>¦<button>",
)
PAGE = "<div><h1>One</h1><p>two <em>three</em></p><table><tr><td>1</td></tr></table><a href='https://x'>x</a></div>"


def as_evidence() -> Evidence:
    """A run that shows all that is looked for."""
    texts = [*PRINTED, "[('loss', 0.2544), ('accuracy', 0.9212), ('val_loss', 0.056), ('val_accuracy', 0.9823)]\n"]
    cells = [Cell(number, source, Outcome.RAN) for number, source in enumerate(SOURCES[:6], 1)]
    cells += [Cell(number, "pass", Outcome.RAN, text) for number, text in enumerate(texts, 7)]
    fell = Cell(20, "fall()", Outcome.RAISED, "", CellError("NameError", "name 'fall' is not defined", 1))
    return Evidence(Status.NOTEBOOK_ERROR, "NameError", (*cells, fell), OBSERVED, ENVIRONMENT, 1.0)


def events() -> bytes:
    """The probe's lines of such a run."""
    told = asdict(OBSERVED)
    kinds = {"snapshot": "snapshots", "summary": "summaries", "compile": "compiles", "fit": "fits"}
    lines = [{"event": kind, "request": "a", **each} for kind, name in kinds.items() for each in told[name]]
    lines.append({"event": "gpu", "request": "", "name": "A GPU"})
    return b"\n".join(json.dumps(line).encode() for line in lines)


# --- the readers -------------------------------------------------------------------------------------------


def grade_evidence(data: bytes) -> None:
    """The whole way from evidence to a row of the tables."""
    try:
        found = evidence.decode(data)
    except EvidenceError:
        return
    assert isinstance(repeat.cap_in_the_way(found), bool)
    assert isinstance(repeat.determinism_in_the_way(found), bool)
    attempt = Attempt(found.ended, found.reason, found, None, 1.0, "none", "0" * 64)
    submission = Submission("ada", PART.id, (Path("x.ipynb"),))
    graded = grade.score(submission, ASSIGNMENT, attempt)
    assert graded.score is not None
    assert 0 <= graded.score <= PART.points
    assert len(graded.message) <= grade.MAX_MESSAGE
    with tempfile.TemporaryDirectory() as folder:
        table = scores.write_scores(Path(folder), RUBRIC, [graded]).read_bytes()
    assert table.count(b"\n") == 2


def read_printed(text: str) -> None:
    shown = plain(text)
    assert plain(shown) == shown
    assert all(isinstance(each, ModelSummary) for each in summaries(text))
    assert all(isinstance(each, PrintedHistory) for each in histories(text))


def read_code(source: str) -> None:
    error = CellError("E", "e", 3)
    cells = (
        Cell(1, source, Outcome.RAN),
        Cell(2, source, Outcome.RAISED, "", error),
        Cell(3, source, Outcome.NOT_RUN),
    )
    assert len(code.check_all(PATTERNS, cells)) == len(PATTERNS)
    assert isinstance(kernels.reads_at_import(source), bool)


def read_notebook(data: bytes) -> None:
    try:
        handed = notebook.read(io.BytesIO(data))
    except notebook.UnreadableError:
        return
    assert all(isinstance(cell.source, str) for cell in handed.notebook.cells)
    nbformat.validate(handed.notebook)
    assert json.dumps(handed.saved, ensure_ascii=False).encode()


def judge_saved(data: bytes) -> None:
    """A verdict for each criterion, as a notebook and as a text."""
    for path in (Path("a.ipynb"), Path("a.txt")):
        try:
            found = opened(data, path)
        except UsageError:
            continue
        told = saved.judge(found, [(one.part, one.recording) for one in ASSIGNMENT.accepted])
        assert [one.criterion for one in told.verdicts] == list(PART.criteria)
        assert all((one.word is saved.Word.DIFFERS) <= bool(one.why) for one in told.verdicts)
        assert all(json.dumps(one.why, ensure_ascii=False).encode() for one in told.verdicts)
        import_output(found)


def import_output(found: Saved) -> None:
    """What is imported can be stored, loads again, and can be compared with."""
    try:
        recording = published.recording(found, Path("a.txt"), PART)
    except UsageError:
        return
    assert all(published.remarks(found, recording))
    assert len(published.described(recording)) > 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.json")
        reference.store(path, recording)
        assert reference.load(path) == recording
    limits = HistoryCriterion("history", 1, tolerance=Tolerance(0.1, 0.1))
    assert bands.intervals(recording, limits)
    saved.judge(found, [(Part("a", (), Path("a.txt"), (limits, SummaryCriterion("model", 1))), recording)])


def read_events(data: bytes) -> None:
    """What the harness makes of the lines can be written, and read or refused as evidence."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        found = observed.observations(observed.read(file.name), {"a": 1})
    whole = asdict(as_evidence()) | {"observed": found}
    grade_evidence(json.dumps(whole, ensure_ascii=False).encode("utf-8", "replace"))


def read_names(names: list[bytes]) -> None:
    """Each student gets a row and a place of his own, whatever files and folders are called."""
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            path = Path(folder, os.fsdecode(name))
            if number % 2 and not path.exists():
                path.mkdir()
                path = path / "x.ipynb"
            if not path.exists():
                path.write_bytes(b"{}")
        found = submissions.find(Path(folder), RUBRIC).submissions
        rows = [grade.own_trouble(each, ASSIGNMENTS[each.part], each.reason) for each in found]
        text = scores.write_scores(Path(folder), RUBRIC, rows).read_text("utf-8")
        places = {str(notebooks.path_for(Path(folder), row)).lower() for row in rows}
    assert len(list(csv.reader(io.StringIO(text, newline="")))) == len(found) + 1
    assert len(places) == len(found)
    assert all(Path(place).is_relative_to(folder.lower()) for place in places)


def read_request(data: bytes) -> None:
    """Whatever a kernel writes to the shared trainer, it is answered or not listened to any more."""
    (theirs, to_us), (from_us, ours) = os.pipe(), os.pipe()
    os.write(to_us, data[:MOST_IN_A_PIPE])
    os.close(to_us)
    with tempfile.TemporaryDirectory() as folder:
        conversation = Conversation(
            requests=theirs,
            replies=ours,
            conditions=CONDITIONS,
            clock=NoClock(),
            cancelled=threading.Event(),
            find=no_training,
            intake=Intake(Path(folder)),
            most=2**20,
        )
        served = conversation.hold()
        found = [evaluate(handed, lambda _: (None, "not today"), 2**20) for handed in conversation.handed]
        assert all(each.why for each in found)
        assert list(Path(folder).iterdir()) == []
    with os.fdopen(from_us, "rb") as replies:
        said = replies.read()
    assert said.count(b'"answer": "train"') == sum(one.source is Source.KERNEL for one in served)
    assert {one.source for one in served[:-1]} <= {Source.KERNEL}
    assert {one.source for one in served[-1:]} <= {Source.KERNEL, Source.BROKEN}


class NoClock:
    def begin(self) -> None: ...

    def end(self, charge: float) -> None: ...


@contextlib.contextmanager
def no_training(
    key: str, spool: BinaryIO | None, seconds: float, _: threading.Event
) -> Iterator[tuple[Trained, Source]]:
    assert (len(key), math.isfinite(seconds)) == (64, True)
    if spool is not None:
        spool.close()
    yield Trained(failure="not today"), Source.TRAINED


def read_result(data: bytes) -> None:
    """What a training writes has figures, or is none."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        try:
            found = results.read(file.fileno(), 2**20)
        except FrameError:
            return
    assert found.seconds >= 0
    assert all(len(values) <= len(found.epochs) for values in found.history.values())


def read_html(text: str) -> None:
    assert "<script" not in sanitize(text).lower()


def read_outputs(value: Any) -> None:
    if isinstance(value, dict):
        nbformat.validate(reduce(nbformat.from_dict(value)))


# --- what they are given -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    examples: st.SearchStrategy[Any]
    check: Callable[[Any], None]


_printed = st.sampled_from([*PRINTED, *(each[:300] for each in PRINTED), ""])
_names = (
    st.binary(min_size=1, max_size=60) | st.builds(lambda text: text.encode("utf-8", "surrogatepass"), HOSTILE_TEXT)
).map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"_")[:200] or b"_")
_file_names = st.builds(lambda name, end: name + end, _names, st.sampled_from([b".ipynb", b".IPYNB", b""])).filter(
    lambda name: name not in (b".", b"..")
)


def as_frames(header: dict[str, Any], body: bytes) -> st.SearchStrategy[bytes]:
    """Some one after the other: headers changed or damaged, tensors that are there or not, lengths that lie."""
    headers = as_bytes(changed(st.just(header)), JSON_PIECES)
    lengths = st.just(0) | st.integers(-9, 9) | st.sampled_from([2**40, 2**62])
    one = st.builds(
        lambda data, more, rest: max(0, len(data) + more).to_bytes(8, "big") + data + rest,
        headers,
        lengths,
        st.just(body) | st.binary(max_size=40),
    )
    return st.lists(one | st.just(frame(header, body)), min_size=1, max_size=3).map(b"".join) | st.binary(
        max_size=40
    )


TARGETS: Mapping[str, Target] = {
    "evidence": Target(as_bytes(changed(st.just(asdict(as_evidence()))), JSON_PIECES), grade_evidence),
    "printed": Target(damaged(_printed, PRINTED_PIECES) | ANY_TEXT, read_printed),
    "code": Target(damaged(st.sampled_from([*SOURCES, ""]), CODE_PIECES) | ANY_TEXT, read_code),
    "notebook": Target(as_bytes(changed(st.sampled_from(NOTEBOOKS)), JSON_PIECES), read_notebook),
    "events": Target(damaged(st.just(events()), JSON_PIECES) | st.binary(max_size=200), read_events),
    "request": Target(as_frames(FIT_HEADER, BODY), read_request),
    "handed in": Target(as_frames(HANDED_HEADER, BODY), read_request),
    "result": Target(as_frames(RESULT, WEIGHTS), read_result),
    "names": Target(st.lists(_file_names, max_size=8), read_names),
    "saved": Target(as_bytes(changed(st.sampled_from(SAVED)), JSON_PIECES), judge_saved),
    "saved text": Target(
        damaged(_printed, PRINTED_PIECES).map(lambda text: text.encode("utf-8", "surrogatepass")), judge_saved
    ),
    "html": Target(damaged(st.just(PAGE), HTML_PIECES) | ANY_TEXT, read_html),
    "outputs": Target(changed(st.sampled_from(NOTEBOOKS)), read_outputs),
}


@pytest.mark.parametrize("target", TARGETS)
def test_no_damage_makes_a_reader_fail_otherwise_than_it_says(
    target: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    tried = fuzz(TARGETS[target].examples, TARGETS[target].check, SECONDS)
    record_testsuite_property(f"examples of {target}", tried)
    assert tried > 0


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_no_damage_does_so_in_a_minute(
    target: str, record_testsuite_property: Callable[[str, object], None]
) -> None:
    tried = fuzz(TARGETS[target].examples, TARGETS[target].check, max(SECONDS, MINUTE))
    record_testsuite_property(f"examples of {target}", tried)
    assert tried > 0
