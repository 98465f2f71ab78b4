"""The sum of values."""

from collections.abc import Mapping, Sequence

from nndsl.data import Signal
from nndsl.vocabulary.joining import Elementwise, Joining
from nndsl.vocabulary.layer import Parameter, Propagated


class Sum(Elementwise):
    """The sum of several values, number by number."""

    word = "add"
    operator = "+"
    symbol = "R"

    def propagate_moments(
        self, inputs: Sequence[Signal], parameters: Mapping[str, Parameter]
    ) -> Propagated:
        mean, variance = sum(x.mean for x in inputs), sum(x.variance for x in inputs)
        return Propagated(Signal(mean, variance), 1.0)


class Add(Joining):
    """The sum of values of one shape: `add(a, b)`, or of branches. He et al. 2016, eq. 2."""

    called = ("plus",)
    made_by = Sum
