"""The project's own rules, held where everybody runs into them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports", "--no-cache"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_tree_passes(command: list[str]) -> None:
    done = subprocess.run([TOOLS / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = "{'pandas', 'pydantic', 'rich', 'numpy', 'scipy', 'yaml', 'tensorflow', 'ast_grep_py'}"
    code = f"import sys; import grader.cli as c; c.parser().format_help(); print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_lock_file_names_no_index_and_has_a_hash_for_everything() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert "://" not in text
    assert "--index-url" not in text
    assert len(pinned) > 100
    assert all("==" in line and line.endswith("\\") for line in pinned)
