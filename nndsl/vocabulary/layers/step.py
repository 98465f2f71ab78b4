"""The step function."""

from nndsl.vocabulary.layer import Layer


class Step(Layer):
    """y = 1 where x > 0, else 0. The unit of McCulloch and Pitts 1943 and of Rosenblatt 1958."""

    called = ("heaviside",)

    bounds = (0.0, 1.0)
    nonlinear = True
    only_predicts = "`step` has the derivative 0 everywhere, so that nothing before it could learn"
    equation = "y = 1 where x > 0, else 0"
    forward = "y = (x > 0).astype(dtype)"
