"""`export`: results for other systems."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from grader.commands import rubrics
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.finished import Finished
    from grader.model import Rubric
    from grader.outputs.exports.filling import Filled


def export(options: argparse.Namespace) -> int:
    from grader import durable, terminal
    from grader.finished import opened

    rubric = rubrics.load(options.rubric, require_reference=False, require_files=False)
    if options.format == "classroom50":
        return _classroom50(options, rubric)
    to = options.to or options.out / "export" / f"{options.format}.csv"
    if options.sheet and to.exists() and to.samefile(options.sheet):
        raise UsageError(f"--to '{to}' is the sheet itself, which stays as it is; name another file")
    with opened(rubric, options.out) as run:
        filled = _filled(options, rubric, run)
    to.parent.mkdir(parents=True, exist_ok=True)
    durable.replace(to, filled.data)
    for remark in filled.remarks:
        terminal.say(f"note: {remark}")
    terminal.say(f"{filled.count} {'score' if filled.count == 1 else 'scores'} in {to}")
    return 0


def _filled(options: argparse.Namespace, rubric: Rubric, run: Finished) -> Filled:
    from grader.outputs.exports import canvas, moodle, people, sheet, tables
    from grader.outputs.exports.filling import Filled

    everybody = people.everybody(rubric, run.results)
    scored = sum(person.final is not None for person in everybody)
    if options.format == "gradescope":
        return Filled(tables.gradescope(rubric, everybody), scored, ())
    if options.format == "nbgrader":
        return Filled(
            tables.nbgrader(rubric, everybody, rubric.late_policy.due if rubric.late_policy else None), scored, ()
        )
    if options.sheet is None:
        raise UsageError(
            f"`grader export {options.format}` fills in a sheet; download it there, and name it with --sheet"
        )
    into = {"canvas": canvas.filled, "moodle": moodle.filled}[options.format]
    return into(sheet.read(options.sheet), rubric, everybody, options.column)


def _classroom50(options: argparse.Namespace, rubric: Rubric) -> int:
    """A folder a student, with the file that Classroom 50 collects."""
    import json
    from datetime import UTC, datetime

    from grader import durable, terminal
    from grader.finished import opened
    from grader.outputs import classroom50
    from grader.outputs.exports import people
    from grader.outputs.notebooks import folder_name

    if not options.classroom:
        raise UsageError("`grader export classroom50` needs the classroom's short name; give it with --classroom")
    to = options.to or options.out / "export" / "classroom50"
    count = 0
    with opened(rubric, options.out) as run:
        for person in people.everybody(rubric, run.results):
            owner = person.identity.login or person.student
            facts = classroom50.by_hand(options.classroom, rubric.assignment, owner, datetime.now(UTC))
            result = classroom50.result(rubric, facts, [one.grade for one in person.results])
            if result is None or person.final is None:
                terminal.say(f"note: '{person.student}' has no score yet, and gets no file")
                continue
            path = to / folder_name(person.student) / "result.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            durable.replace(path, (json.dumps(result, indent=1) + "\n").encode())
            count += 1
    terminal.say(f"{count} {'score' if count == 1 else 'scores'} in {to}")
    return 0
