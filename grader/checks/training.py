"""Criterion `training`: the settings and the data that the training was given are the reference's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.checks.settings import judge
from grader.checks.wording import decimal, lines, listed, shown
from grader.errors import GraderError
from grader.model import Check

if TYPE_CHECKING:
    from grader.checks.subject import Subject
    from grader.model import Fit, Recording, TrainingCriterion

UNFINISHED = "the training did not finish"


def check(criterion: TrainingCriterion, subject: Subject, recording: Recording) -> Check:
    """Equal shares for each setting that the reference shows, earned where it is the reference's."""
    if recording.published:
        raise GraderError(
            f"'{criterion.id}' compares settings, and '{recording.published.name}' shows none: "
            "take the criterion out of the rubric, or record a notebook with `grader reference record`"
        )
    if recording.fit is None:
        raise GraderError(f'the recording of "{recording.part}" holds no training: run `grader reference record`')
    judged = () if subject.fit is None else judge(subject.fit, recording.fit)
    wrong = [each for each in judged if not each.matches]
    earned = (len(judged) - len(wrong)) / len(judged) if judged else 0.0
    if subject.fit is None:
        why, next_step = "no training was observed", "call model.fit in a cell that runs"
    else:
        unfinished = [] if subject.fit.finished or not wrong else [UNFINISHED]
        why = lines([*unfinished, *(each.why for each in wrong)])
        next_step = wrong[0].next_step if wrong else ""
    return Check(
        criterion=criterion.id,
        title=criterion.title,
        points=criterion.points * earned,
        max_points=criterion.points,
        expected=_settings(recording.fit),
        found="no training" if subject.fit is None else _settings(subject.fit),
        why=why,
        next_step=next_step,
        evidence="" if subject.fit is None else "observed: the call of `fit` in the notebook's kernel",
    )


def _settings(fit: Fit) -> str:
    rate = fit.compiled.learning_rate
    return listed(
        (
            shown(fit.compiled.optimizer),
            "learning rate from a schedule" if rate is None else f"learning rate {decimal(rate)}",
            shown(fit.compiled.loss),
            "" if fit.batch_size is None else f"batch size {shown(str(fit.batch_size))}",
            f"{shown(str(fit.epochs))} {'epoch' if fit.epochs == 1 else 'epochs'}",
            "" if fit.finished else UNFINISHED,
        )
    )
