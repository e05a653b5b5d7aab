"""(a) What one more notebook costs, where the notebook itself does next to nothing.

The grader's cost is a slope: a class of `few + more` against a class of `few`, over `more`; what a run costs once
(its own start, the reference) stands in both and cancels out. The peers have no such start: each notebook is
a command of its own, and that is how loops over a class are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import classroom, course, peers, report
from benchmarks.clock import BenchmarkError
from benchmarks.grading import grade
from benchmarks.report import Row, Section

SOURCE = "import keras\nprint({text!r}, keras.__version__)"
WARM_SECONDS = 0.45
WARM_RATIO = 8.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """`few` notebooks stand in both classes, `more` in the larger; `repeats` medians are taken over."""

    few: int
    more: int
    repeats: int


FULL = {"warm": Sizes(2, 12, 5), "cold": Sizes(1, 4, 3), "peer": Sizes(0, 1, 5)}
QUICK = {"warm": Sizes(1, 4, 1), "cold": Sizes(1, 2, 1), "peer": Sizes(0, 1, 1)}


def section(folder: Path, sizes: dict[str, Sizes]) -> Section:
    trivial = course.trivial(folder / "course", SOURCE.format(text="reference"))
    warm = slope(trivial, folder / "warm", sizes["warm"])
    cold = slope(trivial, folder / "cold", sizes["cold"], "--cold")
    rows = [
        Row("grader, warm", report.seconds(warm), _about(sizes["warm"], "grader grade --jobs 1")),
        Row("grader, cold", report.seconds(cold), _about(sizes["cold"], "grader grade --jobs 1 --cold")),
        *_against(warm, folder, sizes["peer"].repeats),
        report.at_most("a notebook, warm", warm, WARM_SECONDS, "process start to grade, one at a time"),
    ]
    told = "A notebook that imports Keras and prints one line; seconds for each notebook, medians."
    return Section("(a) Overhead a notebook", told, tuple(rows))


def _about(sizes: Sizes, command: str) -> str:
    small, large = sizes.few, sizes.few + sizes.more
    return f"`{command}`: class of {large} less class of {small}, over {sizes.more}; median of {sizes.repeats}"


def slope(trivial: course.Course, folder: Path, sizes: Sizes, *options: str) -> float:
    """Seconds that one more notebook costs; the median of repeated pairs."""
    small, large = (_class(folder, size) for size in (sizes.few, sizes.few + sizes.more))
    found = []
    for number in range(sizes.repeats):
        took = [
            _graded(trivial, members, folder / f"{members.name}-{number}", *options) for members in (small, large)
        ]
        found.append((took[1] - took[0]) / sizes.more)
    return median(found)


def _graded(trivial: course.Course, members: Path, out: Path, *options: str) -> float:
    graded = grade(trivial, members, out, "--jobs", "1", *options)
    if set(graded.statuses) != {"graded"}:
        raise BenchmarkError(f"trivial notebooks ended as {dict(graded.statuses)}")
    return graded.seconds


def _class(folder: Path, size: int) -> Path:
    """No two notebooks are the same: each prints its student's name."""
    submissions = folder / f"class{size}"
    for number in range(size):
        name = f"s{number + 1:02}"
        (submissions / name).mkdir(parents=True)
        text = classroom.notebook([("code", SOURCE.format(text=name))])
        (submissions / name / classroom.FILE).write_text(text, "utf-8")
    return submissions


def _against(warm: float, folder: Path, repeats: int) -> Iterator[Row]:
    notebook = _class(folder / "peers", 1) / "s01" / classroom.FILE
    for peer, command in (
        (peers.papermill(), "papermill in.ipynb out.ipynb"),
        (peers.nbconvert(), "jupyter nbconvert --execute"),
    ):
        name = f"{peer.name} {peer.version}"
        if peer.program is None:
            yield Row(peer.name, "missing", peers.MISSING)
            continue
        took = median(peer.run(notebook).seconds for _ in range(repeats))
        yield Row(
            name, report.seconds(took), f"`{command}`, median of {repeats}; {report.times(took / warm)} the warm"
        )
        if peer.name == "papermill":
            yield report.at_least("papermill against warm", took / warm, WARM_RATIO)
