"""The parameters themselves."""

from nndsl.vocabulary.instrument import Instrument


class Weights(Instrument):
    """The distribution of each parameter: its entries, and how far they spread."""

    watches = "parameters"
    value = "p"
    shows_distribution = True
    curve = "std"
    curve_title = "std of the weights"
    curve_scale = "linear"
    measure = """
        mean = p.mean()
        std = p.std()
        zero = (p == 0).mean()
    """
