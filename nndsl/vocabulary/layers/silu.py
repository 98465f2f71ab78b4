"""The sigmoid linear unit, also called swish."""

import math

from nndsl.vocabulary.layer import Layer


class Silu(Layer):
    """y = x sigmoid(x). Elfwing et al. 2017; Ramachandran et al. 2017 ("swish").

    It halves the signal much as relu does, so He's weights suit it.
    """

    positional = 0
    nonlinear = True
    suits = "he"
    equation = "y = x sigmoid(x)"
    forward = """
        gate = 0.5 + 0.5 * np.tanh(0.5 * x)   # sigmoid(`x`), and no exp that overflows
        y = x * gate
    """
    backward = (
        "dx = dy * (gate + y * (1 - gate))   # the product rule; sigmoid' = sigmoid (1 - sigmoid)"
    )

    def curve(self, x: float) -> tuple[float, float]:
        gate = 0.5 + 0.5 * math.tanh(0.5 * x)
        return x * gate, gate + x * gate * (1 - gate)
