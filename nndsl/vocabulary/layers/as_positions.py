"""Two axes that are positions, and the features of each."""

from pydantic import Field

from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.layer import Window
from nndsl.vocabulary.positions import LayerOfPositions, PaddingMask, positions_of


class AsPositions(LayerOfPositions):
    """y = x: the two axes of an example are positions, and the features of each position.

    Behind it `dense` and all other layers of rows treat each position alone, with the same weights.
    With `padding=0`, a position all of whose features are 0 fills up a shorter example: recurrent
    layers, attention and `pool_positions` leave it out.
    """

    called = (
        *("positions", "time_distributed", "timesteps", "steps", "sequence"),
        *("masking", "mask", "pack_padded_sequence"),
    )

    padding: int | Real | None = Field(
        None, description="the number of which all features of a position that is none are"
    )

    positional = 0
    symbol = "S"
    linear = True
    keeps_order = True
    equation = "y = x, a row for each position"

    @property
    def marks_padding(self) -> PaddingMask | None:
        return None if self.padding is None else PaddingMask(value=self.padding)

    @property
    def forward(self) -> str:  # type: ignore[override]
        return (
            "y = x" if self._is_rows else "y = x.reshape(-1, features)   # a row for each position"
        )

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"dx = {self.like_input('dy')}"

    def output_shape(self, *inputs: Shape) -> Shape:
        return SequenceShape(positions_of(self.keyword(), inputs[0]))

    def windows(self, *inputs: Shape) -> tuple[Window, ...]:
        return ()

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return {"features": inputs[0][1]}
