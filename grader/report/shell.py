"""The page around every page of ours: its policy, its style, and the templates that fill it.

A page is one file that loads nothing. Its content security policy allows the one style sheet and, where there is
one, the one script, each by its digest, so that nothing which a student wrote could run even if it got into the
page as markup; and every text goes through the templates' escaping.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import jinja2
from markupsafe import Markup

from grader.outputs.cells import number, one_line

NONE = "\N{EN DASH}"
MOST_TEXT = 1_500  # characters of one text, as a rule


def render(template: str, values: Mapping[str, object], script: str = "") -> str:
    """A whole page; `script` names one of the files beside this module."""
    style = asset("style.css")
    code = asset(script) if script else ""
    allowed = f"'sha256-{_digest(code)}'" if code else "'none'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; script-src {allowed}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = {"policy": Markup(policy), "style": Markup(style), "script": Markup(code)}  # noqa: S704 - our own files
    return _templates().get_template(template).render({**values, **page})


@cache
def asset(name: str) -> str:
    return files("grader.report").joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.PackageLoader("grader.report")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"shown": shown, "lines": lines, "points": points}
    return environment


def shown(text: str, most: int = MOST_TEXT) -> str:
    """One line without what would turn it around or cannot be seen, cut with an ellipsis."""
    line = one_line(text[: most + 1])
    return line if len(text) <= most else line[: most - 1] + "…"


def lines(text: str, most: int = MOST_TEXT) -> list[str]:
    """The lines of a text, cut after so many characters in all."""
    kept = text if len(text) <= most else text[: most - 1] + "…"
    return [one_line(line) for line in kept.splitlines()]


def points(value: float | None) -> str:
    """As scores.csv writes them; a dash where there are none."""
    return NONE if value is None else number(value)
