"""Commands on a spec that holds a formula."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Cli

pytestmark = pytest.mark.slow  # trains, or draws, again and again

SPEC = """\
let rate = 0.1

minimize {
  f         = x**2 / 20 + y**2
  start(x=-7, y=2)
  optimizer = momentum(lr=rate)
  steps     = 30
}

expect { f <= 0.05 }

compare {
  variant slow { rate = 0.01 }
  variant sgd  { optimizer = sgd(lr=0.95); f < 0.0134 }
  variant wild { optimizer = sgd(lr=1.05) }
}
"""
KEPT = ["command.txt", "descent.py", "path.csv", "report.html", "results.json", "spec.nn"]
FIGURES = ["f.png", "f.svg", "path.png", "path.svg"]


@pytest.fixture
def valley(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("valley.nn")
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where matplotlib is not installed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


# --- build, show, summary, gradcheck ----------------------------------------------------


def test_build(cli: Cli, valley: Path) -> None:
    result = cli("build", valley, "-o", "descent.py")
    assert result.code == 0
    assert result.err.endswith("descend with: python descent.py\n")
    done = subprocess.run(
        [sys.executable, "descent.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1].split() == ["30", "0.896414", "0.0880856", "0.047937"]
    assert cli("build", valley, "-o", "descent.py", "--check").code == 0
    text = cli("build", valley, "-o", "-").out
    assert "    df_dx = x / 10\n    df_dy = 2 * y\n" in text
    assert len(text.splitlines()) <= 64


@pytest.mark.parametrize("option", [["--optimize"], ["--with", "gradcheck"]])
def test_a_formula_has_no_training_step(cli: Cli, valley: Path, option: list[str]) -> None:
    result = cli("build", valley, "-o", "descent.py", *option)
    assert result.code == 1
    assert not Path("descent.py").exists()


def test_summary(cli: Cli, valley: Path) -> None:
    result = cli("summary", valley)
    assert result.code == 0
    assert "  df/dx = x / 10\n  df/dy = 2 * y\n" in result.out
    assert "optimizer  momentum(lr=0.1, momentum=0.9)\n" in result.out


def test_show(cli: Cli, valley: Path) -> None:
    program = cli("show", valley, "--stage", "program")
    assert program.code == 0
    assert "function f(x, y) -> x**2 / 20 + y**2\n" in program.out
    assert "constant RATE = 0.1\n" in program.out
    assert cli("show", valley, "--stage", "code").out == cli("build", valley, "-o", "-").out
    assert "there is nothing to build" in cli("show", valley, "--stage", "graph").err


def test_gradcheck(cli: Cli, valley: Path) -> None:
    result = cli("gradcheck", valley)
    assert result.code == 0
    assert "every gradient is right" in result.out
    assert re.search(r"^x .* ok$", result.out, re.MULTILINE)
    report = json.loads(cli("gradcheck", valley, "--format", "json").out)
    assert [row["name"] for row in report["rows"]] == ["x", "y"]


def test_a_mistake_is_put_into_networks_alone(cli: Cli, valley: Path) -> None:
    result = cli("mutate", valley, "-o", "wrong.py")
    assert result.code == 1
    assert "there is no network here: the spec holds a formula" in result.err


# --- run ------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_figures")
def test_run_prints_what_the_script_prints(cli: Cli, valley: Path) -> None:
    result = cli("run", valley)
    assert result.code == 0
    assert names("runs/valley-1") == KEPT
    script = Path("runs/valley-1/descent.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert result.out == done.stdout
    assert result.err.splitlines()[1:] == [
        "no figures: they need matplotlib, pip install 'nndsl[plot]'",
        f"report: {Path('runs/valley-1/report.html')}",
        "holds: f <= 0.05, found 0.04794",
    ]
    rows = list(csv.DictReader(Path("runs/valley-1/path.csv").read_text().splitlines()))
    assert list(rows[0].values()) == ["0", "-7.0", "2.0", "6.45"]
    results = json.loads(Path("runs/valley-1/results.json").read_text())
    assert results["steps"] == 30
    assert [str(results[name]) for name in "xyf"] == [rows[-1][name] for name in "xyf"]
    assert results["expectations"][0]["holds"] is True


def test_run_draws_and_reports(cli: Cli, valley: Path) -> None:
    assert cli("run", valley).code == 0
    assert names("runs/valley-1") == sorted([*KEPT, *FIGURES])
    page = Path("runs/valley-1/report.html").read_text("utf-8")
    assert "f fell from 6.45 to 0.04794 in 30 steps" in page
    assert "df/dx = x / 10" in page
    cli("run", valley)
    for name in FIGURES:
        assert Path("runs/valley-1", name).read_bytes() == Path("runs/valley-2", name).read_bytes()


@pytest.mark.usefixtures("no_figures")
def test_an_expectation_that_does_not_hold(cli: Cli, valley: Path) -> None:
    result = cli("run", valley, "--set", "rate=0.01")
    assert result.code == 1
    assert "error[NN501]: expected `f <= 0.05`, found " in result.err
    assert json.loads(Path("runs/valley-1/results.json").read_text())["f"] > 0.05


@pytest.mark.parametrize("rate", ["1.05", "10", "1e6"])
def test_divergence_is_shown_and_is_no_crash(cli: Cli, valley: Path, rate: str) -> None:
    valley.write_text(
        SPEC.replace("momentum(lr=rate)", "sgd(lr=rate)").replace("f <= 0.05", "x < 9")
    )
    result = cli("run", valley, "--set", f"rate={rate}", "--set", "minimize.steps=200")
    finite = rate == "1.05"
    page = Path("runs/valley-1/report.html").read_text("utf-8")
    assert "Traceback" not in result.err
    if finite:
        assert result.code == 0
        assert re.search(r"f grew from 6.45 to [\d.e+]+ in 200 steps: it diverges", page)
    else:
        assert result.code == 1
        assert "after step " in result.out.splitlines()[-1]
        assert "the descent has diverged" in page
        assert json.loads(Path("runs/valley-1/results.json").read_text())["f"] is None
    assert names("runs/valley-1") == sorted([*KEPT, *FIGURES])


@pytest.mark.parametrize("option", ["--optimize", "--record"])
def test_run_refuses_what_needs_a_network(cli: Cli, valley: Path, option: str) -> None:
    result = cli("run", valley, option)
    assert result.code == 1
    assert f"leave out {option}" in result.err
    assert not Path("runs").exists()


# --- compare --------------------------------------------------------------------------


def test_compare(cli: Cli, valley: Path) -> None:
    result = cli("compare", valley)
    assert result.code == 0
    table = [line.split() for line in result.out.splitlines()]
    assert ["sgd", "sgd(lr=0.95)", "30", "-0.3504", "0.08478", "0.01333"] in table
    assert [row[0] for row in table if len(row) == 6] == ["variant", "slow", "sgd", "wild"]
    assert "sgd ends lowest, at f = 0.01333; then slow at " in result.out
    assert "holds: sgd: f < 0.0134, found 0.01333\n" in result.err
    folder = Path("runs/valley-compare")
    assert names(str(folder)) == sorted([*FIGURES, "paths.csv", "report.html", "results.json"])
    found = json.loads((folder / "results.json").read_text())["variants"]
    assert list(found) == ["slow", "sgd", "wild"]
    rows = list(csv.DictReader((folder / "paths.csv").read_text().splitlines()))
    assert len(rows) == 3 * 31
    assert float(rows[-1]["f"]) == found["wild"]["f"]
    before = (folder / "report.html").read_bytes()
    assert cli("compare", valley).code == 0  # the same again, into the same folder
    assert (folder / "report.html").read_bytes() == before


@pytest.mark.usefixtures("no_figures")
def test_compare_holds_variants_to_what_they_must_reach(cli: Cli, valley: Path) -> None:
    valley.write_text(SPEC.replace("f < 0.0134", "f < 0.0132"))
    result = cli("compare", valley)
    assert result.code == 1
    assert "error[NN501]: variant `sgd`: expected `f < 0.0132`, found 0.0133" in result.err


@pytest.mark.usefixtures("no_figures")
def test_compare_leaves_other_folders_alone(cli: Cli, valley: Path) -> None:
    Path("mine").mkdir()
    Path("mine/results.json").write_text("mine")
    result = cli("compare", valley, "-o", "mine")
    assert result.code == 2
    assert "mine holds something else than descents" in result.err
    assert Path("mine/results.json").read_text() == "mine"


def test_compare_without_variants(cli: Cli, valley: Path) -> None:
    valley.write_text(SPEC[: SPEC.index("compare")])
    result = cli("compare", valley)
    assert result.code == 1
    assert result.err.startswith("error: there is nothing to compare")


def test_compare_knows_no_seeds(cli: Cli, valley: Path) -> None:
    result = cli("compare", valley, "--seeds", "3")
    assert result.code == 1
    assert "leave out --seeds" in result.err


# --- check ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("f <= 0.05", "z <= 0.05", "NN308]: `z` is not known after a descent: there are x, y, f"),
        ("f <= 0.05", "test_accuracy > 0.5", "`test_accuracy` is not known after a descent"),
        ("f < 0.0134", "g < 0.0134", "NN308]: `g` is not known after a descent"),
        ("compare {", "compare(seeds=3) {", "NN221]: a descent knows no chance, and so neither"),
        ("start(x=-7, y=2)", "start(x=-7, f=2)", "NN225]: a variable `f` would hide the formula"),
    ],
)
def test_check(cli: Cli, valley: Path, old: str, new: str, message: str) -> None:
    valley.write_text(SPEC.replace(old, new))
    result = cli("check", valley)
    assert result.code == 1
    assert message in result.out


def test_a_formula_has_a_size(cli: Cli, valley: Path) -> None:
    grown = " + ".join(f"({' + '.join(['x * y'] * 40)})" for _ in range(5))
    valley.write_text(SPEC.replace("x**2 / 20", grown))
    result = cli("check", valley)
    assert result.code == 1
    assert "error[NN213]: `f` has more than 500 parts" in result.out


def test_a_point_without_a_slope_on_the_way(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 1 the first step leads to 0 exactly, where a root has no slope."""
    text = "minimize { f = sqrt(x**2); start(x=1); optimizer = sgd(lr=1); steps = 3 }"
    monkeypatch.chdir(tmp_path)
    Path("root.nn").write_text(text, "utf-8")
    result = cli("run", "root.nn")
    assert result.code == 1
    assert "f has no slope where it came to" in result.err
    assert "smaller learning rate" not in result.err
