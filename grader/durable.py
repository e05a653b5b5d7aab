"""Files that are either the old one or the new one, whole, whatever happens in between."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, bring it to the disk, and move it there.

    A reader, and a power cut, see the whole of one version. The folder must exist. Raises OSError, and then leaves
    `path` as it was and nothing beside it.
    """
    # The name is short and of its own: a long `path` must not make it too long, nor a second writer share it.
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        _write(beside, data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise type(error)(error.errno, error.strerror, str(path)) from error  # not the name that only we know
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """The move itself lives in the folder, which only POSIX systems can be asked to write down."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
