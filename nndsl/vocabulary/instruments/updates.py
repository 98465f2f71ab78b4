"""The steps of the optimizer."""

from nndsl.vocabulary.instrument import Instrument


class Updates(Instrument):
    """The size of each parameter's step, relative to the size of the parameter."""
