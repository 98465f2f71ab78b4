"""nndsl search: trials, the best of them, and what is left in the folder."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli, Result
from rich.progress import Progress

from nndsl.cli.training_progress import SearchBars
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.lock import locked
from nndsl.experiment.search import local
from nndsl.experiment.search.plan import make_plan
from nndsl.experiment.search.trial import Trial
from nndsl.source import read_source

pytestmark = pytest.mark.slow  # trains, or draws, again and again

SPEC = """\
# What is the best rate?
let rate = 0.1  # the step
let kind = relu

data = csv("points.csv", target="t", validation=0.3, test=0.3)

network { dense(6); kind; dense(2) }

train {
  loss      = softmax_cross_entropy
  optimizer = sgd(lr=rate)
  epochs    = 3
  batch     = 10
}

# Not by hand.
search(trials=12, metric=validation_accuracy, sampler=tpe) {
  rate = log_uniform(1e-3, 10)
  kind = choice(relu, tanh)
}
"""
FILES = {
    "best.nn",
    "next.nn",
    "trials.csv",
    "results.json",
    "report.html",
    "study.db",
    "experiment.json",
    "spec.nn",
}
FIGURES = {"history", "slices", "parallel", "curves"}


def write_spec(folder: Path) -> Path:
    rows = [f"{x},{y},{'a' if x * y > 0 else 'b'}" for x in range(-5, 5) for y in range(-5, 5)]
    (folder / "points.csv").write_text("\n".join(["x,y,t", *rows]) + "\n", encoding="utf-8")
    path = folder / "points.nn"
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """Return a folder in which a search has been made, and what it printed."""
    folder = tmp_path_factory.mktemp("done")
    write_spec(folder)
    command = [sys.executable, "-m", "nndsl", "search", "points.nn", "--workers", "2"]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return folder / "runs" / "points-search", Result(found.returncode, found.stdout, found.stderr)


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_spec(tmp_path)
    return Path("points.nn")


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_line_for_each_trial_and_what_was_found(done: tuple[Path, Result]) -> None:
    folder, result = done
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert [int(line[5:9].strip("/")) for line in lines[:12]] == list(range(1, 13))
    assert "best so far" in lines[0] or "best so far" in lines[1]
    best = max(
        (row for row in rows(folder) if row["end"] == "finished"),
        key=lambda row: float(row["validation_accuracy"]),
    )
    assert f"  validation_accuracy {float(best['validation_accuracy']):.4f} in trial " in result.out
    assert f"  rate = {best['rate']}\n  kind = {best['kind']}\n" in result.out
    assert re.search(r"trained with these: test loss \d\.\d+, test accuracy [01]\.\d+", result.out)
    assert f"wrote {Path('runs/points-search')}/: " in result.err


def test_the_folder_holds_it_all(done: tuple[Path, Result]) -> None:
    folder, _ = done
    names = {path.name for path in folder.iterdir() if path.is_file()}
    assert names >= FILES
    drawn = {name for name in names if name.endswith((".png", ".svg"))}
    assert drawn == {f"{name}.{form}" for name in FIGURES for form in ("png", "svg")}
    results = json.loads((folder / "results.json").read_text("utf-8"))
    assert results["trials"] == 12
    best = rows(folder)[results["best"]["trial"] - 1]
    assert best["rate"] == results["best"]["settings"]["rate"]
    assert float(best["validation_accuracy"]) == results["best"]["validation_accuracy"]
    run = json.loads((folder / "best" / "results.json").read_text("utf-8"))
    assert run["validation_accuracy"] == results["best"]["validation_accuracy"]
    assert run["test_accuracy"] == results["run"]["test_accuracy"]


def test_the_report_says_it_on_one_page(done: tuple[Path, Result]) -> None:
    folder, _ = done
    page = (folder / "report.html").read_text("utf-8")
    results = json.loads((folder / "results.json").read_text("utf-8"))
    value = results["best"]["validation_accuracy"]
    assert f"The best of 12 trials has a validation accuracy of {value:.4g}" in page
    assert "nndsl search points.nn" in page
    assert page.count("<svg") >= 4
    assert "://" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", page)


def test_the_best_spec_keeps_comments_and_layout(done: tuple[Path, Result], cli: Cli) -> None:
    folder, _ = done
    text = (folder / "best.nn").read_text("utf-8")
    results = json.loads((folder / "results.json").read_text("utf-8"))
    assert text.startswith("# What is the best rate?\nlet rate = ")
    assert f"let rate = {results['best']['settings']['rate']}" in text
    assert "  # the step\n" in text
    assert f"let kind = {results['best']['settings']['kind']}\n" in text
    assert 'csv("../../points.csv"' in text
    assert "# Not by hand.\n# Found by nndsl search: trial " in text
    assert "#   rate = log_uniform(1e-3, 10)\n" in text
    assert (folder / "best" / "command.txt").read_text() == "nndsl run runs/points-search/best.nn\n"
    assert cli("check", folder / "best.nn", "--strict").code == 0
    assert cli("fmt", "--check", folder / "best.nn").code == 0
    assert "search" not in cli("show", folder / "best.nn", "--stage", "spec").out


def test_the_next_spec_searches_around_the_best(done: tuple[Path, Result], cli: Cli) -> None:
    folder, _ = done
    assert cli("check", folder / "next.nn", "--strict").code == 0
    text = (folder / "next.nn").read_text("utf-8")
    found = re.search(r"rate = log_uniform\((\S+), (\S+)\)", text)
    assert found is not None
    low, high = map(float, found.groups())
    finished = [row for row in rows(folder) if row["end"] == "finished"]
    finished.sort(key=lambda row: (-float(row["validation_accuracy"]), int(row["trial"])))
    assert 1e-3 <= low < high <= 10
    assert (low, high) != (1e-3, 10)
    assert all(low <= float(row["rate"]) <= high for row in finished[:3])
    kinds = {row["kind"] for row in finished[:3]}
    listed = re.search(r"kind = choice\((.*)\)", text)
    assert listed is not None
    assert set(listed[1].split(", ")) == kinds


def test_the_same_command_again_trains_nothing(
    done: tuple[Path, Result], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, result = done
    monkeypatch.chdir(folder.parents[1])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = cli("search", "points.nn", "--workers", "2")
    assert again.code == 0
    assert again.out == result.out[result.out.index("\nbest of ") :]
    assert "12 of 12 trials have ended before\n" in again.err
    for path, content in before.items():
        if path.suffix not in (".db", "") and path.name != ".lock":
            assert path.read_bytes() == content, path


def test_what_is_wrong_is_said_before_anything_runs(cli: Cli, spec: Path) -> None:
    for arguments, code, message in (
        (["--set", "rate=1"], 1, "`--set rate` has no effect: the search draws `rate`"),
        (["--trials", "0"], 2, "argument --trials: `0` is not a number from 1 to 999_999_999"),
        (["--trials", "2000000"], 2, "--trials takes a number up to 1_000_000"),
        (["--study", "x"], 2, "--study is about a storage"),
        (["--fresh", "--storage", "sqlite:///x.db"], 2, "--fresh would take the trials away"),
        (["--set", "rate=1", "--set", "nothing=2"], 1, "the spec has no `let nothing`"),
    ):
        result = cli("search", spec, *arguments)
        assert result.code == code, result.err
        assert message in result.err
        assert result.out == ""
    assert not Path("runs").exists()


def test_a_spec_without_a_search(cli: Cli, spec: Path) -> None:
    spec.write_text(SPEC[: SPEC.index("# Not by hand")])
    result = cli("search", spec)
    assert result.code == 1
    assert "points.nn has no `search` section" in result.err
    assert "search(trials=20" in result.err


def test_without_optuna(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    result = cli("search", spec)
    assert result.code == 2
    assert "pip install 'nndsl[search]'" in result.err


def test_a_folder_of_something_else(cli: Cli, spec: Path) -> None:
    folder = Path("runs/points-search")
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    result = cli("search", spec)
    assert result.code == 2
    assert result.err.startswith("error: runs/points-search holds another search: its files")
    assert result.err.endswith("  = help: name another folder after -o\n")


def test_two_commands_in_one_folder(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("runs/points-search")
    folder.mkdir(parents=True)
    with locked(folder):
        monkeypatch.setattr(locked.__wrapped__, "__defaults__", (0,))  # no patience
        result = cli("search", spec)
    assert result.code == 2
    assert "error: another command is at work in runs/points-search (process " in result.err


@pytest.mark.parametrize(
    ("metric", "best"), [("validation_loss", "-2.0000"), ("validation_accuracy", "-1.0000")]
)
def test_the_bar_says_the_best_with_its_sign(tmp_path: Path, metric: str, best: str) -> None:
    path = write_spec(tmp_path)
    path.write_text(SPEC.replace("validation_accuracy", metric), encoding="utf-8")
    with Progress(disable=True) as progress:
        bars = SearchBars(make_plan(read_source(path), {}, Diagnostics()), progress)
        bars.begin([], 3)
        for number, value in enumerate((-1.0, -2.0, -1.5)):
            bars.end(Trial(number, {}, {}, "finished", value))
        assert progress.tasks[0].fields["status"] == f"best {best}"


def test_when_every_trial_diverges(cli: Cli, spec: Path) -> None:
    text = SPEC.replace("softmax_cross_entropy", "mean_squared_error")
    text = text.replace("log_uniform(1e-3, 10)", "log_uniform(1e5, 1e6)")
    text = text.replace('"points.csv", target="t"', '"points.csv", target="x"')
    text = text.replace("validation_accuracy", "validation_loss").replace("dense(2)", "dense(1)")
    text = text.replace("choice(relu, tanh)", "choice(relu, identity)")
    spec.write_text(text)
    result = cli("search", spec, "--trials", "3", "--workers", "1")
    assert result.code == 1
    assert "error: no trial came to its end: 3 diverged" in result.err
    assert {row["end"] for row in rows(Path("runs/points-search"))} == {"diverged"}
    assert not Path("runs/points-search/best.nn").exists()


def test_ctrl_c_keeps_what_has_ended(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take = local.LocalSearch._take
    taken = []

    def interrupted(self: local.LocalSearch, outcome: object) -> None:
        if len(taken) == 2:
            raise KeyboardInterrupt
        taken.append(outcome)
        take(self, outcome)

    monkeypatch.setattr(local.LocalSearch, "_take", interrupted)
    result = cli("search", spec, "--workers", "1")
    assert result.code == 130
    assert "interrupted: 2 of 12 trials are kept in runs/points-search" in result.err


def test_a_spec_in_json(cli: Cli, spec: Path) -> None:
    cli("convert", spec, "--to", "json", "-o", "points.json")
    result = cli("search", "points.json", "--trials", "2", "--workers", "1")
    assert result.code == 0, result.err
    assert cli("check", "runs/points-search/best.nn", "--strict").code == 0


def test_figures_without_matplotlib(cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = cli("search", spec, "--trials", "2", "--workers", "1")
    assert result.code == 0, result.err
    assert "no figures: they need matplotlib, pip install 'nndsl[plot]'" in result.err
    assert Path("runs/points-search/report.html").exists()
