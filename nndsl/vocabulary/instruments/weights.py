"""The parameters themselves."""

from nndsl.vocabulary.instrument import Instrument


class Weights(Instrument):
    """The distribution of each parameter."""
