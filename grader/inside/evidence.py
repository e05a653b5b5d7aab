"""What a run left behind -> the evidence file, one JSON object."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from . import job, observed

VERSIONS_OF = ("tensorflow", "keras", "numpy", "jax", "torch", "ipykernel", "nbclient")

Facts = dict[str, Any]
Saved = Mapping[int, str]  # index of a cell -> what the handed-in file showed below it


@dataclass
class Run:
    """What is known so far.

    `ended` and `reason` are as in the evidence; `errors` maps the index of a cell to name and message of its
    exception, `requests` the message id of an execute request to the index of its cell; `finished` says that
    the last cell came to its end.
    """

    ended: str = "graded"
    reason: str = ""
    attempted: set[int] = field(default_factory=set)
    errors: dict[int, tuple[str, str]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    finished: bool = False


def write(task: job.Job, run: Run, cells: list[NotebookNode], saved: Saved, seconds: float) -> None:
    """In one piece, into the open file that the grader reads afterwards.

    Evidence over its limit is left out, all but how the run ended: the rest is the cells' doing.
    """
    data = encoded(gathered(task, run, cells, saved, seconds))
    if len(data) > task.limits.evidence:
        reason = f"the notebook left more than {task.limits.evidence} bytes of evidence"
        data = encoded(gathered(task, replace(run, ended="output_limit", reason=reason), [], {}, seconds))
    with os.fdopen(task.channels.evidence, "wb") as stream:
        stream.write(data)


def encoded(facts: Facts) -> bytes:
    return json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace")


def gathered(task: job.Job, run: Run, cells: list[NotebookNode], saved: Saved, seconds: float) -> Facts:
    events = observed.read(task.observed)
    code = [index for index, cell in enumerate(cells) if cell.cell_type == "code"]
    numbers = {index: number for number, index in enumerate(code, 1)}
    by_request = {request: numbers[index] for request, index in run.requests.items() if index in numbers}
    raised = {
        by_request.get(event["request"]): _lines(event, by_request)
        for event in events
        if event.get("event") == "raised"
    }
    return {
        "ended": run.ended,
        "reason": run.reason,
        "cells": [
            cell_facts(cells[index], index, numbers[index], run, raised) | {"saved": saved.get(index, "")}
            for index in code
        ],
        "observed": observed.observations(events, by_request),
        "environment": environment(task, events),
        "seconds": seconds,
    }


def _lines(event: Facts, numbers: dict[str, int]) -> Facts:
    """Of the cell that stopped, and where its error was raised."""
    return {
        "line": event.get("line", 0),
        "at_cell": numbers.get(str(event.get("at_request")), 0),
        "at_line": event.get("at_line", 0),
    }


def cell_facts(cell: NotebookNode, index: int, number: int, run: Run, raised: dict[int | None, Facts]) -> Facts:
    name, message = run.errors.get(index, ("", ""))
    lines = raised.get(number, {"line": 0})
    return {
        "number": number,
        "source": cell.source,
        "outcome": outcome(run, index),
        "text": shown_text(cell),
        "error": {"name": name, "message": message, **lines} if index in run.errors else None,
    }


def outcome(run: Run, index: int) -> str:
    """A cell that a limit or a dead kernel cut short counts as raised: part of it ran."""
    if index not in run.attempted:
        return "not_run"
    cut_short = not run.finished and index == max(run.attempted)
    return "raised" if index in run.errors or cut_short else "ran"


def shown_text(cell: NotebookNode) -> str:
    """What a reader saw as text: standard output and the plain form of displayed objects."""
    pieces = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream" and output["name"] == "stdout":
            pieces.append(str(output["text"]))
        elif output["output_type"] in ("display_data", "execute_result"):
            pieces.append(str(output["data"].get("text/plain", "")) + "\n")
    return "".join(pieces)


def environment(task: job.Job, events: list[Facts]) -> Facts:
    gpus = [str(event.get("name", "")) for event in events if event.get("event") == "gpu"]
    return {
        "versions": {"python": platform.python_version()} | dict(versions()),
        "platform": platform_name(),
        "cpu": cpu_name(),
        "device": task.device,
        "gpu": gpus[-1] if gpus else "",
        "threads": task.threads,
        "deterministic": task.deterministic,
        "seed": task.seed,
    }


def versions() -> list[tuple[str, str]]:
    found = []
    for name in VERSIONS_OF:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found.append((name, importlib.metadata.version(name)))
    return found


def platform_name() -> str:
    """System, processor type and C library; the kernel's release has no say in what is computed."""
    return " ".join(filter(None, (platform.system(), platform.machine(), *platform.libc_ver())))


def cpu_name() -> str:
    lines: list[str] = []
    with contextlib.suppress(OSError):  # Linux alone has it
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
