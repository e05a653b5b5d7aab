"""docs/rubric.md: every key of the rubric, as the schema has it."""

from __future__ import annotations

import re
from pathlib import Path

from grader import rubric
from grader.rubric.keys import page

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_is_what_the_schema_says_today() -> None:
    assert (DOCS / "rubric.md").read_text("utf-8") == page(rubric.schema()), (
        "run `grader rubric keys > docs/rubric.md`"
    )


def test_every_key_of_every_shape_has_a_row_with_its_meaning() -> None:
    schema = rubric.schema()
    shapes = [shape for shape in schema["$defs"].values() if "properties" in shape]
    keys = {key for shape in (schema, *shapes) for key in shape["properties"]}
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| [^|]* \| ((?:[^|]|\\\|)+) \|$", page(schema), re.MULTILINE)
    assert {key for key, takes, meaning in rows if takes.strip() and meaning.strip()} == keys


def test_limits_are_shown_in_the_units_that_people_write() -> None:
    text = page(rubric.schema())
    assert "| `timeout` | a time, such as `20 min`, or seconds | `20 min` |" in text
    assert "| `memory` | a size, such as `4 GiB`, or bytes | `4 GiB` |" in text
    assert "| `output` | a size, such as `4 GiB`, or bytes | `8 MiB` |" in text
