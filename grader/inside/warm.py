"""The warm process: imports once what takes seconds, and lets every run begin as a fork of itself.

Theory of operation. The grader holds the other end of one socket. Each request brings a job, the environment
of its run and open files; the answer is the number of a process that has begun as the keeper of that job. It is
forked by way of a process that ends at once, so that the grader, which adopts orphans, is its parent as of one
that was started. What is forked has one thread, whatever threads imports have started here, and so can confine
itself. No student code ever runs here, no TensorFlow operation either, and no device is touched: a fork of a
process that has done so could not use them.

Everything that a module remembers of the place where it was imported is told anew in the child, by `settle`.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import job, keeper, pristine

LARGEST = 1024**2  # bytes of a request
MOST_FILES = 16
READY = b"ready"
# What runs need of our own, and what notebooks import; the latter may be missing from an interpreter.
OURS = ("harness", "forked", "student", "kernel", "examine", "train")
THEIRS = (
    "tensorflow",
    "keras",
    "keras.datasets.mnist",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "pandas",
)
# What the imports have set in the environment, as each of them would in an interpreter of its own.
SET: dict[str, str] = {}
# Imported by TensorFlow and Keras not before the first model is built and trained.
LATE: tuple[str, ...] = ()


def main() -> None:
    line = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    preload()
    gc.collect()
    gc.freeze()  # else the collector of every child would write to, and so copy, all that is shared
    line.send(READY)
    while True:
        said, files, _, _ = socket.recv_fds(line, LARGEST, MOST_FILES)
        if not said:
            return  # the grader has closed its end, or has ended
        begun = begin(json.loads(said), files, line)
        for descriptor in files:
            os.close(descriptor)
        line.send(str(begun).encode())


def preload() -> None:
    before = dict(os.environ)
    for name in OURS:
        importlib.import_module(f".{name}", __package__)
    for name in (*THEIRS, *LATE):
        if importlib.util.find_spec(name.partition(".")[0]) is not None:
            importlib.import_module(name)
    SET.update({name: value for name, value in os.environ.items() if before.get(name) != value})
    if "keras" in sys.modules:
        pristine.taken()
    if threading.active_count() > 1:
        raise SystemExit("an import has started threads of Python, which a fork would lose")


def begin(request: Mapping[str, Any], files: list[int], line: socket.socket) -> int:
    """The number of the new keeper's process, which is nobody's child here."""
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            os.close(writing)
            line.close()
            keep(request, files)
        os.write(writing, str(pid).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        pid = int(pipe.read())
    os.waitpid(between, 0)
    return pid


def keep(request: Mapping[str, Any], files: list[int]) -> None:
    """In the child: become what a newly started keeper is. Does not return."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(files[0], 1)
    os.dup2(files[0], 2)
    os.close(files[0])
    settle(request["environment"], request["folder"])
    numbers = {name: files[place] for name, place in request["job"]["channels"].items() if place}
    keeper.begin(job.of(request["job"] | {"channels": numbers, "warm": True}))


def settle(environment: Mapping[str, str], folder: str) -> None:
    """The environment of the run, for Python and for C, and what modules have read from ours."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    tempfile.tempdir = None


def settle_home() -> None:
    """What imports set, and the folders that they look for and make; in a kernel, once its home is in place."""
    os.environ.update(SET)
    config = sys.modules.get("keras.src.backend.config")
    if config is not None and "KERAS_HOME" not in os.environ:
        _settle_keras(config)
    matplotlib = sys.modules.get("matplotlib")
    if matplotlib is not None:
        for function in (matplotlib.get_configdir, matplotlib.get_cachedir):
            _forget(function)


def _settle_keras(config: Any) -> None:
    home = Path.home() / ".keras"
    home.mkdir(exist_ok=True)
    written = Path(config._config_path)  # noqa: SLF001 - they have no setters
    config._keras_base_dir, config._KERAS_DIR = str(home.parent), str(home)  # noqa: SLF001
    config._config_path = str(home / written.name)  # noqa: SLF001
    settings = {name: getattr(config, name)() for name in ("floatx", "epsilon", "backend", "image_data_format")}
    (home / written.name).write_text(json.dumps(settings, indent=4), "utf-8")


def _forget(function: Any) -> None:
    """Make it look again: matplotlib keeps what such a function has returned in cells that have no other access."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    if "called" in cells:
        cells["called"].cell_contents = False
