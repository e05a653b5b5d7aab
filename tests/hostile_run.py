"""Runs the grader's own command over a world of hostile notebooks, and watches its process while it works."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import psutil
from hostile_world import ROOT, World

from grader.outputs.notebooks import folder_name

LOOK = 0.1  # seconds between looks at the grader
Watched = tuple[int, float]  # a process: its number and when it began

# In a mount namespace of its own: the folder that only root may enter becomes one that holds nothing but $1.
OPENED = """
set -e
base=$1 closed=$2 stage=$3; shift 3
mount --bind "$base" "$stage"
mount -t tmpfs -o mode=755 tmpfs "$closed"
mkdir -p "$base"
mount --move "$stage" "$base"
exec "$@"
"""


@dataclass(frozen=True)
class Setting:
    """A layer, and whether an ordinary user grades where the tests themselves run as root."""

    layer: str
    ordinary: bool = False

    @property
    def uid(self) -> int | None:
        """Unlike that of anybody else on this machine, so that whatever carries it is ours."""
        return 40_000 + os.getpid() % 20_000 if self.ordinary and os.geteuid() == 0 else None

    def __str__(self) -> str:
        return f"{self.layer}-{'as-an-ordinary-user' if self.ordinary else 'as-we-are'}"


@dataclass(frozen=True)
class Finished:
    """`peak` in bytes: the most that the grader's own process held. `alive` are processes that outlived it."""

    code: int
    printed: str
    peak: int
    seconds: float
    alive: tuple[str, ...]


def command(made: World, course: Path, layer: str) -> list[str]:
    grade = [sys.executable, "-P", "-m", "grader", "grade", str(course / "submissions"), "--isolation", layer]
    return as_user(
        made, [*grade, "--rubric", str(course / "rubric.yaml"), "--out", str(course / "out"), *cache(made)]
    )


def cache(made: World) -> list[str]:
    """Beside the courses: nothing at home may change."""
    return ["--cache", str(made.root / "cache")]


def as_user(made: World, words: list[str]) -> list[str]:
    """The command as it is run by the world's user, who must be able to reach the interpreter."""
    if made.uid is None:
        return words
    user = str(made.uid)
    dropped = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *words]
    base, stage = Path(sys.base_prefix).resolve(), made.root / "stage"
    closed = [parent for parent in reversed(base.parents) if not parent.stat().st_mode & stat.S_IXOTH]
    if not closed:
        return dropped
    stage.mkdir(exist_ok=True)
    return ["unshare", "--mount", "sh", "-c", OPENED, "sh", str(base), str(closed[0]), str(stage), *dropped]


def refusal(made: World, course: Path, layer: str) -> str:
    """Why this machine does not offer the layer, or nothing: tried on the one submission that is always there."""
    for tool in ("setpriv", "unshare") if made.uid is not None else ():
        if shutil.which(tool) is None:
            return f"'{tool}' is not installed"
    finished = run(made, course, layer)
    return "" if finished.code == 0 else finished.printed


def start(made: World, course: Path, layer: str) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(made.home),
        "TMPDIR": str(made.temporary),
        "LANG": "C.UTF-8",
        "GRADER_TEST_SECRET": made.secret("environment"),
        "PYTHONPATH": str(ROOT),
    }
    with (course / "log").open("wb") as log:
        return subprocess.Popen(
            command(made, course, layer),
            cwd=course,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def run(made: World, course: Path, layer: str) -> Finished:
    began, peak = time.monotonic(), 0
    seen: set[Watched] = set()
    grader = start(made, course, layer)
    while grader.poll() is None:
        peak = max(peak, most_held(grader.pid))
        seen |= descendants(grader.pid)
        time.sleep(LOOK)
    seconds = time.monotonic() - began
    printed = (course / "log").read_text("utf-8", "replace")
    return Finished(grader.returncode, printed, peak, seconds, tuple(alive(made, seen)))


def most_held(pid: int) -> int:
    """Bytes: the high-water mark of the process alone, since it became this program."""
    try:
        text = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) * 1024 if found else 0


def descendants(pid: int) -> set[Watched]:
    try:
        return {(child.pid, child.create_time()) for child in psutil.Process(pid).children(recursive=True)}
    except psutil.NoSuchProcess:
        return set()


def alive(made: World, seen: Iterable[Watched], seconds: float = 3.0) -> list[str]:
    """What still runs, after that many seconds at most: seen below the grader, or bearing marks of the world."""
    until, known = time.monotonic() + seconds, set(seen)
    while True:
        found = [_described(process) for process in psutil.process_iter() if _of_the_run(process, made, known)]
        if not found or time.monotonic() > until:
            return found
        time.sleep(LOOK)


def _of_the_run(process: psutil.Process, made: World, seen: set[Watched]) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = " ".join(process.cmdline())
        if made.token in words:
            return False  # the process that was to be left in peace
        if (process.pid, process.create_time()) in seen or made.marker in words or str(made.root) in words:
            return True
        return made.uid is not None and process.uids().real == made.uid and words != "sleep 5"
    except psutil.NoSuchProcess:
        return False


def _described(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {process.status()} {process.cmdline()}"
    except psutil.NoSuchProcess:
        return str(process.pid)


# --- what it wrote -----------------------------------------------------------------------------------------------


def rows(course: Path) -> dict[str, dict[str, str]]:
    """The rows of scores.csv by student."""
    path = course / "out" / "scores.csv"
    assert path.exists(), (course / "log").read_text("utf-8", "replace")
    with path.open(encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def shown(course: Path, student: str) -> str:
    """All that the executed notebook shows, without tracebacks, which quote its code; '' where there is none."""
    path = course / "out" / "notebooks" / folder_name(student) / "part1.ipynb"
    if not path.exists():
        return ""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join(_text(output) for cell in cells for output in cell.get("outputs", []))


def _text(output: Mapping[str, Any]) -> str:
    match output["output_type"]:
        case "stream":
            return _joined(output["text"])
        case "error":
            return f"{output['ename']}: {output['evalue']}"
        case _:
            return "\n".join(_joined(value) for value in output["data"].values())


def _joined(text: Any) -> str:
    return "".join(text) if isinstance(text, list) and all(isinstance(line, str) for line in text) else str(text)


def page(course: Path, student: str) -> str:
    path = course / "out" / "notebooks" / folder_name(student) / "part1.html"
    return path.read_text("utf-8") if path.exists() else ""


def active_in(page: str) -> list[str]:
    """Elements and attributes that would run or load something in whoever opens the page."""
    parser = _Active()
    parser.feed(page)
    return parser.found


class _Active(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base", "form", "link"):
            self.found.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or address.startswith(("javascript:", "vbscript:", "data:text")):
                self.found.append(f"{tag} {name}={value!r}")
