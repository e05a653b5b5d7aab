"""What can go wrong with the grader itself. What goes wrong with a submission is a value, never one of these."""

import errno
from typing import Final

AGAIN: Final = "mend that, and give the command again"
# What to do about what the operating system refuses.
REMEDIES: Final = {
    "EACCES": "allow it, or name another place",
    "EPERM": "allow it, or name another place",
    "EROFS": "name a place that can be written",
    "ENOSPC": "free some space, and give the command again",
    "EDQUOT": "free some space, and give the command again",
    "EISDIR": "expected a file: name one",
    "EEXIST": "expected nothing there yet: name another place",
    "ENOTDIR": "expected a folder: name one",
    "ENOENT": "expected it to be there: look at its name and folder",
    "EMFILE": "allow more open files (`ulimit -n`), and give the command again",
}


class GraderError(Exception):
    """The grader's own trouble, worded for the person who runs it."""

    exit_code = 3


class UsageError(GraderError):
    """The command line or the rubric asks for something that cannot be done."""

    exit_code = 2


class ReferenceFailsError(GraderError):
    """The reference does not earn full points by its own rubric on this machine."""


class EvidenceError(GraderError):
    """Bytes from a sandbox that are not evidence; the submission's fault, turned into a status by `grade`."""


def refused(error: OSError, path: object = "a file") -> str:
    """What the operating system refused, and the way out; `path` where the error names none."""
    remedy = REMEDIES.get(errno.errorcode.get(error.errno or 0, ""), AGAIN)
    return f"'{error.filename or path}': {error.strerror or error}; {remedy}"
