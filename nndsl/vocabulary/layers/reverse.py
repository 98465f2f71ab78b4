"""The positions of an example from the last to the first."""

from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.positions import LayerOfPositions, positions_of


class Reverse(LayerOfPositions):
    """y[t] = x[T - 1 - t]: the same rows of features, the last position first.

    Around a recurrent layer it makes one that reads backwards; beside one that reads forwards, in
    `concat`, they are a bidirectional layer (Schuster and Paliwal 1997).
    """

    symbol = "Rev"
    turns_positions = True
    linear = True
    sees_ahead = "leave it out"
    equation = "y = x, backwards"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return "y = x.reshape(N, positions, features)[:, ::-1].reshape(-1, features)"

    @property
    def backward(self) -> str:  # type: ignore[override]
        back = "dy.reshape(N, positions, features)[:, ::-1].reshape(-1, features)"
        return f"dx = {self.like_input(back)}"

    def output_shape(self, *inputs: Shape) -> Shape:
        return SequenceShape(positions_of("reverse", inputs[0]))

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        positions, features = inputs[0]
        return {"positions": positions, "features": features}
