"""The gated recurrent unit."""

from __future__ import annotations

from nndsl.shapes import Shape
from nndsl.vocabulary.layer import Parameter
from nndsl.vocabulary.recurrent import SIGMOID, Recurrent


class Gru(Recurrent):
    """A state h that a gate moves towards a proposal, step by step. Cho et al. 2014.

    In PyTorch's form the reset gate acts on the product, h' U + b_state, and not on h' before it.
    """

    sums = 3
    functions = SIGMOID

    @property
    def equation(self) -> str:  # type: ignore[override]
        return (
            "x_r, x_k, x_n = x W + b    h_r, h_k, h_n = h' U + b_state    "
            "r = sigmoid(x_r + h_r)    k = sigmoid(x_k + h_k)    n = tanh(x_n + r h_n)    "
            f"h = (1 - k) n + k h'    {self.output_equation}"
        )

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            {self.rows}
            z = ({self.x_rows} @ W + b).reshape(N, steps, all_gates)   # what all steps take in
            h = np.zeros((states, N, units), dtype)   # `h[0]` stands before the first step
            gates = np.zeros((steps, 4, N, units), dtype)
            for step in range(steps):
                r, k, n = z[:, step].reshape(N, 3, units).transpose(1, 0, 2)
                own = (h[step] @ U + b_state).reshape(N, 3, units)
                own_r, own_k, own_n = own.transpose(1, 0, 2)
                r, k = sigmoid(r + own_r), sigmoid(k + own_k)   # reset, and keep
                n = np.tanh(n + r * own_n)   # the proposal
                h[step + 1] = (1 - k) * n + k * h[step]
                gates[step] = r, k, n, own_n
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        lines = [
            "dz, down = np.zeros_like(z), np.zeros_like(z)",
            f"dh = {self.dh}",
            self.back,
            "for step in reversed(range(steps)):",
            f"    {self.dh_from_above}",
            "    r, k, n, own_n = gates[step]",
            "    dn = dh * (1 - k) * (1 - n * n)   # before tanh",
            "    dr = dn * own_n * r * (1 - r)   # before sigmoid",
            "    dk = dh * (h[step] - n) * k * (1 - k)",
            "    dz[:, step] = np.concatenate([dr, dk, dn], axis=1)",
            "    down[:, step] = np.concatenate([dr, dk, dn * r], axis=1)",
            "    dh = down[:, step] @ back + dh * k   # on to the step before",
            "dsums, downs = dz.reshape(-1, all_gates), down.reshape(-1, all_gates)",
            f"dW = {self.x_rows}.T @ dsums   # summed over steps and examples",
            "dU = h[:-1].transpose(1, 0, 2).reshape(-1, units).T @ downs",
            "db = dsums.sum(axis=0)",
            "db_state = downs.sum(axis=0)",
            f"dx = {self.like_input('dsums @ W.T')}",
        ]
        return "\n".join(line for line in lines if line.strip())

    def parameters(self, *inputs: Shape) -> dict[str, Parameter]:
        return {
            **super().parameters(*inputs),
            "b_state": Parameter((self.sums * self.units,), "zeros"),
        }
