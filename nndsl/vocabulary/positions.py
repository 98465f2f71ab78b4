"""Layers that look along the positions of an example: what they take."""

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


class PaddingMask(LayerOfPositions):
    """True at the positions of an example, and False at its padding. No word of the language.

    `value` is a token, or a number of which all features of a position are; left out, `x` is a
    mask already, and is turned round.
    """

    value: int | float | None = None
    sees_tokens = True
    backward = ""
    _features: int = PrivateAttr(0)

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = super().for_shapes(*inputs)
        placed._features = inputs[0][1] if inputs[0][1:] else 0
        return placed

    @property
    def equation(self) -> str:  # type: ignore[override]
        if self.value is None:
            return "y = x, backwards"
        return f"y = {'any of ' * bool(self._features)}x != {self.value:g}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        if self.value is None:
            return "y = x[:, ::-1]"
        if not self._features:
            return "y = x != value   # False: padding"
        table = "x.reshape(N, T, features)" if self._is_rows else "x"
        return f"y = ({table} != value).any(axis=2)   # False: padding, in all its features"

    def output_shape(self, *inputs: Shape) -> Shape:
        return tuple(inputs[0][:1])

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        sizes = {"T": inputs[0][0], "features": self._features} if self._features else {}
        return sizes | ({"value": self.value} if isinstance(self.value, int) else {})
