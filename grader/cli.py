"""The commands; the only module that prints, and the boundary at which errors become messages and exit codes.

Each command imports what it needs when it runs: `grader --help` answers at once.
"""

from __future__ import annotations

import argparse
import signal
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from grader.commandline import parser
from grader.errors import GraderError

if TYPE_CHECKING:  # the data types alone would cost help a tenth of its time
    from grader.batch import Wanted
    from grader.model import Rubric
    from grader.runner import Means
    from grader.training import Facts
    from grader.verify.outcome import Outcome

CHECK_FAILED = 1
INTERRUPTED = 130
STOPS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    command = COMMANDS[options.command]
    for number in STOPS:
        signal.signal(number, _stop)
    try:
        return command(options)
    except GraderError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 0  # whoever read us has read enough
    except OSError as error:  # a full disk, a folder that may not be written
        _complain(f"'{error.filename or 'a file'}': {error.strerror or error}")
        return GraderError.exit_code
    except Exception as error:  # noqa: BLE001 - exit code 1 means that a check failed, not that we did
        where = traceback.extract_tb(error.__traceback__)[-1]
        _complain(f"a fault in the grader: {type(error).__name__} in {where.filename}:{where.lineno}: {error}")
        return GraderError.exit_code


def _complain(text: str) -> None:
    from grader import terminal

    terminal.complain(text)


def _stop(*_: object) -> NoReturn:
    """A closed terminal or a `kill` ends a run as Ctrl-C does: nothing inside lives on, finished rows are kept."""
    raise KeyboardInterrupt


def load_rubric(path: Path, *, require_reference: bool = True, require_files: bool = True) -> Rubric:
    """The rubric, its patterns checked by what will match them."""
    from grader import rubric
    from grader.checks.code import pattern_fault

    return rubric.load(
        path,
        require_reference=require_reference and require_files,
        require_data=require_files,
        pattern_fault=pattern_fault,
    )


# --- the commands ------------------------------------------------------------------------------------------


