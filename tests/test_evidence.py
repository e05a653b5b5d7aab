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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(place for key, part in inner for place in places(part, (*way, key)))]


PLACES = places(json.loads(encoded(WRITTEN)))[1:]


@settings(max_examples=300, deadline=None)
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
