"""Layers that look along the positions of an example: what they take."""

from __future__ import annotations

from typing import Self

from pydantic import PrivateAttr

from nndsl.shapes import SequenceShape, Shape, describe
from nndsl.vocabulary.layer import Layer, ShapeError, Window

# In attention, of `scores` and `weights` (N, heads, positions, positions that are looked at).
LEAVE_OUT_PADDING = "scores = np.where(mask[:, None, None], scores, -1e4)   # none looks at padding"
GRADIENT_AT_PADDING = "dscores = dscores * mask[:, None, None]"


def positions_of(word: str, x: Shape) -> tuple[int, int]:
    """Return positions and features. ShapeError where an example has no positions."""
    if len(x) != 2:
        raise ShapeError(
            f"`{word}` takes a row of features for each position (or step in time), "
            f"and gets {describe(x)}",
            "begin with `embedding`, or say what its steps are: reshape(STEPS, FEATURES)",
            wants_positions=True,
        )
    positions, features = x
    return positions, features


class PaddingMask(Layer):
    """True where an example has a token, and False at its padding. No word of the language."""

    token: int | None = None  # that is padding; left out, `x` is a mask already
    sees_positions = True
    sees_tokens = True
    backward = ""

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "y = x, backwards" if self.token is None else "y = x != padding"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "y = x[:, ::-1]" if self.token is None else "y = x != padding   # False: padding"

    def output_shape(self, *inputs: Shape) -> Shape:
        return tuple(inputs[0])

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {} if self.token is None else {"padding": self.token}


class LayerOfPositions(Layer):
    """A layer that works on one row for each position, however its input is laid out."""

    sees_positions = True
    _is_rows: bool = PrivateAttr(False)

    def for_shapes(self, *inputs: Shape) -> Self:
        """Return the layer for an input of rows already, or of a table for each example."""
        placed = self.model_copy()
        placed._is_rows = isinstance(inputs[0], SequenceShape)
        return placed

    def windows(self, *inputs: Shape) -> tuple[Window, ...] | None:
        return None

    @property
    def rows(self) -> str:
        """The statement that lays positions out as `rows`, or its absence: `x` has them."""
        return "" if self._is_rows else "rows = x.reshape(-1, features)"

    @property
    def x_rows(self) -> str:
        """The name of the rows of the input."""
        return "x" if self._is_rows else "rows"

    def like_input(self, rows: str) -> str:
        """Return rows laid out as the input is."""
        return rows if self._is_rows else f"({rows}).reshape(x.shape)"
