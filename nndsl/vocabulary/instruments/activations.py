"""What the layers put out."""

from nndsl.vocabulary.instrument import Instrument


class Activations(Instrument):
    """The distribution of each layer's output."""
