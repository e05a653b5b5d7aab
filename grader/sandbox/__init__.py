"""The only place where student code runs."""

from grader.sandbox.run import Exit, run
from grader.sandbox.task import Layer, Task

__all__ = ["Exit", "Layer", "Task", "run"]
