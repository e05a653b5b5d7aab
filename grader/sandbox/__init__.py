"""The only place where student code runs."""

from grader.sandbox.keeping import Aids, Training, Watch, interrupt
from grader.sandbox.lines import Waits
from grader.sandbox.outcome import Exit
from grader.sandbox.run import ALONE, run, train
from grader.sandbox.task import Layer, Task
from grader.sandbox.warm import Warm, warm

__all__ = [
    "ALONE",
    "Aids",
    "Exit",
    "Layer",
    "Task",
    "Training",
    "Waits",
    "Warm",
    "Watch",
    "interrupt",
    "run",
    "train",
    "warm",
]
