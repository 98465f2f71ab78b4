"""nndsl run holds what a spec expects to what the run measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Cli

STOP = "  stop      = early(patience=2)\n"


def expecting(spec: Path, comparisons: str) -> None:
    spec.write_text(f"{spec.read_text()}\nexpect {{\n  {comparisons}\n}}\n")


def results(folder: str = "runs/net-1") -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(folder, "results.json").read_text())
    return found


def test_what_holds_is_said(cli: Cli, spec: Path) -> None:
    expecting(spec, "parameters <= 100; test_loss < 5; output == 3")
    result = cli("run", spec)
    assert result.code == 0
    loss = results()["test_loss"]
    assert isinstance(loss, float)
    assert result.err.splitlines()[3:] == [
        "holds: parameters <= 100, found 51",
        f"holds: test_loss < 5, found {loss:.4g}",
        "holds: output == 3, found 3",
    ]
    assert results()["expectations"] == [
        {"name": "parameters", "operator": "<=", "expected": 100, "found": 51, "holds": True},
        {"name": "test_loss", "operator": "<", "expected": 5, "found": loss, "holds": True},
        {"name": "output", "operator": "==", "expected": [3], "found": [3], "holds": True},
    ]


def test_what_fails_is_an_error_with_its_place(cli: Cli, spec: Path) -> None:
    expecting(spec, "test_accuracy > 1; test_loss < 5")
    result = cli("run", spec)
    assert result.code == 1
    accuracy = results()["test_accuracy"]
    assert f"error[NN501]: expected `test_accuracy > 1`, found {accuracy:.4g}\n" in result.err
    assert "net.nn:18:3\n" in result.err
    assert "holds: test_loss < 5, found " in result.err
    assert "weights.npz" in {path.name for path in Path("runs/net-1").iterdir()}


def test_a_result_is_held_to_the_baseline(cli: Cli, spec: Path) -> None:
    expecting(spec, "test_accuracy >= baseline - 0.5; test_loss < 0.01 * baseline")
    result = cli("run", spec)
    assert result.code == 1
    (reached,) = results()["baselines"].values()  # type: ignore[attr-defined]
    accuracy, loss = reached["test_accuracy"] - 0.5, 0.01 * reached["test_loss"]
    assert "holds: test_accuracy >= baseline - 0.5 (" in result.err
    assert f"error[NN501]: expected `test_loss < 0.01 * baseline` ({loss:.4g}), fou" in result.err
    first, second = results()["expectations"]  # type: ignore[misc]
    assert (first["expected"], second["expected"]) == pytest.approx((accuracy, loss))
    assert first["baseline"] == reached["test_accuracy"]


def test_what_is_known_to_fail_is_not_run(cli: Cli, spec: Path) -> None:
    expecting(spec, "parameters <= 10; test_loss < 5")
    result = cli("run", spec)
    assert result.code == 1
    assert "expected `parameters <= 10`, found 51" in result.err
    assert not Path("runs").exists()


def test_training_that_goes_back_is_held_to_where_it_went(cli: Cli, spec: Path) -> None:
    text = spec.read_text().replace("epochs    = 3", f"epochs = 60\n{STOP}")
    spec.write_text(text.replace("adam(lr=0.01)", "adam(lr=0.3)"))
    expecting(spec, "validation_loss < 0")
    assert cli("run", spec).code == 1
    rows = Path("runs/net-1/history.csv").read_text().splitlines()
    header, *lines = (row.split(",") for row in rows)
    history = [dict(zip(header, map(float, line), strict=True)) for line in lines]
    best = min(history, key=lambda row: row["validation_loss"])
    assert best["epoch"] == history[-1]["epoch"] - 2
    found = results()
    (outcome,) = found["expectations"]  # type: ignore[misc]
    assert outcome["found"] == best["validation_loss"]
    assert {name: found[name] for name in header} == best


def test_a_run_that_was_interrupted_is_held_to_nothing(
    cli: Cli, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nndsl.live.run import Run

    expecting(spec, "test_loss < 0")
    begin = Run.start

    def interrupted(self: Run, *arguments: object) -> None:
        def update(*arguments: object) -> None:
            raise KeyboardInterrupt

        self.model.namespace["update"] = update
        begin(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Run, "start", interrupted)
    result = cli("run", spec)
    assert result.code == 130
    assert "expected" not in result.err
    assert "expectations" not in results()
