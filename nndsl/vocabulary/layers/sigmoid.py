"""The logistic sigmoid."""

from nndsl.vocabulary.functions import SIGMOID
from nndsl.vocabulary.layer import Layer


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)). The classic unit of Rumelhart, Hinton and Williams 1986."""

    called = ("logistic",)

    positional = 0
    bounds = (0.0, 1.0)
    nonlinear = True
    equation = "y = sigmoid(x)"
    functions = SIGMOID
    forward = "y = sigmoid(x)"
