"""The simple recurrent layer."""

from nndsl.vocabulary.recurrent import Recurrent

OF_ALL = r"""
A state $h_t$ has two readers: the output, and the next step. Its gradient is the sum of what
both give back, so the steps are gone through from the last to the first:
$$\frac{\partial L}{\partial h_{t-1}} = \frac{\partial L}{\partial y_{t-1}}
+ \left(\frac{\partial L}{\partial h_t} \odot \left(1 - h_t^2\right)\right) W_h^{\top}$$
The same weights serve each step, and so their gradients add up over all of them.
"""
OF_LAST = r"""
The last state is the output, and has its gradient. Each state before it has one reader,
the next step, so the steps are gone through from the last to the first:
$$\frac{\partial L}{\partial h_{t-1}}
= \left(\frac{\partial L}{\partial h_t} \odot \left(1 - h_t^2\right)\right) W_h^{\top}$$
The same weights serve each step, and so their gradients add up over all of them.
"""


class Rnn(Recurrent):
    """h[t] = tanh(x[t] W_x + h[t-1] W_h + b), step by step. Elman 1990.

    The gradient goes back through all steps (Werbos 1990).
    """

    called = ("simple_rnn", "vanilla_rnn", "elman", "recurrent")

    questions = """
        Through how many products with the weights of the state does the gradient of the first
        step come?
        = One for each later step. If they make it smaller each time, far steps teach nothing.
    """

    @property
    def derivation(self) -> str:  # type: ignore[override]
        return OF_ALL if self.output == "all" else OF_LAST

    @property
    def equation(self) -> str:  # type: ignore[override]
        return f"h = tanh(x W_x + h[t-1] W_h + b)    {self.output_equation}"

    @property
    def forward(self) -> str:  # type: ignore[override]
        return f"""
            {self.rows}
            a = ({self.x_rows} @ W_x + b).reshape(N, T, H)   # what all steps take in
            h = np.zeros((states, N, H), dtype)   # `h[0]` is the state before the first step
            {self.first_state}
            for t in range(1, states):
                {self.real}
                h[t] = np.tanh(a[:, t - 1] + h[t - 1] @ W_h)
                {self.keep("h")}
            y = {self.y}
        """

    @property
    def backward(self) -> str:  # type: ignore[override]
        return f"""
            da = np.zeros_like(a)
            {self.dys}
            dh_next = {self.dh_last}   # {self.behind}
            for t in reversed(range(1, states)):
                {self.real}
                dh = {self.dh}
                da[:, t - 1] = dh * (1 - h[t]**2)   # the slope of tanh
                {self.clear("da")}
                dh_next = da[:, t - 1] @ W_h.T   # on to the step before
                {self.dh_kept}
            {self.dstate()}
            da_rows = da.reshape(-1, H)   # a row for each step of each example
            h_before = h[:-1].transpose(1, 0, 2).reshape(-1, H)   # as the states before them
            dW_x = {self.x_rows}.T @ da_rows   # summed over steps and examples
            dW_h = h_before.T @ da_rows
            db = da_rows.sum(axis=0)
            dx = {self.like_input("da_rows @ W_x.T")}
        """
