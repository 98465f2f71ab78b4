"""Data in files: what they hold, and what is known of it before it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from math import sqrt
from typing import Any, NamedTuple

from nndsl.record import record
from nndsl.shapes import Shape

MAX_NUMBER = 3e38  # in 32 bits
MAX_NUMBERS = 10**9  # of an array, and of all examples together

Progress = Callable[[str, int, int], None]  # a file's name, bytes done, bytes in all


class DataError(Exception):
    """Data cannot be read or understood. `field` is the argument it is about, if there is one."""

    def __init__(self, message: str, help: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.field = field


class Signal(NamedTuple):
    """The mean and the variance of a value, over its numbers and the examples."""

    mean: float
    variance: float

    @property
    def std(self) -> float:
        return sqrt(max(0.0, self.variance))  # rounding may leave it just below 0

    @property
    def power(self) -> float:
        """The mean square."""
        return self.variance + self.mean * self.mean


@record
class Column:
    """A column of a table: of numbers, or of these texts, each of them an input of 0 or 1."""

    name: str
    levels: tuple[str, ...] = ()


@record
class Description:
    """What the checker knows of data before it is loaded; None where it could not know.

    A classification has `classes`; a regression has `outputs`, the numbers of a target.
    """

    shape: Shape | None = None
    classes: int | None = None
    outputs: int | None = None
    examples: int | None = None  # without those of a test part that stands in a file of its own
    test_examples: int | None = None  # of a test part that stands in a file of its own
    per_position: bool = False  # a target for each position of an example, and not for all of it
    predicts_next: bool = False  # the target of a position is what stands at the next one
    title: str = ""  # for the head of the script: "digits"
    characters: str = ""  # of a text, each at the place of its token's number
    beginning: str = ""  # of what `sample` goes on with, where nobody says
    settings: Mapping[str, Any] = field(default_factory=dict)  # what `read` needs beside the fields
    read: str = ""  # in place of the word's own, where the text hangs on what was found
    signal: Signal | None = None  # how large the inputs are, all numbers together
    inputs: tuple[Column, ...] = ()  # of a table, in the order in which they are learnt from
    names: tuple[str, ...] = ()  # of the classes or the numbers to predict, where they have any
    columns: Mapping[str, Sequence[float]] = field(default_factory=dict)  # of a table: a sample
    targets: Sequence[float] = ()  # a sample of the numbers to predict
    left_out: int = 0  # rows, since a value is missing
    missing: Mapping[str, int] = field(default_factory=dict)  # by column, in what is left out
    note: str = ""  # why something is not known
    failed: bool = False  # the data has an error, which is reported

    @property
    def leaving_out(self) -> str:
        """How many rows are left out, and because of which columns; empty where none is."""
        if not self.left_out or self.examples is None:
            return ""
        return (
            f"{self.left_out:,} of {self.left_out + self.examples:,} rows are left out, since a "
            f"value is missing: {list_missing(self.missing)}"
        )


def list_missing(missing: Mapping[str, int]) -> str:
    """Return how many values are missing in the columns that lack most: "`age` in 25"."""
    most = sorted(missing, key=missing.__getitem__, reverse=True)
    named = [f"`{name}` in {missing[name]:,}" for name in most[:5]]
    return ", ".join(named) + (f" and {len(most) - 5} columns more" if len(most) > 5 else "")
