"""The tree-structured Parzen estimator."""

from nndsl.vocabulary.sampler import Sampler


class Tpe(Sampler):
    """Trials are drawn where earlier ones did well. Bergstra et al. 2011, section 4."""

    optuna = "TPESampler"
    # Names are drawn together, since what is good for one may depend on another; trials that are
    # still running count as bad ones, so that those side by side are not all the same.
    options = {"multivariate": True, "constant_liar": True}
