"""The hyperbolic tangent."""

from nndsl.vocabulary.layer import Layer


class Tanh(Layer):
    """y = tanh(x): a sigmoid centred on 0. LeCun et al. 1998 ("Efficient BackProp")."""

    bounds = (-1.0, 1.0)
    nonlinear = True
    equation = "y = tanh(x)"
    derivation = r"""
        $\tanh x$ is $\sinh x / \cosh x$. By the rule for quotients, and $\cosh^2 x - \sinh^2 x =
        1$,
        $$\frac{\partial y}{\partial x} = \frac{\cosh^2 x - \sinh^2 x}{\cosh^2 x}
        = 1 - \tanh^2 x = 1 - y^2$$
    """
    questions = """
        What is the slope of tanh where its output is 0.99?
        = 1 - 0.99² = 0.02: such a unit is saturated, and hardly learns.
    """
    forward = "y = np.tanh(x)"
