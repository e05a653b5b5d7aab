"""The boundary at which errors become messages and exit codes, and the table of what each command does.

A command is loaded when it is given: `grader --help` answers at once.
"""

from __future__ import annotations

import argparse
import io
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from grader.commandline import parser
from grader.commands.exits import INTERRUPTED
from grader.errors import GraderError, refused

STOPS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

Command = Callable[[argparse.Namespace], int]

# By the name that `commandline` gives a command: the module below `grader.commands`, and the function.
COMMANDS = {
    "init": "assignment:init",
    "schema": "assignment:schema",
    "keys": "assignment:keys",
    "grade": "grading:grade",
    "check": "checking:check",
    "report": "reporting:report",
    "export": "exporting:export",
    "bundle": "assignment:bundle",
    "record": "recording:record",
    "show": "recording:show",
    "import": "recording:import_text",
    "verify": "verifying:verify",
    "ci_check": "jobs:check",
    "ci_grade": "jobs:grade",
    "gradescope_setup": "systems:gradescope_setup",
    "gradescope_run": "systems:gradescope_run",
    "classroom50": "systems:classroom50",
    "cache": "machine:cache",
    "doctor": "machine:doctor",
    "completion": "machine:completion",
}


def _command(name: str) -> Command:
    module, _, function = COMMANDS[name].partition(":")
    found: Command = getattr(import_module(f"grader.commands.{module}"), function)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    _speak_unicode()
    options = parser().parse_args(arguments)
    for number in STOPS:
        signal.signal(number, _stop)
    try:
        return _command(options.command)(options)
    except GraderError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted before the end; give the same command again to finish it")
        return INTERRUPTED
    except BrokenPipeError:
        return 0  # whoever read us has read enough
    except OSError as error:  # a full disk, a folder that may not be written
        _complain(refused(error))
        return GraderError.exit_code
    except Exception as error:  # noqa: BLE001 - exit code 1 means that a check failed, not that we did
        _complain(_missing(error) if isinstance(error, ModuleNotFoundError) else _fault(error))
        return GraderError.exit_code


def _speak_unicode() -> None:
    """A pipe of Windows' is written to in one of its code pages, which lack letters that notebooks and we have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _fault(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"a fault in the grader: {type(error).__name__} in {where.filename}:{where.lineno}: {error}; "
        "expected none: please report this line and the command"
    )


def _missing(error: ModuleNotFoundError) -> str:
    """What only a course needs is not forced on who checks a notebook."""
    name = (error.name or "").partition(".")[0]
    return (
        f"this command needs the package '{name}', which is not installed; install what a course needs: "
        "pip install 'grader[course]', or the same from the folder of the grader's source"
    )


def _complain(text: str) -> None:
    from grader import console

    console.complain(text)


def _stop(*_: object) -> NoReturn:
    """A closed terminal or a `kill` ends a run as Ctrl-C does: nothing inside lives on, finished rows are kept."""
    raise KeyboardInterrupt
