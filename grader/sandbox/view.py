"""What a run may see: one table for the direct mounts, for bwrap's command line and for Landlock's rules.

Paths to read are real ones, and the symbolic links that lead to them are told beside: a venv's `bin/python`
passes through several, and on most systems /bin is one. Of an interpreter's prefix only the folders that it
needs are shown, never the prefix itself: a venv may well be the course's folder, rubric and all.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from grader.errors import GraderError
from grader.model import Device, Execution

INSIDE = Path(__file__).parents[1] / "inside"
ANSWER_TIMEOUT = 60.0  # seconds; a cold start from a network drive
SHM_BYTES = 64 * 1024**2

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "os-release",
    "ssl/openssl.cnf",
    "timezone",
)  # of /etc; nothing that tells of users, hosts or keys
PREFIX = (
    "bin",
    "compiler_compat",
    "etc",
    "include",
    "lib",
    "lib32",
    "lib64",
    "libexec",
    "nvvm",
    "pyvenv.cfg",
    "share",
    "ssl",
    "targets",
)  # of a venv, a conda environment or a Python built from source
PROCESSORS = "/sys/devices/system/cpu"
DEVICES = tuple(f"/dev/{name}" for name in ("full", "null", "random", "urandom", "zero"))
GPU_DEVICES = ("nvidia[0-9]*", "nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-caps/*")
GPU_LIBRARIES = ("libcu*.so*", "libnv*.so*")
OWN = ("/content", "/dev", "/handed", "/proc", "/scratch", "/tmp")  # noqa: S108 - what the sandbox has of its own

Links = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class View:
    """`read` are host paths, shown read-only at the same path; `links` are symbolic links and their targets.

    `handed` is the host's folder whose content is shown at /handed, read-only; `scratch` is a path inside.
    `scratch_files` counts folders too, the scratch folder and its first four among them.
    """

    read: tuple[str, ...]
    links: Links
    devices: tuple[str, ...]
    scratch: str
    scratch_bytes: int
    scratch_files: int
    shm_bytes: int
    handed: str


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Where an interpreter says that it lives: `sys.executable`, `sys.prefix` and its three siblings."""

    executable: str
    prefixes: tuple[str, ...]


def of(python: str, device: Device, execution: Execution, root: Path) -> View:
    """The view of a run by `python`; `root` is the folder of a run, its `work` is what is handed in."""
    gpu = device is Device.GPU
    wanted = [*system(), *of_interpreter(ask(python)), str(INSIDE), "/sys" if gpu else PROCESSORS]
    if gpu:
        wanted += gpu_libraries(os.environ)
    read, links = reach(wanted)
    return View(
        read=read,
        links=links,
        devices=DEVICES + (gpu_devices() if gpu else ()),
        scratch="/scratch",
        scratch_bytes=execution.scratch,
        scratch_files=execution.scratch_files,
        shm_bytes=SHM_BYTES,
        handed=str(root / "work"),
    )


@cache
def ask(python: str) -> Interpreter:
    """GraderError where it cannot be started."""
    command = [python, "-P", str(INSIDE / "start.py"), "interpreter"]
    environment = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    try:
        answer = subprocess.run(command, capture_output=True, timeout=ANSWER_TIMEOUT, check=True, env=environment)
        facts = json.loads(answer.stdout.splitlines()[-1])
        return Interpreter(str(facts["executable"]), tuple(map(str, facts["prefixes"])))
    except (OSError, subprocess.SubprocessError, ValueError, TypeError, LookupError) as error:
        raise GraderError(
            f"'{python}' could not be asked where it lives: {error}. It runs the notebooks; `execution.python` in "
            "the rubric names another interpreter."
        ) from error


def system() -> tuple[str, ...]:
    return (*SYSTEM, *(f"/etc/{name}" for name in SETTINGS))


def of_interpreter(facts: Interpreter) -> tuple[str, ...]:
    """The paths that it needs beyond the system's: itself, and some of each of its prefixes.

    Nothing else that `sys.path` leads to is shown, so packages installed by reference to a folder are missing.
    """
    below = [f"{prefix}/{name}" for prefix in dict.fromkeys(facts.prefixes) for name in PREFIX if prefix != "/"]
    return (facts.executable, *below)


def gpu_devices() -> tuple[str, ...]:
    return tuple(sorted(str(path) for name in GPU_DEVICES for path in Path("/dev").glob(name)))


def gpu_libraries(environment: Mapping[str, str]) -> Iterator[str]:
    """The folders of LD_LIBRARY_PATH that hold CUDA's libraries."""
    for folder in environment.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        if Path(folder).is_absolute() and any(any(Path(folder).glob(name)) for name in GPU_LIBRARIES):
            yield folder


def reach(paths: Iterable[str]) -> tuple[tuple[str, ...], Links]:
    """The real paths of those that exist, without what lies below others, and the links that lead there."""
    links: dict[str, str] = {}
    read = outermost([_follow(path, links) for path in paths if Path(path).exists()])
    shown = (*read, *OWN)
    return read, tuple(sorted((path, target) for path, target in links.items() if not is_below(path, shown)))


def _follow(path: str, links: dict[str, str]) -> str:
    """The real path; each link on the way is added to `links`. The path exists, so no link leads in a circle."""
    place, ahead = Path("/"), deque(PurePosixPath(path).parts[1:])
    while ahead:
        name = ahead.popleft()
        if name == "..":
            place = place.parent
        elif (place / name).is_symlink():
            target = (place / name).readlink()
            links[str(place / name)] = str(target)
            ahead.extendleft(reversed(target.parts))
        else:
            place /= name  # the root's own name, at an absolute target's head, leads back there
    return str(place)


def outermost(paths: Sequence[str]) -> tuple[str, ...]:
    given = {PurePosixPath(path) for path in paths}
    return tuple(sorted(str(path) for path in given if given.isdisjoint(path.parents)))


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Whether it is one of them or lies below one."""
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders)


def secrets_seen(view: View, paths: Iterable[Path]) -> tuple[Path, ...]:
    """Those that a run could read, because they lie below something that is shown to it."""
    return tuple(path for path in paths if is_below(os.path.realpath(path), view.read))
