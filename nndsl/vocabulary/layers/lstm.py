"""The long short-term memory."""

from __future__ import annotations

from pydantic import Field

from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.recurrent import SIGMOID, Recurrent


class Lstm(Recurrent):
    """A state h and a cell c, which gates forget, write to and read, step by step.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000. The gates come in
    PyTorch's order, and they have one bias, where PyTorch adds two.
    """

    forget_bias: Real = Field(
        1.0, description="added to what opens the forget gate: at first the cell remembers"
    )

    sums = 4
    memory_bias = "forget_bias"
    functions = SIGMOID

    @property
    def equation(self) -> str:  # type: ignore[override]
        return (
            "i, f, g, o = x W + h' U + b    "
            "c = sigmoid(f + forget_bias) c' + sigmoid(i) tanh(g)    "
            f"h = sigmoid(o) tanh(c)    {self.output_equation}"
        )

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            {self.rows}
            z = ({self.x_rows} @ W + b).reshape(N, steps, all_gates)   # what all steps take in
            h, c = np.zeros((2, states, N, units), dtype)   # at 0 the state before the first step
            gates = np.zeros((steps, 4, N, units), dtype)
            for step in range(steps):
                i, f, g, o = (z[:, step] + h[step] @ U).reshape(N, 4, units).transpose(1, 0, 2)
                i, f, g, o = sigmoid(i), sigmoid(f + forget_bias), np.tanh(g), sigmoid(o)
                c[step + 1] = f * c[step] + i * g   # forget some of the cell, write some to it
                h[step + 1] = o * np.tanh(c[step + 1])   # and read some of it
                gates[step] = i, f, g, o
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        lines = [
            f"dz, dh, dc = np.zeros_like(z), {self.dh}, np.zeros_like(c[0])",
            self.back,
            "for step in reversed(range(steps)):",
            f"    {self.dh_from_above}",
            "    i, f, g, o = gates[step]",
            "    read = np.tanh(c[step + 1])",
            "    dc = dc + dh * o * (1 - read * read)",
            "    di, df = dc * g * i * (1 - i), dc * c[step] * f * (1 - f)   # before sigmoid",
            "    dg, do = dc * i * (1 - g * g), dh * read * o * (1 - o)   # before tanh, sigmoid",
            "    dz[:, step] = np.concatenate([di, df, dg, do], axis=1)",
            "    dh, dc = dz[:, step] @ back, dc * f   # on to the step before",
            "dsums = dz.reshape(-1, all_gates)   # of `x W + h U + b`, a row each",
            f"dW = {self.x_rows}.T @ dsums   # summed over steps and examples",
            "dU = h[:-1].transpose(1, 0, 2).reshape(-1, units).T @ dsums",
            "db = dsums.sum(axis=0)",
            f"dx = {self.like_input('dsums @ W.T')}",
        ]
        return "\n".join(line for line in lines if line.strip())
