"""The sigmoid linear unit, also called swish."""

from nndsl.vocabulary.layer import Layer


class Silu(Layer):
    """y = x sigmoid(x). Elfwing et al. 2017; Ramachandran et al. 2017 ("swish").

    It halves the signal much as relu does, so He's weights suit it.
    """

    called = ("swish",)

    nonlinear = True
    recommended_init = "he"
    equation = "y = x sigmoid(x)"
    forward = """
        e = np.exp(-np.abs(x))                      # it never overflows
        gate = np.exp(np.minimum(0, x)) / (1 + e)   # sigmoid(`x`), exact where it is nearly 0, too
        y = x * gate
    """
    backward = (
        "dx = dy * (gate + y * (1 - gate))   # the product rule; sigmoid' = sigmoid (1 - sigmoid)"
    )
