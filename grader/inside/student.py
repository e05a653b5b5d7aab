"""The student's kernel from its first moment: confined before anything else is imported.

NumPy starts threads when it is imported, and what has threads cannot confine itself any more.
"""

from __future__ import annotations

from . import confine, job


def main(job_file: str, connection_file: str) -> None:
    confine.narrow(job.load(job_file))
    from . import kernel

    kernel.main(job_file, connection_file)
