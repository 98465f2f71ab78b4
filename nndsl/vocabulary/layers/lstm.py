"""The long short-term memory."""

from __future__ import annotations

from pydantic import Field

from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.functions import SIGMOID
from nndsl.vocabulary.recurrent import Recurrent


class Lstm(Recurrent):
    """A cell c that gates write to, forget and read: i, f and o, step by step.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000. The columns of W_x,
    W_h and b are those of i, f, o and g, a quarter each. There is one bias, where PyTorch adds two.
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
            "a_i, a_f, a_o, a_g = x W_x + h[t-1] W_h + b    "
            "i = sigmoid(a_i)    f = sigmoid(a_f + forget_bias)    o = sigmoid(a_o)    "
            f"g = tanh(a_g)    c = f c[t-1] + i g    h = o tanh(c)    {self.output_equation}"
        )

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            {self.rows}
            a_x = ({self.x_rows} @ W_x + b).reshape(N, T, sums)   # what all steps take in
            h, c = np.zeros((2, states, N, H), dtype)   # at 0 the state before the first step
            i, f, o, g = np.zeros((4, states, N, H), dtype)
            for t in range(1, states):
                a = a_x[:, t - 1] + h[t - 1] @ W_h
                a_i, a_f, a_o, a_g = np.split(a, 4, axis=1)   # the columns of each gate
                i[t] = sigmoid(a_i)   # the input gate
                f[t] = sigmoid(a_f + forget_bias)   # the forget gate
                o[t] = sigmoid(a_o)   # the output gate
                g[t] = np.tanh(a_g)   # what may be written
                c[t] = f[t] * c[t - 1] + i[t] * g[t]   # forget some of the cell, write some to it
                h[t] = o[t] * np.tanh(c[t])   # and read some of it
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"""
            da = np.zeros_like(a_x)
            {self.dys}
            dh_next, dc_next = {self.dh_last}, 0   # {self.behind}
            for t in reversed(range(1, states)):
                dh = {self.dh}
                tanh_c = np.tanh(c[t])
                dc = dh * o[t] * (1 - tanh_c**2) + dc_next
                da_i = dc * g[t] * i[t] * (1 - i[t])   # the slope of the sigmoid
                da_f = dc * c[t - 1] * f[t] * (1 - f[t])
                da_o = dh * tanh_c * o[t] * (1 - o[t])
                da_g = dc * i[t] * (1 - g[t]**2)   # the slope of tanh
                da[:, t - 1] = np.hstack([da_i, da_f, da_o, da_g])
                dh_next = da[:, t - 1] @ W_h.T   # on to the step before
                dc_next = dc * f[t]
            da_rows = da.reshape(-1, sums)   # a row for each step of each example
            h_before = h[:-1].transpose(1, 0, 2).reshape(-1, H)   # as the states before them
            dW_x = {self.x_rows}.T @ da_rows   # summed over steps and examples
            dW_h = h_before.T @ da_rows
            db = da_rows.sum(axis=0)
            dx = {self.like_input("da_rows @ W_x.T")}
        """