def grade(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from grader import batch, terminal
    from grader.model import Status

    assignment = load_rubric(options.rubric)
    out = options.out
    wanted = replace(_wanted(options), means=_means(options), fresh=options.fresh)
    run = batch.grade_all(assignment, options.submissions, out, wanted, terminal.progress())
    terminal.show_run(assignment, run, out)
    if run.interrupted:
        return INTERRUPTED
    troubled = any(grade.status is Status.GRADER_ERROR for grade in run.grades)
    return GraderError.exit_code if troubled else 0


def check(options: argparse.Namespace) -> int:
    if options.saved:
        return _check_saved(options)
    from dataclasses import replace

    from grader import batch, terminal
    from grader.runner import Means

    assignment = load_rubric(options.rubric, require_reference=False)
    means = Means(jobs=1, sharing=options.sharing, cache=options.cache)
    wanted = replace(_wanted(options), means=means)
    result = batch.check(assignment, options.notebook, options.part, wanted, terminal.progress())
    terminal.show_check(result)
    return 0 if all(one.passed for one in result.checks) else CHECK_FAILED


def _check_saved(options: argparse.Namespace) -> int:
    from grader import notebook_file, reference, saved, submissions, terminal

    assignment = load_rubric(options.rubric, require_reference=False, require_files=False)
    found = notebook_file.read(options.notebook)
    wanted = submissions.single(options.notebook, assignment, options.part).part
    accepted = next(part for part in assignment.parts if part.id == wanted).accepted
    recorded = [(one, reference.of(one) if one.compares else None) for one in accepted]
    judged = saved.judge(found, recorded)
    terminal.say(saved.ONLY + (f"; compared with {judged.program}" if judged.program else ""))
    for one in judged.verdicts:
        name = one.criterion.title or one.criterion.id
        terminal.say(f"{name}: {one.word}" + (f" ({one.why})" if one.why and not one.criterion.hidden else ""))
    return CHECK_FAILED if any(one.word is saved.Word.DIFFERS for one in judged.verdicts) else 0


def init(options: argparse.Namespace) -> int:
    """Where data is missing, or the rubric compares nothing, there is nothing to record yet."""
    from grader import terminal
    from grader.draft import assignment, words

    caches = (Path.home() / ".keras" / "datasets",)
    drafted = assignment.draft(options.notebook, options.folder, caches)
    options.rubric, options.part, options.reference = drafted.rubric, None, None
    options.add, options.threads = False, None
    for line in words.lines(drafted):
        terminal.say(line)
    compares = any(each.check in ("model_summary", "training", "history") for each in drafted.criteria)
    if drafted.missing or not compares or not options.record:
        return 0
    return record(options)


def record(options: argparse.Namespace) -> int:
    from grader import batch, terminal
    from grader import record as recorder
    from grader.sandbox import layers

    assignment = load_rubric(options.rubric)
    wanted = _wanted(options)
    device = batch.choose_device(assignment, wanted.device, [])
    layer = layers.choose(wanted.isolation, assignment.execution, trusted=True)
    parts = batch.recorded_parts(assignment, options.part, options.reference)
    for part in recorder.recordable(parts):
        usual = recorder.threads_of(part, device) if options.add else batch.DEFAULT_THREADS
        session = recorder.Session(assignment, part, device, options.threads or usual, layer)
        run = recorder.add if options.add else recorder.record
        path = run(session, options.seeds, terminal.progress())
        terminal.say(f"recorded {options.seeds} seeds of {part.title} in {path}")
    for part in (one for one in parts if not one.runnable):
        terminal.say(recorder.not_recorded(part))
    return show(options)


def show(options: argparse.Namespace) -> int:
    from grader import batch, reference, terminal

    assignment = load_rubric(options.rubric, require_reference=False)
    for part in batch.recorded_parts(assignment, options.part, options.reference):
        terminal.show_recording(part, reference.of(part))
    return 0


def import_text(options: argparse.Namespace) -> int:
    from grader import batch, notebook_file, published, reference, terminal
    from grader.errors import UsageError
    from grader.judging import must_answer

    assignment = load_rubric(options.rubric, require_reference=False)
    parts = batch.recorded_parts(assignment, options.part, options.reference)
    if len(parts) > 1:
        raise UsageError("an output is the recording of one reference: name it with --part and --reference")
    found = notebook_file.read(options.file)
    recording = published.recording(found, options.file, parts[0])
    must_answer(parts[0], recording)
    reference.store(reference.path_for(parts[0]), recording)
    terminal.say(f"imported {published.described(recording)} into {reference.path_for(parts[0])}")
    for remark in published.remarks(found, recording):
        terminal.say(f"note: {remark}")
    return 0


def schema(options: argparse.Namespace) -> int:
    import json

    from grader import rubric

    del options  # the schema depends on nothing
    print(json.dumps(rubric.schema(), indent=2, ensure_ascii=False))
    return 0


def keys(_: argparse.Namespace) -> int:
    from grader import rubric
    from grader.rubric.keys import page

    print(page(rubric.schema()), end="")
    return 0


def cache(options: argparse.Namespace) -> int:
    from grader import terminal
    from grader.training import Store
    from grader.training.store import FOLDER

    store = Store(options.cache or FOLDER)
    if options.clear:
        before = store.clear()
        terminal.say(f"removed {_trainings(before)}, {before.bytes / 2**20:.1f} MiB, from '{before.folder}'")
        return 0
    facts = store.show()
    terminal.say(
        f"'{facts.folder}' holds {_trainings(facts)}, {facts.bytes / 2**20:.1f} of at most "
        f"{facts.most / 2**20:.0f} MiB; `grader cache clear` removes them"
    )
    return 0


def _trainings(facts: Facts) -> str:
    return "1 training" if facts.count == 1 else f"{facts.count} trainings"


def verify(options: argparse.Namespace) -> int:
    import json

    from grader import terminal
    from grader.batch import Wanted
    from grader.runner import Means
    from grader.verify import summary, verification

    assignment = load_rubric(options.rubric)
    asked = _wanted(options)
    wanted = Wanted(asked.device, asked.isolation, Means(jobs=options.jobs, cache=options.cache))
    way = verification.Way(wanted, terminal.progress, options.quick)
    outcomes: list[Outcome] = []
    parts = verification.chosen_parts(assignment, options.part)
    for part, programs in verification.chosen_programs(parts, options.reference):
        told = verification.verify(assignment, part, programs, way)
        outcomes += told
        if options.format == "text":
            terminal.show_verifications(told)
    if options.format == "json":
        print(json.dumps(summary.as_json(outcomes), indent=2, ensure_ascii=False))
    if any(one.troubled for one in outcomes):
        return GraderError.exit_code
    return CHECK_FAILED if any(one.failed for one in outcomes) else 0


def doctor(options: argparse.Namespace) -> int:
    from grader import doctor as examine
    from grader import terminal

    assignment = load_rubric(options.rubric, require_files=False) if options.rubric.exists() else None
    findings = examine.findings(assignment)
    terminal.show_findings(findings)
    return 0 if all(finding.well is not False for finding in findings) else GraderError.exit_code


def _wanted(options: argparse.Namespace) -> Wanted:
    from grader.batch import Wanted
    from grader.model import DeviceChoice, Isolation

    isolation = None if options.isolation == "auto" else Isolation(options.isolation)
    return Wanted(DeviceChoice(options.device), isolation)


def _means(options: argparse.Namespace) -> Means:
    from grader.runner import Means

    return Means(options.jobs, options.sharing, options.cache, options.audit, warm=not options.cold)


COMMANDS: dict[str, Command] = {
    "init": init,
    "grade": grade,
    "check": check,
    "record": record,
    "show": show,
    "import": import_text,
    "schema": schema,
    "keys": keys,
    "cache": cache,
    "verify": verify,
    "doctor": doctor,
}
