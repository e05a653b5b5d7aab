"""Notebooks as files with saved outputs, for the tests of what is read of those."""

from __future__ import annotations

from pathlib import Path
from typing import Any

PRINTED = Path(__file__).parent / "printed"
OUTPUT = (PRINTED / "Output.txt").read_text("utf-8")
TABLE, HISTORY = OUTPUT.split("Train on")[0], OUTPUT.splitlines(keepends=True)[-1]
CODE = "import numpy as np\nepochs = 12\nnp.random.seed(0)\n"

Json = dict[str, Any]


def stream(text: str) -> Json:
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def code_cell(source: str, *outputs: Json, count: int | None = 1) -> Json:
    return {"cell_type": "code", "metadata": {}, "source": source, "execution_count": count, "outputs": [*outputs]}


def notebook(*cells: Json) -> Json:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [*cells]}


def old_notebook(*texts: str) -> Json:
    """As nbformat 3 has it: each text the result of a cell."""
    cells = [
        {
            "cell_type": "code",
            "input": [CODE],
            "prompt_number": 1,
            "outputs": [{"output_type": "pyout", "prompt_number": 1, "text": [text]}],
        }
        for text in texts
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}


def displayed(text: str) -> Json:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/plain": [text], "image/png": "AAAA"}}
