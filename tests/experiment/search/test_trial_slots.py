"""Who has a place in a shared search, whatever the order in which participants were killed."""

from __future__ import annotations

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from nndsl.experiment.search.sampling import TRIAL, silence_optuna
from nndsl.experiment.search.shared import retry
from nndsl.experiment.search.trial import Trial
from nndsl.experiment.search.trial_slots import MAX_TRIES, TrialSlots

RUNNING, WAITING, FAIL, COMPLETE = (
    TrialState.RUNNING,
    TrialState.WAITING,
    TrialState.FAIL,
    TrialState.COMPLETE,
)


def numbered(*tries: tuple[TrialState, int | None]) -> list[FrozenTrial]:
    """Return trials with these states; the number is that of the trial that is tried again."""
    made = []
    for number, (state, first_try) in enumerate(tries):
        done = state is COMPLETE
        trial = create_trial(
            state=state,
            value=0.5 if done else None,
            system_attrs={} if first_try is None else {"failed_trial": first_try},
            user_attrs={TRIAL: Trial(9, {}, {}, "finished", 0.5).to_json()} if done else {},
        )
        trial.number = number
        made.append(trial)
    return made


def ranks(trials: list[FrozenTrial], limit: int) -> list[int | None]:
    return [TrialSlots.of(trials, limit).rank(trial) for trial in trials]


def test_the_first_have_places() -> None:
    trials = numbered((COMPLETE, None), (RUNNING, None), (RUNNING, None))
    assert ranks(trials, 2) == [0, 1, None]


def test_a_place_stays_with_who_fell_silent() -> None:
    trials = numbered((FAIL, None), (RUNNING, None), (RUNNING, None))
    assert ranks(trials, 2) == [0, 1, None]
    assert [trial.number for trial in TrialSlots.of(trials, 2).lost] == [0]


def test_a_retry_has_the_place_of_the_first_try() -> None:
    trials = numbered((FAIL, None), (COMPLETE, None), (COMPLETE, 0))
    places = TrialSlots.of(trials, 2)
    assert places.rank(trials[2]) == 0
    assert [trial.number for trial in places.ended] == [0, 1]
    assert not places.lost
    assert not places.has_work


def test_two_retries_of_one_trial() -> None:
    trials = numbered((FAIL, None), (WAITING, 0), (RUNNING, 0))
    assert ranks(trials, 1) == [0, 0, None]
    trials = numbered((FAIL, None), (FAIL, 0), (RUNNING, 0))
    assert ranks(trials, 1) == [0, 0, 0]


def test_a_retry_of_what_had_no_place_has_none() -> None:
    trials = numbered((COMPLETE, None), (FAIL, None), (WAITING, 1))
    assert ranks(trials, 1) == [0, None, None]
    assert not TrialSlots.of(trials, 1).has_work
    assert not TrialSlots.of(trials, 1).lost


def test_what_came_to_its_end_is_not_run_again() -> None:
    """A participant may fall silent between keeping what came of a trial and telling so."""
    silence_optuna()
    study = optuna.create_study()
    for is_kept in (True, False):
        asked = study.ask()
        if is_kept:
            asked.set_user_attr(TRIAL, Trial(asked.number, {}, {}, "finished", 0.5).to_json())
        trial = study.tell(asked, state=FAIL)
        retry(study, trial)
    kept, failed, again = study.get_trials()
    assert (kept.state, failed.state, again.state) == (FAIL, FAIL, WAITING)
    assert again.system_attrs["failed_trial"] == failed.number
    places = TrialSlots.of(study.get_trials(), 2)
    assert [trial.number for trial in places.ended] == [0]
    assert places.rank(again) == 1


def test_work_that_is_left() -> None:
    assert TrialSlots.of([], 1).has_work
    assert TrialSlots.of(numbered((FAIL, None), (WAITING, 0)), 1).has_work
    assert not TrialSlots.of(numbered((RUNNING, None)), 1).has_work


def test_what_kills_every_participant_is_given_up() -> None:
    tries = [(FAIL, None), *[(FAIL, 0)] * (MAX_TRIES - 1)]
    assert TrialSlots.of(numbered(*tries[:-1]), 1).lost
    places = TrialSlots.of(numbered(*tries), 1)
    assert not places.lost
    (given_up,) = places.ended
    assert given_up.end == "failed"
    assert f"{MAX_TRIES} times" in given_up.problem
