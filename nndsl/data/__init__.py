"""Data in files: their formats, and what is known of data before it is loaded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from math import prod, sqrt
from typing import Any, NamedTuple

from nndsl.data.dates import DateForm
from nndsl.explained import ExplainedError
from nndsl.record import record
from nndsl.shapes import Shape, Tokens
from nndsl.source import Span

MAX_NUMBER = 3e38  # in 32 bits
MAX_NUMBERS = 10**9  # of an array, and of all examples together

Progress = Callable[[str, int, int], None]  # a file's name, bytes done, bytes in all


class DataError(ExplainedError):
    """Data cannot be read or understood. `field` is the argument at fault, if there is one.

    `line` is that of the file at fault, and `value` what stands there. `setting` is an argument
    that mends it, as it is written: `delimiter=";"`. `wrong` is a name that is none of `known`.
    """

    def __init__(
        self,
        message: str,
        help: str | None = None,
        field: str | None = None,
        *,
        line: int = 0,
        value: str = "",
        setting: str = "",
        wrong: str = "",
        known: Sequence[str] = (),
    ) -> None:
        super().__init__(message, help)
        self.field = field
        self.line, self.value, self.setting = line, value, setting
        self.wrong, self.known = wrong, known
        self.span: Span | None = None  # the place in the file, where it is a text


class Signal(NamedTuple):
    """The mean and the variance of a value, over its numbers and the examples."""

    mean: float
    variance: float

    @property
    def std(self) -> float:
        return sqrt(max(0.0, self.variance))  # rounding may make it negative

    @property
    def power(self) -> float:
        """The mean square."""
        return self.variance + self.mean * self.mean


@record
class Column:
    """A column of the inputs of a table, and what becomes of it.

    It holds numbers; or texts, of which each of `levels` has an input of 0 or 1, and with
    `has_other` all others together; or those of an `order`, which become their places in it; or
    moments, of a `date` form. With `indicated` one more input
    tells where a value is missing.
    """

    name: str
    levels: tuple[str, ...] = ()
    has_other: bool = False
    lacks_other: bool = False  # no text of the file is one of these others
    date: DateForm | None = None
    indicated: bool = False
    order: tuple[str, ...] = ()
    low: float | None = None  # of its numbers, as far as they are known
    high: float | None = None

    @property
    def encoded(self) -> int:
        """How many inputs its values become."""
        if self.date is not None:
            return self.date.count
        return len(self.levels) + self.has_other if self.levels else 1

    @property
    def width(self) -> int:
        """How many inputs it becomes in all."""
        return self.encoded + self.indicated


def inputs_of(columns: Sequence[Column]) -> dict[str, list[int]]:
    """Return the numbers of the inputs that each column becomes.

    Those that tell where a value is missing stand behind all others.
    """
    found: dict[str, list[int]] = {}
    end = 0
    for column in columns:
        found[column.name] = list(range(end, end + column.encoded))
        end += column.encoded
    for column in columns:
        if column.indicated:
            found[column.name].append(end)
            end += 1
    return found


@record
class DataPart:
    """One of several arrays that data hands out by name: inputs, or targets.

    Inputs that are whole numbers may be tokens, of so many `kinds`; targets are `classes`, or
    `outputs`, which are quantities. None is unknown.
    """

    shape: Shape  # of an example
    is_target: bool = False
    whole: bool = False
    kinds: int | None = None
    classes: int | None = None
    outputs: int | None = None
    per_position: bool = False
    has_gaps: bool = False
    signal: Signal | None = None

    @property
    def tokens(self) -> Tokens | None:
        """The shape if its numbers are tokens; None where they cannot be, or are many."""
        if not self.whole or not self.kinds or len(self.shape) != 1:
            return None
        return Tokens(self.shape, self.kinds)

    def as_input(self, shape: Shape) -> Shape | None:
        """Return what an input of a shape is, given this part; None if they do not fit."""
        if isinstance(shape, Tokens):
            is_one = self.whole and tuple(shape) == tuple(self.shape)
            return shape if is_one and (self.kinds or 0) <= shape.vocab_size else None
        return self.shape if tuple(shape) == tuple(self.shape) else None


@record
class Leak:
    """How a column tells the target: as a copy of it, or in another way that is worth a doubt."""

    is_copy: bool
    says: str


@record
class Description:
    """What the checker knows of data before it is loaded; None is unknown.

    A classification has `classes`; a regression has `outputs`, the numbers of a target.
    """

    shape: Shape | None = None
    classes: int | None = None
    outputs: int | None = None
    examples: int | None = None  # without a test part in a separate file
    test_examples: int | None = None  # of a test part in a separate file
    shared_rows: int = 0  # of these, those that equal a row of the training part's file
    per_position: bool = False  # each position has a target
    has_gaps: bool = False  # but some: those whose target is -1
    predicts_next: bool = False  # the target of a position is the next token
    picture: Shape | None = None  # of an example that is an image, laid out as a row
    parts: Mapping[str, DataPart] = field(default_factory=dict)  # where it hands out several
    title: str = ""  # for the head of the script: "digits"
    characters: str = ""  # of a text, by token
    words: tuple[str, ...] = ()  # of a text whose tokens are such
    beginning: str = ""  # the default prompt of `sample`
    settings: Mapping[str, Any] = field(default_factory=dict)  # more for `read`
    read: str = ""  # replaces that of the builtin, if it depends on the data
    signal: Signal | None = None  # of all inputs
    inputs: tuple[Column, ...] = ()  # of a table, in the order of the inputs
    time_form: str = ""  # of the moments that rows of a table are sorted by
    names: tuple[str, ...] = ()  # of the classes or outputs, if they have names
    columns: Mapping[str, Sequence[float]] = field(default_factory=dict)  # of a table: a sample
    targets: Sequence[float] = ()  # a sample of the numbers to predict
    leaks: Mapping[str, Leak] = field(default_factory=dict)  # columns that tell the target
    date_doubts: Mapping[str, str] = field(default_factory=dict)  # of columns of a table
    left_out: int = 0  # rows with missing values
    missing: Mapping[str, int] = field(default_factory=dict)  # values in these rows, by column
    filled: Mapping[str, int] = field(default_factory=dict)  # values that are filled in
    note: str = ""  # why something is unknown
    failed: bool = False  # an error was reported

    @property
    def vocabulary(self) -> Sequence[str]:
        """The tokens of a text, by number: its words, or its characters."""
        return self.words or self.characters

    def tokens_of(self, text: str) -> Sequence[str]:
        """Return the tokens that a text is made of."""
        if not self.words:
            return text
        from nndsl.data.words import words_of

        return words_of(text)

    @property
    def features(self) -> int | None:
        """How many numbers an example has; None where that is not known, or they are tokens."""
        return None if self.shape is None or isinstance(self.shape, Tokens) else prod(self.shape)

    @property
    def encoding(self) -> str:
        """What columns of texts became: "`species`: 3 columns"; "" if there are none."""
        several = [column for column in self.inputs if column.levels and column.encoded > 1]
        named = [f"`{column.name}`: {column.encoded} columns" for column in several]
        return ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")

    @property
    def filling_in(self) -> str:
        """How many values are filled in, by column; "" if none are."""
        if not self.filled:
            return ""
        count = sum(self.filled.values())
        return f"{count:,} missing values are filled in: {list_missing(self.filled)}"

    @property
    def leaving_out(self) -> str:
        """How many rows are left out, and because of which columns; "" if none are."""
        if not self.left_out or self.examples is None:
            return ""
        return (
            f"{self.left_out:,} of {self.left_out + self.examples:,} rows are left out, since a "
            f"value is missing: {list_missing(self.missing)}"
        )


def list_missing(missing: Mapping[str, int]) -> str:
    """Return how many values are missing in the worst columns: "`age` in 25"."""
    most = sorted(missing, key=missing.__getitem__, reverse=True)
    named = [f"`{name}` in {missing[name]:,}" for name in most[:5]]
    return ", ".join(named) + (f" and {len(most) - 5} columns more" if len(most) > 5 else "")
