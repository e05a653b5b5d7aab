"""JSON, in a form of its own that keeps its meaning: `docs/check.schema.json` says what each key is.

A key may be added under the same version; one that is taken away, or means another thing, makes a new one.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from grader.selfcheck.report import Finding, Item, Level, Place, Report, Stage, Verdict

SCHEMA = "grader/check/v1"
_LISTED = ("items", "findings", "flags", "notes")


def render(report: Report, source: str = "") -> str:  # noqa: ARG001 - each form is called alike
    """ASCII, so that no half character can stop whoever writes it."""
    plain = dataclasses.asdict(report)
    criteria = plain.pop("items")
    document = {"schema": SCHEMA, "passed": report.passed, **plain, "criteria": criteria}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def parse(text: str) -> Report:
    """What `render` wrote. ValueError or KeyError where it is no such text."""
    document = json.loads(text)
    if document.get("schema") != SCHEMA:
        raise ValueError(f"'{document.get('schema')}' is no form that can be read; expected '{SCHEMA}'")
    given: dict[str, Any] = {field.name: document[field.name] for field in _plain_fields()}
    return Report(
        **given,
        stage=Stage(document["stage"]),
        items=tuple(_item(one) for one in document["criteria"]),
        findings=tuple(_finding(one) for one in document["findings"]),
        flags=tuple(document["flags"]),
        notes=tuple(document["notes"]),
    )


def _plain_fields() -> list[dataclasses.Field[Any]]:
    return [field for field in dataclasses.fields(Report) if field.name not in {*_LISTED, "stage"}]


def _item(one: dict[str, Any]) -> Item:
    return Item(**{**one, "verdict": Verdict(one["verdict"]), "place": Place(**one["place"])})


def _finding(one: dict[str, Any]) -> Finding:
    return Finding(**{**one, "level": Level(one["level"]), "place": Place(**one["place"])})
