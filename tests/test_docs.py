"""What README and docs say: every link leads somewhere, every command line can be given, nothing is left out."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from grader.commandline import parser
from grader.commandline.examples import leaves

ROOT = Path(__file__).parents[1]
FILES = (ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")))
PAGES = {str(page.relative_to(ROOT)): page.read_text("utf-8") for page in FILES}
LEAVES = dict(leaves(parser()))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SHOWN = re.compile(r"^(?: {4}|- run: )(?:\.venv/bin/)?(grader .*)$", re.MULTILINE)
SPOKEN = re.compile(r"`(grader [^`]+)`")
CUT = re.compile(r" {2,}.*| #.*| >.*")
REMARKS = {"...", "NOTEBOOK...", "COMMAND"}


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: str) -> None:
    lost = []
    for link in LINK.findall(prose(PAGES[page])):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        known = PAGES.get(str(target.relative_to(ROOT)), "") if anchor else ""
        if not target.is_file() or (anchor and anchor not in anchors(known)):
            lost.append(link)
    assert lost == []


def test_the_readme_leads_to_every_page_of_the_docs() -> None:
    linked = set(LINK.findall(PAGES["README.md"]))
    there = {str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*") if file.is_file()}
    assert there - linked == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_command_line_that_is_shown_can_be_given(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    for line in SHOWN.findall(PAGES[page]):
        words = shlex.split(CUT.sub("", line).replace("$CLASSROOM50_BUNDLE_DIR", "bundle"))[1:]
        try:
            parser().parse_args(words)
        except SystemExit:
            pytest.fail(f"{page}: {line!r}: {capsys.readouterr().err}")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_spoken_of_exists_with_its_options(page: str) -> None:
    for spoken in SPOKEN.findall(PAGES[page].replace("\n", " ")):
        words = spoken.split()[1:]
        if words[0].startswith("-") or set(words) & REMARKS or "|" in words[0]:
            continue
        name = " ".join(words[:2]) if " ".join(words[:2]) in LEAVES else words[0]
        nested = [leaf for leaf in LEAVES if leaf == name or leaf.startswith(f"{name} ")]
        assert nested, f"{page}: {spoken}"
        known = {option for leaf in nested for option in LEAVES[leaf]._option_string_actions}
        options = {word.partition("=")[0].rstrip(".,") for word in words if word.startswith("--")}
        assert options <= known, f"{page}: {spoken}"


def test_the_page_of_commands_has_every_command() -> None:
    rows = " ".join(re.findall(r"^\| (`grader .*?) \|", PAGES["docs/commands.md"], re.MULTILINE))
    assert [name for name in LEAVES if f"`grader {name}" not in rows] == []


def test_the_screenshot_is_a_picture_of_something() -> None:
    with Image.open(ROOT / "docs" / "report.png") as picture:
        assert picture.size[0] >= 800
        colours = picture.convert("RGB").getcolors(2**24)
    assert colours is not None
    assert len(colours) > 100
