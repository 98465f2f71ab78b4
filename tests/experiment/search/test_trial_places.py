"""Who has a place in a shared search, whatever the order in which participants were killed."""

from __future__ import annotations

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from nndsl.experiment.search.places import MAX_TRIES, Places
from nndsl.experiment.search.sampling import TRIAL, quiet
from nndsl.experiment.search.shared import retry
from nndsl.experiment.search.trial import Trial

RUNNING, WAITING, FAIL, COMPLETE = (
    TrialState.RUNNING,
    TrialState.WAITING,
    TrialState.FAIL,
    TrialState.COMPLETE,
)


def numbered(*tries: tuple[TrialState, int | None]) -> list[FrozenTrial]:
    """Return trials with these states; the number is that of the trial that is tried again."""
    made = []
    for number, (state, root) in enumerate(tries):
        done = state is COMPLETE
        trial = create_trial(
            state=state,
            value=0.5 if done else None,
            system_attrs={} if root is None else {"failed_trial": root},
            user_attrs={TRIAL: Trial(9, {}, {}, "finished", 0.5).to_json()} if done else {},
        )
        trial.number = number
        made.append(trial)
    return made


def ranks(trials: list[FrozenTrial], limit: int) -> list[int | None]:
    return [Places.of(trials, limit).rank(trial) for trial in trials]


def test_the_first_have_places() -> None:
    trials = numbered((COMPLETE, None), (RUNNING, None), (RUNNING, None))
    assert ranks(trials, 2) == [0, 1, None]


def test_a_place_stays_with_who_fell_silent() -> None:
    trials = numbered((FAIL, None), (RUNNING, None), (RUNNING, None))
    assert ranks(trials, 2) == [0, 1, None]
    assert [trial.number for trial in Places.of(trials, 2).lost] == [0]


def test_a_retry_has_the_place_of_the_first_try() -> None:
    trials = numbered((FAIL, None), (COMPLETE, None), (COMPLETE, 0))
    places = Places.of(trials, 2)
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
    assert not Places.of(trials, 1).has_work
    assert not Places.of(trials, 1).lost


def test_what_came_to_its_end_is_not_run_again() -> None:
    """A participant may fall silent between keeping what came of a trial and telling so."""
    quiet()
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
    places = Places.of(study.get_trials(), 2)
    assert [trial.number for trial in places.ended] == [0]
    assert places.rank(again) == 1


def test_work_that_is_left() -> None:
    assert Places.of([], 1).has_work
    assert Places.of(numbered((FAIL, None), (WAITING, 0)), 1).has_work
    assert not Places.of(numbered((RUNNING, None)), 1).has_work


def test_what_kills_every_participant_is_given_up() -> None:
    tries = [(FAIL, None), *[(FAIL, 0)] * (MAX_TRIES - 1)]
    assert Places.of(numbered(*tries[:-1]), 1).lost
    places = Places.of(numbered(*tries), 1)
    assert not places.lost
    (given_up,) = places.ended
    assert given_up.end == "failed"
    assert f"{MAX_TRIES} times" in given_up.problem
