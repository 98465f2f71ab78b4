"""The tree-structured Parzen estimator."""

from nndsl.vocabulary.sampler import Sampler


class Tpe(Sampler):
    """Trials are drawn where earlier ones did well. Bergstra et al. 2011, section 4."""
