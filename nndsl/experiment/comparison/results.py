"""The results of a variant: means and spreads over the seeds, and the criterion."""

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from nndsl.analysis.expect import known_before
from nndsl.analysis.expectation_results import ExpectationResult, check_expectations
from nndsl.analysis.metrics import best_baseline
from nndsl.experiment.comparison.plan import Repetition, Variant
from nndsl.experiment.job import Outcome, Results
from nndsl.languages import sentence

LOSS = "loss"  # a column of every history
CONFIDENCE = 0.95
MIN_DECIMALS, MAX_DECIMALS = 3, 5


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of some numbers, and their standard deviation (n - 1); None for a single one."""

    mean: float
    deviation: float | None
    count: int = 1

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval that holds the true mean with CONFIDENCE, by Student's t."""
        if self.deviation is None or self.count < 2:
            return None
        t = student_t(self.count - 1, CONFIDENCE)
        half = t * self.deviation / math.sqrt(self.count)
        return self.mean - half, self.mean + half


@dataclass(frozen=True, slots=True)
class Criterion:
    """The column of the results by which variants are ranked."""

    column: str
    higher_is_better: bool

    @property
    def title(self) -> str:
        """In words: `validation accuracy`."""
        return column_title(self.column)

    def best(self, rows: Iterable[Results]) -> Results:
        """Return the best row, the first of several; empty if all are nan."""
        rows = [row for row in rows if not math.isnan(row[self.column])]
        if not rows:
            return {}
        choose = max if self.higher_is_better else min
        return choose(rows, key=lambda row: row[self.column])


def column_title(column: str) -> str:
    """Return a column in words: `validation accuracy`; `loss` is that of the training part."""
    part, _, measure = ("training", "", LOSS) if column == LOSS else column.partition("_")
    if not measure:
        return sentence(part)
    return sentence(f"{part} {{measure}}", measure=sentence(measure.replace("_", " ")))


def choose_criterion(columns: Iterable[str]) -> str:
    """Return the first metric of the validation part, else its loss, else the training loss."""
    validation = [name for name in columns if name.startswith("validation_")]
    measures = [name for name in validation if not name.endswith(f"_{LOSS}")]
    return [*measures, *validation, LOSS][0]


def spread(numbers: Iterable[float]) -> Spread | None:
    """Return mean and standard deviation; None without numbers."""
    listed = list(numbers)
    if not listed:
        return None
    if not all(map(math.isfinite, listed)):
        return Spread(math.fsum(listed) / len(listed), None)
    deviation = statistics.stdev(listed) if len(listed) > 1 else None
    return Spread(statistics.fmean(listed), deviation, len(listed))


@cache
def student_t(freedom: int, share: float) -> float:
    """Return the t between whose signs lies such a share of Student's distribution."""
    low, high = 0.0, math.pi / 2  # of the angle whose tangent is t / sqrt(freedom)
    while (angle := (low + high) / 2) not in (low, high):
        if _between(angle, freedom) < share:
            low = angle
        else:
            high = angle
    return math.tan(angle) * math.sqrt(freedom)


def _between(angle: float, freedom: int) -> float:
    """Return the share between -t and t. Abramowitz and Stegun 1964, 26.7.3 and 26.7.4."""
    odd, square = freedom % 2, math.cos(angle) ** 2
    term, total = math.cos(angle) if odd else 1.0, 0.0
    for n in range(2 + odd, freedom + 1, 2):
        total += term
        term *= square * (n - 1) / n
    between = math.sin(angle) * total
    return 2 / math.pi * (angle + between) if odd else between


def decimals(spreads: Iterable[Spread | None]) -> int | None:
    """Return how many decimals show three digits of each mean; None if that takes too many."""
    means = [abs(s.mean) for s in spreads if s and s.mean and math.isfinite(s.mean)]
    if not means:
        return MIN_DECIMALS
    needed = 2 - math.floor(math.log10(min(means)))
    if needed > MAX_DECIMALS or max(means) >= 1e6:
        return None
    return max(needed, MIN_DECIMALS)


def format_spread(found: Spread | None, places: int | None) -> str:
    """Return `0.972 ± 0.004`, or the mean alone where there is no deviation."""
    if found is None:
        return "-"
    numbers = [found.mean, *([] if found.deviation is None else [found.deviation])]
    return " ± ".join(f"{n:.2e}" if places is None else f"{n:.{places}f}" for n in numbers)


def format_interval(interval: tuple[float, float] | None, places: int | None) -> str:
    """Return `0.962 to 0.982`, or a dash where there is none."""
    if interval is None:
        return "-"
    low, high = (f"{n:.2e}" if places is None else f"{n:.{places}f}" for n in interval)
    return sentence("{low} to {high}", low=low, high=high)


@dataclass(frozen=True)
class VariantResults:
    """A variant and its trainings, by seed, or by seed and fold."""

    variant: Variant
    outcomes: Mapping[Repetition, Outcome]

    @property
    def name(self) -> str:
        return self.variant.name

    @cached_property
    def ended(self) -> list[Outcome]:
        """The trainings that did not diverge."""
        return [outcome for outcome in self.outcomes.values() if not outcome.diverged]

    @cached_property
    def columns(self) -> list[str]:
        """The results that every training without divergence has, in the order of the history."""
        listed = [outcome.results for outcome in self.ended]
        return [name for name in listed[0] if all(name in r for r in listed)] if listed else []

    def spread(self, column: str) -> Spread | None:
        """Return mean and deviation of a result over the trainings that did not diverge."""
        if column not in self.columns:
            return None
        return spread(outcome.results[column] for outcome in self.ended)

    @property
    def divergence(self) -> str:
        """How it diverged, if it did: `diverged in epoch 3: W1 is not finite`."""
        problems = [outcome.problem for outcome in self.outcomes.values() if outcome.diverged]
        if not problems:
            return ""
        epoch, _, what = problems[0].removeprefix("training diverged: ").partition(": ")
        how = sentence("diverged in {epoch}: {what}", epoch=sentence(epoch), what=sentence(what))
        if not self.ended:
            return how
        known = {"count": len(problems), "all": len(self.outcomes), "how": how}
        return sentence("{count} of {all} {how}", **known)

    @cached_property
    def expectation_results(self) -> list[ExpectationResult]:
        """The results of its expectations, checked against the means."""
        means = {name: found.mean for name in self.columns if (found := self.spread(name))}
        known: dict[str, Any] = {**known_before(self.variant.graph), **means}
        return check_expectations(self.variant.expectations, known, self.baseline)

    def baseline(self, column: str) -> tuple[str, float] | None:
        """Return the best answer without a network, and what it reaches, a mean over the seeds."""
        found = [best_baseline(outcome.baselines.items(), column) for outcome in self.ended]
        known = [one for one in found if one is not None]
        if not known or len(known) < len(found):
            return None
        return known[0][0], statistics.fmean(number for _, number in known)
