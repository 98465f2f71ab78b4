"""The gated recurrent unit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.positions import LayerOfPositions, positions_of, row_or_rows
from nndsl.vocabulary.word import Shape, Size


class Gru(LayerOfPositions):
    """A state h that a gate moves towards a proposal, step by step. Cho et al. 2014.

    In PyTorch's form the reset gate acts on the product, h' U + b_state, and not on h' before it.
    """

    units: Size = Field(description="number of units: the length of the state")
    output: Literal["last", "all"] = Field("last", description="the state of which steps")
    init: Initializer | None = Field(None, description="how both weights begin; left out, xavier")

    letter = "H"
    sees_positions = True
    bounds = (-1.0, 1.0)
    equation = (
        "r, k = sigmoid(x W + h' U + b)    n = tanh(x W + r (h' U) + b)    h = (1 - k) n + k h'"
    )
    functions = '''
def sigmoid(z):
    """Return 1 / (1 + exp(-z)), which cannot overflow in this form."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)
'''

    @property
    def forward(self) -> str:  # type: ignore[override]
        y = "h[steps]" if self.output == "last" else "h[1:].transpose(1, 0, 2).reshape(-1, units)"
        return f"""
            {self.rows}
            z = ({self.x_rows} @ W + b).reshape(N, steps, all_gates)   # what all steps take in
            h = np.zeros((states, N, units), dtype)   # `h[0]` stands before the first step
            gates = np.zeros((steps, 4, N, units), dtype)
            for step in range(steps):
                r, k, n = np.split(z[:, step], 3, axis=1)
                own_r, own_k, own_n = np.split(h[step] @ U + b_state, 3, axis=1)
                r, k = sigmoid(r + own_r), sigmoid(k + own_k)   # reset, and keep
                n = np.tanh(n + r * own_n)   # the proposal
                h[step + 1] = (1 - k) * n + k * h[step]
                gates[step] = r, k, n, own_n
            y = {y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        first, also = "dy", []
        if self.output == "all":
            first = "np.zeros_like(h[0])"
            also = ["    dh = dh + dy.reshape(N, steps, units)[:, step]   # from above as well"]
        lines = [
            "dz, down = np.zeros_like(z), np.zeros_like(z)",
            f"dh = {first}",
            "for step in reversed(range(steps)):",
            *also,
            "    r, k, n, own_n = gates[step]",
            "    dn = dh * (1 - k) * (1 - n * n)   # before tanh",
            "    dr = dn * own_n * r * (1 - r)   # before sigmoid",
            "    dk = dh * (h[step] - n) * k * (1 - k)",
            "    dz[:, step] = np.concatenate([dr, dk, dn], axis=1)",
            "    down[:, step] = np.concatenate([dr, dk, dn * r], axis=1)",
            "    dh = down[:, step] @ U.T + dh * k   # on to the step before",
            "dsums, downs = dz.reshape(-1, all_gates), down.reshape(-1, all_gates)",
            f"dW = {self.x_rows}.T @ dsums   # summed over steps and examples",
            "dU = h[:-1].transpose(1, 0, 2).reshape(-1, units).T @ downs",
            "db = dsums.sum(axis=0)",
            "db_state = downs.sum(axis=0)",
            f"dx = {self.like_input('dsums @ W.T')}",
        ]
        return "\n".join(lines)

    def output_shape(self, *inputs: Shape) -> Shape:
        steps, _ = positions_of("gru", inputs[0])
        return row_or_rows(steps, self.units, self.output)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        steps, features = inputs[0]
        return {
            **{"steps": steps, "states": steps + 1, "features": features, "units": self.units},
            "all_gates": 3 * self.units,
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features, units, init = inputs[0][-1], self.units, self.init or "xavier"
        return {
            "W": Parameter((features, 3 * units), init, features, units, True),
            "U": Parameter((units, 3 * units), init, units, units, True),
            "b": Parameter((3 * units,), "zeros"),
            "b_state": Parameter((3 * units,), "zeros"),
        }
