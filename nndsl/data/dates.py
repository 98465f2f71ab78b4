"""Moments in tables: how they are written, and what numbers are made of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S", "T%H:%M:%SZ", " %H:%M:%S.%f")
FORMATS = tuple(day + time for time in _TIMES for day in _DAYS)
PERIODS = (365.2425, 7, 1)  # days: a year, a week, a day
DATE_PARTS = """
def date_parts(value, form):
    \"\"\"Return the years since 2000, and where the moment lies on the circles of time.\"\"\"
    when = datetime.datetime.strptime(value, form)
    days = (when - datetime.datetime(2000, 1, 1)) / datetime.timedelta(days=1)
    parts = [days / 365.2425]
    for period in (365.2425, 7, 1) if "%H" in form else (365.2425, 7):   # year, week and day
        angle = 2 * math.pi * days / period
        parts += [math.sin(angle), math.cos(angle)]
    return parts
"""


def is_written(value: str, form: str) -> bool:
    """Is a moment written in this form?"""
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def forms(values: Iterable[str], candidates: Iterable[str] = FORMATS) -> list[str]:
    """Return the forms in which all values are written, moments as they are."""
    left = list(candidates)
    for value in values:
        left = [form for form in left if is_written(value, form)]
        if not left:
            break
    return left


def count_date_parts(form: str) -> int:
    """Return how many numbers `date_parts` makes."""
    return 1 + 2 * len(_periods(form))


def date_parts(value: str, form: str) -> list[float]:
    """Return what the function DATE_PARTS of a script returns. ValueError."""
    days = (datetime.strptime(value, form) - datetime(2000, 1, 1)) / timedelta(days=1)
    parts = [days / PERIODS[0]]
    for period in _periods(form):
        angle = 2 * math.pi * days / period
        parts += [math.sin(angle), math.cos(angle)]
    return parts


def _periods(form: str) -> tuple[float, ...]:
    return PERIODS if "%H" in form else PERIODS[:2]
