"""The grader's side of the shared trainer: requests of kernels are checked, hashed, and trained once.

Everything that is read here was written by a student's kernel, or by a training that was fed by one: hostile
bytes. Nothing here imports Keras; descriptions are checked as the JSON they are.
"""

from grader.training.conditions import Conditions
from grader.training.conversation import Served, Source, Waits
from grader.training.evaluating import Handed
from grader.training.store import Facts, Store
from grader.training.trainer import Trained, Trainer

__all__ = ["Conditions", "Facts", "Handed", "Served", "Source", "Store", "Trained", "Trainer", "Waits"]
