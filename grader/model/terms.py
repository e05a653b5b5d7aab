"""The words that several stages share."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """How a submission's run ended; all but `GRADER_ERROR` are scored from whatever evidence there is."""

    GRADED = "graded"
    NOTEBOOK_ERROR = "notebook_error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    OUTPUT_LIMIT = "output_limit"
    DISK_LIMIT = "disk_limit"
    PROCESS_LIMIT = "process_limit"
    KERNEL_DIED = "kernel_died"
    UNREADABLE = "unreadable"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    NO_EVIDENCE = "no_evidence"
    GRADER_ERROR = "grader_error"


class Device(StrEnum):
    CPU = "cpu"
    GPU = "gpu"


class DeviceChoice(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    GPU = "gpu"


class Isolation(StrEnum):
    """The layers, strongest first: namespaces; Landlock and seccomp; a process group and limits only."""

    BUBBLEWRAP = "bubblewrap"
    LANDLOCK = "landlock"
    NONE = "none"


class Compat(StrEnum):
    """Older versions whose names, arguments and defaults notebooks may use."""

    KERAS2 = "keras2"


class EvidenceKind(StrEnum):
    """How strong the evidence is that a criterion asks for."""

    PRINTED = "printed"
    OBSERVED = "observed"
    VERIFIED = "verified"


class EpochChoice(StrEnum):
    """Epochs that are named by what was recorded: of the seeds' histories, the shortest one counts."""

    LAST = "last"
    ALL = "all"
