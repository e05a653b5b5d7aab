"""The device is chosen before anything is graded, and never silently another one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.model import Device, DeviceChoice
from grader.sandbox.devices import choose, driver, machine

AUTO, CPU, GPU = DeviceChoice.AUTO, DeviceChoice.CPU, DeviceChoice.GPU


@pytest.mark.parametrize(
    ("wanted", "recorded", "gpus", "device"),
    [
        (AUTO, None, (), Device.CPU),
        (AUTO, None, ("Some GPU",), Device.CPU),
        (AUTO, Device.CPU, (), Device.CPU),
        (AUTO, Device.CPU, ("Some GPU",), Device.CPU),
        (AUTO, Device.GPU, ("Some GPU",), Device.GPU),
        (CPU, None, (), Device.CPU),
        (CPU, None, ("Some GPU",), Device.CPU),
        (CPU, Device.CPU, (), Device.CPU),
        (CPU, Device.CPU, ("Some GPU",), Device.CPU),
        (CPU, Device.GPU, (), Device.CPU),
        (CPU, Device.GPU, ("Some GPU",), Device.CPU),
        (GPU, None, ("Some GPU",), Device.GPU),
        (GPU, Device.CPU, ("Some GPU", "Another"), Device.GPU),
        (GPU, Device.GPU, ("Some GPU",), Device.GPU),
    ],
)
def test_the_device_is_the_one_asked_for_or_the_one_recorded_on(
    wanted: DeviceChoice, recorded: Device | None, gpus: tuple[str, ...], device: Device
) -> None:
    assert choose(wanted, recorded, lambda: gpus) is device


@pytest.mark.parametrize(
    ("wanted", "recorded", "why"),
    [
        (AUTO, Device.GPU, "the recording was made on one"),
        (GPU, None, "`gpu` asks for one"),
        (GPU, Device.CPU, "`gpu` asks for one"),
        (GPU, Device.GPU, "`gpu` asks for one"),
    ],
)
def test_without_a_gpu_there_is_no_fall_back_to_the_cpu(
    wanted: DeviceChoice, recorded: Device | None, why: str
) -> None:
    with pytest.raises(GraderError, match=re.escape(f"no GPU is seen by TensorFlow here, and {why}.")) as caught:
        choose(wanted, recorded, tuple)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("wanted", [AUTO, CPU])
def test_on_the_cpu_nobody_asks_for_gpus(wanted: DeviceChoice) -> None:
    assert choose(wanted, Device.CPU, lambda: pytest.fail("asked")) is Device.CPU


def interpreter(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_machine_is_what_the_interpreter_answers_in_its_last_line(tmp_path: Path) -> None:
    answer = '{"versions": {"python": "3.12.1"}, "platform": "Linux", "cpu": "Some", "gpus": ["A GPU"]}'
    found = machine(interpreter(tmp_path, f"echo 'a warning'\necho '{answer}'"))
    assert (found.versions, found.platform, found.cpu, found.gpus) == (
        {"python": "3.12.1"},
        "Linux",
        "Some",
        ("A GPU",),
    )


@pytest.mark.parametrize(
    "script", ["exit 1", "exit 0", "echo not JSON", "echo '{}'", "echo '[]'", "echo '7'", "echo '{\"gpus\": 7}'"]
)
def test_an_interpreter_that_gives_no_answer_is_the_graders_own_trouble(tmp_path: Path, script: str) -> None:
    with pytest.raises(GraderError, match="could not be asked what it has"):
        machine(interpreter(tmp_path, script))


def test_an_interpreter_that_is_not_there_is_named() -> None:
    with pytest.raises(GraderError, match="'/no/such/python' could not be asked what it has"):
        machine("/no/such/python")


@pytest.mark.slow
def test_this_machine_has_what_the_tests_run_on() -> None:
    found = machine(sys.executable)
    assert found.versions["python"] == sys.version.split()[0]
    assert set(found.versions) >= {"tensorflow", "keras", "numpy", "ipykernel", "nbclient"}
    assert found.platform.startswith(sys.platform.capitalize())


def test_the_driver_tells_its_version(tmp_path: Path) -> None:
    (tmp_path / "version").write_text("NVRM version: NVIDIA  Kernel Module  570.1  Mon\nGCC version: 12\n", "utf-8")
    assert driver(tmp_path / "version") == "NVRM version: NVIDIA Kernel Module 570.1 Mon"


@pytest.mark.parametrize(
    ("program", "told"),
    [("echo 570.1; echo 570.1", "570.1"), ("echo failed; exit 9", "unknown"), (None, "unknown")],
)
def test_where_it_is_not_there_to_be_read_its_program_is_asked(
    program: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if program is not None:
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{program}\n", "utf-8")
        (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert driver(tmp_path / "none") == told
