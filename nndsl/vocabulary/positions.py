"""Layers that look along the positions of an example: what they take."""

from __future__ import annotations

from nndsl.vocabulary.layer import ShapeError
from nndsl.vocabulary.word import Positions, Shape, show_shape


def positions_of(word: str, x: Shape) -> tuple[int, int]:
    """Return positions and features. ShapeError where an example has no positions."""
    if len(x) != 2:
        raise ShapeError(
            f"`{word}` takes a row of features for each position (or step), "
            f"and here each example is {show_shape(x)}",
            "begin with `embedding`, or say what its steps are: reshape(STEPS, FEATURES)",
        )
    positions, features = x
    return positions, features


def row_or_rows(positions: int, features: int, which: str) -> Shape:
    """Return the shape of the last position alone, or that of all."""
    return (features,) if which == "last" else Positions((positions, features))
