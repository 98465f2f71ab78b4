"""Sampling with Optuna, so that a trial depends on its number and on earlier trials alone."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial
from optuna.trial import Trial as OptunaTrial

from nndsl.experiment.search.plan import Plan
from nndsl.experiment.search.trial import Draw, Trial

TRIAL = "nndsl"  # the user attribute that holds a Trial
STATES = {
    "finished": TrialState.COMPLETE,
    "stopped": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,  # without a value: the worst of all to samplers
    "failed": TrialState.FAIL,
}


class ByNumber(BaseSampler):
    """A sampler of Optuna, seeded for each trial from the seed and the number of the trial.

    So a search that was interrupted continues as if it had not been.
    """

    def __init__(self, plan: Plan) -> None:
        self._word = plan.sampler
        self._seed = plan.seed
        self._inner: BaseSampler = self._make(0)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._inner = self._make(trial.number)
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        return self._inner.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: Any
    ) -> Any:
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def _make(self, number: int) -> BaseSampler:
        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        sampler: Callable[..., BaseSampler] = getattr(optuna.samplers, self._word.optuna)
        return sampler(seed=seed, **self._word.options)


def silence_optuna() -> None:
    """Turn off the log and the warnings of Optuna."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)


def direction(plan: Plan) -> StudyDirection:
    """Return the direction of a study."""
    return StudyDirection.MAXIMIZE if plan.maximize else StudyDirection.MINIMIZE


def draw(plan: Plan, asked: OptunaTrial) -> Draw:
    """Draw all values of a trial."""
    settings = {name: range_.draw(asked, name) for name, range_ in plan.ranges.items()}
    return Draw(asked.number, settings, dict(asked.params))


def to_frozen_trial(trial: Trial, plan: Plan) -> FrozenTrial:
    """Return a trial that has ended in the form of Optuna."""
    again = optuna.trial.FixedTrial(dict(trial.drawn), trial.number)
    for name, range_ in plan.ranges.items():
        range_.draw(again, name)
    state = STATES[trial.end]
    reported = dict(enumerate(trial.curve, start=1)) if trial.end != "diverged" else {}
    return create_trial(
        state=state,
        value=trial.value if state is not TrialState.FAIL else None,
        params=dict(trial.drawn),
        distributions=again.distributions,
        intermediate_values=reported,
        user_attrs={TRIAL: trial.to_json()},
    )


class TrialSampler:
    """Draws one trial after the other, from the results that it was told.

    The draws are the same if the same results are told before the same draws.
    """

    def __init__(self, plan: Plan) -> None:
        silence_optuna()
        self._plan = plan
        self._asked: list[OptunaTrial] = []
        self._study = optuna.create_study(
            sampler=ByNumber(plan), pruner=optuna.pruners.NopPruner(), direction=direction(plan)
        )

    def ask(self, known: Trial | None = None) -> Draw:
        """Draw the next trial; if it is `known` from an earlier call, with the same values."""
        if known is not None:
            self._study.enqueue_trial(dict(known.drawn))
        self._asked.append(self._study.ask())
        return draw(self._plan, self._asked[-1])

    def tell(self, trial: Trial) -> None:
        """Take the result of a trial into account."""
        asked = self._asked[trial.number]
        if trial.end == "stopped" and trial.value is not None:
            asked.report(trial.value, trial.epochs)
        finished = trial.end == "finished"
        self._study.tell(
            asked,
            trial.value if finished else None,
            state=None if finished else STATES[trial.end],
        )
