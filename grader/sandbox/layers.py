"""Which layer of isolation this machine offers, found out by running in each.

Versions and settings tell too little: the same kernel refuses in a container what it grants outside.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from grader import linux
from grader.errors import GraderError, UsageError
from grader.model import Device, Execution, Isolation
from grader.sandbox import bubblewrap
from grader.sandbox.keeping import Aids
from grader.sandbox.run import ALONE, run
from grader.sandbox.task import Layer, Task
from grader.sandbox.warm import warm

REMEDY = (
    "`grader doctor` tells why. As a rule, installing the package `bubblewrap` or a kernel from 6.2 helps; "
    "docs/security.md says more. If you trust every notebook, `--isolation none` runs them with your own rights."
)


@dataclass(frozen=True, slots=True)
class Trial:
    """How running in a layer went; `fault` is empty where it holds what it should."""

    layer: Layer
    way: str
    fault: str = ""


def trials(execution: Execution) -> Iterator[Trial]:
    """Every way to every layer, the strongest first; each is tried when it is asked for."""
    for way, layer in ways():
        yield Trial(layer, way, fault(layer, execution))


def ways() -> Iterator[tuple[str, Layer]]:
    yield "namespaces, taken directly", Layer(Isolation.BUBBLEWRAP)
    bwrap = bubblewrap.find()
    if bwrap:
        yield f"namespaces, made by '{bwrap}'", Layer(Isolation.BUBBLEWRAP, bwrap=bwrap)
    yield "Landlock and seccomp", Layer(Isolation.LANDLOCK)
    yield "a process group and limits only", Layer(Isolation.NONE)
    if os.geteuid() == 0:
        yield "a process group and limits only, as root", Layer(Isolation.NONE, drops=False)


def choose(wanted: Isolation | None, execution: Execution, *, trusted: bool) -> Layer:
    """The strongest layer that works here, or the one that is `wanted`.

    UsageError where only `none` is left and the notebooks are not the caller's own (`trusted`).
    """
    if not linux.here():
        return _without_walls(wanted, trusted=trusted)
    faults = []
    for way, layer in ways():
        if wanted not in (None, layer.isolation):
            continue
        if layer.isolation is Isolation.NONE and wanted is None and not trusted:
            break
        found = fault(layer, execution)
        if not found:
            return layer
        faults.append(f"  {way}: {found}")
    what = "no layer of isolation works" if wanted is None else f"the isolation '{wanted}' does not work"
    raise UsageError("\n".join([f"{what} here, so no notebook was run.", *faults, REMEDY]))


def _without_walls(wanted: Isolation | None, *, trusted: bool) -> Layer:
    if not trusted:
        linux.must_be("running other people's notebooks")
    if wanted not in (None, Isolation.NONE):
        raise UsageError(
            f"the isolation '{wanted}' is Linux's, and this is {linux.name()}; leave out --isolation, and a "
            "notebook of your own runs with your own rights"
        )
    return Layer(Isolation.NONE, drops=False)


def fault(layer: Layer, execution: Execution, aids: Aids = ALONE) -> str:
    """Why this layer cannot be used here, or nothing."""
    with TemporaryDirectory(prefix="grader-") as folder:
        canary = Path(folder, "canary")
        canary.write_text("what lies outside", "ascii")
        for path, mode in ((Path(folder), 0o777), (canary, 0o644)):
            path.chmod(mode)  # so that nothing but the layer keeps anybody out
        try:
            answer = _answer(_trial(layer, execution, canary), aids)
        except GraderError as error:
            return " ".join(str(error).split())
    holes = ", ".join(answer["holes"])
    return f"a notebook still {holes}" if holes else ""


def fault_when_warm(layer: Layer, execution: Execution) -> str:
    """Why runs in this layer cannot begin as forks of a warm process, or nothing."""
    with warm(_trial(layer, execution, Path(os.devnull))) as started:
        return started.fault or fault(layer, execution, Aids(warm=started)) or started.fault


def _trial(layer: Layer, execution: Execution, canary: Path) -> Task:
    return Task(
        notebook=canary,
        datasets={},
        execution=execution,
        device=Device.CPU,
        threads=1,
        seed=0,
        layer=layer,
        program="examine",
        told={"canary": str(canary), "process": str(os.getpid())},
    )


def _answer(task: Task, aids: Aids) -> Mapping[str, list[str]]:
    left = run(task, aids)
    if left.evidence is None:
        raise GraderError(left.reason or "nothing came out of it")
    answer: Mapping[str, list[str]] = json.loads(left.evidence)
    return answer
