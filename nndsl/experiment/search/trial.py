"""A trial: one training with drawn values, stopped early where it was hopeless."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from nndsl.experiment.job import Outcome
from nndsl.experiment.search.plan import Plan

Curve = tuple[float, ...]
End = Literal["finished", "stopped", "diverged", "failed"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial. Without a `value` it is worse than any that has one."""

    number: int
    settings: Mapping[str, str]  # the drawn values, as `--set` takes them
    drawn: Mapping[str, float | str]  # the same as the sampler drew them, with all their digits
    end: End
    value: float | None = None  # of the metric, at the end
    curve: Curve = ()  # of the metric, a number an epoch
    beside: Curve = ()  # the same of the training part, where the metric is of another
    problem: str = ""

    @property
    def epochs(self) -> int:
        return len(self.curve)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Trial:
        """Return the trial that `to_json` made this of. ValueError where it is none such."""
        TypeAdapter(cls).validate_python(kept)
        try:
            curves = {name: tuple(kept[name]) for name in ("curve", "beside")}
            return cls(**{**kept, **curves})
        except (KeyError, TypeError) as error:  # a part is missing, or one too many
            raise ValueError(f"this is no trial: {error}") from error


@dataclass(frozen=True, slots=True)
class Draw:
    """The values of a trial that is to be run, and what it has to reach after each epoch."""

    number: int
    settings: Mapping[str, str]
    drawn: Mapping[str, float | str]
    limits: Curve = field(default=())

    def ended(self, outcome: Outcome, plan: Plan) -> Trial:
        """Return what came of it. MetricError where training does not report the metric."""
        curve = tuple(plan.metric_of(row) for row in outcome.rows)
        beside = tuple(
            row[plan.training_column] for row in outcome.rows if plan.training_column in row
        )
        base = (self.number, self.settings, self.drawn)
        if outcome.problem and not outcome.diverged:
            return Trial(*base, "failed", None, curve, beside, outcome.problem)
        value = None if outcome.diverged or not curve else plan.metric_of(outcome.results)
        if value is None or not math.isfinite(value):
            curve = tuple(v for v in curve if math.isfinite(v))
            beside = beside[: len(curve)]
            return Trial(*base, "diverged", None, curve, beside, outcome.problem)
        return Trial(*base, "stopped" if outcome.stopped else "finished", value, curve, beside)


def rank_trials(trials: Iterable[Trial], plan: Plan) -> list[Trial]:
    """Return trials from the best to the worst: those that finished before all others."""
    sign = -1 if plan.maximize else 1

    def rank(trial: Trial) -> tuple[bool, bool, int, float, int]:
        worth = math.inf if trial.value is None else sign * trial.value
        unfinished = trial.end != "finished"
        return unfinished, trial.value is None, -trial.epochs * unfinished, worth, trial.number

    return sorted(trials, key=rank)
