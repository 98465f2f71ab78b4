"""The simple recurrent layer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nndsl.vocabulary.initializer import Initializer
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.positions import LayerOfPositions, positions_of, row_or_rows
from nndsl.vocabulary.word import Shape, Size


class Rnn(LayerOfPositions):
    """h = tanh(x W + h' U + b), step by step, where h' is the h of the step before. Elman 1990.

    The gradient goes back through all steps (Werbos 1990).
    """

    units: Size = Field(description="number of units: the length of the state")
    output: Literal["last", "all"] = Field("last", description="the state of which steps")
    init: Initializer | None = Field(None, description="how both weights begin; left out, xavier")

    letter = "H"
    sees_positions = True
    bounds = (-1.0, 1.0)
    equation = "h = tanh(x W + h' U + b)"

    @property
    def forward(self) -> str:  # type: ignore[override]
        y = "h[steps]" if self.output == "last" else "h[1:].transpose(1, 0, 2).reshape(-1, units)"
        return f"""
            {self.rows}
            z = ({self.x_rows} @ W + b).reshape(N, steps, units)   # what all steps take in
            h = np.zeros((states, N, units), dtype)   # `h[0]` stands before the first step
            for step in range(steps):
                h[step + 1] = np.tanh(z[:, step] + h[step] @ U)
            y = {y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        first, dh = "dy", "dh"
        if self.output == "all":
            first, dh = "np.zeros_like(h[0])", "(dh + dy.reshape(N, steps, units)[:, step])"
        return f"""
            dz = np.zeros_like(z)
            dh = {first}
            for step in reversed(range(steps)):
                now = h[step + 1]
                dz[:, step] = {dh} * (1 - now * now)   # the slope of tanh
                dh = dz[:, step] @ U.T   # on to the step before
            dsums = dz.reshape(-1, units)
            dW = {self.x_rows}.T @ dsums   # summed over steps and examples
            dU = h[:-1].transpose(1, 0, 2).reshape(-1, units).T @ dsums
            db = dsums.sum(axis=0)
            dx = {self.like_input("dsums @ W.T")}
        """

    def output_shape(self, *inputs: Shape) -> Shape:
        steps, _ = positions_of("rnn", inputs[0])
        return row_or_rows(steps, self.units, self.output)

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        steps, features = inputs[0]
        return {"steps": steps, "states": steps + 1, "features": features, "units": self.units}

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        features, units, init = inputs[0][-1], self.units, self.init or "xavier"
        return {
            "W": Parameter((features, units), init, features, units, True),
            "U": Parameter((units, units), init, units, units, True),
            "b": Parameter((units,), "zeros"),
        }
