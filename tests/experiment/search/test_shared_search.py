"""A search that several machines take part in."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState
from postgresql import programs, server
from searching import SPEC, Seen, plan

from nndsl.experiment.manifest import OtherExperiment
from nndsl.experiment.search.plan import StorageError
from nndsl.experiment.search.shared import SharedSearch, address, url_with_driver
from nndsl.experiment.search.trial_slots import TrialSlots, trial_of

pytestmark = pytest.mark.slow  # trains, or draws, again and again

TRIALS = 20


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    if programs() is None:
        pytest.skip("there is no PostgreSQL server here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="nndsl"))  # the path of a socket must be short
    try:
        with server(folder / "pg") as url:
            yield url
    finally:
        shutil.rmtree(folder)


def participant(url: str, folder: Path, name: str) -> subprocess.Popen[str]:
    """Start one of those who search."""
    command = f"{sys.executable} -m nndsl search spiral.nn --workers 1 --heartbeat 1".split()
    command += ["--trials", str(TRIALS), "--storage", url, "-o", f"found-{name}"]
    (folder / "spiral.nn").write_text(SPEC, encoding="utf-8")
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True)


def test_one_of_two_is_killed_and_no_trial_is_lost_or_doubled(
    database: str, tmp_path: Path
) -> None:
    first, second = (participant(database, tmp_path, name) for name in ("first", "second"))
    with first, second:
        assert first.stdout is not None
        for _ in range(5):
            assert first.stdout.readline().startswith("trial ")
        study = optuna.load_study(study_name="spiral", storage=url_with_driver(database))
        first.send_signal(signal.SIGSTOP)  # so that it holds a trial when it is killed
        os.waitpid(first.pid, os.WUNTRACED)  # it stands still now
        running = [t.number for t in study.get_trials() if t.state is TrialState.RUNNING]
        first.kill()
        out, err = second.communicate()
    assert second.returncode == 0, err
    assert "no-secret" not in out + err

    trials = study.get_trials()
    ended = [t for t in trials if trial_of(t) is not None]
    assert len(ended) == len(TrialSlots.of(trials, TRIALS).ended) == TRIALS
    times = Counter(tuple(t.params.items()) for t in ended)
    assert set(times.values()) == {1}
    left = [t for t in trials if t.state in (TrialState.RUNNING, TrialState.WAITING)]
    assert not any(t.params for t in left)  # one without a place may be left by who was killed
    failed = {t.number: t.params for t in trials if t.params and t not in ended}
    assert set(failed) <= set(running)
    again = {
        t.system_attrs["failed_trial"]: t.params for t in ended if "failed_trial" in t.system_attrs
    }
    # who was killed while it drew has a part of its values, and the next one draws the rest
    assert all(params.items() <= again[number].items() for number, params in failed.items())

    results = json.loads((tmp_path / "found-second" / "results.json").read_text("utf-8"))
    assert results["trials"] == TRIALS
    assert "test_accuracy" in results["run"]
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in kept if b"no-secret" in path.read_bytes()]


def test_who_comes_late_finds_the_search_done(database: str, tmp_path: Path) -> None:
    one = SharedSearch(plan(trials=6), database, "late", Seen(), workers=2, heartbeat=1)
    trials = one.run()
    assert [trial.number for trial in trials] == list(range(6))
    seen = Seen()
    two = SharedSearch(plan(trials=6), database, "late", seen, workers=2, heartbeat=1)
    assert two.before == trials
    assert two.run() == trials
    assert seen.started == []
    other = plan(SPEC.replace("sampler=tpe", "sampler=random"))
    with pytest.raises(OtherExperiment, match="sampler was tpe, and is random"):
        SharedSearch(other, database, "late", Seen(), workers=1)


def test_a_file_can_be_the_storage(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    seen = Seen()
    trials = SharedSearch(plan(trials=5), url, "study", seen, workers=2, heartbeat=1).run()
    assert [trial.number for trial in trials] == list(range(5))
    assert sorted(seen.started) == list(range(5))


@pytest.mark.timeout(120)
def test_a_trial_whose_participant_was_killed_before_its_first_heartbeat(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.db'}"
    search = SharedSearch(plan(trials=3), url, "study", Seen(), workers=1, heartbeat=1)
    killed = optuna.load_study(study_name="study", storage=url).ask()
    trials = search.run()
    assert [trial.number for trial in trials] == [0, 1, 2]
    states = {t.number: t.state for t in optuna.load_study(study_name="study", storage=url).trials}
    assert states[killed.number] is TrialState.FAIL


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://u:hush@127.0.0.1:1/x", "other://u:hush@x"]
)
def test_a_storage_that_is_not_there(url: str) -> None:
    with pytest.raises(StorageError) as caught:
        SharedSearch(plan(), url, "study", Seen(), workers=1)
    assert "hush" not in str(caught.value)
    assert "hush" not in address(url)


def test_addresses() -> None:
    assert url_with_driver("postgresql://a@b/c") == "postgresql+psycopg://a@b/c"
    assert url_with_driver("postgresql+pg8000://a@b/c") == "postgresql+pg8000://a@b/c"
    assert url_with_driver("sqlite:///a.db") == "sqlite:///a.db"
    assert address("postgresql://u:hush@host/x") == "postgresql://u:***@host/x"
    assert address("no address") == "the storage"
