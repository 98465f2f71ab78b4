"""The difference between two variants, by what both reach with the same seeds."""

import math
from dataclasses import dataclass

from nndsl.experiment.comparison.plan import Variant
from nndsl.experiment.comparison.results import CONFIDENCE, VariantResults, spread, student_t
from nndsl.ir import parse_text, reads


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean difference of two variants, with an interval where chance can be told from it.

    `is_paired`: both had the same examples in the same parts, seed by seed.
    """

    mean: float
    interval: tuple[float, float] | None
    is_paired: bool

    @property
    def is_shown(self) -> bool:
        """Does the interval hold numbers of one sign alone?"""
        return self.interval is not None and (self.interval[0] > 0 or self.interval[1] < 0)


def difference(one: VariantResults, other: VariantResults, column: str, pairs: int) -> Difference:
    """Return by how much a result of one variant is above that of another, neither diverged.

    The interval is the corrected resampled t of Nadeau and Bengio 2003 (Inference for the
    Generalization Error, Machine Learning 52): the variance of a mean of J differences is taken
    as (1/J + validation examples / training examples) of theirs, since parts that are drawn from
    the same examples again and again overlap. With folds it is that of Bouckaert and Frank 2004.
    Where nothing is drawn twice it is the plain paired t. Variants of other data or other seeds
    are not paired: the variances of both are added, with J - 1 degrees, no more than Welch has.

    Of so many `pairs` that are compared with each other all intervals hold the true differences
    with CONFIDENCE (Bonferroni). Equal differences have no deviation: they are its interval where
    so many of one sign are improbable enough (sign test), else there is none.
    """
    improbable = (1 - CONFIDENCE) / pairs
    is_paired = one.outcomes.keys() == other.outcomes.keys() and (
        one.variant.spec.data == other.variant.spec.data
    )
    samples = [[o.results[column] for o in found.ended] for found in (one, other)]
    largest = max(map(abs, (*samples[0], *samples[1])))
    if is_paired:
        samples = [[a - b for a, b in zip(*samples, strict=True)]]
    spreads = [found for sample in samples if (found := spread(sample))]
    mean = spreads[0].mean - (0.0 if is_paired else spreads[1].mean)
    count = min(found.count for found in spreads)
    if count < 2:
        return Difference(mean, None, is_paired)
    variance = sum((found.deviation or 0.0) ** 2 for found in spreads)
    if math.sqrt(variance) <= 1e-9 * largest:  # nothing but rounding
        is_enough = mean != 0 and 2 ** (1 - count) <= improbable
        return Difference(mean, (mean, mean) if is_enough else None, is_paired)
    repeated = max(overlap(found.variant) for found in (one, other))
    half = student_t(count - 1, 1 - improbable) * math.sqrt((1 / count + repeated) * variance)
    return Difference(mean, (mean - half, mean + half), is_paired)


def overlap(variant: Variant) -> float:
    """Return how many validation examples there are for each training example.

    0 where trainings with other seeds do not draw their parts from the same examples: those are
    made anew, or parts are never drawn.
    """
    data, known = variant.spec.data, variant.spec.description
    assert data is not None
    is_made_anew = "rng" in reads(parse_text(known.read or data.read))
    if not data.holds_validation or (data.fold is None and (is_made_anew or data.is_ordered)):
        return 0.0
    sizes = data.part_sizes(known.examples or 0)
    training = min(sizes["training"], data.training or sizes["training"])
    return sizes["validation"] / training
