"""Which device a run uses: chosen once, before anything is graded, and never silently another one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError
from grader.model import Device, DeviceChoice, Environment
from grader.sandbox.describe import inherited
from grader.sandbox.task import START

DRIVER = Path("/proc/driver/nvidia/version")
PROBE_TIMEOUT = 120.0  # seconds; a cold import of TensorFlow with CUDA


@dataclass(frozen=True, slots=True)
class Machine:
    """What the students' interpreter has; `gpus` are the names of those that TensorFlow sees."""

    versions: Mapping[str, str]
    platform: str
    cpu: str
    gpus: tuple[str, ...]


def machine(python: str | None = None, *, gpus: bool = True) -> Machine:
    """Without `gpus` none are looked for, which saves an import of TensorFlow."""
    command = [python or sys.executable, "-P", str(START), "machine", *(["gpus"] if gpus else [])]
    try:
        answer = subprocess.run(
            command, capture_output=True, timeout=PROBE_TIMEOUT, check=True, env=inherited(Device.GPU)
        )
        facts = json.loads(answer.stdout.splitlines()[-1])
        return Machine(facts["versions"], facts["platform"], facts["cpu"], tuple(facts["gpus"]))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, LookupError) as error:
        raise GraderError(
            f"'{command[0]}' could not be asked what it has: {error}. It runs the notebooks, and needs "
            "tensorflow, ipykernel, nbclient, nbformat, psutil and numpy."
        ) from error


def environment(machine: Machine, device: Device, threads: int) -> Environment:
    """As a run on this device of the machine tells it."""
    gpu = ", ".join(machine.gpus) if device is Device.GPU else ""
    return Environment(machine.versions, machine.platform, machine.cpu, device, gpu, threads)


def driver(source: Path = DRIVER) -> str:
    """What NVIDIA's driver calls itself, its version in it; "unknown" where nothing tells."""
    try:
        return " ".join(source.read_text("utf-8", "replace").partition("\n")[0].split())
    except OSError:
        return _driver_of_smi() or "unknown"


def _driver_of_smi() -> str:
    """Where the driver is the host's, as in WSL, only its own program knows."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ""
    command = [program, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_TIMEOUT, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ", ".join(sorted(set(answer.stdout.split())))


def choose(wanted: DeviceChoice, recorded: Device | None, available: Callable[[], Sequence[str]]) -> Device:
    """`auto` is the device that the recording was made on; `available` is asked only where it matters."""
    device = (recorded or Device.CPU) if wanted is DeviceChoice.AUTO else Device(wanted.value)
    if device is Device.GPU and not available():
        why = "the recording was made on one" if wanted is DeviceChoice.AUTO else "`gpu` asks for one"
        raise GraderError(
            f"no GPU is seen by TensorFlow here, and {why}. Install the extra `gpu`, check the driver with "
            "`nvidia-smi`, or choose `--device cpu` and record the reference there."
        )
    return device
