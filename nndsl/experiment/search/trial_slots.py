"""The slots of a shared search, so that no trial is lost and none is done twice.

Participants on many machines draw trials at the same time, and any of them may be killed at any
moment. They agree by the numbers that the storage gives to trials, one after the other. A
trial that is drawn anew has a slot if fewer than `trials` of its kind have lower numbers. A trial
whose participant died is run again as another trial with the same values, a retry; a retry
has the slot if no other try of the same trial with a lower number runs, waits or has ended. Both
rules give the same answer to every participant, at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from optuna.trial import FrozenTrial, TrialState

from nndsl.experiment.search.sampling import TRIAL
from nndsl.experiment.search.trial import Trial

MAX_TRIES = 4
_OPEN = (TrialState.RUNNING, TrialState.WAITING)


def first_try(trial: FrozenTrial) -> int:
    """Return the number of the first try of a trial."""
    number: int = trial.system_attrs.get("failed_trial", trial.number)
    return number


def trial_of(trial: FrozenTrial) -> Trial | None:
    """Return the result of a try, or None if it was not finished."""
    if trial.state in _OPEN or TRIAL not in trial.user_attrs:
        return None
    return Trial.from_json(trial.user_attrs[TRIAL])


@dataclass(frozen=True, slots=True)
class TrialSlots:
    """The slots of a search, each with its tries in the order of their numbers."""

    tries: Mapping[int, Sequence[FrozenTrial]]  # by the number of the first
    limit: int

    @classmethod
    def of(cls, trials: Sequence[FrozenTrial], limit: int) -> TrialSlots:
        first = [trial.number for trial in trials if first_try(trial) == trial.number][:limit]
        tries: dict[int, list[FrozenTrial]] = {number: [] for number in first}
        for trial in trials:
            if first_try(trial) in tries:
                tries[first_try(trial)].append(trial)
        return cls(tries, limit)

    def rank(self, trial: FrozenTrial) -> int | None:
        """Return the slot of a try, from 0, or None if it has none."""
        if first_try(trial) not in self.tries:
            return None
        for other in self.tries[first_try(trial)]:
            if other.number < trial.number and other.state is not TrialState.FAIL:
                return None
        return list(self.tries).index(first_try(trial))

    @property
    def ended(self) -> list[Trial]:
        """The trials that have ended, in the order of the slots."""
        found = []
        for rank, tries in enumerate(self.tries.values()):
            outcomes = [o for o in map(trial_of, tries) if o is not None]
            if outcomes:
                found.append(replace(outcomes[0], number=rank))
            elif _given_up(tries):
                last = tries[-1]
                problem = f"its process ended early, {len(tries)} times"
                settings = {name: str(value) for name, value in last.params.items()}
                found.append(Trial(rank, settings, last.params, "failed", problem=problem))
        return found

    @property
    def lost(self) -> list[FrozenTrial]:
        """The last tries of slots that no participant tries again, since one was killed."""
        return [
            tries[-1]
            for tries in self.tries.values()
            if all(trial.state is TrialState.FAIL for trial in tries)
            and not any(map(trial_of, tries))
            and not _given_up(tries)
        ]

    @property
    def has_work(self) -> bool:
        """Whether there is a trial to draw or to run again."""
        return len(self.tries) < self.limit or any(
            trial.state is TrialState.WAITING for tries in self.tries.values() for trial in tries
        )


def _given_up(tries: Sequence[FrozenTrial]) -> bool:
    return len(tries) >= MAX_TRIES and all(t.state is TrialState.FAIL for t in tries)
