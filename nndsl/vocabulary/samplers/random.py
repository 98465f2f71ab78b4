"""Random search."""

from nndsl.vocabulary.sampler import Sampler


class Random(Sampler):
    """Every trial is drawn anew, whatever came before. Bergstra and Bengio 2012."""

    optuna = "RandomSampler"
