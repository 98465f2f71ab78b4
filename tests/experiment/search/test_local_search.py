"""A search on one machine: the same trials always, whatever happens to it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from searching import SPEC, plan, search

from nndsl.experiment.manifest import OtherExperiment
from nndsl.experiment.search.local import TrialStore
from nndsl.experiment.search.manifest import claim
from nndsl.experiment.search.plan import PlanError, SearchError
from nndsl.experiment.search.trial import Trial, rank_trials

pytestmark = pytest.mark.slow  # trains, or draws, again and again


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[Trial]:
    return search(plan(), tmp_path_factory.mktemp("undisturbed"))[0]


def test_every_trial_is_run_once_and_told_in_order(tmp_path: Path) -> None:
    trials, seen = search(plan(trials=6), tmp_path)
    assert sorted(seen.started) == list(range(6))
    assert [trial.number for trial in seen.ended] == list(range(6))
    assert seen.ended == trials


def test_the_sampler_learns_and_trials_end_in_all_ways(undisturbed: list[Trial]) -> None:
    ends = Counter(trial.end for trial in undisturbed)
    assert len(undisturbed) == 24
    assert set(ends) == {"finished", "stopped", "diverged"}
    best = rank_trials(undisturbed, plan())[0]
    assert best.end == "finished"
    assert best.value is not None
    assert best.value > 0.5
    assert all(trial.epochs < 5 for trial in undisturbed if trial.end == "stopped")
    assert all(trial.epochs == 5 for trial in undisturbed if trial.end == "finished")


def test_one_worker_finds_what_two_find(tmp_path: Path, undisturbed: list[Trial]) -> None:
    assert search(plan(), tmp_path, workers=1)[0] == undisturbed


def test_a_longer_search_goes_on_from_a_shorter_one(
    tmp_path: Path, undisturbed: list[Trial]
) -> None:
    assert search(plan(trials=11), tmp_path)[0] == undisturbed[:11]
    trials, seen = search(plan(), tmp_path)
    assert trials == undisturbed
    assert sorted(seen.started) == list(range(11, 24))


def test_the_storage_is_a_study_of_optuna(tmp_path: Path) -> None:
    trials, _ = search(plan(trials=5), tmp_path)
    study = optuna.load_study(study_name=None, storage=f"sqlite:///{tmp_path / 'study.db'}")
    assert [t.number for t in study.trials] == [0, 1, 2, 3, 4]
    for kept, trial in zip(study.trials, trials, strict=True):
        assert kept.params.keys() == {"rate", "width", "depth"}
        assert kept.params["rate"] == pytest.approx(float(trial.settings["rate"]), rel=1e-3)
        if trial.end == "finished":
            assert kept.value == trial.value
            assert list(kept.intermediate_values.values()) == list(trial.curve)
    assert not (tmp_path / "waiting").exists()


def test_what_was_ahead_of_its_turn_is_kept(tmp_path: Path, undisturbed: list[Trial]) -> None:
    search(plan(trials=3), tmp_path)
    ahead = undisturbed[5]  # its turn comes when 3 and 4 have ended
    own = TrialStore(plan(), tmp_path)
    own.keep(ahead)
    own.close()
    trials, seen = search(plan(), tmp_path)
    assert trials == undisturbed
    assert 5 not in seen.started


def test_killed_between_the_two_ways_of_keeping(tmp_path: Path, undisturbed: list[Trial]) -> None:
    search(plan(trials=3), tmp_path)
    twice = tmp_path / "waiting" / "000001.json"
    twice.parent.mkdir()
    twice.write_text(json.dumps(undisturbed[1].to_json()))
    assert search(plan(trials=4), tmp_path)[0] == undisturbed[:4]
    assert not twice.exists()


def test_the_test_part_is_not_looked_at(undisturbed: list[Trial]) -> None:
    assert {len(trial.beside) for trial in undisturbed} == {len(t.curve) for t in undisturbed}
    assert not any("test" in json.dumps(trial.to_json()) for trial in undisturbed)


def test_without_pruning_all_trials_end(tmp_path: Path) -> None:
    trials, _ = search(plan(trials=16, pruning=False), tmp_path)
    assert {trial.end for trial in trials} == {"finished", "diverged"}


def test_the_random_sampler_hangs_on_nothing_but_its_seed(tmp_path: Path) -> None:
    text = SPEC.replace("sampler=tpe", "sampler=random, seed=3")
    one, _ = search(plan(text, trials=6), tmp_path / "one")
    two, _ = search(plan(text.replace("epochs    = 5", "epochs = 1"), trials=6), tmp_path / "two")
    other, _ = search(plan(text.replace("seed=3", "seed=4"), trials=6), tmp_path / "other")
    assert [t.settings for t in one] == [t.settings for t in two]
    assert [t.settings for t in one] != [t.settings for t in other]


def test_other_searches_are_told_apart(tmp_path: Path) -> None:
    claim(tmp_path, plan(), fresh=False)
    claim(tmp_path, plan(trials=99), fresh=False)
    claim(tmp_path, plan(SPEC.replace("# the step", "")), fresh=False)
    for text, options, said in (
        (SPEC.replace("epochs    = 5", "epochs = 6"), {}, "the spec is not the same"),
        (SPEC.replace("1e6)", "1e5)"), {}, "the ranges are not the same"),
        (SPEC.replace("sampler=tpe", "sampler=random"), {}, "sampler was tpe, and is random"),
        (SPEC, {"pruning": False}, "pruning was true, and is false"),
    ):
        with pytest.raises(OtherExperiment) as caught:
            claim(tmp_path, plan(text, **options), fresh=False)
        assert caught.value.differences == [said]
    claim(tmp_path, plan(pruning=False), fresh=True)


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    for fresh in (False, True):
        with pytest.raises(OtherExperiment, match="not those of a search"):
            claim(tmp_path, plan(), fresh=fresh)
    assert (tmp_path / "thesis.txt").exists()


def test_a_damaged_study_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_bytes(b"no database, whatever its name says")
    with pytest.raises(SearchError, match=r"study\.db cannot be used: .*not a database"):
        TrialStore(plan(), tmp_path)


@pytest.mark.parametrize("name", ["q?x=1", "q?y=2#3", "100%41", "{SCHEMA_VERSION} {}", "a b&c"])
def test_the_study_lies_in_the_folder_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    search(plan(trials=2), folder)
    assert (folder / "study.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert len(TrialStore(plan(), folder).trials) == 2


NESTED = "[" * 100_000


@pytest.mark.parametrize("text", ["", "garbage", NESTED, "{}", "[]", '{"number": 3}', "\0"])
def test_a_damaged_trial_that_waits_is_run_again(
    text: str, tmp_path: Path, undisturbed: list[Trial]
) -> None:
    search(plan(trials=3), tmp_path)
    (tmp_path / "waiting").mkdir()
    (tmp_path / "waiting" / "000003.json").write_text(text)
    (tmp_path / "waiting" / "000004.json").write_text(json.dumps(undisturbed[7].to_json()))
    assert search(plan(trials=5), tmp_path)[0] == undisturbed[:5]


@pytest.mark.parametrize("text", ["", NESTED, "[]", "{}", '{"experiment": "search"}'])
def test_a_damaged_mark_is_no_traceback(text: str, tmp_path: Path) -> None:
    (tmp_path / "study.db").touch()
    (tmp_path / "experiment.json").write_text(text)
    with pytest.raises(OtherExperiment):
        claim(tmp_path, plan(), fresh=False)


def test_a_search_keeps_how_many_run_side_by_side(tmp_path: Path) -> None:
    wide = plan(trials=2, workers=20)
    assert wide.lag == 20
    claim(tmp_path, wide, fresh=False)
    assert claim(tmp_path, plan(), fresh=False).lag == 20


def test_values_that_do_not_fit_fail_and_the_others_go_on(tmp_path: Path) -> None:
    text = SPEC.replace("dense(width)", "dense(6 / depth)")
    text = text.replace("integer(1, 6)", "integer(1, 4)")
    text = text.replace("  width = choice(4, 8, 16)\n", "")
    trials, _ = search(plan(text, trials=12), tmp_path)
    failed = [trial for trial in trials if trial.end == "failed"]
    assert {trial.settings["depth"] for trial in failed} == {"4"}
    assert "whole number" in failed[0].problem
    assert search(plan(text, trials=12), tmp_path)[0] == trials


def test_a_search_whose_trials_all_fail_ends(tmp_path: Path) -> None:
    text = SPEC.replace("dense(3)", "dense(3 * width)")
    text = text.replace("let width = 8", "let width = 1").replace(
        "choice(4, 8, 16)", "integer(2, 9)"
    )
    with pytest.raises(SearchError, match="the spec has errors"):
        search(plan(text), tmp_path)


def test_a_metric_that_training_does_not_report(tmp_path: Path) -> None:
    text = SPEC.replace("epochs    = 5", "epochs = 1; metrics = [accuracy]").replace(
        "validation_accuracy", "validation_top_k_accuracy"
    )
    with pytest.raises(PlanError, match="does not report `validation_top_k_accuracy`"):
        search(plan(text), tmp_path)


def test_set_and_the_search_do_not_speak_about_the_same_name() -> None:
    with pytest.raises(PlanError, match="`--set rate` has no effect"):
        plan(settings={"rate": "0.1"})
    assert plan(settings={"train.epochs": "2"}).job(0, {"rate": "1"}).settings == {
        "train.epochs": "2",
        "rate": "1",
    }


def test_better_is_less_of_a_loss(undisturbed: list[Trial]) -> None:
    of_loss = plan(SPEC.replace("validation_accuracy", "validation_loss"))
    assert not of_loss.maximize
    trials = [replace(undisturbed[0], number=n, value=float(n), end="finished") for n in (2, 0, 1)]
    assert [trial.number for trial in rank_trials(trials, of_loss)] == [0, 1, 2]
    assert [trial.number for trial in rank_trials(trials, plan())] == [2, 1, 0]
