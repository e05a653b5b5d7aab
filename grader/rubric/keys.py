"""The rubric's keys as a page for people, made from the same schema that editors complete from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

HEAD: Final = """\
# The rubric, key by key

Made by `grader rubric keys` from the schema of the rubric, which `grader rubric schema` gives to editors. Where a
key may not be left out, its default is "needed".
"""
SECTIONS: Final = (
    ("The rubric", ""),
    ("`execution`", "ExecutionShape"),
    ("`students`", "StudentsShape"),
    ("`late_policy`", "LateShape"),
    ("A part", "PartShape"),
    ("A criterion with `check: executes`", "ExecutesShape"),
    ("A criterion with `check: code`", "CodeShape"),
    ("A criterion with `check: model_summary`", "SummaryShape"),
    ("A criterion with `check: training`", "TrainingShape"),
    ("A criterion with `check: history`", "HistoryShape"),
    ("`tolerance`, where it is not `band`", "LimitsShape"),
)
TIME: Final = "a time, such as `20 min`"
SIZE: Final = "a size, such as `4 GiB`"
SHARE: Final = "a share, such as `10 %`"
QUANTITIES: Final = {"minutes": TIME, "kKMG": SIZE, "%": SHARE}
"""What a text with such a pattern says."""
WORDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true`, `false`",
    "array": "list",
    "object": "mapping",
}


def page(schema: Schema) -> str:
    shapes = schema["$defs"]
    sections = (_section(title, shapes[name] if name else schema, shapes) for title, name in SECTIONS)
    return "\n".join([HEAD, *sections])


def _section(title: str, shape: Schema, shapes: Schema) -> str:
    needed = frozenset(shape.get("required", ()))
    rows = [_row(key, value, shapes, needed=key in needed) for key, value in shape["properties"].items()]
    head = ["| key | what it takes | default | meaning |", "| --- | --- | --- | --- |"]
    return "\n".join([f"## {title}", "", *_sentence(shape), *head, *rows, ""])


def _sentence(shape: Schema) -> list[str]:
    return [" ".join(shape["description"].split()), ""] if shape.get("description") else []


def _row(key: str, value: Schema, shapes: Schema, *, needed: bool) -> str:
    takes = ", or ".join(dict.fromkeys(_takes(value, shapes)))
    takes = takes.replace(f"{TIME}, or number", f"{TIME}, or seconds")
    takes = takes.replace(f"{SIZE}, or whole number", f"{SIZE}, or bytes")
    takes = takes.replace(f"{SHARE}, or number", f"{SHARE}, or points")
    default = "needed" if needed else _default(value.get("default"), takes)
    meaning = " ".join(value.get("description", "").split()).replace("|", "\\|")
    return f"| `{key}` | {takes} | {default} | {meaning} |"


def _default(value: object, takes: str) -> str:
    match value:
        case float() if TIME in takes:
            return f"`{value / 60:g} min`"
        case int() if SIZE in takes:
            return f"`{value >> 20} MiB`" if value % 2**30 else f"`{value >> 30} GiB`"
        case None | "" | []:
            return ""
        case bool():
            return f"`{str(value).lower()}`"
        case float():
            return f"`{value:g}`"
        case _:
            return f"`{value}`"


def _takes(value: Schema, shapes: Schema) -> Iterator[str]:
    """Each of the alternatives; null stands for a key that is left out."""
    for each in value.get("anyOf", value.get("oneOf", ())):
        yield from _takes(each, shapes)
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        yield from _takes(shapes[name], shapes)
    elif "const" in value:
        yield f"`{value['const']}`"
    elif "enum" in value:
        yield ", ".join(f"`{one}`" for one in value["enum"])
    elif value.get("type") == "array":
        inner = ", or ".join(dict.fromkeys(_takes(value.get("items", {}), shapes)))
        yield f"list of: {inner}" if inner else "list"
    elif value.get("type") not in (None, "null"):
        yield _plain(value)


def _plain(value: Schema) -> str:
    pattern = value.get("pattern", "")
    return next((words for sign, words in QUANTITIES.items() if sign in pattern), WORDS[value["type"]])
