"""nndsl run --record, and specs that ask for it: what the folder holds, and what is said."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import Cli

FILES = {"record.csv", "record.npz"}
FIGURES = {
    *("record-activations", "record-activations-dead", "record-gradients-norm"),
    *("record-updates-ratio", "record-weights", "record-weights-std"),
}


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is not installed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def names(folder: str) -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


def instruments(folder: str) -> set[str]:
    with Path(folder, "record.csv").open(newline="") as lines:
        return {row["instrument"] for row in csv.DictReader(lines)}


@pytest.mark.slow  # it draws six figures in two forms
def test_everything_is_recorded(cli: Cli, spec: Path) -> None:
    branches = "branch { dense(4, bias_init=constant(-100)); relu }; branch { dense(4); relu }"
    spec.write_text(spec.read_text().replace("relu", f"concat {{ {branches} }}"))
    result = cli("run", spec, "--record")
    assert result.code == 0
    files = {f"{name}.{form}" for name in FIGURES for form in ("png", "svg")}
    assert FILES | files <= names("runs/net-1")
    assert instruments("runs/net-1") == {"activations", "gradients", "updates", "weights"}
    assert Path("runs/net-1/command.txt").read_text() == "nndsl run net.nn --record\n"
    _, *said, baseline, _ = result.err.splitlines()
    assert baseline.startswith("Without a network, ")
    assert all(line.startswith("recorded: ") for line in said)
    dead = "Dead units after epoch 3: 100% of A2 (relu) rest on their lower bound for each of the "
    assert any(line.startswith(f"recorded: {dead}") for line in said)
    report = Path("runs/net-1/report.html").read_text(encoding="utf-8")
    for words in ("What was recorded", dead, "Distribution: activations", "Length of the gradient"):
        assert words in report


@pytest.mark.slow
def test_a_spec_says_what_is_recorded(cli: Cli, spec: Path) -> None:
    spec.write_text(f"{spec.read_text()}\nrecord {{ updates; activations }}\n")
    assert cli("run", spec).code == 0
    assert instruments("runs/net-1") == {"updates", "activations"}
    assert Path("runs/net-1/command.txt").read_text() == "nndsl run net.nn\n"


@pytest.mark.usefixtures("no_figures")
def test_recording_changes_nothing_of_a_run(cli: Cli, spec: Path) -> None:
    plain, recorded = cli("run", spec), cli("run", spec, "--record")
    assert plain.out == recorded.out
    histories = [Path(f"runs/net-{n}/history.csv").read_text() for n in (1, 2)]
    assert histories[0] == histories[1]
    results = [json.loads(Path(f"runs/net-{n}/results.json").read_text()) for n in (1, 2)]
    assert results[0] == results[1]
    assert names("runs/net-2") == names("runs/net-1") | FILES
    assert "There are none here: they need matplotlib, pip install" in Path(
        "runs/net-2/report.html"
    ).read_text(encoding="utf-8")


@pytest.mark.usefixtures("no_figures")
def test_the_beginning_alone_takes_one_step(cli: Cli, spec: Path) -> None:
    spec.write_text(spec.read_text().replace("epochs    = 3", "steps = 1"))
    assert cli("run", spec, "--record").code == 0
    with np.load("runs/net-1/record.npz") as record:
        assert record["epochs"].tolist() == [0, 1]
        assert record["activations/A1/std"][0] > 0


@pytest.mark.usefixtures("no_figures")
def test_training_that_diverges_leaves_its_record(cli: Cli, spec: Path) -> None:
    text = spec.read_text().replace("softmax_cross_entropy", "mean_squared_error")
    spec.write_text(text.replace("adam(lr=0.01)", "sgd(lr=1e6)"))
    result = cli("run", spec, "--record")
    assert result.code == 1
    assert "error: training diverged: " in result.err
    assert names("runs/net-1") >= FILES
