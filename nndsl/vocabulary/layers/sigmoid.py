"""The logistic sigmoid."""

from nndsl.vocabulary.layer import Layer


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)). The classic unit of Rumelhart, Hinton and Williams 1986."""

    called = ("logistic",)

    bounds = (0.0, 1.0)
    nonlinear = True
    equation = "y = sigmoid(x)"
    derivation = r"""
        With $y = 1 / (1 + e^{-x})$ the slope can be said by $y$ alone:
        $$\frac{\partial y}{\partial x} = \frac{e^{-x}}{\left(1 + e^{-x}\right)^2}
        = \frac{1}{1 + e^{-x}} \cdot \frac{e^{-x}}{1 + e^{-x}} = y \left(1 - y\right)$$
        So the backward pass needs no exponential again: it reads what the forward pass made.
    """
    questions = """
        How large is the slope of the sigmoid at most, and where? What does that mean for ten
        layers?
        = 1/4, at 0. Through ten sigmoids a gradient shrinks to less than a millionth of itself,
        but for what the weights multiply it by.
    """
    forward = "y = sigmoid(x)"
