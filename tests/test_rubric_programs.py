"""Several references for a part: which criteria apply to which, and what a rubric may not say of them."""

from pathlib import Path

import pytest

from grader import rubric
from grader.model import ExecutesCriterion, Part, TrainingCriterion

TWO = """\
assignment: a
points: 10
parts:
  only:
    references:
      add: one.ipynb
      listed: two.ipynb
    criteria:
      - {id: runs, points: 4, check: executes}
      - {id: model, points: 6, check: training, program: add}
      - {id: seeded, points: 1, check: executes, program: listed}
      - {id: model, points: 5, check: training, program: [listed]}
"""
NOTHING_TO_CHOOSE = "allowed: a program only where the part has `references`, by their names"


def written(folder: Path, text: str) -> Path:
    for name in ("one.ipynb", "two.ipynb"):
        (folder / name).write_text("{}", "utf-8")
    (folder / "rubric.yaml").write_text(text, "utf-8")
    return folder / "rubric.yaml"


def test_each_reference_has_the_criteria_that_apply_to_it(tmp_path: Path) -> None:
    (part,) = rubric.load(written(tmp_path, TWO)).parts
    runs = ExecutesCriterion("runs", 4)
    add = Part("only", (), tmp_path / "one.ipynb", (runs, TrainingCriterion("model", 6)), "add")
    listed = Part(
        "only",
        (),
        tmp_path / "two.ipynb",
        (runs, ExecutesCriterion("seeded", 1), TrainingCriterion("model", 5)),
        "listed",
    )
    assert part.accepted == (add, listed)
    assert (part.points, part.columns, part.title) == (10, ("runs", "model", "seeded"), "only (add)")


def test_one_name_among_references_is_as_good_as_several(tmp_path: Path) -> None:
    text = TWO.replace("      listed: two.ipynb\n", "").replace(", program: add}", "}")
    text = "".join(line for line in text.splitlines(keepends=True) if "listed" not in line)
    (part,) = rubric.load(written(tmp_path, text)).parts
    assert (part.others, part.program, part.points) == ((), "add", 10)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "    references:\n      add: one.ipynb\n      listed: two.ipynb\n",
            "    reference: one.ipynb\n",
            [
                "2: points: found '10'; allowed: 16, which the points of the criteria add up to; change it or them",
                f"8: parts.only.criteria['model'].program: found 'add'; {NOTHING_TO_CHOOSE}",
                f"9: parts.only.criteria['seeded'].program: found 'listed'; {NOTHING_TO_CHOOSE}",
                (
                    "10: parts.only.criteria['model'].id: found 'model'; "
                    "allowed: an id of its own, case aside (line 8 has it too)"
                ),
                f"10: parts.only.criteria['model'].program[1]: found 'listed'; {NOTHING_TO_CHOOSE}",
            ],
        ),
        (
            "    references:\n",
            "    reference: one.ipynb\n    references:\n",
            ["6: parts.only.references: found a mapping; allowed: reference or references, not both"],
        ),
        (
            "program: add",
            "program: addd",
            [
                "2: points: found '10'; allowed: 4, which the points of the criteria add up to; change it or them",
                (
                    "7: parts.only.references.listed: found 10 points for 'listed'; "
                    "allowed: criteria that add up to 4 points, as those of 'add' do"
                ),
                (
                    "10: parts.only.criteria['model'].program: found 'addd'; "
                    "allowed: 'add', 'listed' (did you mean 'add'?)"
                ),
            ],
        ),
        (
            "points: 5",
            "points: 6",
            [
                (
                    "7: parts.only.references.listed: found 11 points for 'listed'; "
                    "allowed: criteria that add up to 10 points, as those of 'add' do"
                )
            ],
        ),
        (
            "program: [listed]",
            "program: [add, listed]",
            [
                "2: points: found '10'; allowed: 15, which the points of the criteria add up to; change it or them",
                (
                    "7: parts.only.references.listed: found 10 points for 'listed'; "
                    "allowed: criteria that add up to 15 points, as those of 'add' do"
                ),
                (
                    "12: parts.only.criteria['model'].id: found 'model'; "
                    "allowed: an id of its own, case aside (line 10 has it too)"
                ),
            ],
        ),
        (
            "listed: two.ipynb",
            "listed: three.ipynb",
            [
                (
                    "7: parts.only.references.listed: found 'three.ipynb'; "
                    "allowed: a notebook that is there, its path relative to the rubric's folder"
                )
            ],
        ),
        (
            "listed: two.ipynb",
            "listed: two.ipynb\n      ADD: two.ipynb",
            [
                "8: parts.only.references.ADD: found 'ADD'; allowed: names that differ in more than case",
                (
                    "8: parts.only.references.ADD: found 4 points for 'ADD'; "
                    "allowed: criteria that add up to 10 points, as those of 'add' do"
                ),
            ],
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    assert old in TWO
    with pytest.raises(rubric.RubricError) as caught:
        rubric.load(written(tmp_path, TWO.replace(old, new)))
    assert [str(fault) for fault in caught.value.faults] == told
