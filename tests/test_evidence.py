"""Evidence is decoded in full or refused in one way, whatever a sandbox wrote."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnist_facts import ENVIRONMENT, OBSERVED

from grader import evidence
from grader.errors import EvidenceError
from grader.model import Cell, CellError, Evidence, Outcome, Status

EVIDENCE = Evidence(
    ended=Status.NOTEBOOK_ERROR,
    reason="ValueError: ✗",
    cells=(
        Cell(1, "print('é')", Outcome.RAN, "é\n", saved="e\n"),
        Cell(2, "fall()", Outcome.RAISED, "", CellError("ValueError", "✗", 1)),
        Cell(3, "", Outcome.NOT_RUN),
    ),
    observed=OBSERVED,
    environment=ENVIRONMENT,
    seconds=12.5,
)
WRITTEN = dataclasses.asdict(EVIDENCE)


NOT_JSON = "the evidence is not JSON"
NOT_ITS_FORM = "the evidence is not in its form"
SETTINGS = "observed.snapshots.0.layers.0.settings"


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def changed(path: str, value: Any) -> bytes:
    """The evidence with one value replaced, or removed where it is `...`."""
    whole = json.loads(encoded(WRITTEN))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = whole
    for step in way:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return encoded(whole)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, part in inner for place in places(part, (*way, key)))]


def test_what_was_written_is_what_is_read() -> None:
    assert evidence.decode(encoded(WRITTEN)) == EVIDENCE


@pytest.mark.parametrize("status", ["disk_limit", "process_limit", "unreadable", "graded"])
def test_a_harness_may_say_how_the_run_ended(status: str) -> None:
    assert evidence.decode(changed("ended", status)).ended == Status(status)


def test_evidence_from_before_saved_text_was_kept_is_read() -> None:
    assert evidence.decode(changed("cells.0.saved", ...)).cells[0].saved == ""


def test_histories_and_ranges_may_be_no_number() -> None:
    content = changed("observed.fits.0.history", {"loss": [math.nan, math.inf, -math.inf]})
    losses = evidence.decode(content).observed.fits[0].history["loss"]
    assert [str(loss) for loss in losses] == ["nan", "inf", "-inf"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", NOT_JSON),
        (b"null", f"{NOT_ITS_FORM}: the whole: Input should be an object"),
        (b"[]", f"{NOT_ITS_FORM}: the whole: Input should be an object"),
        (b"\xff", NOT_JSON),
        (b"[" * 200_000, f"{NOT_JSON}: recursion limit exceeded"),
        (encoded(WRITTEN)[:-1], f"{NOT_JSON}: EOF"),
        (encoded(WRITTEN) + b"{}", f"{NOT_JSON}: trailing characters"),
        (changed("reason", "\ud800"), NOT_JSON),
        (changed("ended", ...), f"{NOT_ITS_FORM}: ended: Field required"),
        (changed("ended", "well"), f"{NOT_ITS_FORM}: ended: Input should be"),
        (changed("ended", "missing"), "the evidence claims the status 'missing', which is not its to give"),
        (changed("ended", "ambiguous"), "the evidence claims the status 'ambiguous'"),
        (changed("ended", "no_evidence"), "the evidence claims the status 'no_evidence'"),
        (changed("ended", "grader_error"), "the evidence claims the status 'grader_error'"),
        (changed("seconds", "12.5"), f"{NOT_ITS_FORM}: seconds: "),
        (changed("seconds", None), f"{NOT_ITS_FORM}: seconds: "),
        (changed("seconds", [[[1]]]), f"{NOT_ITS_FORM}: seconds: "),
        (changed("cells", {}), f"{NOT_ITS_FORM}: cells: "),
        (changed("cells.0.number", 1.5), f"{NOT_ITS_FORM}: cells.0.number: "),
        (changed("cells.0.number", value=True), f"{NOT_ITS_FORM}: cells.0.number: "),
        (changed("cells.0.outcome", 1), f"{NOT_ITS_FORM}: cells.0.outcome: "),
        (changed("cells.1.error", "ValueError"), f"{NOT_ITS_FORM}: cells.1.error: "),
        (changed(SETTINGS, {"a": [[1]]}), f"{NOT_ITS_FORM}: observed."),
        (changed(SETTINGS, {"a": {"b": 1}}), f"{NOT_ITS_FORM}: observed."),
        (changed("observed.fits.0.history", {"loss": ["nan"]}), f"{NOT_ITS_FORM}: observed.fits.0."),
        (changed("observed.fits.0.finished", 1), f"{NOT_ITS_FORM}: observed.fits.0.finished: "),
        (changed("observed.fits.0.snapshot", 1), "the evidence refers to snapshot 1 of 1"),
        (changed("observed.fits.0.snapshot", -1), "the evidence refers to snapshot -1 of 1"),
        (changed("observed.summaries.0.snapshot", 7), "the evidence refers to snapshot 7 of 1"),
        (changed("observed.snapshots.0.model", 2**53 + 1), "the evidence holds a whole number of 54 bits"),
        (changed("observed.fits.0.epochs", -(10**400)), "the evidence holds a whole number of 1329 bits"),
        (changed("observed.fits.0.arrays.x.shape", [10**400]), "the evidence holds a whole number of 1329 bits"),
        (changed(SETTINGS, {"a": 10**40}), "the evidence holds a whole number"),
        (changed("cells.1.error.line", 10**40), "the evidence holds a whole number"),
        (changed("observed.fits.0.history", {"loss": [0.5] * 150_001}), "the evidence holds more than 150000"),
        (b" " * (16 * 1024**2 + 1), "the evidence has 16777217 bytes, more than 16777216"),
    ],
)  # fmt: skip
def test_what_is_not_evidence_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        evidence.decode(content)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("status", sorted(evidence.ENDINGS))
def test_a_harness_may_tell_how_a_run_ended(status: Status) -> None:
    assert evidence.decode(changed("ended", status.value)).ended is status


# --- what is too much --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[" * 101, f"{NOT_JSON}: recursion limit exceeded, more than 100 levels"),
        (b"[" + b"{}," * 150_001 + b"{}]", "the evidence holds more than 150000 values"),
        (b"]" * 900_002, "the evidence holds more than 150000 values"),
        (b'""' * 900_002, "the evidence holds more than 150000 values"),
        (
            changed("cells.0.source", "#" * (2 * 1024**2)),
            "the evidence holds 2097158 characters of code, more than",
        ),
    ],
)
def test_what_is_too_much_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        evidence.decode(content)
    assert str(caught.value).startswith(message)


def test_commas_and_brackets_in_texts_are_not_counted_as_values() -> None:
    text = '{[,]}"\\' * 20_000
    assert evidence.decode(changed("cells.0.text", text)).cells[0].text == text


def test_as_many_values_as_are_allowed_are_read() -> None:
    there = len(places(json.loads(encoded(WRITTEN)))) - 1
    before = len(OBSERVED.fits[0].history["loss"])
    values = [0.5] * (150_000 - there + before)
    assert evidence.decode(changed("observed.fits.0.history.loss", values)).observed.fits[0].history["loss"]
    with pytest.raises(EvidenceError, match="more than 150000 values"):
        evidence.decode(changed("observed.fits.0.history.loss", [*values, 0.5]))


def cells_showing(*texts: str) -> tuple[Cell, ...]:
    shown = [dataclasses.asdict(Cell(number, "", Outcome.RAN, text)) for number, text in enumerate(texts, 1)]
    return evidence.decode(changed("cells", shown)).cells


def test_of_texts_that_are_too_long_together_the_long_ones_lose_their_middle() -> None:
    room = 2 * 1024**2
    long = "".join(f"line {number}\n" for number in range(200_000))
    short = "short\n" * 1_000
    kept = cells_showing(long, short, long)
    assert kept[1].text == short
    for cell in (kept[0], kept[2]):
        head, tail = cell.text.split("…")
        assert long.startswith(head)
        assert long.endswith(tail)
        assert head.endswith("\n")
        assert tail.startswith("\n")
    assert room - 100 < sum(len(cell.text) for cell in kept) <= room + 2


def test_a_long_text_without_any_line_leaves_nothing_that_could_be_misread() -> None:
    assert cells_showing("1" * (2 * 1024**2 + 1))[0].text == "…"


def test_texts_that_fit_together_are_kept_whole() -> None:
    texts = ("a\n" * 500_000, "b\n" * 500_000)
    assert tuple(cell.text for cell in cells_showing(*texts)) == texts


def test_what_stays_with_the_grade_is_short() -> None:
    content = json.loads(encoded(WRITTEN))
    content["reason"] = "r" * 1_001
    content["environment"]["versions"] = {f"{number}": "v" * 100 for number in range(20)}
    content["environment"]["gpu"] = "é" * 100
    found = evidence.decode(encoded(content))
    assert found.reason == "r" * 999 + "…"
    assert found.environment is not None
    assert found.environment.versions == {f"{number}": "v" * 80 for number in range(12)}
    assert found.environment.gpu == "?" * 80


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


PLACES = places(json.loads(encoded(WRITTEN)))[1:]


@settings(max_examples=300)
@given(place=st.sampled_from(PLACES), value=JSON)
def test_with_anything_in_any_place_it_is_evidence_or_refused(place: tuple[Any, ...], value: Any) -> None:
    whole = json.loads(encoded(WRITTEN))
    inner = whole
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    check_decoded_or_refused(json.dumps(whole).encode())


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_evidence_or_refused(content: bytes) -> None:
    check_decoded_or_refused(content)


def check_decoded_or_refused(content: bytes) -> None:
    try:
        found = evidence.decode(content)
    except EvidenceError:
        return
    assert isinstance(found, Evidence)
