"""Descents: the textbook's figures, what diverges, the script alone, and proofs of gradients."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nndsl import ModelError, SpecError, load
from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.live.descent import Descent, Trajectory
from nndsl.live.gradients.formula import check_formula
from nndsl.source import Source

VALLEY = "x**2 / 20 + y**2"
BOWL = "x0**2 + x1**2"


def descent(f: str, start: str, optimizer: str = "sgd(lr=0.1)", steps: int = 20) -> Descent:
    text = f"minimize {{ f = {f}; start({start}); optimizer = {optimizer}; steps = {steps} }}"
    diagnostics = Diagnostics()
    checked = analyse(Source("test.nn", text), diagnostics)
    diagnostics.raise_if_failed()
    return Descent(checked)


def walk(*arguments: str, steps: int = 20) -> Trajectory:
    return descent(*arguments, steps=steps).trajectory()


# --- The textbook ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "x", "y", "f"),
    [
        ("sgd(lr=0.95)", -0.3504, 0.0848, 0.0133),
        ("momentum(lr=0.1)", 0.8964, 0.0881, 0.0479),
        ("adagrad(lr=1.5)", -0.1202, 0.0, 0.0007),
        ("adam(lr=0.3)", 0.1360, 0.3182, 0.1022),
    ],
)
def test_naive_optimizers_of_chapter_6(optimizer: str, x: float, y: float, f: float) -> None:
    ends = walk(VALLEY, "x=-7, y=2", optimizer, steps=30).results
    assert ends == pytest.approx({"x": x, "y": y, "f": f}, abs=6e-5)


@pytest.mark.parametrize(
    ("rate", "end"),
    [
        ("0.1", (-0.0346, 0.0461)),
        ("0.95", (-0.3647, 0.4863)),
        ("0.01", (-2.003, 2.670)),
        ("1.0", (-3, 4)),
        ("1.05", (-20.2, 26.9)),
        ("1e-10", (-3, 4)),
    ],
)
def test_gradient_descent_of_chapter_4(rate: str, end: tuple[float, float]) -> None:
    points = walk(BOWL, "x0=-3, x1=4", f"sgd(lr={rate})").points
    assert points[-1] == pytest.approx(end, rel=2e-3)


def test_a_rate_of_10_leads_to_1e128() -> None:
    path = walk(BOWL, "x0=-3, x1=4", "sgd(lr=10)", steps=100)
    assert np.linalg.norm(path.points[-1]) == pytest.approx(5 * 19.0**100, rel=1e-12)
    assert 1e128 < abs(path.points[-1][1]) < 4e128
    assert path.is_finite
    assert path.has_diverged


def test_the_slope_of_chapter_4() -> None:
    line = descent("0.01 * x**2 + 0.1 * x", "x=5")
    assert line.gradient([5.0]) == pytest.approx(0.2, rel=1e-12)
    assert line.gradient([10.0]) == pytest.approx(0.3, rel=1e-12)


# --- The path -------------------------------------------------------------------------


def test_it_begins_at_the_start_and_ends_after_the_last_step() -> None:
    path = walk(VALLEY, "x=-7, y=2", steps=5)
    assert path.points.shape == (6, 2)
    assert path.points[0].tolist() == [-7, 2]
    assert path.values.tolist() == [x**2 / 20 + y**2 for x, y in path.points]


@pytest.mark.parametrize(
    ("f", "start"), [("x**2", "x=1"), ("exp(x**2)", "x=3"), ("log(x)", "x=1"), ("sqrt(x)", "x=1")]
)
@pytest.mark.filterwarnings("error")
def test_a_descent_that_leaves_the_numbers_ends(f: str, start: str) -> None:
    path = walk(f, start, "sgd(lr=1e6)", steps=500)
    assert len(path.values) < 500
    assert not math.isfinite(path.values[-1])
    assert np.isfinite(path.values[:-1]).all()
    assert path.has_diverged


def test_where_it_ends_is_no_divergence_but_for_growth() -> None:
    assert not walk(BOWL, "x0=-3, x1=4", "sgd(lr=1.0)").has_diverged
    assert walk(BOWL, "x0=-3, x1=4", "sgd(lr=1.0)").is_unchanged
    assert walk(BOWL, "x0=-3, x1=4", "sgd(lr=1.05)").has_diverged
    assert not walk("-x**2", "x=1", "sgd(lr=1.05)").has_diverged  # f goes down and down


@pytest.mark.parametrize(
    "optimizer",
    [
        "momentum(lr=0.1)",
        "adam(lr=cosine(0.3, warmup=5))",
        "sgd(lr=step(0.5, every=10, factor=0.5))",
    ],
)
def test_the_script_alone_prints_the_same(
    optimizer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = descent("abs(x) * exp(-y**2 / 50) + tanh(y)**2", "x=-7, y=2", optimizer, steps=90)
    path = made.run()
    printed = capsys.readouterr().out
    script = tmp_path / "descent.py"
    script.write_text(made.source, "utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == printed
    last = printed.splitlines()[-1].split()
    assert [int(last[0]), *map(float, last[1:])] == pytest.approx(
        [90, *path.points[-1], path.values[-1]], rel=1e-5
    )
    assert np.array_equal(path.points, made.trajectory().points)


def test_a_long_formula_and_its_slopes_stand_on_several_lines() -> None:
    made = descent(" + ".join(f"sin({n} * x) * exp(y / {n})" for n in range(1, 9)), "x=1, y=2")
    lines = made.source.splitlines()
    assert max(map(len, lines)) <= 100
    begin = lines.index("    df_dx = (")
    assert lines[begin + 1] == "        np.cos(x) * np.exp(y) + 2 * np.cos(2 * x) * np.exp(y / 2)"
    assert lines[begin + 2].startswith("        + 3 * np.cos(3 * x) * np.exp(y / 3)")
    report = check_formula(made)
    assert report.passed
    assert report.rows[0].line == begin + 1
    assert report.rows[0].code.startswith("df_dx = (np.cos(x) * np.exp(y) + 2 * np.cos(2 * x)")


def test_a_schedule_falls_along_the_whole_descent() -> None:
    path = walk("x", "x=0", "sgd(lr=cosine(1.0))", steps=10)
    lengths = -np.diff(path.points[:, 0])
    assert lengths == pytest.approx([(1 + math.cos(math.pi * i / 10)) / 2 for i in range(10)])


def test_a_formula_is_no_network() -> None:
    text = f"minimize {{ f = {VALLEY}; start(x=-7, y=2); optimizer = sgd }}"
    with pytest.raises(SpecError, match="the spec holds a formula"):
        load("test.nn", text=text)


# --- Proofs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "start"),
    [
        (VALLEY, "x=-7, y=2"),
        ("(1 - x)**2 + 100 * (y - x**2)**2", "x=-1.2, y=1"),
        ("abs(x) + abs(x - y)", "x=0, y=0"),
        ("sin(x) * cosh(y) / sqrt(1 + x**2) - log(2 + tan(y / 9)) + sinh(x)", "x=1, y=2"),
        ("x**y + 2**x", "x=2, y=3"),
    ],
)
def test_gradients_are_proved(f: str, start: str) -> None:
    report = check_formula(descent(f, start, "sgd(lr=1e-3)"))
    assert report.passed
    assert {row.status for row in report.rows} == {"ok"}
    assert all(row.differences < 1e-6 for row in report.rows)
    assert len(report.points) >= 3


@pytest.mark.parametrize("factor", [1.0001, -1.0, 1 + 1e-8])
def test_a_wrong_slope_is_found(factor: float) -> None:
    made = descent(VALLEY, "x=-7, y=2")
    made.source = made.source.replace("df_dy = 2 * y", f"df_dy = 2 * y * {factor}")
    report = check_formula(made)
    assert not report.passed
    assert [row.name for row in report.failures] == ["y"]
    assert "df_dy = 2 * y" in str(report)


def test_a_kink_is_stepped_around() -> None:
    report = check_formula(descent("abs(x)", "x=0"))
    assert report.passed
    assert report.redrawn > 0


@pytest.mark.parametrize(
    ("f", "start", "status"),
    [
        ("exp(x) * exp(-x) + y**2", "x=1.3, y=1", "zero"),
        ("x * x**-1 + y", "x=1.3, y=1", "zero"),
        ("x**2 / x - x", "x=1.3", "zero"),
        ("log(exp(x)) - x + y", "x=2, y=1", "zero"),
        ("sin(3 * x / 3 * 1e6) - sin(1e6 * x) + y", "x=1.3, y=1", "zero"),
        ("1e-300 * x**2 * 1e300", "x=1.3", "ok"),
        ("1e-290 * x**3 * 1e290", "x=1.3", "ok"),
        ("1e20 * x**3", "x=0", "ok"),
        ("x**1.5", "x=0", "ok"),
        ("x**2.5 + y", "x=0, y=1", "ok"),
    ],
)
def test_a_right_slope_is_called_so_whatever_rounding_leaves(
    f: str, start: str, status: str
) -> None:
    report = check_formula(descent(f, start, "sgd(lr=1e-25)"))
    assert report.passed
    assert report.rows[0].status == status


@pytest.mark.parametrize("f", ["1e-300 * x**2 * 1e300", "exp(x) * exp(-x) + x**2"])
def test_a_wrong_slope_is_found_beside_what_rounding_leaves(f: str) -> None:
    made = descent(f, "x=1.3")
    made.source = made.source.replace("df_dx = 2 * x", "df_dx = 2.00000001 * x")
    report = check_formula(made)
    assert [row.name for row in report.failures] == ["x"]


def test_slopes_of_nested_kinks_are_proved() -> None:
    f, x = "x + absolute", 1.3
    for _ in range(20):
        f = f"abs({f} - 0.7)"
    report = check_formula(descent(f, f"x={x}, absolute=0.05", "sgd(lr=1e-3)"))
    assert report.passed
    assert {row.status for row in report.rows} == {"ok"}


@pytest.mark.parametrize(
    ("f", "start", "at"),
    [
        ("sqrt(x**2 + y**2)", "x=0, y=0", "x=0"),
        ("sqrt(y) + x**2", "x=1, y=0", "y=0"),
        ("x**y", "x=0, y=2", "y=2"),
    ],
)
def test_a_start_without_a_slope_is_an_error(f: str, start: str, at: str) -> None:
    with pytest.raises(SpecError) as caught:
        descent(f, start)
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("NN212", at)
    assert found.message == f"the slope of `f` along `{at[0]}` has no value at the start"


@pytest.mark.parametrize("f", ["sqrt(x)**2 + x", "abs(x)", "x**2 + 0 * sqrt(x)", "x**1", "x**1.5"])
def test_a_start_whose_slope_has_a_value_is_none(f: str) -> None:
    assert np.isfinite(descent(f, "x=0").gradient([0.0])).all()


def test_a_formula_without_a_slope_at_the_start() -> None:
    with pytest.raises(ModelError, match="no point to check at"):
        check_formula(descent("0 * sqrt(-(x**2))", "x=0"))


def test_a_constant_slope_proves_nothing() -> None:
    report = check_formula(descent("x**2 + 0 * y", "x=1, y=1"))
    assert report.passed
    assert [row.status for row in report.rows] == ["ok", "zero"]
