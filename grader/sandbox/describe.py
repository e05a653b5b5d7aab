"""A task in the words of the processes inside: their job, and their environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.model import Device, Execution, Isolation
from grader.sandbox import uids
from grader.sandbox.task import Task
from grader.sandbox.view import View

SCRATCH = "/scratch"  # where the namespaces show the scratch folder
WINDOWS = ("COMSPEC", "PATHEXT", "PROCESSOR_ARCHITECTURE", "SYSTEMDRIVE", "SYSTEMROOT", "WINDIR")
NEIGHBOURS = 16  # notebooks of the same user that may begin while one runs, as far as the kernel's limit goes


def place(task: Task, root: Path) -> str:
    """The scratch folder's path as the notebook sees it."""
    return SCRATCH if task.layer.isolation is Isolation.BUBBLEWRAP else str(root)


def job(task: Task, root: Path, uid: int | None, seen: View, channels: Mapping[str, int]) -> dict[str, Any]:
    """The keys are those of the inside package's Job; `channels` are as whoever begins it will find them."""
    return asked(task, place(task, root)) | {
        "confinement": {
            "layer": task.layer.isolation.value,
            "born": task.layer.bwrap is not None,
            "uid": uid,
            "others": others(task.execution) if uid is None else 0,
            "staging": str(root / "stage"),
            "view": asdict(seen),
        },
        "channels": dict(channels),
    }


def asked(task: Task, inside: str) -> dict[str, Any]:
    """What is the same behind all walls, and without any."""
    return {
        "program": task.program,
        "root": inside,
        "data": {name: f"{inside}/work/{name}" for name in task.datasets} | dict(task.told),
        "seed": task.seed,
        "mix": task.mix,
        "threads": task.threads,
        "device": task.device.value,
        "deterministic": task.deterministic,
        "max_epochs": task.max_epochs,
        "shared": task.shared,
        "compat": task.execution.compat or "",
        "answers": list(task.execution.answers),
        "limits": limits(task.execution),
    }


def limits(execution: Execution) -> dict[str, Any]:
    """The keys are those of the inside package's Limits."""
    alike = ("timeout", "cell_timeout", "memory", "open_files", "scratch", "scratch_files", "file_size")
    shown = ("output", "messages", "evidence", "tensors")
    return {name: getattr(execution, name) for name in (*alike, *shown)} | {"threads": threads(execution)}


def threads(execution: Execution) -> int:
    """Processes and threads that one notebook may have."""
    return uids.allowance(execution.processes, os.cpu_count() or 1)


def others(execution: Execution) -> int:
    """What else this user runs, or may soon: a neighbour that starts must take no thread from who runs already."""
    return uids.threads_of(os.getuid()) + NEIGHBOURS * threads(execution)


def inherited(device: Device) -> dict[str, str]:
    """Nothing but the path to programs and, on a GPU, to its libraries; and what Windows' own ones look for."""
    kept = ["PATH", *(WINDOWS if os.name == "nt" else ())] + (
        ["LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES"] if device is Device.GPU else []
    )
    return {name: os.environ[name] for name in kept if name in os.environ}


def environment(task: Task, inside: str) -> dict[str, str]:
    variables = inherited(task.device)
    if task.device is Device.CPU:
        variables["CUDA_VISIBLE_DEVICES"] = "-1"
    threads = str(task.threads)
    return variables | {
        "HOME": f"{inside}/home",
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": f"{inside}/tmp",  # noqa: S108 - the scratch folder's own
        "IPYTHONDIR": f"{inside}/home/.ipython",
        "JUPYTER_RUNTIME_DIR": f"{inside}/run",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": str(task.seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "COLUMNS": "120",  # wide enough for Keras' summary table
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": threads,
    }
