"""Executed notebooks as pages: `python -m grader.report.notebook_html`, requests on stdin, answers on stdout.

Each page is made by a child, short-lived and limited, as the notebook is hostile and the libraries that read it are
large: what goes wrong there is one line of reason, and the end of that child alone. The page holds no script and
refers to nothing on any network; its content security policy would stop both if a student's text got past the
sanitizer.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import select
import signal
import stat
import sys
import warnings
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grader import durable

if TYPE_CHECKING:
    from nbconvert.exporters.html import HTMLExporter

MOST_BYTES = 32 * 1024**2
MOST_REASON = 1000  # bytes
_MEMORY = 2 * 1024**3  # bytes of address space
_CPU = 60  # seconds
_FILE = 128 * 1024**2  # bytes of the page, and of what libraries complain about

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_EXAMPLE = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
 {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A"},
 {"cell_type": "code", "id": "b", "metadata": {}, "execution_count": 1, "source": "print(1)", "outputs": [
  {"output_type": "stream", "name": "stdout", "text": "1"},
  {"output_type": "execute_result", "execution_count": 1, "metadata": {},
   "data": {"text/plain": "1", "text/html": "<b>1</b>"}},
  {"output_type": "error", "ename": "E", "evalue": "e", "traceback": ["e"]}]}]}"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def main() -> None:
    """Answer lines `[source, destination, seconds]` with lines that hold a reason, or an empty text."""
    page(_EXAMPLE, "")  # what it imports and compiles is there once, for all children
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for the grader, which closes our input
    for line in sys.stdin:
        source, destination, seconds = json.loads(line)
        reason = _in_a_child(Path(source), Path(destination), seconds)
        sys.stdout.write(json.dumps(reason) + "\n")
        sys.stdout.flush()


def _in_a_child(source: Path, destination: Path, seconds: float) -> str:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(source, destination, writing)
    os.close(writing)
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    late = not poll.poll(seconds * 1000)
    if late:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(handle)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read(MOST_REASON).decode("utf-8", "replace")
    if late:
        return f"no page was made in {seconds:g} seconds"
    if code < 0:
        return f"the page's process was ended by signal {signal.Signals(-code).name}"
    return told or ("" if code == 0 else "no reason was given")


def _child(source: Path, destination: Path, writing: int) -> NoReturn:
    """Libraries fail on hostile notebooks in many ways; each is this process's end, told in a line."""
    code = 0
    try:
        _limit()
        durable.replace(destination, page(read(source), source.name).encode())
    except BaseException as error:  # noqa: BLE001 - as said above
        code = 1
        told = " ".join(str(error).split())[:200]
        name = type(error).__name__
        os.write(writing, (f"{name}: {told}" if told else name).encode("utf-8", "replace"))
    finally:
        os._exit(code)


def read(source: Path) -> str:
    """The notebook's text, if it is a file of at most `MOST_BYTES`. Raises OSError, ValueError."""
    # A link or a named pipe in a notebook's place could lead elsewhere, or never end.
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is not a regular file")
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"it holds more than {MOST_BYTES // 1024**2} MiB")
    return data.decode("utf-8", "replace")


def page(notebook: str, title: str) -> str:
    """The whole page for a notebook's JSON. Raises whatever the libraries raise on a hostile one."""
    import nbformat

    from grader.report.reduction import reduce

    body, _ = _exporter().from_notebook_node(reduce(nbformat.reads(notebook, as_version=4)))
    shown = escape(title.encode("utf-8", "replace").decode())
    return _PAGE.format(policy=_POLICY, title=shown, style=_STYLE, body=body)


@cache
def _exporter() -> HTMLExporter:
    from nbconvert.exporters.html import HTMLExporter

    from grader.report.sanitize import sanitize

    basic = {"template_name": "basic", "sanitize_html": True, "exclude_anchor_links": True}
    exporter = HTMLExporter(**basic)  # type: ignore[no-untyped-call]  # its signature is not annotated
    # nbconvert's own list of allowed elements lacks paragraphs and headings, which are all that markdown makes.
    exporter.register_filter("clean_html", sanitize)  # type: ignore[no-untyped-call]  # as above
    return exporter


def _limit() -> None:
    limits = {
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_CPU: _CPU,
        resource.RLIMIT_FSIZE: _FILE,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        _, hard = resource.getrlimit(kind)
        lowered = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (lowered, hard))


_STYLE = """
:root { color-scheme: light dark; --rule: #8884; --soft: #8881; --faint: #777; --alarm: #f001; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
main > h1 { font-size: 1.1rem; color: var(--faint); overflow-wrap: anywhere; }
.cell { margin: 1rem 0; }
.prompt { color: var(--faint); font: 0.75rem monospace; }
.input_area { background: var(--soft); border: 1px solid var(--rule); border-radius: 4px; }
pre { margin: 0; padding: 0.5rem; overflow-x: auto; font: 0.85rem/1.35 monospace; unicode-bidi: isolate; }
.output_stderr, .output_error { background: var(--alarm); }
.rendered_html { overflow-x: auto; }
img { max-width: 100%; background: #fff; }
table { border-collapse: collapse; }
td, th { border: 1px solid var(--rule); padding: 0.2rem 0.5rem; text-align: right; }
.highlight .k, .highlight .kn, .highlight .kc, .highlight .ow { color: light-dark(#00629b, #6cb6ff); }
.highlight .s1, .highlight .s2, .highlight .sd { color: light-dark(#8a3b12, #f0a070); }
.highlight .c1 { color: var(--faint); font-style: italic; }
.highlight .mi, .highlight .mf { color: light-dark(#1a7f37, #7ee787); }
.ansi-bold { font-weight: bold; }
.ansi-underline { text-decoration: underline; }
.ansi-black-fg { color: light-dark(#3e424d, #999); }
.ansi-red-fg { color: light-dark(#c4302b, #ff8b85); }
.ansi-green-fg { color: light-dark(#00732f, #5fd68b); }
.ansi-yellow-fg { color: light-dark(#8a6100, #e5c04c); }
.ansi-blue-fg { color: light-dark(#1c5fb0, #7ab7ff); }
.ansi-magenta-fg { color: light-dark(#96358f, #e59be0); }
.ansi-cyan-fg { color: light-dark(#00707a, #62d2dc); }
.ansi-white-fg { color: var(--faint); }
"""

if __name__ == "__main__":
    logging.disable()
    warnings.simplefilter("ignore")
    main()
