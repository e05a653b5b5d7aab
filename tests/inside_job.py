"""A job as the grader writes it, for tests of what reads it inside."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

from grader.inside.job import Channels, Confinement, Job, Limits

MIB = 1024**2


def job(root: Path, *, limits: dict[str, Any] | None = None, lifeline: int = -1, **changes: Any) -> Job:
    """`root` holds the run folder and the open files behind the channels, `evidence` among them.

    The files stay open for as long as the job is held.
    """
    (root / "run").mkdir(exist_ok=True)
    names = ("notebook", "evidence", "executed", "verdict")
    opened = {name: os.open(root / name, os.O_RDWR | os.O_CREAT, 0o600) for name in names}
    usual: dict[str, Any] = {
        "program": "harness",
        "root": str(root),
        "data": {},
        "seed": 0,
        "mix": 0,
        "threads": 2,
        "device": "cpu",
        "deterministic": True,
        "max_epochs": None,
        "limits": Limits(**(LIMITS | (limits or {}))),
        "confinement": Confinement("none", born=False, uid=None, others=0, staging="", view={}),
        "channels": Channels(**opened, lifeline=lifeline),
    }
    made = Job(**(usual | changes))
    weakref.finalize(made, close, {descriptor: os.fstat(descriptor).st_ino for descriptor in opened.values()})
    return made


def close(files: dict[int, int]) -> None:
    """Descriptors with the inodes that they had: one that was closed already may be another file's by now."""
    for descriptor, inode in files.items():
        if Path(f"/proc/self/fd/{descriptor}").exists() and os.fstat(descriptor).st_ino == inode:
            os.close(descriptor)


LIMITS: dict[str, Any] = {
    "timeout": 60.0,
    "cell_timeout": None,
    "memory": 1024 * MIB,
    "threads": 256,
    "open_files": 256,
    "scratch": 64 * MIB,
    "scratch_files": 1000,
    "file_size": 64 * MIB,
    "output": MIB,
    "messages": 1000,
    "evidence": 8 * MIB,
    "tensors": 64 * MIB,
}
