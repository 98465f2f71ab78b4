"""The long short-term memory."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.positions import LayerOfPositions, positions_of, row_or_rows
from nndsl.vocabulary.word import Real, Shape, Size


class Lstm(LayerOfPositions):
    """A state h and a cell c, which gates forget, write to and read, step by step.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000. The gates come in
    PyTorch's order, and they have one bias, where PyTorch adds two.
    """

    units: Size = Field(description="number of units: the length of the state")
    output: Literal["last", "all"] = Field("last", description="the state of which steps")
    forget_bias: Real = Field(
        1.0, description="added to what opens the forget gate: at first the cell remembers"
    )
    init: Initializer | None = Field(None, description="how both weights begin; left out, xavier")

    letter = "H"
    sees_positions = True
    bounds = (-1.0, 1.0)
    equation = "i, f, g, o = x W + h' U + b    c = f c' + i g    h = o tanh(c)"
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
            c = np.zeros((states, N, units), dtype)
            gates = np.zeros((steps, 4, N, units), dtype)
            for step in range(steps):
                i, f, g, o = np.split(z[:, step] + h[step] @ U, 4, axis=1)
                i, f, g, o = sigmoid(i), sigmoid(f + forget_bias), np.tanh(g), sigmoid(o)
                c[step + 1] = f * c[step] + i * g   # forget some of the cell, write some to it
                h[step + 1] = o * np.tanh(c[step + 1])   # and read some of it
                gates[step] = i, f, g, o
            y = {y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        first, dh = "dy", "dh"
        if self.output == "all":
            first, dh = "np.zeros_like(h[0])", "dh + dy.reshape(N, steps, units)[:, step]"
        also = "" if dh == "dh" else f"dh = {dh}   # from above and from the step behind"
        lines = [
            "dz = np.zeros_like(z)",
            f"dh, dc = {first}, np.zeros_like(c[0])",
            "for step in reversed(range(steps)):",
            *([f"    {also}"] if also else []),
            "    i, f, g, o = gates[step]",
            "    read = np.tanh(c[step + 1])",
            "    dc = dc + dh * o * (1 - read * read)",
            "    opened = dc * g * i * (1 - i), dc * c[step] * f * (1 - f)   # slopes of sigmoid",
            "    written = dc * i * (1 - g * g), dh * read * o * (1 - o)",
            "    dz[:, step] = np.concatenate([*opened, *written], axis=1)",
            "    dh, dc = dz[:, step] @ U.T, dc * f   # on to the step before",
            "dsums = dz.reshape(-1, all_gates)   # of `x W + h U + b`, a row each",
            f"dW = {self.x_rows}.T @ dsums   # summed over steps and examples",
            "dU = h[:-1].transpose(1, 0, 2).reshape(-1, units).T @ dsums",
            "db = dsums.sum(axis=0)",
            f"dx = {self.like_input('dsums @ W.T')}",
        ]
        return "\n".join(lines)

    def output_shape(self, *inputs: Shape) -> Shape:
        steps, _ = positions_of("lstm", inputs[0])
        return row_or_rows(steps, self.units, self.output)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        steps, features = inputs[0]
        return {
            **{"steps": steps, "states": steps + 1, "features": features, "units": self.units},
            "all_gates": 4 * self.units,
        }

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features, units, init = inputs[0][-1], self.units, self.init or "xavier"
        return {
            "W": Parameter((features, 4 * units), init, features, units, True),
            "U": Parameter((units, 4 * units), init, units, units, True),
            "b": Parameter((4 * units,), "zeros"),
        }
