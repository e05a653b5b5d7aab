"""What the processes inside are told, and what they are given for an environment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader import sandbox
from grader.inside.keras2 import NAME
from grader.model import Compat, Device, Execution, Isolation
from grader.sandbox import describe
from grader.sandbox.view import View


def task(device: Device, isolation: Isolation = Isolation.BUBBLEWRAP) -> sandbox.Task:
    layer = sandbox.Layer(isolation)
    return sandbox.Task(Path("n.ipynb"), {}, Execution(), device, threads=3, seed=5, layer=layer)


@pytest.mark.parametrize(
    ("device", "kept"),
    [
        (Device.CPU, {"CUDA_VISIBLE_DEVICES": "-1"}),
        (Device.GPU, {"CUDA_VISIBLE_DEVICES": "3", "LD_LIBRARY_PATH": "/cuda"}),
    ],
)
def test_only_a_gpu_run_sees_the_gpus_of_the_grader(
    monkeypatch: pytest.MonkeyPatch, device: Device, kept: dict[str, str]
) -> None:
    for name, value in {
        "PATH": "/bin",
        "CUDA_VISIBLE_DEVICES": "3",
        "LD_LIBRARY_PATH": "/cuda",
        "KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    assert describe.environment(task(device), "/root") == kept | {
        "PATH": "/bin",
        "HOME": "/root/home",
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": "/root/tmp",
        "IPYTHONDIR": "/root/home/.ipython",
        "JUPYTER_RUNTIME_DIR": "/root/run",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "5",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "COLUMNS": "120",
        "OMP_NUM_THREADS": "3",
        "OPENBLAS_NUM_THREADS": "3",
        "TF_NUM_INTRAOP_THREADS": "3",
        "TF_NUM_INTEROP_THREADS": "3",
    }


@pytest.mark.parametrize(("compat", "told"), [(None, ""), (Compat.KERAS2, NAME)])
def test_the_kernel_is_told_which_older_keras_it_is_to_know(compat: Compat | None, told: str) -> None:
    asked = replace(task(Device.CPU), execution=Execution(compat=compat))
    seen = View((), (), (), "/scratch", 0, 0, 0, "")
    assert describe.job(asked, Path("/root"), 0, seen, {})["compat"] == told


def test_answers_reach_the_kernel(tmp_path: Path) -> None:
    seen = View((), (), (), "/scratch", 1, 1, 1, "/handed")
    told = replace(task(Device.CPU), execution=Execution(answers=("7", "")))
    assert [describe.job(each, tmp_path, None, seen, {})["answers"] for each in (task(Device.CPU), told)] == [
        [],
        ["7", ""],
    ]


@pytest.mark.parametrize(
    ("isolation", "place"),
    [
        (Isolation.BUBBLEWRAP, "/scratch"),
        (Isolation.LANDLOCK, "/tmp/grader-1"),  # noqa: S108 - only a name
        (Isolation.NONE, "/tmp/grader-1"),  # noqa: S108 - only a name
    ],
)
def test_only_in_namespaces_has_the_scratch_folder_another_name(isolation: Isolation, place: str) -> None:
    assert describe.place(task(Device.CPU, isolation), Path("/tmp/grader-1")) == place  # noqa: S108 - only a name
