"""The gradients of the parameters."""

from nndsl.vocabulary.instrument import Instrument


class Gradients(Instrument):
    """The size and the distribution of the gradient of each parameter."""
