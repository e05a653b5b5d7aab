"""`/content` where the sandbox has no mounts of its own: what Python opens there, it opens in the working folder.

The functions of `os` by which Python's own library reaches files take other names for those that begin with
`/content`, as do `open`, HDF5 and the lines of the shell. Libraries that open files by themselves, as TensorFlow
does for its checkpoints, are not reached: a path that begins with `/content` is no file for them.
"""

from __future__ import annotations

import builtins
import functools
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import imports
from .given import CONTENT, Given

OF_OS = (
    *("access", "chdir", "listdir", "lstat", "mkdir", "open", "readlink", "remove", "rmdir", "scandir", "stat"),
    *("truncate", "unlink", "utime", "walk", "chmod", "chown", "getxattr", "listxattr", "setxattr", "statvfs"),
)
NAMED = frozenset({"path", "src", "dst", "file", "top"})
OF_TWO = ("link", "rename", "replace", "symlink")
IS_THERE = Path(CONTENT).is_dir()  # as on Colab's own machines; looked at before anything is led there
SETS = ("supports_dir_fd", "supports_effective_ids", "supports_fd", "supports_follow_symlinks")
IN_SHELL = re.compile(rf"(?<![\w./~-]){CONTENT}(?![\w.-])")


def install(given: Given) -> None:
    """Before student code; for this process and what it forks."""
    for name in (each for each in OF_OS if hasattr(os, each)):  # not all of them are everywhere
        _replace(os, name, _led(getattr(os, name), given, paths=1))
    for name in OF_TWO:
        _replace(os, name, _led(getattr(os, name), given, paths=2))
    opened = _led(io.open, given, paths=1)
    vars(builtins)["open"] = vars(io)["open"] = opened
    _lead_cells(opened)
    imports.watch({"h5py": functools.partial(_lead_hdf5, given)})


def _replace(module: Any, name: str, function: Any) -> None:
    """The sets say what a function can do, and are asked for the function itself."""
    sets: list[set[Any]] = [getattr(module, each, set()) for each in SETS]
    for able in sets:
        if getattr(module, name) in able:
            able.add(function)
    setattr(module, name, function)


def _lead_cells(opened: Any) -> None:
    """IPython gives cells an `open` of its own, which holds Python's."""
    from IPython.core import interactiveshell

    vars(interactiveshell)["io_open"] = opened


def _lead_hdf5(given: Given, h5py: Any) -> None:
    h5py.File.__init__ = _led(h5py.File.__init__, given, paths=2)  # the first is the object, and no path


def _led(function: Callable[..., Any], given: Given, paths: int) -> Callable[..., Any]:
    @functools.wraps(function)
    def led(*args: Any, **kwargs: Any) -> Any:
        first = tuple(_path(each, given) for each in args[:paths])
        named = {name: _path(each, given) if name in NAMED else each for name, each in kwargs.items()}
        return function(*first, *args[paths:], **named)

    return led


def _path(path: Any, given: Given) -> Any:
    """Other things than paths pass: descriptors, None, and what the function itself will refuse."""
    name = os.fspath(path) if isinstance(path, os.PathLike) else path
    return given.place(name) if isinstance(name, str) and name.startswith(CONTENT) else path


def in_shell(command: str, given: Given) -> str:
    return IN_SHELL.sub(lambda _: given.work, command)
