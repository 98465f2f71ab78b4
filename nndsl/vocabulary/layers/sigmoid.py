"""The logistic sigmoid."""

from nndsl.vocabulary.layer import Layer


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)). The classic unit of Rumelhart, Hinton and Williams 1986."""

    positional = 0
    nonlinear = True
    equation = "y = sigmoid(x)"
    forward = "y = 0.5 + 0.5 * np.tanh(0.5 * x)   # 1 / (1 + exp(-`x`)), and no exp that overflows"
    backward = "dx = dy * y * (1 - y)"
