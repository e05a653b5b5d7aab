"""What the assignment and the sandbox give to a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

CONTENT = "/content"


@dataclass(frozen=True)
class Given:
    """`work` is the working folder; `data` maps the names that the rubric lists to files."""

    work: str
    data: Mapping[str, str] = field(default_factory=dict)

    def place(self, path: str) -> str:
        """Where a path lies that may begin with Colab's working folder."""
        pure = PurePosixPath(path)
        if pure.is_relative_to(CONTENT):
            return str(PurePosixPath(self.work, pure.relative_to(CONTENT)))
        return path

    def provides(self) -> str:
        return ", ".join(f"'{name}'" for name in sorted(self.data)) or "no data"
