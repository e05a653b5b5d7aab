"""Prints where the students' interpreter lives, as one JSON line; started by path, like the harness."""

from __future__ import annotations

import json
import sys


def main() -> None:
    prefixes = [sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix]
    print(json.dumps({"executable": sys.executable, "prefixes": prefixes}))  # noqa: T201 - its answer
