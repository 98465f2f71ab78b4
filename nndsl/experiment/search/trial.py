"""A trial: one training with sampled values, which may be stopped early."""

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
    """The result of a trial. Without a `value` it is worse than any that has one."""

    number: int
    settings: Mapping[str, str]  # the sampled values, in the form of `--set`
    drawn: Mapping[str, float | str]  # the same in full precision, for the sampler
    end: End
    value: float | None = None  # of the metric, at the end
    curve: Curve = ()  # of the metric, by epoch
    beside: Curve = ()  # of the same metric on the training part
    problem: str = ""

    @property
    def epochs(self) -> int:
        return len(self.curve)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Trial:
        """Return the trial that `to_json` wrote. ValueError if it is none."""
        TypeAdapter(cls).validate_python(kept)
        try:
            curves = {name: tuple(kept[name]) for name in ("curve", "beside")}
            return cls(**{**kept, **curves})
        except (KeyError, TypeError) as error:  # a field is missing or unknown
            raise ValueError(f"this is no trial: {error}") from error


@dataclass(frozen=True, slots=True)
class Draw:
    """A trial to run: its values, and what it has to reach after each epoch."""

    number: int
    settings: Mapping[str, str]
    drawn: Mapping[str, float | str]
    limits: Curve = field(default=())

    def ended(self, outcome: Outcome, plan: Plan) -> Trial:
        """Return the result of the trial. PlanError if training does not report the metric."""
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
    """Return trials from the best to the worst; finished ones come first."""
    sign = -1 if plan.maximize else 1

    def rank(trial: Trial) -> tuple[bool, bool, int, float, int]:
        worth = math.inf if trial.value is None else sign * trial.value
        unfinished = trial.end != "finished"
        return unfinished, trial.value is None, -trial.epochs * unfinished, worth, trial.number

    return sorted(trials, key=rank)
