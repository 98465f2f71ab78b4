"""Losses: what training makes small."""

from __future__ import annotations

from typing import ClassVar, Literal

from nndsl.vocabulary.word import Word

Targets = Literal["classes", "values"]


class Loss(Word):
    """A loss of the network's output.

    `forward` writes `loss`, a mean over the batch, from `x` (the output, (N, outputs)) and `t`;
    `backward` writes `dx`. With `targets = "classes"`, `t` holds class numbers, (N,); with
    `"values"` it has the shape of `x`, and the classes of a classification arrive one-hot.
    `decision` says how the class is read off the output, for classes as for values.
    """

    role = "losses"
    positional = 0
    targets: ClassVar[Targets]
    equation: ClassVar[str]
    forward: ClassVar[str]
    backward: ClassVar[str]
    applies: ClassVar[str] = ""  # the activation that it applies itself, to plain scores
    takes_scores: ClassVar[bool] = False  # x is the logarithm of probabilities, but for a shift
    softens: ClassVar[str] = ""  # the field: the part of a target that is spread over all classes
    decision: ClassVar[str] = "x.argmax(axis=1)"
    binary_decision: ClassVar[str] = "x[:, 0] > 0.5"  # where one output tells two classes apart
