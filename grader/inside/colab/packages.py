"""What `pip install` is answered: nothing can be installed, and much of it need not be."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?P<version>[<>=!~][^;#]*)?")
# Options that are followed by a value of their own.
VALUED = (
    *("-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target"),
    *("--prefix", "--root", "--src", "--platform", "--python-version", "--implementation", "--abi", "--proxy"),
    *("--upgrade-strategy", "--progress-bar", "--timeout", "--retries", "--trusted-host", "--cache-dir", "--log"),
    *("--global-option", "--config-settings", "--no-binary", "--only-binary"),
)
LISTED = ("-r", "--requirement")
LINKED = ("git+", "http:", "https:", "file:", ".", "/")
# Distributions that are another one under an older or narrower name.
ALSO = {
    "tensorflow-gpu": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tf-nightly": "tensorflow",
    "tf-keras": "keras",
    "sklearn": "scikit-learn",
}
STANDING_IN = frozenset({"tqdm", "ipywidgets", "gdown", "scikit-learn", "tensorflow-datasets"})
ALONE = "nothing can be installed while a notebook is graded"
MAX_LINES = 1_000  # of a file of requirements

Version = Callable[[str], str]


@dataclass(frozen=True)
class Answer:
    """What a program prints, and its exit code."""

    text: str
    code: int = 0


def answer(words: Sequence[str], version: Version) -> Answer | None:
    """Of `pip` with these arguments; None where it does what it can by itself.

    `version` says which one of a distribution is installed; empty for none.
    """
    verbs = [word for word in words if not word.startswith("-")]
    match verbs[:1]:
        case ["install"]:
            told = [_told(one, version) for one in _asked(words[words.index("install") + 1 :])]
            text = "".join(f"{answer.text}\n" for answer in told) or "grader: nothing was named to install\n"
            return Answer(text, max((answer.code for answer in told), default=0))
        case ["uninstall"]:
            return Answer("grader: nothing is uninstalled while a notebook is graded\n")
        case ["download" | "wheel"]:
            return Answer(f"ERROR: {ALONE}: there is no network\n", 1)
        case _:
            return None


def _asked(words: Sequence[str]) -> Iterator[str]:
    """Requirements, those in files among them."""
    left = iter(words)
    for word in left:
        if word in LISTED:
            yield from _lines(next(left, ""))
        elif word.startswith("--requirement="):
            yield from _lines(word.partition("=")[2])
        elif word in VALUED:
            next(left, None)
        elif not word.startswith("-"):
            yield word


def _lines(path: str) -> Iterator[str]:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for line in Path(path).read_text("utf-8").splitlines()[:MAX_LINES]:
            requirement = line.partition("#")[0].strip()
            if requirement and not requirement.startswith("-"):
                yield requirement
        return
    yield path


def _told(requirement: str, version: Version) -> Answer:
    parts = None if requirement.startswith(LINKED) else REQUIREMENT.match(requirement)
    if parts is None:
        return Answer(f"ERROR: {requirement!r} cannot be fetched: {ALONE}, and there is no network", 1)
    name = parts["name"].lower().replace("_", "-").replace(".", "-")
    real = ALSO.get(name, name)
    found, asked = version(real), (parts["version"] or "").strip()
    if found:
        used = f"{real} {found} is installed, and is used"
        other = f"; the version '{asked}' cannot be installed" if asked and not _fits(found, asked) else ""
        return Answer(f"grader: {used}{other}")
    if real in STANDING_IN:
        return Answer(f"grader: '{real}' is not installed; what notebooks use most of it is there all the same")
    return Answer(
        f"ERROR: '{real}' is not installed, and {ALONE}; use the packages that the assignment provides", 1
    )


def _fits(found: str, asked: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(asked).contains(found, prereleases=True)
    except InvalidSpecifier:
        return False
