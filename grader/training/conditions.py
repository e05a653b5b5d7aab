"""What a training's digits depend on besides its request: a result is good only where all of this is the same."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from grader.model import Device

FORMAT = 2  # of requests and results; a new one makes every stored result unknown
CPUINFO = Path("/proc/cpuinfo")

_FACT = re.compile(r"^(?P<name>model name|flags|Features|CPU part|CPU implementer)\s*:(?P<value>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Conditions:
    """`versions` maps distributions (and "python") of the students' interpreter to versions, "grader" to ours.

    `cpu` names model and features; `gpu` the card and its driver, empty on a CPU.
    """

    versions: Mapping[str, str]
    cpu: str
    threads: int
    device: Device
    deterministic: bool
    gpu: str = ""
    format: int = FORMAT


def cpu(source: Path = CPUINFO) -> str:
    """Model and features of the first processor; libraries choose their kernels by these.

    Where the system has no such file, what it calls its processor.
    """
    try:
        first = source.read_text("utf-8", "replace").partition("\n\n")[0]
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    facts = {match["name"]: " ".join(match["value"].split()) for match in _FACT.finditer(first)}
    return f"{platform.machine()} " + "; ".join(f"{name}: {value}" for name, value in sorted(facts.items()))


def text(conditions: Conditions) -> str:
    """One text for one set of conditions."""
    facts = {each.name: getattr(conditions, each.name) for each in fields(conditions)}
    facts["versions"] = dict(conditions.versions)
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)


def key(digest: str, conditions: Conditions) -> str:
    """The name under which results of this request, trained under these conditions, are kept."""
    return hashlib.sha256(f"{digest}\n{text(conditions)}".encode()).hexdigest()
