"""The product of values, number by number."""

from collections.abc import Mapping, Sequence
from math import prod

from nndsl.data import Signal
from nndsl.vocabulary.joining import Elementwise, Joining
from nndsl.vocabulary.layer import Parameter, Propagated


class Product(Elementwise):
    """The product of several values, number by number."""

    word = "multiply"
    operator = "*"
    symbol = "M"

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        mean, power = prod(x.mean for x in inputs), prod(x.power for x in inputs)
        others = [prod(y.power for y in inputs if y is not x) for x in inputs]
        return Propagated(Signal(mean, power - mean * mean), sum(others) / len(others))


class Multiply(Joining):
    """The product of values of one shape, number by number: `multiply(a, b)`, or of branches.

    A gate: Hochreiter and Schmidhuber 1997.
    """

    called = ("mul", "gate")
    made_by = Product
