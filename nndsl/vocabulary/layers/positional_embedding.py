"""Where in an example a position stands."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nndsl.data import Signal
from nndsl.shapes import SequenceShape, Shape
from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Layer, Parameter, Propagated
from nndsl.vocabulary.positions import positions_of


class PositionalEmbedding(Layer):
    """y = x + a row of features for each position, so that a layer can tell positions apart.

    Vaswani et al. 2017, section 3.5. The rows are learnt, or waves of different lengths.
    """

    called = ("position_embedding", "positional_encoding", "position_encoding")

    form: Literal["learned", "sinusoidal"] = Field(
        "learned", description="rows that are learnt, or sines and cosines that are not"
    )
    init: Initializer | None = Field(
        None, description="how learned rows begin; left out, lecun: a standard deviation of 1"
    )

    symbol = "P"
    sees_positions = True

    @property
    def equation(self) -> str:  # type: ignore[override]
        return "y = x + W_pos" if self.form == "learned" else "y = x + waves"

    @property
    def functions(self) -> str:  # type: ignore[override]
        return "" if self.form == "learned" else _WAVES

    @property
    def forward(self) -> str:  # type: ignore[override]
        added = "W_pos" if self.form == "learned" else "waves(positions, features, dtype)"
        return f"""
            placed = x.reshape(N, positions, features) + {added}   # the same for every example
            y = placed.reshape(-1, features)
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        dW = "dW_pos = dy.reshape(N, positions, features).sum(axis=0)   # summed over the examples"
        return f"{dW if self.form == 'learned' else ''}\ndx = dy.reshape(x.shape)"

    def output_shape(self, *inputs: Shape) -> Shape:
        return SequenceShape(positions_of("positional_embedding", inputs[0]))

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        positions, features = inputs[0]
        return {"positions": positions, "features": features}

    def multiplications(self, *inputs: Shape) -> int:
        return 0  # rows are added

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        if self.form != "learned":
            return {}
        (x,) = inputs
        return {"W_pos": Parameter(tuple(x), self.init or "lecun", 1, x[-1], is_weight=False)}

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated | None:
        (x,) = inputs
        added = parameters["W_pos"].moments if "W_pos" in parameters else Signal(0.0, 0.5)
        if added is None:
            return None
        return Propagated(Signal(x.mean + added.mean, x.variance + added.variance), 1.0)


_WAVES = '''
def waves(positions, features, dtype):
    """Return sines and cosines of the position, each pair of features slower than the last."""
    pair = np.arange(features) // 2
    angle = np.arange(positions)[:, None] / 10_000 ** (2 * pair / features)
    return np.where(np.arange(features) % 2, np.cos(angle), np.sin(angle)).astype(dtype)
'''
