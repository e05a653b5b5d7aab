"""Exit codes that are no error's."""

from __future__ import annotations

CHECK_FAILED = 1
INTERRUPTED = 130
