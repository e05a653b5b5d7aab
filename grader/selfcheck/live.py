"""Where the notebook of a live session lies: each front end tells it in its own way, and Colab has no file at all.

What a server or a front end says is only ever taken for the name of a file that is there.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from grader.errors import UsageError

SECONDS = 3.0  # for a server on this machine to answer
COLAB_SECONDS = 30
MAX_ANSWER = 4 * 1024**2
KERNEL = re.compile(r"kernel-(?P<id>[0-9a-fA-F-]{8,64})\.json$")
UNKNOWN = "which notebook this is cannot be told here; name its file, `%grader check NOTEBOOK.ipynb`"


@dataclass(frozen=True, slots=True)
class Live:
    """`content` is the notebook itself where there is no file of it; `note` says which state of it is checked."""

    name: str
    path: Path | None = None
    content: str = ""
    note: str = ""


def find(names: Mapping[str, Any], connection_file: str = "") -> Live:
    """`names` are those of the session; `connection_file` is its kernel's. UsageError where nothing tells."""
    if "google.colab" in sys.modules:
        return _of_colab()
    for path in _candidates(names, connection_file):
        if path.is_file():
            return Live(path.name, path, note=_saved(path))
    raise UsageError(UNKNOWN)


def _saved(path: Path) -> str:
    when = datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone()
    return (
        f"the file is checked as it was saved at {when:%H:%M:%S on %d %B %Y}; what was changed since is not in it"
    )


def _candidates(names: Mapping[str, Any], connection_file: str) -> Iterator[Path]:
    for told in (names.get("__vsc_ipynb_file__"), os.environ.get("JPY_SESSION_NAME")):
        if isinstance(told, str) and told.lower().endswith(".ipynb"):
            yield Path(told)
            yield Path(told).resolve()
    match = KERNEL.search(connection_file)
    if match:
        yield from _of_servers(match["id"])


# --- Jupyter's servers -------------------------------------------------------------------------------------


def _of_servers(kernel: str) -> Iterator[Path]:
    """The notebook of the session that this kernel belongs to, on any server that runs here."""
    for server in _servers():
        root = server.get("root_dir") or server.get("notebook_dir")
        for session in _sessions(server):
            told = session.get("notebook", session)
            path = told.get("path") if isinstance(told, dict) else None
            running = session.get("kernel")
            if isinstance(running, dict) and running.get("id") == kernel and isinstance(path, str) and root:
                yield Path(str(root)) / path


def _servers() -> Iterator[dict[str, Any]]:
    from jupyter_core.paths import jupyter_runtime_dir

    for pattern in ("jpserver-*.json", "nbserver-*.json"):
        for file in sorted(Path(jupyter_runtime_dir()).glob(pattern)):
            try:
                found = json.loads(file.read_text("utf-8"))
            except (OSError, ValueError):
                continue
            if isinstance(found, dict) and str(found.get("url", "")).startswith(("http://", "https://")):
                yield found


def _sessions(server: Mapping[str, Any]) -> list[dict[str, Any]]:
    query = urlencode({"token": str(server.get("token", ""))})
    try:
        asked = urllib.request.urlopen(f"{server['url']}api/sessions?{query}", timeout=SECONDS)  # noqa: S310
        with asked as answer:
            found = json.loads(answer.read(MAX_ANSWER))
    except (OSError, ValueError):  # it has ended, or wants a password
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


# --- Colab -------------------------------------------------------------------------------------------------


def _of_colab() -> Live:
    """The notebook as the browser shows it now, saved or not."""
    message = import_module("google.colab._message")  # there in Colab alone
    answer = message.blocking_request("get_ipynb", request="", timeout_sec=COLAB_SECONDS)
    document = answer.get("ipynb") if isinstance(answer, dict) else None
    if not isinstance(document, dict):
        raise UsageError("Colab did not hand over the notebook; run the cell again while its page is open")
    return Live(
        _colab_name(document), content=json.dumps(document), note="the notebook is checked as the page shows it"
    )


def _colab_name(document: Mapping[str, Any]) -> str:
    """Its title, as a file may be called: parts of an assignment are told by it."""
    metadata = document.get("metadata")
    colab = metadata.get("colab") if isinstance(metadata, dict) else None
    told = colab.get("name") if isinstance(colab, dict) else None
    stem = re.sub(r"\.ipynb$", "", told if isinstance(told, str) else "", flags=re.IGNORECASE)
    plain = "".join(one if one.isalnum() or one in " -_()" else "_" for one in stem).strip()[:100]
    return f"{plain or 'notebook'}.ipynb"
