"""Options, as what `batch` is told by them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.batch import Wanted
    from grader.runner import Means


def wanted(options: argparse.Namespace) -> Wanted:
    from grader.batch import Wanted
    from grader.model import DeviceChoice, Isolation

    isolation = None if options.isolation == "auto" else Isolation(options.isolation)
    return Wanted(DeviceChoice(options.device), isolation)


def means(options: argparse.Namespace) -> Means:
    from grader.runner import Means

    return Means(options.jobs, options.sharing, options.cache, options.audit, warm=not options.cold)
