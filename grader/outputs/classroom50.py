"""`result.json` of Classroom 50, in its form `classroom50/result/v1` (its wiki, "Advanced Autograding").

Points there are whole numbers, and the score is the sum of the tests' scores: each criterion's points are rounded
to the nearest one, and what lost a fraction is never shown in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.errors import UsageError
from grader.model import Check, Grade, Rubric
from grader.outputs import cells

SCHEMA = "classroom50/result/v1"
TYPES = ("individual", "group", "team")


@dataclass(frozen=True, slots=True)
class Submission:
    """What Classroom 50's runner says of what is graded; addresses and names go through as they are."""

    classroom: str
    assignment: str
    assignment_type: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str
    datetime: datetime


_NEEDED = {
    "classroom": "CLASSROOM",
    "assignment": "ASSIGNMENT",
    "submission": "SUBMISSION_TAG",
    "commit": "COMMIT_URL",
    "release": "RELEASE_URL",
}


def of_environment(environment: Mapping[str, str], now: datetime) -> Submission:
    """As the runner sets it. Raises UsageError where it is not run by one."""
    missing = [name for name in _NEEDED.values() if not environment.get(name)]
    if missing:
        raise UsageError(
            f"{', '.join(missing)} is not set; expected what Classroom 50's runner sets. Let its autograder.py "
            "call `grader classroom50`, or set them"
        )
    told = {field: environment[name] for field, name in _NEEDED.items()}
    kind = environment.get("ASSIGNMENT_TYPE") or "individual"
    if kind not in TYPES:
        raise UsageError(f"ASSIGNMENT_TYPE is '{kind}'; expected one of {', '.join(TYPES)}")
    owner = (
        environment.get("OWNER") or environment.get("USERNAME") or environment.get("GITHUB_REPOSITORY_OWNER", "")
    )
    return Submission(
        assignment_type=kind,
        owner=owner,
        review=environment.get("REVIEW_URL") or told["commit"],
        datetime=now.astimezone(UTC),
        **told,
    )


def by_hand(classroom: str, assignment: str, owner: str, now: datetime) -> Submission:
    """For a score that is entered for a student: as Classroom 50 itself names such a one."""
    name = f"submit/manual-{now.astimezone(UTC).strftime('%Y-%m-%dT%H-%M-%SZ')}"
    return Submission(classroom, assignment, TYPES[0], owner, name, name, name, name, now.astimezone(UTC))


def result(rubric: Rubric, submission: Submission, grades: Sequence[Grade]) -> dict[str, object] | None:
    """None where a part has no score: no result is better than a 0 that nobody earned."""
    if any(grade.score is None for grade in grades):
        return None
    tests = [_test(rubric, grade, check) for grade in grades for check in grade.checks]
    return {
        "schema": SCHEMA,
        "classroom": submission.classroom,
        "assignment": submission.assignment,
        "assignment_type": submission.assignment_type,
        "owner": submission.owner,
        "submission": submission.submission,
        "commit": submission.commit,
        "release": submission.release,
        "review": submission.review,
        "datetime": submission.datetime.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "score": sum(score for _, score, _ in tests),
        "max-score": sum(most for _, _, most in tests),
        "tests": [
            {"test-name": name, "passed": score == most, "score": score, "max-score": most}
            for name, score, most in tests
        ],
    }


def _test(rubric: Rubric, grade: Grade, check: Check) -> tuple[str, int, int]:
    name = f"{grade.part}.{check.criterion}" if len(rubric.parts) > 1 else check.criterion
    most = round(check.max_points)
    score = round(check.points)
    if score == most and check.points < check.max_points:
        score -= 1  # rounding must not make a lost point look earned in full
    return cells.one_line(name), max(score, 0), most
