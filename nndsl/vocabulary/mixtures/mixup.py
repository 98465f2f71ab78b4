"""Each example with another."""

from pydantic import Field

from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.mixture import Mixture


class Mixup(Mixture):
    """A batch learns from each of its examples with another one mixed in, targets alike.

    Between two examples the network is to go from one target to the other. The share of the first
    is drawn anew for each batch, from a Beta distribution: the smaller alpha, the more often nearly
    all or nothing of it. Prediction and evaluation mix nothing. Zhang et al. 2018.
    """

    called = ("mix_up", "random_mixup")
    positional = 1

    alpha: PositiveReal = Field(0.2, description="of the Beta distribution of the shares")

    draw = """
        share = rng.beta(alpha, alpha)   # of the example itself
        other = rng.permutation(N)       # which one is mixed in
    """
    mixed = "share * a + (1 - share) * a[other]"
