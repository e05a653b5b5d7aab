"""Which device a run uses: chosen once, before anything is graded, and never silently another one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from grader.errors import GraderError
from grader.model import Device, DeviceChoice
from grader.sandbox.describe import inherited
from grader.sandbox.task import START

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
