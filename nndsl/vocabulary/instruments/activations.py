"""The outputs of the layers."""

from nndsl.vocabulary.instrument import Instrument


class Activations(Instrument):
    """The distribution of each layer's output: its spread, and the units that do not take part.

    A unit is dead if it rests on its lower bound for every example (for relu: is never active);
    a value is saturated if it lies within 0.05 of a bound. `distinct` units are those that are left
    when of units that output the same only one is counted.
    """

    watches = "layers"
    value = "y"
    shows_distribution = True
    curve = "dead"
    curve_title = "dead units"
    curve_scale = "share"
    measure = """
        mean = y.mean()
        std = y.std()
        zero = (y == 0).mean()
        saturated = ((y < low + 0.05) | (y > high - 0.05)).mean()
        dead = (y == low).all(axis=0).mean()
        units = y[0].size
        distinct = len({unit.tobytes() for unit in y.reshape(len(y), -1).T + 0.0})
    """
