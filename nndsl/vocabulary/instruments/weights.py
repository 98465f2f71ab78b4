"""The parameters themselves."""

from nndsl.vocabulary.instrument import Instrument


class Weights(Instrument):
    """The distribution of each parameter: its entries, and how far they spread."""

    watches = "parameters"
    value = "p"
    measure = """
        mean = p.mean()
        std = p.std()
        zeros = (p == 0).mean()
    """
