from __future__ import annotations

import base64
import json
import os
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader.report.executed import Pages

SAMPLES = Path(__file__).parents[1] / "submissions"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
ATTACKS = [
    "<script>alert(1)</script>",
    '<script src="https://x.example/x.js"></script>',
    '<img src="x" onerror="alert(1)">',
    '<img src="https://x.example/x.png">',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    '<a href="javascript:alert(1)">x</a>',
    '<meta http-equiv="refresh" content="0; url=https://x.example">',
    '<iframe src="https://x.example" srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="https://x.example"></object><embed src="https://x.example">',
    "<style>@import 'https://x.example/x.css'; body { background: url(https://x.example) }</style>",
    '<link rel="stylesheet" href="https://x.example/x.css"><base href="https://x.example/">',
    '<form action="https://x.example"><button formaction="javascript:alert(1)">x</button></form>',
    '<div style="background: url(https://x.example)">x</div>',
    "</pre></div></main></body></html><script>alert(1)</script>",
    "]]><!--<script>alert(1)</script>-->",
    '[x](javascript:alert(1)) ![x](https://x.example/x.png) <https://x.example/> [x](https://x.example "y")',
    "![x](attachment:x.svg) ![y](attachment:y.png) ![z](attachment:gone)",
    "```mermaid\n</pre><script>alert(1)</script>\n```\n\n```<script>\nx\n```",
    "$</script><script>alert(1)</script>$",
    "{{ cell }} {% include '/etc/passwd' %}",
]
TEXTS = ["text/plain", "text/html", "text/markdown", "text/latex", "application/javascript", "image/svg+xml"]
BAD_METADATA: dict[str, Any] = {
    "isolated": True,
    "text/html": {"isolated": True},
    "image/png": {"width": '1 onload="alert(1)"', "height": [], "alt": '"><script>alert(1)</script>'},
    "filenames": {"image/png": "https://x.example/x.png"},
    "tags": ["hide_input", '"><script>alert(1)</script>', 3],
}


def render(source: Path, destination: Path, timeout: float = 60.0) -> str:
    with Pages() as pages:
        return pages.render(source, destination, timeout)


