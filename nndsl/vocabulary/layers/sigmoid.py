"""The logistic sigmoid."""

from nndsl.vocabulary.layer import Layer


class Sigmoid(Layer):
    """y = 1 / (1 + exp(-x)). The classic unit of Rumelhart, Hinton and Williams 1986."""

    positional = 0
    bounds = (0.0, 1.0)
    nonlinear = True
    equation = "y = sigmoid(x)"
    forward = """
        decay = np.exp(np.minimum(x, -x))            # exp(-|`x`|) never overflows
        y = np.exp(np.minimum(0, x)) / (1 + decay)   # 1 / (1 + exp(-`x`)), on either side of 0
    """
    backward = "dx = dy * y * (1 - y)   # the slope of the sigmoid"
