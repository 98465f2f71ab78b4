"""Losses: what training makes small."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from nndsl.vocabulary.builtin import Builtin, Derived
from nndsl.vocabulary.preparation import Step

Targets = Literal["classes", "values", "none"]
RESCALE = "rescale them, or take a loss for numbers of any size: `mean_squared_error`"


class Loss(Builtin):
    """A loss of the network's output.

    `forward` writes `loss`, a mean over the batch, from `x` (the output, (N, outputs)) and `t`;
    `backward` writes `dx`; left out, it is derived. With `targets = "classes"`, `t` holds class
    numbers, (N,); with `"values"` it has the shape of `x`, and the classes of a classification
    arrive one-hot; with `"none"` the loss is of the output alone.
    `decision` says how the class is read off the output, for classes as for values; `estimate`,
    where the output is a score, makes of `x` and what `forward` made what targets are compared to.
    """

    kind = "losses"
    positional = 0
    targets: ClassVar[Targets]
    equation: ClassVar[str]
    forward: ClassVar[str]
    backward: ClassVar[str] = Derived()
    applies: ClassVar[str] = ""  # the activation that it applies itself, to plain scores
    estimate: ClassVar[str] = ""  # empty: `x` itself
    between: ClassVar[tuple[float, float]] = (-math.inf, math.inf)  # where targets lie
    measures_distance: ClassVar[bool] = True  # of numbers; not where it is made for classes
    takes_scores: ClassVar[bool] = False  # x is the logarithm of probabilities, but for a shift
    takes_any_number: ClassVar[bool] = False  # x is a score, though no activation is applied to it
    softens: ClassVar[str] = ""  # the field: the part of a target that is spread over all classes
    decision: ClassVar[str] = "x.argmax(axis=1)"
    binary_limit: ClassVar[float] = 0.5  # one output for two classes: above it is the second
    # The output that fits all targets `t` best, of so many `outputs`; empty: by descent.
    guess: ClassVar[str] = ""
    guess_by: ClassVar[str] = (
        "the best constant output"  # and what it says: "the mean of the targets"
    )

    @property
    def has_targets(self) -> bool:
        """Is the output compared with anything?"""
        return self.targets != "none"

    @property
    def binary_decision(self) -> str:
        """The class of two that one output tells apart."""
        return f"x[:, 0] > {self.binary_limit:g}"

    @property
    def found(self) -> Step | None:
        """What is found on the targets of the training part, in the place of fields; if anything.

        Its `fit` may read the number of `{classes}`.
        """
        return None

    @property
    def plain_guess(self) -> tuple[str, str] | None:
        """What a guess goes by that does not weigh the examples, and the output, if it differs."""
        return None

    def misfit_of_classes(self, classes: int) -> str:
        """Say so where an argument does not fit so many classes; else nothing."""
        return ""

    def for_outputs(self, count: int) -> Loss:
        """Return the loss as it stands behind a network: itself, or with the texts for it.

        ShapeError where it does not fit so many outputs.
        """
        return self

    @classmethod
    def misfit(cls, low: float, high: float) -> str:
        """Say so where targets from `low` to `high` do not lie where they must; else nothing."""
        least, most = cls.between
        if least <= low <= high <= most or math.isinf(least):
            return ""
        ends = f"from {least:g}" + ("" if math.isinf(most) else f" to {most:g}")
        return f"`{cls.keyword()}` takes targets {ends}, and these go from {low:g} to {high:g}"
