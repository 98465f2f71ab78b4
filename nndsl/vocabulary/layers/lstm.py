"""The long short-term memory."""

import math
from typing import Literal, Self

from pydantic import Field, PrivateAttr

from nndsl.shapes import Shape
from nndsl.vocabulary.builtin import Real
from nndsl.vocabulary.layer import Layer
from nndsl.vocabulary.recurrent import Recurrent


class Lstm(Recurrent):
    """A cell c that gates write to, forget and read: i, f and o, step by step.

    Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000. The columns of W_x,
    W_h and b are those of i, f, o and g, a quarter each. There is one bias, where PyTorch adds two.
    """

    output: Literal["last", "all", "state"] = Field(  # type: ignore[assignment]
        "last",
        description="the state of which steps; state: the last one and the cell side by side, for "
        "the `state=` of another",
    )
    forget_bias: Real = Field(
        1.0, description="added to what opens the forget gate: at first the cell remembers"
    )

    sums = 4
    memories = ("h", "c")
    memory_bias = "forget_bias"
    _begins_with_cell: bool = PrivateAttr(False)

    @property
    def outputs_cell(self) -> bool:
        return self.output == "state"

    def doubt_of_role(self, role: str, made_by: Layer) -> tuple[str, str] | None:
        if role == "state" and isinstance(made_by, Lstm) and not self._begins_with_cell:
            if made_by.outputs_cell:
                return super().doubt_of_role(role, made_by)
            wrong = (
                f"takes the state of another `{self.keyword()}` without its cell, which begins at 0"
            )
            return wrong, f"let that `{self.keyword()}` output both: output=state"
        return None

    @property
    def bounds(self) -> tuple[float, float]:  # type: ignore[override]
        """Those of h; a cell has none."""
        return (-math.inf, math.inf) if self.output == "state" else (-1.0, 1.0)

    def for_shapes(self, *inputs: Shape) -> Self:
        placed = super().for_shapes(*inputs)
        given = dict(zip(placed.inputs, inputs, strict=True))
        placed._begins_with_cell = given.get("state") == (2 * self.units,)
        return placed

    def output_shape(self, *inputs: Shape) -> Shape:
        shape = super().output_shape(*inputs)
        return (2 * self.units,) if self.output == "state" else shape

    @property
    def states(self) -> tuple[Shape, ...]:
        return ((self.units,), (2 * self.units,))

    @property
    def y(self) -> str:
        return "np.concatenate([h[-1], c[-1]], axis=1)" if self.output == "state" else super().y

    @property
    def first_state(self) -> str:
        if not self._begins_with_cell:
            return super().first_state
        return """
            h[0] = state[:, :H]   # what is known before the first step
            c[0] = state[:, H:]
        """.strip()

    def dstate(self, dh: str = "dh_next", dc: str = "dc_next") -> str:
        if not self._begins_with_cell:
            return super().dstate(dh)
        return f"dstate = np.hstack([{dh}, {dc}])   # it has come back to the first step"

    @property
    def last_gradients(self) -> str:
        """The gradients that the last state and the last cell have from behind them."""
        if self.output == "state":
            return "np.split(dy, 2, axis=1)"
        return f"{self.dh_last}, 0"

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
            h, c = np.zeros((2, states, N, H), dtype)   # at 0 the state before step 1
            {self.first_state}
            i, f, o, g = np.zeros((4, states, N, H), dtype)
            for t in range(1, states):
                {self.real}
                a = a_x[:, t - 1] + h[t - 1] @ W_h
                a_i, a_f, a_o, a_g = np.split(a, 4, axis=1)   # the columns of each gate
                i[t] = sigmoid(a_i)   # the input gate
                f[t] = sigmoid(a_f + forget_bias)   # the forget gate
                o[t] = sigmoid(a_o)   # the output gate
                g[t] = np.tanh(a_g)   # what may be written
                c[t] = f[t] * c[t - 1] + i[t] * g[t]   # forget some of the cell, write to it
                h[t] = o[t] * np.tanh(c[t])   # and read some of it
                {self.keep("c")}
                {self.keep("h")}
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"""
            da = np.zeros_like(a_x)
            {self.dys}
            dh_next, dc_next = {self.last_gradients}   # {self.behind}
            for t in reversed(range(1, states)):
                {self.real}
                dh = {self.dh}
                tanh_c = np.tanh(c[t])
                dc = dh * o[t] * (1 - tanh_c**2) + dc_next
                da_i = dc * g[t] * i[t] * (1 - i[t])   # the slope of the sigmoid
                da_f = dc * c[t - 1] * f[t] * (1 - f[t])
                da_o = dh * tanh_c * o[t] * (1 - o[t])
                da_g = dc * i[t] * (1 - g[t]**2)   # the slope of tanh
                da[:, t - 1] = np.hstack([da_i, da_f, da_o, da_g])
                {self.clear("da")}
                dh_next = da[:, t - 1] @ W_h.T   # on to the step before
                {self.dh_kept}
                dc_next = {"np.where(real, dc * f[t], dc_next)" if self.is_masked else "dc * f[t]"}
            {self.dstate()}
            da_rows = da.reshape(-1, sums)   # a row for each step of each example
            h_before = h[:-1].transpose(1, 0, 2).reshape(-1, H)   # as the states before them
            dW_x = {self.x_rows}.T @ da_rows   # summed over steps and examples
            dW_h = h_before.T @ da_rows
            db = da_rows.sum(axis=0)
            dx = {self.like_input("da_rows @ W_x.T")}
        """

    @property
    def optimized_forward(self) -> str:  # type: ignore[override]
        if self.is_masked:
            return ""
        every = "h[1:].transpose(1, 0, 2).reshape(-1, H)"
        return f"""
            {self.rows}
            xs = {self.x_rows}.reshape(N, T, features).transpose(1, 0, 2).reshape(-1, features)
            W_x_halved = W_x.copy()
            W_h_halved = W_h.copy()
            bias = b.copy()
            bias[H:twice] += forget_bias
            W_x_halved[:, :three_times] *= 0.5   # sigmoid(z) = (1 + tanh(z / 2)) / 2
            W_h_halved[:, :three_times] *= 0.5
            bias[:three_times] *= 0.5
            gates = (xs @ W_x_halved + bias).reshape(T, N, sums)   # of all steps: i, f, o, g
            h, c, tanh_c = np.zeros((3, states, N, H), dtype)
            {self.first_state}
            for t in range(T):
                gates[t] += h[t] @ W_h_halved   # each step puts its gates in their place
                np.tanh(gates[t], out=gates[t])   # of all four at once, in memory in a row
                sig, g = gates[t, :, :three_times], gates[t, :, three_times:]
                sig += 1
                sig *= 0.5
                np.multiply(sig[:, H:twice], c[t], out=c[t + 1])
                c[t + 1] += sig[:, :H] * g
                np.tanh(c[t + 1], out=tanh_c[t + 1])
                np.multiply(sig[:, twice:], tanh_c[t + 1], out=h[t + 1])
            y = {every if self.output == "all" else self.y}
        """

    @property
    def optimized_inference_forward(self) -> str:  # type: ignore[override]
        return (
            self.model_copy(update={"stateful": False}).optimized_forward if self.stateful else ""
        )

    @property
    def optimized_backward(self) -> str:  # type: ignore[override]
        if self.is_masked:
            return ""
        begin = f"dh, dc = {self.dh_last}, np.zeros_like(c[0])"
        if self.output == "state":
            begin = "dh, dc = dy[:, :H], dy[:, H:].copy()"
        return f"""
            parts = gates.reshape(T, N, 4, H)
            f, g = parts[:, :, 1], parts[:, :, 3]
            da = (1 - parts) * parts   # what each sum is multiplied by: the slopes of the sigmoids
            np.multiply(g, g, out=da[:, :, 3])
            np.subtract(1, da[:, :, 3], out=da[:, :, 3])   # of tanh
            da[:, :, 0] *= g
            da[:, :, 1] *= c[:-1]
            da[:, :, 2] *= tanh_c[1:]
            da[:, :, 3] *= parts[:, :, 0]
            slope_c = parts[:, :, 2] * (1 - tanh_c[1:] * tanh_c[1:])
            {self.dys}
            {begin}
            for t in reversed(range(T)):
                {"dh = dys[:, t] + dh" * (self.output == "all")}
                dc += dh * slope_c[t]
                da[t, :, :2] *= dc[:, None]
                da[t, :, 2] *= dh
                da[t, :, 3] *= dc
                dh = da[t].reshape(-1, sums) @ W_h.T   # on to the step before
                dc *= f[t]
            {self.dstate("dh", "dc")}
            da_rows = da.reshape(-1, sums)
            dW_x = xs.T @ da_rows
            dW_h = h[:-1].reshape(-1, H).T @ da_rows
            db = da_rows.sum(axis=0)
            dx = (da_rows @ W_x.T).reshape(T, N, features).transpose(1, 0, 2).reshape(x.shape)
        """

    def numbers(self, *inputs: Shape) -> dict[str, int]:
        return super().numbers(*inputs) | {"twice": 2 * self.units, "three_times": 3 * self.units}
