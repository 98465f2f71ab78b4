"""The identity."""

from nndsl.vocabulary.layer import Layer


class Identity(Layer):
    """y = x: says that there is no activation, where a reader would look for one. By definition."""

    linear = True
    stands_for_none = True
    equation = "y = x"
    forward = "y = x"