class Page(HTMLParser):
    """What a browser would act on."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> set[str]:
        return {value for _, attribute, value in self.attributes if attribute == name}


def write(folder: Path, *cells: object, **metadata: object) -> Path:
    path = folder / "executed.ipynb"
    book = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book), encoding="utf-8")
    return path


def attacked(attack: str, number: int) -> list[dict[str, Any]]:
    attachments = {"x.svg": {"image/svg+xml": "PHN2Zz4="}, "y.png": {"image/png": PNG}}
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": attack, "text": attack},
        {"output_type": "error", "ename": attack, "evalue": attack, "traceback": [f"\x1b[31m{attack}\x1b[0m"]},
        {
            "output_type": "display_data",
            "metadata": BAD_METADATA,
            "data": {"image/png": attack, "image/jpeg": attack},
        },
        {"output_type": "display_data", "metadata": BAD_METADATA, "data": {"image/png": PNG}},
        *({"output_type": "execute_result", "metadata": BAD_METADATA, "data": {kind: attack}} for kind in TEXTS),
    ]
    count = attack if number % 2 else number
    return [
        {"cell_type": "markdown", "id": attack, "metadata": {}, "source": attack, "attachments": attachments},
        {"cell_type": "raw", "id": "b", "metadata": {"raw_mimetype": "text/html"}, "source": attack},
        {
            "cell_type": "code",
            "metadata": BAD_METADATA,
            "source": attack,
            "outputs": outputs,
            "execution_count": count,
        },
    ]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Page:
    folder = tmp_path_factory.mktemp("hostile")
    cells = [cell for number, attack in enumerate(ATTACKS) for cell in attacked(attack, number)]
    source = write(
        folder,
        *cells,
        title=ATTACKS[0],
        widgets={"application/vnd.jupyter.widget-state+json": {"state": ATTACKS[0]}},
        language_info={"name": ATTACKS[0], "pygments_lexer": ATTACKS[0]},
    )
    assert render(source, folder / "page.html") == ""
    return Page(folder / "page.html")


def test_a_hostile_page_has_no_element_that_runs_or_fetches(hostile: Page) -> None:
    forbidden = {
        "script",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "link",
        "base",
        "form",
        "input",
        "button",
        "video",
    }
    assert not forbidden & set(hostile.tags)
    assert [hostile.tags.count(tag) for tag in ("html", "head", "meta", "title", "style", "body", "main")] == [
        *(1, 1, 4, 1, 1, 1, 1)
    ]


def test_a_hostile_page_has_no_handlers_and_no_addresses_but_guarded_links(hostile: Page) -> None:
    assert not [name for _, name, _ in hostile.attributes if name.startswith("on")]
    assert {name for _, name, _ in hostile.attributes} <= {
        *(
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "class",
            "id",
            "style",
            "href",
            "rel",
            "title",
            "src",
            "alt",
        )
    }
    assert hostile.values("href") == {"https://x.example/", "https://x.example"}
    assert hostile.values("rel") == {"noopener noreferrer"}
    assert hostile.values("src") == {f"data:image/png;base64,{PNG}"}
    assert not [style for style in hostile.values("style") if "url" in style]


def test_a_hostile_page_carries_the_policy_before_anything_else(hostile: Page) -> None:
    metas = [attribute for attribute in hostile.attributes if attribute[0] == "meta"]
    assert metas[:3] == [
        ("meta", "charset", "utf-8"),
        ("meta", "http-equiv", "Content-Security-Policy"),
        ("meta", "content", POLICY),
    ]
    assert hostile.values("http-equiv") == {"Content-Security-Policy"}


def test_what_was_tried_is_still_there_to_read(hostile: Page) -> None:
    assert hostile.text.count('<img src="x" onerror="alert(1)">') >= 3


def test_a_sample_s_page_shows_code_output_and_error(tmp_path: Path) -> None:
    source = SAMPLES / "noor" / "noor_assignment0_final.ipynb"
    assert render(source, tmp_path / "page.html") == ""
    page = Page(tmp_path / "page.html")
    assert page.tags[:2] == ["html", "head"]
    assert page.values("lang") == {"en"}
    assert "noor_assignment0_final.ipynb" in page.text
    assert "np.random.seed(0)" in page.text
    assert "│ conv2d_1 (Conv2D)               │ (None, 24, 24, 64)     │        18,496 │" in page.text
    assert "NameError: name 'history' is not defined" in page.text
    assert list(tmp_path.iterdir()) == [tmp_path / "page.html"]


def test_markdown_is_set_with_headings_and_lists(tmp_path: Path) -> None:
    assert render(SAMPLES / "amal" / "assignment0.ipynb", tmp_path / "page.html") == ""
    page = Page(tmp_path / "page.html")
    assert page.tags.count("h2") == 5
    assert page.tags.count("li") == 3


def test_a_title_is_text(tmp_path: Path) -> None:
    source = write(tmp_path).rename(tmp_path / "<b>&{style}.ipynb")
    assert render(source, tmp_path / "page.html") == ""
    page = Page(tmp_path / "page.html")
    assert "b" not in page.tags
    assert page.text.count("<b>&{style}.ipynb") == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b'{"cells": 3}', b"[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_not_a_notebook_gives_a_reason_and_no_page(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "executed.ipynb"
    source.write_bytes(content)
    reason = render(source, tmp_path / "page.html")
    assert reason != ""
    assert "\n" not in reason
    assert len(reason) <= 300
    assert not (tmp_path / "page.html").exists()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    source = tmp_path / "executed.ipynb"
    with source.open("wb") as file:
        file.truncate(1024**3)
    assert render(source, tmp_path / "page.html") == "ValueError: it holds more than 32 MiB"


def test_neither_a_pipe_nor_a_link_is_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "link.ipynb").symlink_to(SAMPLES / "bao.ipynb")
    assert render(tmp_path / "pipe.ipynb", tmp_path / "page.html") == "ValueError: it is not a regular file"
    assert render(tmp_path / "link.ipynb", tmp_path / "page.html").startswith("OSError: [Errno 40]")


def test_a_huge_output_makes_a_small_page(tmp_path: Path) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 20_000_000}
    source = write(tmp_path, {"cell_type": "code", "metadata": {}, "source": "", "outputs": [output]})
    assert render(source, tmp_path / "page.html") == ""
    assert (tmp_path / "page.html").stat().st_size < 200_000


def test_a_process_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    started = time.monotonic()
    assert render(SAMPLES / "bao.ipynb", tmp_path / "page.html", timeout=0.05) == "no page was made in 0.05 seconds"
    assert time.monotonic() - started < 5
    assert list(tmp_path.iterdir()) == []


def test_the_current_folder_and_the_home_folder_add_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nbformat.py").write_text("raise SystemExit(7)", encoding="utf-8")
    templates = tmp_path / ".local/share/jupyter/nbconvert/templates/basic"
    templates.mkdir(parents=True)
    (templates / "index.html.j2").write_text("<script>alert(1)</script>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / ".local/share/jupyter"))
    assert render(SAMPLES / "bao.ipynb", tmp_path / "page.html") == ""
    assert "script" not in Page(tmp_path / "page.html").tags
