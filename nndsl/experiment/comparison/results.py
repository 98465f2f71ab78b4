"""What came of a comparison: means and spreads over the seeds, and which variant is best."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nndsl.analysis.expect import known_before
from nndsl.analysis.outcomes import Outcome as Held
from nndsl.analysis.outcomes import outcomes as hold
from nndsl.experiment.comparison.plan import Plan, Variant
from nndsl.experiment.comparison.training import Outcomes
from nndsl.experiment.job import Outcome, Results
from nndsl.program.evaluation import higher_is_better

LOSS = "loss"  # the column that every history has


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of some numbers, and their standard deviation (n - 1); None for a single one."""

    mean: float
    deviation: float | None

    @property
    def reach(self) -> float:
        """How far from the mean a number still lies within the spread."""
        return self.deviation or 0.0


@dataclass(frozen=True, slots=True)
class Judge:
    """What the variants are judged by: a column of their results."""

    column: str
    higher_is_better: bool

    @property
    def title(self) -> str:
        """In words: `validation accuracy`."""
        return title(self.column)

    def best(self, rows: Iterable[Results]) -> Results:
        """Return the best of some rows, the first one where several are."""
        rows = [row for row in rows if not math.isnan(row[self.column])]
        if not rows:
            return {}
        choose = max if self.higher_is_better else min
        return choose(rows, key=lambda row: row[self.column])


def title(column: str) -> str:
    """Return a column in words: `validation accuracy`; `loss` is that of the training part."""
    return "training loss" if column == LOSS else column.replace("_", " ")


def judge_of(columns: Iterable[str]) -> str:
    """Return the first measure of the validation part; else its loss; else the training loss."""
    validation = [name for name in columns if name.startswith("validation_")]
    measures = [name for name in validation if not name.endswith(f"_{LOSS}")]
    return [*measures, *validation, LOSS][0]


def spread(numbers: Iterable[float]) -> Spread | None:
    """Return mean and standard deviation, or None of nothing."""
    listed = list(numbers)
    if not listed:
        return None
    if not all(map(math.isfinite, listed)):
        return Spread(math.fsum(listed) / len(listed), None)
    deviation = statistics.stdev(listed) if len(listed) > 1 else None
    return Spread(statistics.fmean(listed), deviation)


@dataclass(frozen=True)
class VariantResults:
    """A variant and its trainings, by seed."""

    variant: Variant
    outcomes: Mapping[int, Outcome]

    @property
    def name(self) -> str:
        return self.variant.name

    @cached_property
    def ended(self) -> list[Outcome]:
        """The trainings that did not diverge."""
        return [outcome for outcome in self.outcomes.values() if not outcome.diverged]

    @cached_property
    def columns(self) -> list[str]:
        """What is known of every training that did not diverge, in the order of the history."""
        listed = [outcome.results for outcome in self.ended]
        return [name for name in listed[0] if all(name in r for r in listed)] if listed else []

    def spread(self, column: str) -> Spread | None:
        """Return mean and deviation of a result over the trainings that did not diverge."""
        if column not in self.columns:
            return None
        return spread(outcome.results[column] for outcome in self.ended)

    @property
    def divergence(self) -> str:
        """In words, how it diverged, or nothing: `diverged in epoch 3: W1 is not finite`."""
        problems = [outcome.problem for outcome in self.outcomes.values() if outcome.diverged]
        if not problems:
            return ""
        epoch, _, what = problems[0].removeprefix("training diverged: ").partition(": ")
        count = f"{len(problems)} of {len(self.outcomes)} " if self.ended else ""
        return f"{count}diverged in {epoch}: {what}"

    @cached_property
    def held(self) -> list[Held]:
        """What became of its expectations, which are held to the means."""
        means = {name: found.mean for name in self.columns if (found := self.spread(name))}
        known: dict[str, Any] = {**known_before(self.variant.graph), **means}
        return hold(self.variant.expectations, known)


@dataclass(frozen=True)
class Comparison:
    """A comparison that was made."""

    plan: Plan
    variants: tuple[VariantResults, ...]

    @cached_property
    def judge(self) -> Judge:
        """The one that `judge_of` chooses from what all variants have."""
        ended = [variant for variant in self.variants if variant.ended]
        first = ended[0].columns if ended else []
        common = [name for name in first if all(name in variant.columns for variant in ended)]
        column = judge_of(common)
        return Judge(column, higher_is_better(column))

    @cached_property
    def ranked(self) -> list[VariantResults]:
        """The variants of which every training came to a number, the best one first.

        Of those that judge equal, the one with the smaller loss.
        """
        sign = -1 if self.judge.higher_is_better else 1
        part = self.judge.column.partition("_")[0]
        means = {
            variant.name: (
                sign * found.mean,
                loss.mean if (loss := variant.spread(f"{part}_{LOSS}")) else 0.0,
            )
            for variant in self.variants
            if not variant.divergence
            and (found := variant.spread(self.judge.column))
            and not math.isnan(found.mean)
        }
        known = [variant for variant in self.variants if variant.name in means]
        return sorted(known, key=lambda variant: means[variant.name])

    @property
    def verdict(self) -> str:
        """Which variant is best by what, in a sentence with numbers."""
        from nndsl.experiment.comparison.verdict import verdict  # which is about this class

        return verdict(self)

    @property
    def best(self) -> VariantResults | None:
        """The best variant by the judge; None where every one diverged."""
        return self.ranked[0] if self.ranked else None

    def is_within(self, variant: VariantResults) -> bool:
        """Whether a variant lies within the spread of the seeds around the best one.

        It does where the two ranges `mean ± standard deviation` meet.
        """
        own, best = variant.spread(self.judge.column), self._best_spread
        if own is None or best is None or variant not in self.ranked:
            return False
        return abs(own.mean - best.mean) <= own.reach + best.reach

    @property
    def _best_spread(self) -> Spread | None:
        return self.best.spread(self.judge.column) if self.best else None


def collect(plan: Plan, outcomes: Outcomes) -> Comparison:
    """Return the results of a plan whose trainings are done."""
    return Comparison(
        plan,
        tuple(
            VariantResults(
                variant,
                {
                    seed: outcome
                    for (name, seed), outcome in outcomes.items()
                    if name == variant.name
                },
            )
            for variant in plan.variants
        ),
    )
