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

from grader import __version__
from grader.errors import GraderError

if TYPE_CHECKING:  # the data types alone would cost help a tenth of its time
    from grader.batch import Wanted
    from grader.model import Rubric
    from grader.runner import Means
    from grader.training import Facts

CHECK_FAILED = 1
INTERRUPTED = 130
STOPS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    command: Command = options.command
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
    from dataclasses import replace

    from grader import batch, terminal
    from grader.runner import Means

    assignment = load_rubric(options.rubric, require_reference=False)
    means = Means(jobs=1, sharing=options.sharing, cache=options.cache)
    wanted = replace(_wanted(options), means=means)
    result = batch.check(assignment, options.notebook, options.part, wanted, terminal.progress())
    terminal.show_check(result)
    return 0 if all(one.passed for one in result.checks) else CHECK_FAILED


def record(options: argparse.Namespace) -> int:
    from grader import batch, terminal
    from grader import record as recorder
    from grader.sandbox import layers

    assignment = load_rubric(options.rubric)
    wanted = _wanted(options)
    device = batch.choose_device(assignment, wanted.device, [])
    layer = layers.choose(wanted.isolation, assignment.execution, trusted=True)
    for part in batch.recorded_parts(assignment, options.part):
        usual = recorder.threads_of(part, device) if options.add else batch.DEFAULT_THREADS
        session = recorder.Session(assignment, part, device, options.threads or usual, layer)
        run = recorder.add if options.add else recorder.record
        path = run(session, options.seeds, terminal.progress())
        terminal.say(f"recorded {options.seeds} seeds of {part.id} in {path}")
    return show(options)


def show(options: argparse.Namespace) -> int:
    from grader import batch, reference, terminal

    assignment = load_rubric(options.rubric, require_reference=False)
    for part in batch.recorded_parts(assignment, options.part):
        terminal.show_recording(part, reference.load(reference.path_for(part)))
    return 0


def schema(options: argparse.Namespace) -> int:
    import json

    from grader import rubric

    del options  # the schema depends on nothing
    print(json.dumps(rubric.schema(), indent=2, ensure_ascii=False))
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
    outcomes = []
    for part in verification.chosen_parts(assignment, options.part):
        told = verification.verify(assignment, part, way)
        outcomes.append(told)
        if options.format == "text":
            terminal.show_verification(told)
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


# --- the command line --------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="grader",
        description="Grades notebooks in which students train neural networks, against a reference run.",
        epilog="Exit codes: 0 all well, 1 a check failed, 2 usage or rubric fault, 3 the grader's own trouble, "
        "130 interrupted.",
    )
    top.add_argument("--version", action="version", version=f"grader {__version__}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    one = _command(commands, "grade", grade, "grade a folder of submissions and write scores.csv")
    one.add_argument("submissions", type=Path, nargs="?", default=Path("submissions"), help="the folder")
    one.add_argument("--out", type=Path, default=Path("grades"), help="where to write (default: grades)")
    _place(one)
    _economy(one)

    one = _command(commands, "check", check, "check one notebook and say what to look at")
    one.add_argument("notebook", type=Path)
    one.add_argument("--part", help="which part of the assignment it is, where its name does not tell")
    _place(one)
    _sharing(one)

    nested = commands.add_parser("reference", help="record the reference, or show what was recorded")
    recordings = nested.add_subparsers(metavar="COMMAND", required=True)
    one = _command(recordings, "record", record, "run the reference under several seeds and store the results")
    one.add_argument("--seeds", type=_positive, default=16, help="how many seeds (default: 16)")
    one.add_argument("--threads", type=_positive, help="threads of each run (default: 2; with --add, as recorded)")
    one.add_argument("--add", action="store_true", help="keep what was recorded, and add what is run here to it")
    one.add_argument("--part", help="only this part of the assignment")
    _place(one)
    one = _command(recordings, "show", show, "print the bands that metrics must lie in, and what they tell apart")
    one.add_argument("--part", help="only this part of the assignment")

    nested = commands.add_parser("rubric", help="about the rubric's form")
    forms = nested.add_subparsers(metavar="COMMAND", required=True)
    one = forms.add_parser("schema", help="print the JSON Schema of rubric.yaml, for editors")
    one.set_defaults(command=schema)

    nested = commands.add_parser("cache", help="about the trainings that are kept for later runs")
    actions = nested.add_subparsers(metavar="COMMAND", required=True)
    for name, clear, text in (
        ("show", False, "say what is kept, and where"),
        ("clear", True, "remove all that is kept"),
    ):
        one = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        _cache(one)
        one.set_defaults(command=cache, clear=clear)

    one = _command(commands, "verify", verify, "test the rubric: mistakes must lose points, another style must not")
    one.add_argument("--part", help="only this part of the assignment")
    one.add_argument("--quick", action="store_true", help="on a few hundred samples of the data, within 2 minutes")
    one.add_argument("--format", choices=["text", "json"], default="text", help="default: text")
    _place(one)
    _jobs(one)
    _cache(one)

    _command(commands, "doctor", doctor, "say what this machine has and what is missing")
    return top


def _command(
    group: argparse._SubParsersAction[argparse.ArgumentParser], name: str, command: Command, text: str
) -> argparse.ArgumentParser:
    added = group.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    added.add_argument("--rubric", type=Path, default=Path("rubric.yaml"), help="default: rubric.yaml")
    added.set_defaults(command=command)
    return added


def _place(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--device",
        choices=["auto", "cpu", "gpu"],
        default="auto",
        help="auto (default): as the rubric says, else what the recording was made on",
    )
    command.add_argument(
        "--isolation",
        choices=["auto", "bubblewrap", "landlock", "none"],
        default="auto",
        help="what keeps notebooks apart from this machine; auto (default): the strongest that works here",
    )


def _economy(command: argparse.ArgumentParser) -> None:
    """Options that change how long a class takes, and no grade."""
    _jobs(command)
    command.add_argument("--fresh", action="store_true", help="forget what an earlier run into --out has finished")
    command.add_argument(
        "--audit",
        type=_share,
        default=0.0,
        metavar="SHARE",
        help="of the shared trainings, do so many again in their own kernels and report differences, such as 5%%",
    )
    command.add_argument("--cold", action="store_true", help="start an interpreter of its own for every notebook")
    _sharing(command)


def _sharing(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--no-sharing",
        dest="sharing",
        action="store_false",
        help="let every notebook train by itself, even where another one has trained exactly the same",
    )
    _cache(command)


def _jobs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--jobs", type=_positive, help="notebooks that run at once (default: as cores and memory allow)"
    )


def _cache(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cache", type=Path, metavar="DIR", help="where trainings are kept (default: ~/.cache/grader/fits)"
    )


def _share(text: str) -> float:
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a share such as 5% or 0.05")
    return share


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1")
    return number
