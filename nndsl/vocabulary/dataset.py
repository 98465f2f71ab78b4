"""Data: where examples come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from nndsl.vocabulary.signal import Signal
from nndsl.vocabulary.word import Shape, Size, Word

if TYPE_CHECKING:
    from nndsl.vocabulary.new_examples import NewExamples

Progress = Callable[[str, int, int], None]  # a file's name, bytes done, bytes in all

Part = Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, lt=1)]


class DataError(Exception):
    """Data cannot be read or understood. `field` is the argument it is about, if there is one."""

    def __init__(self, message: str, help: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.field = field


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: of numbers, or of these texts, each of them an input of 0 or 1."""

    name: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
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
        most = sorted(self.missing, key=self.missing.__getitem__, reverse=True)
        named = [f"`{name}` in {self.missing[name]:,}" for name in most[:5]]
        more = f" and {len(most) - 5} columns more" if len(most) > 5 else ""
        return (
            f"{self.left_out:,} of {self.left_out + self.examples:,} rows are left out, since a "
            f"value is missing: {', '.join(named)}{more}"
        )


class Data(Word):
    """A source of examples.

    `read` writes `X` (examples, …) and `t` (class numbers, or (examples, outputs)) with numbers
    of type `dtype`, and `X_test` and `t_test` where the test part stands in a file of its own.
    It may read the word's fields, the `settings` of its description, one path for each entry of
    `files` by that name, and `rng`, the stream of the split.

    `sample`, where the examples are pieces of something longer, goes on with `text`: it writes
    `text` with `length` more of what `predict` says comes next, drawn from `rng`. `temperature`
    divides the scores: 1 draws as the network says, 0 takes the likeliest.
    """

    role = "data"
    own_test: ClassVar[bool] = False
    resizing: ClassVar[str] = ""  # the setting that brings large inputs to a usual size
    modules: ClassVar[tuple[str, ...]] = ()  # of the standard library, that `read` uses
    prepares: ClassVar[tuple[str, ...]] = ()  # the fields that say what is made of the inputs
    read: ClassVar[str]
    sample: ClassVar[str] = ""

    validation: Part = Field(
        0, description="part held back to choose by: a count, or a fraction of the whole"
    )
    test: Part = Field(
        0, description="part touched once, at the end: a count, or a fraction of the whole"
    )
    training: Size | None = Field(
        None, description="how many examples to learn from, the first ones; left out, all the rest"
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Put the fields of a word before those that all data have: they may come by position."""
        for name in ("validation", "test", "training"):
            cls.model_fields[name] = cls.model_fields.pop(name)

    @property
    def has_own_test(self) -> bool:
        """Does the test part stand in a file of its own?"""
        return self.own_test

    @property
    def standardize_inputs(self) -> bool:
        """Shall the inputs be centred and scaled by the statistics of the training part?"""
        return False

    @property
    def input_scale(self) -> float:
        """What the numbers of a file are multiplied by; those of new examples are, too."""
        return 1.0

    @property
    def input_name(self) -> str:
        """The name of the inputs among several arrays, where the data has one."""
        return ""

    def read_new(self, path: Path, known: Description) -> NewExamples:
        """Read new examples from a CSV file. `known` is what training knew. DataError."""
        from nndsl.vocabulary.new_examples import read_plain  # a check has no need of it

        return read_plain(path, prod(known.shape or ()))

    def files(self, folder: Path) -> dict[str, Path]:
        """Return the files that `read` needs, by role name. `folder` is that of the spec."""
        return {}

    def fetch(self, folder: Path, progress: Progress | None = None) -> dict[str, Path]:
        """Return `files`, all there, downloaded where need be. DataError where that fails."""
        return self.files(folder)

    def describe(self, folder: Path) -> Description:
        """Say what is known without loading the data. DataError where that shows a mistake."""
        raise NotImplementedError
