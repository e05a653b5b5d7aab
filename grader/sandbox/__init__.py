"""The only place where student code runs."""

from grader.sandbox.run import Exit, Task, run

__all__ = ["Exit", "Task", "run"]
