"""Moments in tables: how they are written, and what numbers are made of them."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from nndsl.record import record

_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
_TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M", "T%H:%M:%S", "T%H:%M:%SZ", " %H:%M:%S.%f")
FORMATS = tuple(day + time for time in _TIMES for day in _DAYS)
PERIODS = (365.2425, 7, 1)  # days: a year, a week, a day
DATE_PARTS = """
def date_parts(value, form, periods):
    \"\"\"Return the years since 2000, and where a moment lies on circles of so many days.\"\"\"
    when = datetime.datetime.strptime(value, form)
    days = (when - datetime.datetime(2000, 1, 1)) / datetime.timedelta(days=1)
    parts = [days / 365.2425]
    for period in periods:
        angle = 2 * math.pi * days / period
        parts += [math.sin(angle), math.cos(angle)]
    return parts
"""


@record
class DateForm:
    """How the moments of a column are written, and the circles of time that they go round."""

    form: str
    periods: tuple[float, ...] = ()  # in days

    @property
    def count(self) -> int:
        """How many numbers `date_parts` makes of a moment."""
        return 1 + 2 * len(self.periods)


def date_form(form: str, days: float) -> DateForm:
    """Return what to make of moments of this form that span so many days.

    A circle that is gone round less than twice teaches nothing, and misleads about what follows.
    """
    finest = 1 if "%H" in form else 7
    return DateForm(form, tuple(p for p in PERIODS if p >= finest and days >= 2 * p))


def moment(value: str, form: str) -> datetime:
    """Return the moment that a text says. ValueError."""
    return datetime.strptime(value, form)


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


def doubt_of_order(moments: Iterable[datetime], fitting: Sequence[str]) -> str:
    """Say how moments are read, if another of the forms fitting all has the month first; or "".

    `moments` are some of them, as the first of the forms reads them.
    """
    other = fitting[0].replace("%d/%m", "%m/%d") if fitting else ""
    shown = next((when for when in moments if when.day != when.month), None)
    if shown is None or other == fitting[0] or other not in fitting:
        return ""
    return (
        f"read with the day first ({shown:%d/%m/%Y} as {shown:%Y-%m-%d}), "
        "and all fit with the month first as well"
    )


def date_parts(value: str, form: DateForm) -> list[float]:
    """Return what the function DATE_PARTS of a script returns. ValueError."""
    days = (moment(value, form.form) - datetime(2000, 1, 1)) / timedelta(days=1)
    parts = [days / 365.2425]
    for period in form.periods:
        angle = 2 * math.pi * days / period
        parts += [math.sin(angle), math.cos(angle)]
    return parts
