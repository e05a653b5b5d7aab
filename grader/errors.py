"""What can go wrong with the grader itself. What goes wrong with a submission is a value, never one of these."""


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
