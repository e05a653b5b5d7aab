"""`gdown.download(url, output)`, where it is not installed."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from ..data import DataNotProvidedError
from . import downloads
from .given import Given
from .modules import Make
from .words import say


def modules(given: Given) -> dict[str, Make]:
    members = {"download": partial(download, given), "cached_download": partial(download, given)}
    return {"gdown": lambda: members}


def download(given: Given, url: str | None = None, output: Any = None, *_: Any, **others: Any) -> str:
    """The path of the file, as gdown returns it."""
    wish = downloads.Wish(str(url or others.get("id") or ""), os.fspath(output or ""))
    content = downloads.found(wish, given)
    if content is None:
        raise DataNotProvidedError(
            f"gdown cannot fetch '{wish.url}': there is no network while a notebook is graded. "
            f"The assignment provides {given.provides()}."
        )
    target = Path(given.place(wish.place or wish.names[0]))
    if isinstance(content, bytes):
        target.write_bytes(content)
    elif not (target.exists() and target.samefile(content)):
        shutil.copyfile(content, target)
    say(f"'{target}' is the file that the assignment provides")
    return str(wish.place or target)
