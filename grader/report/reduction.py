"""A hostile notebook, reduced to a plain one that a page can be made of.

Nothing of the old notebook's structure is kept: cells and outputs are built anew from texts, whole numbers and
images that are what they claim to be. Metadata, identifiers, widgets, scripts and drawings that may hold scripts
stay behind, and with them what nbconvert would take from them for the page.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from nbformat import NotebookNode, v4

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_AT_ONCE = 100_000  # characters of one text; a training's whole progress is a tenth of it
_MOST_OF_ALL = 4_000_000  # characters of one page, so that it opens at once
_OVERHEAD = 2_000  # characters that a cell or an output costs, however short
_LEFT_OUT = "\n[… the rest is left out here; the executed notebook has it]"
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
_ATTACHMENT = re.compile(r"attachment:([^\s()<>\[\]\"'\\]*)")


@dataclass
class Allowance:
    """How many characters the page may still take."""

    left: int = _MOST_OF_ALL

    def take(self, text: str) -> str:
        most = max(0, min(_MOST_AT_ONCE, self.left))
        self.left -= min(len(text), most) + _OVERHEAD
        return text if len(text) <= most else text[:most] + _LEFT_OUT

    @property
    def spent(self) -> bool:
        return self.left <= 0


def reduce(notebook: NotebookNode) -> NotebookNode:
    """The cells that can be shown, in a notebook of version 4 with metadata of our own."""
    language = {"name": "python", "pygments_lexer": "ipython3"}
    cells = list(_cells(_items(notebook.get("cells")), Allowance()))
    reduced: NotebookNode = v4.new_notebook(cells=cells, metadata={"language_info": language})
    return reduced


def _cells(cells: list[dict[str, Any]], allowance: Allowance) -> Iterator[NotebookNode]:
    for number, cell in enumerate(cells, 1):
        if allowance.spent:
            yield v4.new_markdown_cell(_LEFT_OUT, id=f"cell-{number}")
            return
        source = allowance.take(_text(cell.get("source")))
        match cell.get("cell_type"):
            case "code":
                outputs = list(_outputs(_items(cell.get("outputs")), allowance))
                count = _count(cell.get("execution_count"))
                yield v4.new_code_cell(source, id=f"cell-{number}", execution_count=count, outputs=outputs)
            case "markdown":
                yield _markdown(source, cell.get("attachments"), f"cell-{number}")
            case _:
                yield v4.new_raw_cell(source, id=f"cell-{number}")


def _markdown(source: str, attachments: object, identifier: str) -> NotebookNode:
    """A markdown cell whose attachments are called by number: nbconvert stops at a name that it cannot find."""
    named = attachments if isinstance(attachments, dict) else {}
    images = {name: image for name, data in named.items() if (image := _image(data)) is not None}
    numbers = {name: str(number) for number, name in enumerate(images)}

    def renamed(reference: re.Match[str]) -> str:
        return f"attachment:{numbers[reference[1]]}" if reference[1] in numbers else "missing"

    kept = {numbers[name]: image for name, image in images.items()}
    text = _ATTACHMENT.sub(renamed, source)
    cell: NotebookNode = v4.new_markdown_cell(text, id=identifier, attachments=kept)
    return cell


def _outputs(outputs: list[dict[str, Any]], allowance: Allowance) -> Iterator[NotebookNode]:
    for output in _joined(outputs):
        if allowance.spent:
            return
        match output.get("output_type"):
            case "stream":
                text = allowance.take(_as_on_screen(output["text"]))
                yield v4.new_output("stream", name=output["name"], text=text)
            case "error":
                yield _error(output, allowance)
            case "display_data" | "execute_result":
                data = _shown(output.get("data"), allowance)
                yield v4.new_output("display_data", data=data)
            case _:
                continue


def _joined(outputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Pieces of one stream that follow each other belong together: a progress bar comes in hundreds."""
    for stream, group in groupby(enumerate(outputs), key=_stream_or_place):
        if isinstance(stream, str):
            text = "".join(_text(output.get("text")) for _, output in group)
            yield {"output_type": "stream", "name": stream, "text": text}
        else:
            yield from (output for _, output in group)


def _stream_or_place(numbered: tuple[int, dict[str, Any]]) -> str | int:
    place, output = numbered
    if output.get("output_type") != "stream":
        return place
    return "stderr" if output.get("name") == "stderr" else "stdout"


def _error(output: dict[str, Any], allowance: Allowance) -> NotebookNode:
    name, value = _text(output.get("ename")), _text(output.get("evalue"))
    traceback = output.get("traceback")
    lines = [_text(line) for line in traceback] if isinstance(traceback, list) else []
    text = allowance.take("\n".join(lines) or f"{name}: {value}")
    error: NotebookNode = v4.new_output("error", ename="", evalue="", traceback=[text])
    return error


def _shown(data: object, allowance: Allowance) -> dict[str, str]:
    """The one form of an output that says most, of those that are safe to show."""
    forms = data if isinstance(data, dict) else {}
    html, plain = _text(forms.get("text/html")), _text(forms.get("text/plain"))
    image = _image(forms)
    needs_scripts = "<script" in html.lower()
    if html and not (needs_scripts and (image or plain)):
        return {"text/html": allowance.take(html)}
    if image is not None:
        allowance.take("")
        return image
    markdown = _text(forms.get("text/markdown"))
    if markdown:
        return {"text/markdown": allowance.take(_ATTACHMENT.sub("missing", markdown))}
    return {"text/plain": allowance.take(_as_on_screen(plain or _text(forms.get("text/latex"))))}


def _image(forms: object) -> dict[str, str] | None:
    """The image among `forms`, in canonical base64, if it begins as its type says."""
    if not isinstance(forms, dict):
        return None
    for kind, magic in _MAGIC.items():
        encoded = "".join(_text(forms.get(kind)).split())
        try:
            image = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            continue
        if image.startswith(magic):
            return {kind: base64.b64encode(image).decode()}
    return None


def _as_on_screen(text: str) -> str:
    """What a terminal shows in the end: a carriage return writes over the line."""
    return "\n".join(_last_written(line) for line in text.split("\n"))


def _last_written(line: str) -> str:
    written = line.replace("\b", "").split("\r")
    return next((piece for piece in reversed(written) if piece.strip()), "")


def _text(value: object) -> str:
    """A text, also one stored as a list of lines, that can be encoded; empty for anything else."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _items(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6 else None
