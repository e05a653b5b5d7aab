"""The table of dresses that a reference may wear, and the variants that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.verify import arranging, modelling, reading, renaming
from grader.verify.dress import Rewrite, asked
from grader.verify.mutants import NotApplicable
from grader.verify.spelling import by_module, by_name, in_full, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.model import Part
    from grader.verify.notebook import Notebook

TF = "tensorflow.keras"
FULL = style(in_full("import keras", "keras"))
TF_FULL = style(in_full("import tensorflow as tf", "tf.keras"))
FROM_TF = style(in_full("from tensorflow import keras", "keras"))
SHORT = style(in_full("import keras as K", "K"))
NAMES = style(by_name("keras"))
TF_NAMES = style(by_name(TF))
MODULES = style(by_module("keras"))
TF_MODULES = style(by_module(TF))


@dataclass(frozen=True, slots=True)
class Dress:
    """Rewritings, done one after the other."""

    id: str
    words: str
    rewrites: tuple[Rewrite, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    id: str
    words: str
    notebook: Notebook


DRESSES = (
    Dress("model-renamed", "another name for the model", (renaming.model,)),
    Dress("history-renamed", "another name for the history", (renaming.history,)),
    Dress("data-renamed", "other names for the data", (renaming.data,)),
    Dress("loops-renamed", "other names in loops", (renaming.loops,)),
    Dress("all-renamed", "other names for everything", (renaming.everything,)),
    Dress("comments-added", "a comment before each statement", (arranging.comments_added,)),
    Dress("comments-removed", "no comments", (arranging.comments_removed,)),
    Dress("blank-lines", "a blank line before each statement", (arranging.blank_lines,)),
    Dress("split", "a cell for each statement", (arranging.split,)),
    Dress("split-in-two", "a cell cut in two", (arranging.split_in_two,)),
    Dress("split-with-text", "text between the cells", (arranging.split_with_text,)),
    Dress("joined", "one cell", (arranging.joined,)),
    Dress("first-swapped", "the first two independent statements swapped", (arranging.first_pair,)),
    Dress("last-swapped", "the last two independent statements swapped", (arranging.last_pair,)),
    Dress("all-swapped", "all independent neighbours swapped", (arranging.all_pairs,)),
    Dress("full-names", "`keras.layers.Dense`", (FULL,)),
    Dress("short-root", "`import keras as K`", (SHORT,)),
    Dress("from-keras-layers", "`from keras.layers import Dense`", (NAMES,)),
    Dress("from-keras", "`from keras import layers`", (MODULES,)),
    Dress("tf-keras", "`tf.keras.layers.Dense`", (TF_FULL,)),
    Dress("from-tensorflow", "`from tensorflow import keras`", (FROM_TF,)),
    Dress("from-tf-keras", "`from tensorflow.keras import layers`", (TF_MODULES,)),
    Dress("from-tf-keras-layers", "`from tensorflow.keras.layers import Dense`", (TF_NAMES,)),
    Dress("list", "Sequential by a list", (modelling.as_list,)),
    Dress("adds", "Sequential by `add`", (modelling.as_adds,)),
    Dress("tensors", "layers applied to tensors", (modelling.as_tensors,)),
    Dress("input-shape", "`input_shape`, not `keras.Input`", (modelling.input_shape,)),
    Dress("input-layer", "`keras.Input`, not `input_shape`", (modelling.input_layer,)),
    Dress("list+input-shape", "a list, `input_shape`", (modelling.as_list, modelling.input_shape)),
    Dress("list+tf-keras", "a list, `tf.keras`", (modelling.as_list, TF_FULL)),
    Dress("list+names", "a list, imported by name", (modelling.as_list, NAMES)),
    Dress("input-shape+tf", "`input_shape`, `tf.keras` by name", (modelling.input_shape, TF_NAMES)),
    Dress("tensors+names", "tensors, imported by name", (modelling.as_tensors, NAMES)),
    Dress("tensors+renamed", "tensors, other names", (modelling.as_tensors, renaming.everything)),
    Dress("renamed+split", "other names, many cells", (renaming.everything, arranging.split)),
    Dress("swapped+renamed", "swapped, other names", (arranging.all_pairs, renaming.everything)),
    Dress(
        "swapped+split",
        "swapped, commented, many cells",
        (arranging.all_pairs, arranging.comments_added, arranging.split),
    ),
    Dress(
        "tf+split", "`tf.keras`, another name, text between", (TF_FULL, renaming.model, arranging.split_with_text)
    ),
    Dress(
        "colab",
        "a list, `input_shape`, `tf.keras` by name, other names, no comments, many cells",
        (
            modelling.as_list,
            modelling.input_shape,
            TF_NAMES,
            renaming.everything,
            arranging.comments_removed,
            arranging.split,
        ),
    ),
)


def variants(
    notebook: Notebook, part: Part, dresses: Sequence[Dress] = DRESSES
) -> tuple[tuple[Variant, ...], tuple[NotApplicable, ...]]:
    made: list[Variant] = []
    without: list[NotApplicable] = []
    for dress in dresses:
        worn = _worn(notebook, part, dress)
        if isinstance(worn, str):
            without.append(NotApplicable(dress.id, dress.words, worn))
        else:
            made.append(Variant(dress.id, dress.words, worn))
    return tuple(made), tuple(without)


def _worn(notebook: Notebook, part: Part, dress: Dress) -> Notebook | str:
    for rewrite in dress.rewrites:
        program = reading.read(notebook)
        told = rewrite(program, asked(part, program))
        if isinstance(told, str):
            return told
        notebook = told
    return notebook
