"""Files that are either the old one or the new one, whole, whatever happens in between."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Put `data` in the file's place. Raises OSError."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside `path` to write into; at the end it is brought to the disk and moved there.

    A reader, and a power cut, see the whole of one version. The folder must exist. Raises OSError, and then, as
    when whoever writes raises, leaves `path` as it was and nothing beside it.
    """
    # The name is short and of its own: a long `path` must not make it too long, nor a second writer share it.
    beside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        if error.filename not in (None, str(beside)):  # another file's trouble: one that was to be copied
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from error  # not the name that only we know
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The move itself lives in the folder, which only POSIX systems can be asked to write down."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
