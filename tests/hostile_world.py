"""What surrounds a run of hostile notebooks: secrets to find, files to spoil, and the guards that look after them.

Everything that is planted could be reached by the notebooks if nothing but permissions held them back: it belongs
to the user who grades, and everybody may read or write it. Afterwards the guards tell what has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from broken_files import notebook

ROOT = Path(__file__).parents[1]
MOST = 64  # processes that a rubric of these tests allows, before what the cores ask for
CORES = os.cpu_count() or 1
TIGHT = "timeout: 10 s, memory: 700 MiB, scratch: 128 MiB, file_size: 64 MiB, output: 1 MiB"
ROOMY = "timeout: 120 s, memory: 3 GiB, scratch: 256 MiB, file_size: 128 MiB, output: 2 MiB"
COURSES = {"tight": TIGHT, "roomy": ROOMY, "named": TIGHT}  # the last is for names that are strange
RUBRIC = """\
# @SECRET@
assignment: hostile
title: Survive
points: 1
execution: {device: cpu, processes: @MOST@, open_files: 256, scratch_files: 2000, messages: 2000, @LIMITS@}
datasets: {}
parts:
  part1:
    reference: reference/part1.ipynb
    criteria:
      - {id: runs, points: 1, check: executes}
"""
SHARED_PLACES = ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/run", "/run/lock", "/var/spool")  # noqa: S108


@dataclass(frozen=True)
class World:
    """`root` holds all of it; `token` is part of every secret; `marker` of every name that notebooks leave."""

    root: Path
    uid: int | None
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    marker: str = field(default_factory=lambda: f"hostile-{secrets.token_hex(8)}")

    def secret(self, where: str) -> str:
        return f"{self.token} ({where})"

    def course(self, name: str) -> Path:
        return self.root / name

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"


@contextmanager
def world(uid: int | None) -> Iterator[World]:
    """An empty one, in a folder that everybody may enter; `uid` is whom it belongs to, None for ourselves."""
    root = Path(mkdtemp(prefix="hostile-", dir="/tmp"))
    root.chmod(0o755)
    made = World(root, uid)
    try:
        for name in ("home/.ssh", "home/.aws", "home/.jupyter", "tmp", "planted"):
            (root / name).mkdir(parents=True)
        for name in (".ssh/id_ed25519", ".bashrc", ".aws/credentials", ".netrc", f"{made.marker}-needle"):
            write(made.home / name, made.secret(name))
        for name in COURSES:
            furnish(made, name)
        yield made
    finally:
        left = [path for path in _in_shared_places(made) if made.marker in path]  # of tests that failed
        subprocess.run(["rm", "-rf", "--", str(root), *left], check=True)


def furnish(made: World, name: str) -> None:
    """A course whose every file but the submissions holds a secret."""
    course = made.course(name)
    for folder in ("reference/recordings", "submissions", "out"):
        (course / folder).mkdir(parents=True)
    text = RUBRIC.replace("@LIMITS@", COURSES[name]).replace("@MOST@", str(MOST))
    write(course / "rubric.yaml", text.replace("@SECRET@", made.secret("rubric")))
    write(course / "reference" / "part1.ipynb", notebook(f"# {made.secret('reference')}\nprint('reference')"))
    write(course / "reference" / "recordings" / "part1.json", json.dumps({"secret": made.secret("recording")}))
    write(course / "out" / "notes.txt", made.secret("results"))
    hidden = {"metadata": {"secret": made.secret("neighbour")}}
    write(course / "submissions" / "neighbour.ipynb", notebook("print('neighbour')", **hidden))


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o666)


def plant(made: World, name: str) -> Path:
    """The files that one notebook is told of, to read and to spoil."""
    folder = made.root / "planted" / name
    (folder / "folder").mkdir(parents=True)
    for path in (folder, folder / "folder"):
        path.chmod(0o777)
    write(folder / "readable.txt", made.secret(f"planted for {name}"))
    write(folder / "writable.txt", "as it was")
    write(folder / "folder" / "inside.txt", "as it was")
    return folder


def hand_over(made: World) -> None:
    """Give all that is planted to the user who grades."""
    if made.uid is not None:
        for folder, _, files in os.walk(made.root):
            for name in (".", *files):
                os.chown(os.path.join(folder, name), made.uid, made.uid, follow_symlinks=False)  # noqa: PTH118


# --- guards --------------------------------------------------------------------------------------------------


def snapshot(folder: Path) -> dict[str, tuple[object, ...]]:
    """All that can be known of a folder and what lies in it without changing it; times of change among it."""
    return {str(path.relative_to(folder)): facts(path) for path in (folder, *sorted(folder.rglob("*")))}


def facts(path: Path) -> tuple[object, ...]:
    status = path.lstat()
    regular = stat.S_ISREG(status.st_mode)
    return (
        oct(status.st_mode),
        status.st_uid,
        status.st_gid,
        status.st_nlink,
        status.st_mtime_ns,
        status.st_ctime_ns,
        hashlib.sha256(path.read_bytes()).hexdigest() if regular else None,
        tuple(os.listxattr(path, follow_symlinks=False)),
    )


def left_behind(made: World) -> list[str]:
    """Files outside the world that carry its marker or belong to its user, and what is left of scratch folders."""
    return [*_in_shared_places(made), *(str(path) for path in made.temporary.iterdir())]


def _in_shared_places(made: World) -> list[str]:
    shared = [*SHARED_PLACES, sysconfig.get_path("purelib"), str(ROOT / "grader" / "inside")]
    entries = [entry for place in shared if Path(place).is_dir() for entry in os.scandir(place)]
    return [entry.path for entry in entries if _ours(made, entry)]


def _ours(made: World, entry: os.DirEntry[str]) -> bool:
    if made.marker in entry.name:
        return True
    owner = entry.stat(follow_symlinks=False).st_uid
    return owner == made.uid and entry.path != str(made.root)


def secrets_in(made: World, folder: Path) -> list[str]:
    """Files below `folder` that hold a secret and were not planted with it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "notes.txt")
    return [str(path.relative_to(folder)) for path in files if made.token.encode() in path.read_bytes()]
