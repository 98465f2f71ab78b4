"""Data: where examples come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from nndsl.data import DataError, Description, Progress
from nndsl.vocabulary.builtin import Builtin, Size
from nndsl.vocabulary.preparation import STANDARDIZE, Preparation

if TYPE_CHECKING:
    from nndsl.data.new_examples import Frame, NewExamples

MAX_SAID = 100  # characters
Part = Annotated[int, Field(ge=0)] | Annotated[float, Field(ge=0, lt=1)]


def count(part: Part, examples: int) -> int:
    """Return how many examples a part holds, which is a count or a fraction."""
    return part if isinstance(part, int) else round(part * examples)


def pieces(examples: int, number: int) -> list[range]:
    """Return so many pieces of the numbers of the examples, as `np.array_split` does."""
    size, larger = divmod(examples, number)
    ends = [piece * size + min(piece, larger) for piece in range(number + 1)]
    return [range(*piece) for piece in pairwise(ends)]


class Data(Builtin):
    """A source of examples.

    `read` writes `X` (examples, …) and `t` (class numbers, or (examples, outputs)) with numbers
    of type `dtype`, and `X_test` and `t_test` where the test part stands in a file of its own.
    It may read the word's fields, the `settings` of its description, one path for each entry of
    `files` by that name, and `rng`, the stream of the split.

    `sample`, where the examples are pieces of something longer, goes on with `text`: it writes
    `text` with `length` more of what `predict` says comes next, drawn from `rng`. `temperature`
    divides the scores: 1 draws as the network says, a small one takes the likeliest. `prompt` says
    which texts it takes.
    """

    kind = "data"
    own_test: ClassVar[bool] = False
    resizing: ClassVar[str] = ""  # the setting that brings large inputs to a usual size
    resizing_targets: ClassVar[str] = ""  # and the one that does so with targets of numbers
    modules: ClassVar[tuple[str, ...]] = ()  # of the standard library, that `read` uses
    prepares: ClassVar[tuple[str, ...]] = ()  # the fields that say what is made of the inputs
    positions: ClassVar[str] = ""  # the field: how many positions an example has
    token_kinds: ClassVar[str] = ""  # the field: how many kinds of tokens there are
    notes: ClassVar[dict[str, str]] = {}  # setting of its description -> what it is, for the script
    read: ClassVar[str]
    sample: ClassVar[str] = ""
    temperature: ClassVar[float] = 0.8  # of a sample, where nobody says

    validation: Part = Field(
        0, description="part held back to choose by: a count, or a fraction of the whole"
    )
    test: Part = Field(
        0, description="part touched once, at the end: a count, or a fraction of the whole"
    )
    fold: tuple[Size, Size] | None = Field(
        None,
        description="which piece is the validation part, instead of `validation`: (2, 5) is the "
        "second of five, and `compare(folds=5)` takes each in turn",
    )
    training: Size | None = Field(
        None, description="how many examples to learn from, the first ones; left out, all the rest"
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Put the fields of a word before those that all data have: they may come by position."""
        for name in ("validation", "test", "fold", "training"):
            cls.model_fields[name] = cls.model_fields.pop(name)

    @property
    def has_own_test(self) -> bool:
        """Does the test part stand in a file of its own?"""
        return self.own_test

    @property
    def holds_validation(self) -> bool:
        """Is there a validation part?"""
        return bool(self.validation) or self.fold is not None

    def part_sizes(self, examples: int) -> dict[str, int]:
        """Return how many of its examples each part has, but that with a file of its own."""
        test = 0 if self.has_own_test else count(self.test, examples)
        rest = examples - test
        validation = count(self.validation, examples)
        training = rest - validation
        if self.fold is not None:
            number, folds = min(self.fold), self.fold[1]  # one that there is not is an error
            sizes = [len(piece) for piece in pieces(rest, folds + self.is_ordered)]
            validation = sizes[folds - number if self.is_ordered else number - 1]
            training = sum(sizes[folds - number + 1 :]) if self.is_ordered else rest - validation
        return {"training": training, "validation": validation, "test": test}

    @property
    def weighs(self) -> bool:
        """Do some examples count more than others? Then `read` writes `w`, numbers."""
        return False

    @property
    def is_ordered(self) -> bool:
        """Do examples stand in an order of time, so that only earlier ones may be learnt from?"""
        return self.order == "in_order"

    @property
    def in_sequence(self) -> bool:
        """Does each example of the training part begin where the one before it ends?"""
        return False

    @property
    def standardize_inputs(self) -> bool:
        """Shall the inputs be centred and scaled by the statistics of the training part?"""
        return False

    @property
    def order(self) -> str:
        """How examples are ordered before parts are cut off: a key of partition's orders."""
        return "shuffled"

    def preparation(self, described: Description) -> Preparation:
        """Return what makes inputs and targets of the numbers in a file."""
        return Preparation((STANDARDIZE,) * self.standardize_inputs)

    @property
    def input_scale(self) -> float:
        """What the numbers of a file are multiplied by; those of new examples are, too."""
        return 1.0

    @property
    def white(self) -> float:
        """The number of a white pixel in examples as a file holds them; 0 where none is known."""
        return 1 / self.input_scale if self.input_scale != 1 else 0

    @property
    def input_name(self) -> str:
        """The name of the inputs among several arrays, where the data has one."""
        return ""

    def read_new(self, path: Path, known: Description) -> NewExamples:
        """Read new examples from a CSV file. `known` is what training knew. DataError."""
        from nndsl.data.new_examples import read_plain  # a check has no need of it

        return read_plain(path, prod(known.shape or ()))

    def encode_new(self, rows: Iterable[Sequence[str]], known: Description) -> NewExamples:
        """Make numbers of rows with a value for each of the `known` inputs. DataError."""
        from nndsl.data.new_examples import encode

        return encode(((0, row) for row in rows), known.inputs, self.lacking, "examples")

    def prompt(self, text: str, known: Description) -> str:
        """Return a text as `sample` goes on with it. DataError where it cannot."""
        if not text:
            raise DataError(
                "there is nothing to go on with", "give a prompt of one character or more"
            )
        what, space = ("word", " ") if known.words else ("character", "")
        tokens = dict.fromkeys(known.tokens_of(text))
        strange = space.join(token for token in tokens if token not in known.vocabulary)
        if strange:
            raise DataError(
                f"the network knows no {strange[:MAX_SAID]!r}: its text has no such {what}",
                f"it knows {space.join(known.vocabulary[:MAX_SAID])[:MAX_SAID]!r}",
            )
        return text

    def read_labelled(
        self, path: Path | Frame, known: Description
    ) -> tuple[NewExamples, list[list[float]]]:
        """Read examples and their targets from a file or a frame, as training had them. DataError.

        A class is its number. Behind the targets stands how much an example counts, if some do.
        """
        raise DataError(f"`{self.keyword()}` takes no examples with their targets from a file")

    @property
    def why_lacking(self) -> str:
        """Why a row of new examples may have no answer."""
        return "an input is missing"

    @property
    def why_unlabelled(self) -> str:
        """Why a row of other data may be left out where it is judged by."""
        return "the target or an input is missing"

    @property
    def lacking(self) -> str:
        """What becomes of an example that lacks a value: "error", "drop", or it is filled in."""
        return "error"

    def files(self, folder: Path) -> dict[str, Path]:
        """Return the files that `read` needs, by role name. `folder` is that of the spec."""
        return {}

    def fetch(self, folder: Path, progress: Progress | None = None) -> dict[str, Path]:
        """Return `files`, all there, downloaded where need be. DataError where that fails."""
        return self.files(folder)

    def describe(self, folder: Path) -> Description:
        """Say what is known without loading the data. DataError where that shows a mistake."""
        raise NotImplementedError
