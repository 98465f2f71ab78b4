"""The gated recurrent unit."""

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.recurrent import Recurrent


class Gru(Recurrent):
    """A state h of which a gate z keeps a part; the rest comes from a proposal n. Cho et al. 2014.

    The columns of W_x, W_h and the biases are those of r, z and n, a third each. In PyTorch's form
    the reset gate r acts on the product, h[t-1] W_h + b_h, and not on h[t-1] before it.
    """

    sums = 3

    @property
    def equation(self) -> str:  # type: ignore[override]
        return (
            "x_r, x_z, x_n = x W_x + b_x    h_r, h_z, h_n = h[t-1] W_h + b_h    "
            "r = sigmoid(x_r + h_r)    z = sigmoid(x_z + h_z)    n = tanh(x_n + r h_n)    "
            f"h = (1 - z) n + z h[t-1]    {self.output_equation}"
        )

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            {self.rows}
            a_x = ({self.x_rows} @ W_x + b_x).reshape(N, T, sums)   # what all steps take in
            h = np.zeros((states, N, H), dtype)   # `h[0]` is the state before the first step
            {self.first_state}
            r, z, n, h_n = np.zeros((4, states, N, H), dtype)
            for t in range(1, states):
                {self.real}
                a_h = h[t - 1] @ W_h + b_h
                x_r, x_z, x_n = np.split(a_x[:, t - 1], 3, axis=1)   # the columns of each gate
                h_r, h_z, h_n[t] = np.split(a_h, 3, axis=1)
                r[t] = sigmoid(x_r + h_r)   # the reset gate
                z[t] = sigmoid(x_z + h_z)   # the update gate
                n[t] = np.tanh(x_n + r[t] * h_n[t])   # the proposal; r acts after the product
                h[t] = (1 - z[t]) * n[t] + z[t] * h[t - 1]   # some of it, and some of the state
                {self.keep("h")}
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"""
            da_x, da_h = np.zeros_like(a_x), np.zeros_like(a_x)
            {self.dys}
            dh_next = {self.dh_last}   # {self.behind}
            for t in reversed(range(1, states)):
                {self.real}
                dh = {self.dh}
                dx_n = dh * (1 - z[t]) * (1 - n[t]**2)   # the slope of tanh
                dx_r = dx_n * h_n[t] * r[t] * (1 - r[t])   # the slope of the sigmoid
                dx_z = dh * (h[t - 1] - n[t]) * z[t] * (1 - z[t])
                da_x[:, t - 1] = np.hstack([dx_r, dx_z, dx_n])
                da_h[:, t - 1] = np.hstack([dx_r, dx_z, dx_n * r[t]])
                {self.clear("da_x", "da_h")}
                dh_next = da_h[:, t - 1] @ W_h.T + dh * z[t]   # on to the step before
                {self.dh_kept}
            {self.dstate()}
            dx_rows = da_x.reshape(-1, sums)   # a row for each step of each example
            dh_rows = da_h.reshape(-1, sums)
            h_before = h[:-1].transpose(1, 0, 2).reshape(-1, H)   # as the states before them
            dW_x = {self.x_rows}.T @ dx_rows   # summed over steps and examples
            dW_h = h_before.T @ dh_rows
            db_x = dx_rows.sum(axis=0)
            db_h = dh_rows.sum(axis=0)
            dx = {self.like_input("dx_rows @ W_x.T")}
        """

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        weights = {name: made for name, made in super().parameters(*inputs).items() if name != "b"}
        biases = {name: Parameter((self.sums * self.units,), "zeros") for name in ("b_x", "b_h")}
        return weights | biases
