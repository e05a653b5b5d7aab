"""The table of mistakes, and the mutants of a reference that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.verify import figures, fitting, layering, showing
from grader.verify.change import Change, Make

if TYPE_CHECKING:
    from grader.verify.notebook import Notebook
    from grader.verify.program import Program

MOST = 8  # of one mistake
Histories = Sequence[Mapping[str, Sequence[float]]]

BY_LAYERS = "`check: model_summary` compares layers and their settings"
BY_ACTIVATIONS = (
    f"{BY_LAYERS}, but no functions that are not of Keras: where the reference takes one, such as `tf.nn.relu`, "
    'name it, such as "relu"'
)
BY_SETTINGS = "`check: training` compares settings and data"
BY_PATTERN = "`check: code` with a pattern for that statement"
FIXED_SEEDS = "the grader sets all seeds before a run, so that the figures need not tell"
ONE_EPOCH = "where `max_epochs` is 1, the last epoch is the first"
SAME_FIGURES = "the figures are those of the training; only the code tells that they were typed"


@dataclass(frozen=True, slots=True)
class Mistake:
    """`most` mutants are made of it; `catches` says what would tell it, `beyond` why figures may not."""

    id: str
    words: str
    make: Make
    most: int
    catches: str
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Mutant:
    id: str
    mistake: Mistake
    change: Change
    notebook: Notebook


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """A mistake that this reference leaves no room for, and why."""

    id: str
    words: str
    why: str


def table(histories: Histories) -> tuple[Mistake, ...]:
    """`histories` are recorded ones, one a seed: the figures that somebody may type in."""

    def typed(program: Program) -> list[Change] | str:
        return figures.typed_figures(program, histories)

    return (
        Mistake("layer-left-out", "a layer is left out", layering.drop, MOST, BY_LAYERS),
        Mistake("layer-doubled", "a layer stands twice", layering.double, MOST, BY_LAYERS),
        Mistake("filters", "another number of filters", layering.filters, 2, BY_LAYERS),
        Mistake("kernel-size", "another kernel size", layering.kernel_size, 2, BY_LAYERS),
        Mistake("units", "another number of units", layering.units, 2, BY_LAYERS),
        Mistake("activation", "another activation", layering.activation, 4, BY_ACTIVATIONS),
        Mistake("dropout-rate", "another dropout rate", layering.dropout_rate, 2, BY_LAYERS),
        Mistake("optimizer", "another optimizer", fitting.optimizer, 2, BY_SETTINGS),
        Mistake("learning-rate", "another learning rate", fitting.learning_rate, 2, BY_SETTINGS),
        Mistake("loss", "another loss", fitting.loss, 2, BY_SETTINGS),
        Mistake("batch-size", "another batch size", fitting.batch_size, 2, BY_SETTINGS),
        Mistake("epochs", "another number of epochs", fitting.epochs, 2, BY_SETTINGS),
        Mistake("unscaled", "values that are not scaled", fitting.unscaled, 3, BY_SETTINGS),
        Mistake("labels-shuffled", "labels of other images", fitting.shuffled_labels, 1, BY_SETTINGS),
        Mistake(
            "validated-on-training",
            "validation on training data",
            fitting.validated_on_training_data,
            1,
            BY_SETTINGS,
        ),
        Mistake("no-seed", "no seed", showing.unseeded, 3, BY_PATTERN, FIXED_SEEDS),
        Mistake("no-summary", "no summary", showing.no_summary, 1, f"{BY_PATTERN}, or `check: model_summary`"),
        Mistake(
            "summary-early",
            "the summary before a layer",
            showing.summary_too_early,
            1,
            "`check: model_summary`, or `check: code` with `after`",
        ),
        Mistake("history-not-kept", "the history is not kept", figures.history_not_kept, 1, BY_PATTERN),
        Mistake("last-value", "the last value, not the first", figures.last_value, 1, BY_PATTERN, ONE_EPOCH),
        Mistake("typed", "figures typed in", typed, 2, BY_PATTERN, SAME_FIGURES),
    )


def mutants(
    program: Program, mistakes: Sequence[Mistake], most: int = MOST
) -> tuple[tuple[Mutant, ...], tuple[NotApplicable, ...]]:
    """In the table's order, at most so many of each mistake; none that reads like the reference."""
    made: list[Mutant] = []
    without: list[NotApplicable] = []
    for mistake in mistakes:
        changes = mistake.make(program)
        if isinstance(changes, str):
            without.append(NotApplicable(mistake.id, mistake.words, changes))
            continue
        chosen = _spread(changes, min(most, mistake.most))
        made += [
            Mutant(f"{mistake.id}-{number}", mistake, change, program.apply(change.edits))
            for number, change in enumerate(chosen, start=1)
        ]
    return tuple(each for each in made if each.notebook != program.notebook), tuple(without)


def _spread(changes: Sequence[Change], most: int) -> list[Change]:
    """At most so many: the first, the last, and what lies evenly between."""
    if len(changes) <= most:
        return list(changes)
    if most == 1:
        return [changes[0]]
    return [changes[round(number * (len(changes) - 1) / (most - 1))] for number in range(most)]
