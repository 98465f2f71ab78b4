"""Data of inputs and targets by name, whose test part can be two more names."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from nndsl.data import DataError, Description, Signal
from nndsl.data.raw_numbers import NOT_COUNTED
from nndsl.record import record
from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import as_single
from nndsl.vocabulary.dataset import Data, Part


@record
class Pair:
    """What inputs and their targets hold. `classes` is None for a regression, and where unknown."""

    shape: Shape  # of an example
    examples: int
    outputs: int | None  # of a regression
    classes: int | None = None
    signal: Signal | None = None  # how large the inputs are
    floats: bool = False  # the inputs are such, and could be no numbers
    per_position: bool = False  # each position, or pixel, has a target
    has_gaps: bool = False  # but some
    target_axes: int = 0  # of a target in its file: 2 or 3 of an image


def describe_pairs(learnt: Pair, test: Pair | None, title: str, read: str) -> Description:
    """Describe data whose test part, if there is one, is a pair of its own. DataError."""
    classes = learnt.classes
    if test is not None:
        if _of(test) != _of(learnt):
            raise DataError(
                f"the test part is {_spell(test)}, and what is learnt is {_spell(learnt)}",
                field="test",
            )
        classes = max(classes, test.classes) if classes and test.classes else None
    return Description(
        learnt.shape,
        classes=classes,
        outputs=learnt.outputs,
        examples=learnt.examples,
        test_examples=test.examples if test is not None else None,
        title=title,
        read=read,
        signal=learnt.signal,
        per_position=learnt.per_position,
        has_gaps=learnt.has_gaps or (test is not None and test.has_gaps),
        note="" if classes or learnt.outputs else NOT_COUNTED,
    )


def _of(pair: Pair) -> tuple[Shape, int | None, bool]:
    return pair.shape, pair.outputs, pair.per_position


def _spell(pair: Pair) -> str:
    targets = "class numbers" if pair.outputs is None else f"{pair.outputs} floats"
    return f"of shape {pair.shape} with {targets} as targets"


class PairedData(Data):
    """Data of inputs and targets; `test` is a part of the whole, or two more names."""

    test: Annotated[Part | tuple[str, str], BeforeValidator(as_single)] = Field(  # type: ignore[assignment]
        0, description="part touched once, at the end: a count, a fraction, or two names"
    )

    @property
    def has_own_test(self) -> bool:
        return isinstance(self.test, tuple)
