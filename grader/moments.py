"""Points in time as people and systems write them; never without a zone.

"2026-05-01 23:59 Europe/Berlin", "2026-05-01T23:59:00+02:00", "2026-05-01 21:59:00.123456789 Z". Abbreviations such
as EST or CST stand for several zones, and are not read.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

EXPECTED: Final = "a date, a time and a zone, such as '2026-05-01 23:59 Europe/Berlin' or '2026-05-01T23:59+02:00'"
LONGEST: Final = 100
_MOMENT: Final = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ] ?(?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d{1,12}))?"
    r" ?(?P<zone>Z|z|UTC|GMT|[+-]\d\d:?\d\d(?::\d\d)?|[+-]\d\d|[A-Za-z_]{2,30}(?:/[A-Za-z0-9_+-]{1,30}){1,2})?",
    re.ASCII,
)
_UTC: Final = {"Z", "z", "UTC", "GMT"}


def read(text: str, zone: tzinfo | None = None) -> datetime | None:
    """The point in time; one that names no zone is of `zone`. None for what is none, whatever the text holds."""
    match = _MOMENT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if match is None:
        return None
    written = _zone(match["zone"]) if match["zone"] else zone
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(f"{match['date']}T{match['time']}").replace(tzinfo=written)
        found += timedelta(microseconds=int((match["fraction"] or "0")[:6].ljust(6, "0")))
        found.astimezone(UTC)  # what has no offset there, or lies outside of the calendar in UTC, says so now
    except (ValueError, OverflowError, OSError):
        return None
    return found


def _zone(text: str) -> tzinfo | None:
    if text in _UTC:
        return timezone.utc  # noqa: UP017 - named as the kind that the others are
    if text[0] in "+-":
        return _offset(text)
    try:
        return ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        return None


def _offset(text: str) -> tzinfo | None:
    digits = text[1:].replace(":", "").ljust(6, "0")
    found = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:6]))
    try:
        return timezone(-found if text[0] == "-" else found)
    except ValueError:
        return None
