"""The simple recurrent layer."""

from __future__ import annotations

from nndsl.vocabulary.recurrent import Recurrent


class Rnn(Recurrent):
    """h = tanh(x W + h' U + b), step by step, where h' is the h of the step before. Elman 1990.

    The gradient goes back through all steps (Werbos 1990).
    """

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"h = tanh(x W + h' U + b)    {self.output_equation}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            {self.rows}
            z = ({self.x_rows} @ W + b).reshape(N, steps, units)   # what all steps take in
            h = np.zeros((states, N, units), dtype)   # `h[0]` stands before the first step
            for step in range(steps):
                h[step + 1] = np.tanh(z[:, step] + h[step] @ U)
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        dh = "dh"
        if self.output == "all":
            dh = "(dh + dy.reshape(N, steps, units)[:, step])"
        return f"""
            dz = np.zeros_like(z)
            dh = {self.dh}
            {self.back}
            for step in reversed(range(steps)):
                now = h[step + 1]
                dz[:, step] = {dh} * (1 - now * now)   # the slope of tanh
                dh = dz[:, step] @ back   # on to the step before
            dsums = dz.reshape(-1, units)
            dW = {self.x_rows}.T @ dsums   # summed over steps and examples
            dU = h[:-1].transpose(1, 0, 2).reshape(-1, units).T @ dsums
            db = dsums.sum(axis=0)
            dx = {self.like_input("dsums @ W.T")}
        """
