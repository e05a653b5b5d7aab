"""`python -m benchmarks`: measures everything, prints it in words, and keeps the full run in results.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import classes, machine, overhead, peers, report
from benchmarks.clock import BenchmarkError, timed
from benchmarks.course import ROOT
from benchmarks.report import Row, Section

RESULTS = Path(__file__).with_name("results.md")
QUICK_IMAGES = (3_000, 500)
LEDGER_SECONDS, LEDGER_MB, LEDGER_GRADES = 10.0, 300.0, 10_000
LEDGER = "import json; from benchmarks import ledger; print(json.dumps(ledger.measure()))"
PAGES_SECONDS, PAGE_KB, STUDENTS, QUICK_STUDENTS = 60.0, 300.0, 1_000, 50
PAGES = "import json; from benchmarks import pages; print(json.dumps(pages.measure({})))"
ALL = "abcde"

Part = Callable[[Path, bool], Section]


def main() -> int:
    options = _options()
    to = options.results or (None if options.quick or options.parts != ALL else RESULTS)
    head, told, sections = _head(), _told(quick=options.quick, parts=options.parts), []
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as folder:
        for name in options.parts:
            _say(f"measuring ({name})")
            sections.append(_measured(name, Path(folder) / name, quick=options.quick))
            if to is not None:  # after each part: a later one that fails must not cost an hour's figures
                to.write_text(report.page(head, sections, told), "utf-8")
    print(report.page(head, sections, told))
    return 0 if all(section.rows for section in sections) else 1


def _measured(name: str, folder: Path, *, quick: bool) -> Section:
    """A part that fails has no rows, and says why; the others are measured all the same."""
    try:
        return PARTS[name](folder, quick)
    except BenchmarkError as error:
        print(f"({name}) cannot be measured: {error}", file=sys.stderr)
        return Section(f"({name})", f"Not measured: {str(error).splitlines()[0]}", ())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few images and few repeats: minutes, not an hour")
    parser.add_argument(
        "--parts", type=_parts, default=ALL, help=f"which to measure, such as 'ac' (default: {ALL})"
    )
    help_text = "where to write (default: benchmarks/results.md for all parts in full, else only the screen)"
    parser.add_argument("--results", type=Path, help=help_text)
    return parser.parse_args()


def _parts(text: str) -> str:
    unknown = sorted(set(text) - set(PARTS))
    if unknown or not text:
        raise argparse.ArgumentTypeError(f"'{text}' names parts other than {', '.join(PARTS)}")
    return text


def _say(text: str) -> None:
    print(f"{datetime.now(tz=UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def _head() -> dict[str, str]:
    """Described at the start, since the load is."""
    versions = {peer.name: peer.version for peer in (peers.papermill(), peers.nbconvert())}
    return {"date": f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC"} | machine.described() | versions


def _told(*, quick: bool, parts: str) -> str:
    switches = (" --quick" if quick else "") + ("" if parts == ALL else f" --parts {parts}")
    size = (
        f"The data is cut to {QUICK_IMAGES[0]} images and repeats are few, so the figures say little.\n"
        if quick
        else ""
    )
    return (
        f"Made by `python -m benchmarks{switches}` (`make bench` is the full one), one run on one machine.\n{size}"
        "Peers only run a notebook; the grader runs it in a sandbox, watches it, grades it and writes its tables."
    )


def _overhead(folder: Path, quick: bool) -> Section:  # noqa: FBT001 - the form of every part
    return overhead.section(folder, overhead.QUICK if quick else overhead.FULL)


def _mixed(folder: Path, quick: bool) -> Section:  # noqa: FBT001 - the form of every part
    return classes.mixed(folder, QUICK_IMAGES if quick else None)


def _ledger(folder: Path, quick: bool) -> Section:  # noqa: FBT001, ARG001 - the form of every part
    """In a process of its own: peak memory is a process's."""
    found = json.loads(timed([sys.executable, "-c", LEDGER], ROOT).output.splitlines()[-1])
    rows = (
        report.at_most("time", found["seconds"], LEDGER_SECONDS, "to store them and write every table"),
        Row(
            "to reach: memory",
            f"{found['peak_mb']:.0f} MB of {LEDGER_MB:.0f} MB",
            "reached" if found["peak_mb"] < LEDGER_MB else "MISSED",
        ),
    )
    return Section(f"(c) Ledger and scores of {LEDGER_GRADES} grades", "Synthetic grades; no notebook runs.", rows)


def _long(folder: Path, quick: bool) -> Section:  # noqa: FBT001 - the form of every part
    return classes.long(folder, QUICK_IMAGES if quick else None)


def _pages(folder: Path, quick: bool) -> Section:  # noqa: FBT001, ARG001 - the form of every part
    count = QUICK_STUDENTS if quick else STUDENTS
    found = json.loads(timed([sys.executable, "-c", PAGES.format(count)], ROOT).output.splitlines()[-1])
    rows = (
        report.at_most("report", found["seconds"], PAGES_SECONDS, f"the index and {count} students' pages"),
        Row("feedback", report.seconds(found["feedback_seconds"]), f"{count} students' files"),
        report.at_most_kb("index", found["index"], PAGE_KB, f"a table of {count} students"),
        report.at_most_kb("largest page", found["page"], PAGE_KB, "score card, layers, curves"),
    )
    return Section(f"(e) The report of a class of {count}", "Synthetic grades; no notebook runs.", rows)


PARTS: dict[str, Part] = {"a": _overhead, "b": _mixed, "c": _ledger, "d": _long, "e": _pages}

if __name__ == "__main__":
    sys.exit(main())
