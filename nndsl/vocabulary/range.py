"""Ranges: where a search takes the values of a name from."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

from pydantic import model_validator

from nndsl.vocabulary.builtin import Builtin

DIGITS = 4  # significant ones of a number that is drawn: what people read and write


class Drawing(Protocol):
    """One draw of a sampler, for one name: what `optuna.Trial` offers."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = ...) -> float: ...
    def suggest_int(self, name: str, low: int, high: int) -> int: ...
    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any: ...


class Range(Builtin):
    """The values that a search may give to a `let`.

    With `numeric` they are numbers between the fields `low` and `high`; else they are listed.
    """

    kind = "ranges"
    positional = 2
    numeric: ClassVar[bool] = True
    logarithmic: ClassVar[bool] = False  # evenly spread are the logarithms
    whole: ClassVar[bool] = False

    if TYPE_CHECKING:  # the fields, where there are numbers, which each word describes
        low: float
        high: float

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.numeric and self.low >= self.high:
            raise ValueError("`low` must be less than `high`")
        return self

    @property
    def written(self) -> tuple[str, ...]:
        """The arguments of the range, as a spec may say them."""
        return tuple(_brief(getattr(self, name)) for name in ("low", "high"))

    def draw(self, drawing: Drawing, name: str) -> str:
        """Return the value that a sampler gives to `name`, as it is written in a spec."""
        raise NotImplementedError

    def narrowed(self, values: Sequence[str]) -> tuple[str, ...]:
        """Return the arguments of the range that just holds some of its values, as written."""
        raise NotImplementedError


def rounded(value: float, low: float, high: float) -> str:
    """Write a number between two limits with few digits, and not beyond the limits."""
    written = f"{value:.{DIGITS}g}"
    if low <= float(written) <= high:
        return written
    return _brief(low if float(written) < low else high)


def spread(values: Sequence[float], low: float, high: float) -> tuple[float, float]:
    """Return an interval that holds some values of (low, high), a twentieth of it at least."""
    first, last = min(values), max(values)
    missing = max(0.0, (high - low) / 20 - (last - first)) / 2
    return max(low, first - missing), min(high, last + missing)


def outward(first: float, last: float, low: float, high: float) -> tuple[str, str]:
    """Write an interval with two digits: wider rather than narrower, but within (low, high)."""

    def written(value: float, *, up: bool) -> float:
        short = float(f"{value:.1e}")
        if (short < value) if up else (short > value):
            unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
            short = float(f"{short + (unit if up else -unit):.1e}")
        return short

    lower, upper = max(low, written(first, up=False)), min(high, written(last, up=True))
    return (_brief(lower), _brief(upper)) if lower < upper else (_brief(low), _brief(high))


def _brief(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    brief = f"{value:g}"
    return brief if float(brief) == value else repr(value)
